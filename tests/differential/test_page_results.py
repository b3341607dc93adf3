"""`build_full_result` and `search` of our 18 pagers, with the page iterators of botocore as the reference.

botocore has nine of the paginators. The others get a configuration of the same form: the list of items, and the other
members of the response as `non_aggregate_keys`. Of two lists botocore cuts only the first, ours cuts both; so cut pages
of ListCollections are compared by their first list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog import RekognitionClient, RetryPolicy
from rekog._core.names import snake
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from rekog._values.narrow import is_mapping
from rekog.errors import JobFailedError, PaginationError, ParamValidationError
from tests.differential.oracle import law
from tests.differential.strategies import MODEL, Wire
from tests.kit.backends import KEYS, Backend, Scripted, json_reply
from tests.kit.listing import Listing
from tests.kit.samples import arguments, wire_name

if TYPE_CHECKING:
    from rekog.paging import Pager

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end of people pathing")
METHODS = sorted(PAGED)
ALL_METHODS = pytest.mark.parametrize("method", METHODS)

paginate: Any = import_module("botocore.paginate")
loader: Any = import_module("botocore.loaders").Loader()
PAGINATORS: dict[str, Any] = loader.load_service_model("rekognition", "paginators-1")["pagination"]

sizes = st.lists(st.integers(0, 4), min_size=1, max_size=5)
counts = st.none() | st.integers(1, 9)


def configuration(listing: Listing) -> Wire:
    """Return botocore's configuration of a paginator, or one of the same form where botocore has none."""
    key = wire_name(listing.response_shape, listing.paged.items)
    others = [name for name in SHAPES[listing.response_shape].members if name not in (key, "NextToken")]
    form = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults"}
    return PAGINATORS.get(listing.operation) or {**form, "result_key": key, "non_aggregate_keys": others}


def with_botocore(listing: Listing, config: Wire) -> Any:
    """Return botocore's page iterator for a listing."""

    def method(**sent: object) -> Wire:
        return listing.page(int(str(sent.get("NextToken", "page-0")).removeprefix("page-")))

    model = MODEL.operation_model(listing.operation)
    paginator = paginate.Paginator(method, configuration(listing), model)
    given_config = {name: value for name, value in config.items() if value is not None}
    sample = arguments(listing.operation)
    required = {name: sample[name] for name in SHAPES[f"{listing.operation}Request"].required}
    return paginator.paginate(**required, PaginationConfig=given_config)


def with_rekog(client: RekognitionClient, listing: Listing, config: Wire) -> Pager[Any, Any]:
    """Return our pager for a listing."""
    get_paginator: Callable[[str], Any] = getattr(client, "get_paginator")  # noqa: B009 (its type has literal names)
    pager: Pager[Any, Any] = get_paginator(snake(listing.operation)).paginate(
        max_items=config.get("MaxItems"),
        page_size=config.get("PageSize"),
        starting_token=config.get("StartingToken"),
        **listing.arguments(),
    )
    return pager


def client_of(listing: Listing) -> RekognitionClient:
    return RekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted(listing), retry=RetryPolicy(mode="off"))


def comparable(value: object, listing: Listing, config: Wire) -> object:
    """Return a page or a result without the second list of a listing that may have been cut."""
    cut = config.get("MaxItems") is not None or config.get("StartingToken") is not None
    if listing.paged.paired is None or not cut or not is_mapping(value):
        return value
    second = wire_name(listing.response_shape, listing.paged.paired)
    return {name: item for name, item in value.items() if name != second}


# --- build_full_result -----------------------------------------------------------------------------------------------


@ALL_METHODS
def test_full_results_and_resume_tokens_equal_botocores_to_the_end(method: str) -> None:
    @law(15)
    @given(sizes, st.lists(counts, min_size=1, max_size=4), counts)
    def check(lengths: list[int], limits: list[int | None], page_size: int | None) -> None:
        listing = Listing(method, *lengths)
        token: str | None = None
        with client_of(listing) as client:
            for max_items in limits:
                config = {"MaxItems": max_items, "PageSize": page_size, "StartingToken": token}
                ours, theirs = with_rekog(client, listing, config), with_botocore(listing, config)

                result = ours.build_full_result()

                expected = theirs.build_full_result()
                assert comparable(result, listing, config) == comparable(expected, listing, config)
                assert ours.resume_token == theirs.resume_token
                token = ours.resume_token
                if token is None:
                    break

    check()


def test_a_full_result_is_wire_shaped_and_has_the_other_members_of_the_first_page(backend: Backend) -> None:
    first = {"Faces": [{"FaceId": "a"}], "FaceModelVersion": "7.0", "NextToken": "more"}
    client = backend.client(Scripted(json_reply(first), json_reply({"Faces": [{"FaceId": "b"}]})))
    pager = client.get_paginator("list_faces").paginate("people")
    assert backend.run(pager.build_full_result) == {
        "Faces": [{"FaceId": "a"}, {"FaceId": "b"}],
        "FaceModelVersion": "7.0",
    }


def test_a_full_result_has_the_resume_token_of_a_listing_that_was_cut(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 2)
    client = backend.client(Scripted(listing))
    pager = client.get_paginator("list_faces").paginate("people", max_items=3)
    result = backend.run(pager.build_full_result)
    assert result["NextToken"] == pager.resume_token
    rest = client.get_paginator("list_faces").paginate("people", starting_token=pager.resume_token)
    assert len(backend.items(lambda: rest)) == 1


def test_a_full_result_leaves_out_lists_that_no_page_has(backend: Backend) -> None:
    pages = [json_reply({"CollectionIds": ["a", "b"], "NextToken": "more"}), json_reply({})]
    client = backend.client(Scripted(*pages))
    pager = client.get_paginator("list_collections").paginate(max_items=1)
    result = backend.run(pager.build_full_result)
    assert result == {"CollectionIds": ["a"], "NextToken": pager.resume_token}
    rest = client.get_paginator("list_collections").paginate(starting_token="more")
    assert backend.run(rest.build_full_result) == {}


def test_a_full_result_begins_anew_each_time(backend: Backend) -> None:
    client = backend.client(Scripted(Listing("list_faces", 2, 1)))
    pager = client.get_paginator("list_faces").paginate("people")
    assert backend.run(pager.build_full_result) == backend.run(pager.build_full_result)
    assert len(backend.items(lambda: pager)) == 3


@pytest.mark.parametrize(("status", "error"), [("FAILED", JobFailedError), ("IN_PROGRESS", PaginationError)])
def test_a_full_result_of_a_job_without_results_is_an_error(
    backend: Backend, status: str, error: type[Exception]
) -> None:
    client = backend.client(Scripted(json_reply({"JobStatus": status, "StatusMessage": "no video"})))
    pager = client.get_paginator("get_face_detection").paginate("job-1")
    with pytest.raises(error):
        backend.run(pager.build_full_result)


# --- search ----------------------------------------------------------------------------------------------------------


def expressions(listing: Listing) -> Iterator[str]:
    """Yield expressions whose results are lists, values, dicts, nothing, and values of functions."""
    key = wire_name(listing.response_shape, listing.paged.items)
    yield from ("@", "NextToken", "keys(@)", "NoSuchMember", f"length({key})", f"{key}[]", f"{key}[0]", f"{key}[*].*")
    yield f"{{items: {key}, more: NextToken}}"


@ALL_METHODS
@pytest.mark.parametrize(
    "config", [{}, {"MaxItems": 3}, {"MaxItems": 2, "PageSize": 1}, {"StartingToken": "page-1"}], ids=str
)
def test_the_values_of_expressions_equal_botocores(method: str, config: Wire) -> None:
    listing = Listing(method, 2, 0, 3)
    with client_of(listing) as client:
        for expression in expressions(listing):
            ours, theirs = with_rekog(client, listing, config), with_botocore(listing, config)
            values = [comparable(value, listing, config) for value in ours.search(expression)]
            assert values == [comparable(value, listing, config) for value in theirs.search(expression)]
            assert ours.resume_token == theirs.resume_token


def test_a_search_has_the_values_of_each_page(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1)
    client = backend.client(Scripted(listing))
    pager = client.get_paginator("list_faces").paginate("people")
    assert backend.items(lambda: pager.search("Faces[].FaceId")) == [
        face["FaceId"] for index in range(2) for face in listing.page(index)["Faces"]
    ]


def test_a_search_requests_a_page_when_its_first_value_is_needed(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1)
    client = backend.client(Scripted(listing))
    client.get_paginator("list_faces").paginate("people").search("Faces")
    assert listing.requests == []


@pytest.mark.parametrize("expression", ["", "Faces[", "no_such_function(@)"])
def test_a_malformed_expression_is_refused_as_an_argument(backend: Backend, expression: str) -> None:
    client = backend.client(Scripted(Listing("list_faces", 1)))
    pager = client.get_paginator("list_faces").paginate("people")
    with pytest.raises(ParamValidationError, match=r"search: .* cannot be evaluated"):
        backend.items(lambda: pager.search(expression))


def test_a_function_that_does_not_take_a_value_is_refused_as_an_argument(backend: Backend) -> None:
    client = backend.client(Scripted(Listing("list_faces", 1)))
    pager = client.get_paginator("list_faces").paginate("people")
    with pytest.raises(ParamValidationError, match="search: 'abs"):
        backend.items(lambda: pager.search("abs(Faces)"))


def test_a_strict_client_checks_the_arguments_of_a_search(backend: Backend) -> None:
    client = backend.client(Scripted(Listing("list_faces", 1)), strict=True)
    pager = client.get_paginator("list_faces").paginate("people with spaces")
    with pytest.raises(ParamValidationError, match="collection_id"):
        backend.items(lambda: pager.search("Faces"))
