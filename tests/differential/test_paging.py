"""Our pagers and botocore's nine: the same requests, the same items, and tokens that both libraries can resume from.

Three differences are intended. The second list of ListCollections is cut like its first; botocore keeps the whole list,
then drops it. `max_items=0` sends no request; botocore sends one and yields an empty page. A page that is resumed in
its middle is requested with a size of at least one item more than were already yielded from it, even if the page size
is smaller; botocore's page may end before the item at which it resumes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog import RekognitionClient, to_wire
from rekog._core.names import snake
from rekog._values.model import Model
from rekog.errors import PaginationError
from tests.differential.examples import minimal_request
from tests.differential.oracle import as_body, law, open_client, typed_arguments
from tests.differential.strategies import MODEL, Wire

if TYPE_CHECKING:
    from rekog.paging import Pager

exceptions: Any = import_module("botocore.exceptions")
paginate: Any = import_module("botocore.paginate")
loader: Any = import_module("botocore.loaders").Loader()
PAGINATORS: dict[str, Any] = loader.load_service_model("rekognition", "paginators-1")["pagination"]

BOX = {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}
ITEMS: dict[str, Callable[[str], object]] = {
    "DescribeProjectVersions": lambda name: {"ProjectVersionArn": name, "Status": "RUNNING"},
    "DescribeProjects": lambda name: {"ProjectArn": name, "Status": "CREATED"},
    "ListCollections": lambda name: name,
    "ListDatasetEntries": lambda name: name,
    "ListDatasetLabels": lambda name: {"LabelName": name},
    "ListFaces": lambda name: {"FaceId": name, "ImageId": "image", "Confidence": 99.5, "BoundingBox": BOX},
    "ListProjectPolicies": lambda name: {"PolicyName": name},
    "ListStreamProcessors": lambda name: {"Name": name, "Status": "STOPPED"},
    "ListUsers": lambda name: {"UserId": name},
}


def primary(operation: str) -> str:
    """Return the name of the list that botocore pages."""
    key = PAGINATORS[operation]["result_key"]
    return str(key if isinstance(key, str) else key[0])


class Listing:
    """A service with pages of fixed sizes: the token `t<n>` selects page n, any other token the first page."""

    def __init__(self, operation: str, sizes: list[int], *, empty_end: bool) -> None:
        names = iter(range(sum(sizes)))
        self.pages = [[ITEMS[operation](f"name-{next(names)}") for _ in range(size)] for size in sizes]
        self.starts: dict[str | None, int] = {f"t{number}": number for number in range(len(sizes))}
        self.key = primary(operation)
        self.end: Wire = {"NextToken": ""} if empty_end else {}
        self.requests: list[Wire] = []

    def respond(self, request: Wire) -> Wire:
        """Return the page that a request selects."""
        self.requests.append(request)
        number = self.starts.get(request.get("NextToken"), 0)
        more = {"NextToken": f"t{number + 1}"} if number + 1 < len(self.pages) else self.end
        return {self.key: list(self.pages[number]), **more}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=as_body(self.respond(json.loads(request.content))))


class Walk(NamedTuple):
    """The result of one pager: its pages, its requests and its resume token."""

    pages: list[list[object]]
    requests: list[Wire]
    resume_token: str | None


def page_with_botocore(operation: str, listing: Listing, config: Wire) -> Walk:
    """Page with botocore."""
    model = MODEL.operation_model(operation)

    def method(**arguments: object) -> Wire:
        return listing.respond(arguments)

    pager = paginate.Paginator(method, PAGINATORS[operation], model).paginate(
        **minimal_request(operation), PaginationConfig={k: v for k, v in config.items() if v is not None}
    )
    listing.requests = []
    pages = [page[listing.key] for page in pager]
    return Walk(pages, listing.requests, pager.resume_token)


def page_with_rekog(operation: str, client: RekognitionClient, listing: Listing, config: Wire) -> Walk:
    """Page with rekog."""
    pager = pager_of(operation, client, config)
    listing.requests = []
    pages = [[wire_item(item) for item in getattr(page, snake(listing.key))] for page in pager.pages()]
    return Walk(pages, listing.requests, pager.resume_token)


def with_our_page_size(walk: Walk, config: Wire) -> Walk:
    """Return botocore's walk with our size for the first page: at least one item more than were yielded from it."""
    if not (walk.requests and config["PageSize"] and config["StartingToken"]):
        return walk
    yielded = paginate.TokenDecoder().decode(config["StartingToken"]).get("boto_truncate_amount", 0)
    first = {**walk.requests[0], "MaxResults": max(config["PageSize"], yielded + 1)}
    return walk._replace(requests=[first, *walk.requests[1:]])


def pager_of(operation: str, client: RekognitionClient, config: Wire) -> Pager[Any, Any]:
    """Return our pager for botocore's configuration."""
    # getattr hides the type of get_paginator, which accepts literal names only.
    get_paginator: Callable[[str], Any] = getattr(client, "get_paginator")  # noqa: B009
    pager: Pager[Any, Any] = get_paginator(snake(operation)).paginate(
        max_items=config["MaxItems"],
        page_size=config["PageSize"],
        starting_token=config["StartingToken"],
        **typed_arguments(operation, minimal_request(operation)),
    )
    return pager


def wire_item(item: object) -> object:
    """Return an item in wire form, without the empty lists that a model has for absent ones."""
    return {k: v for k, v in to_wire(item).items() if v != []} if isinstance(item, Model) else item


sizes = st.lists(st.integers(0, 4), min_size=1, max_size=5)
counts = st.none() | st.integers(1, 9)


@pytest.mark.parametrize("operation", PAGINATORS)
def test_pages_requests_and_resume_tokens_equal_botocores_to_the_end(operation: str) -> None:
    @law(20)
    @given(sizes, st.booleans(), st.lists(counts, min_size=1, max_size=4), counts)
    def check(page_sizes: list[int], empty_end: bool, limits: list[int | None], page_size: int | None) -> None:
        listing = Listing(operation, page_sizes, empty_end=empty_end)
        token: str | None = None
        with open_client(listing) as client:
            for max_items in limits:
                config = {"MaxItems": max_items, "PageSize": page_size, "StartingToken": token}
                ours = page_with_rekog(operation, client, listing, config)
                assert ours == with_our_page_size(page_with_botocore(operation, listing, config), config)
                token = ours.resume_token
                if token is None:
                    break

    check()


@pytest.mark.parametrize("operation", PAGINATORS)
def test_botocore_resumes_our_pager_between_any_two_items(operation: str) -> None:
    listing = Listing(operation, [2, 0, 3, 1], empty_end=False)
    items = [item for page in listing.pages for item in page]
    with open_client(listing) as client:
        for count in range(1, len(items)):
            pager = pager_of(operation, client, {"MaxItems": None, "PageSize": None, "StartingToken": None})
            for _ in zip(range(count), pager, strict=False):
                pass

            rest = page_with_botocore(operation, listing, {"StartingToken": pager.resume_token})

            assert [item for page in rest.pages for item in page] == items[count:]


@pytest.mark.parametrize("token", ["t1", "t1___2", "None___1", "t1___x", "bm8gSlNPTg==", None])
def test_starting_tokens_of_every_form_select_the_same_position(token: str | None) -> None:
    listing = Listing("ListFaces", [3, 3], empty_end=False)
    config = {"MaxItems": None, "PageSize": None, "StartingToken": token}
    with open_client(listing) as client:
        assert page_with_rekog("ListFaces", client, listing, config) == page_with_botocore("ListFaces", listing, config)


def test_a_repeated_page_token_is_an_error_in_both() -> None:
    listing = Listing("ListFaces", [1, 1], empty_end=False)
    listing.end = {"NextToken": "t1"}
    config = {"MaxItems": None, "PageSize": None, "StartingToken": None}
    with open_client(listing) as client:
        with pytest.raises(PaginationError):
            page_with_rekog("ListFaces", client, listing, config)
        with pytest.raises(exceptions.PaginationError):
            page_with_botocore("ListFaces", listing, config)


def test_max_items_of_zero_makes_no_call_unlike_botocore() -> None:
    listing = Listing("ListFaces", [3], empty_end=False)
    config = {"MaxItems": 0, "PageSize": None, "StartingToken": None}
    with open_client(listing) as client:
        assert page_with_rekog("ListFaces", client, listing, config) == Walk([], [], None)
        assert page_with_botocore("ListFaces", listing, config).pages == [[]]


def test_the_versions_of_collections_are_cut_like_the_collections() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=as_body({"CollectionIds": ["a", "b", "c"], "FaceModelVersions": [*"123"]}))

    with open_client(service) as client:
        pager = client.paginate_list_collections(max_items=1)
        pages = [(page.collection_ids, page.face_model_versions) for page in pager.pages()]
        rest = client.paginate_list_collections(starting_token=pager.resume_token)

        assert pages == [(["a"], ["1"])]
        assert [(page.collection_ids, page.face_model_versions) for page in rest.pages()] == [(["b", "c"], ["2", "3"])]
