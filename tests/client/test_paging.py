"""Pagers: items and pages of every paged operation, the end of a listing, limits, tokens and resuming."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, cast

import anyio
import httpx
import pytest

from rekog import AsyncRekognitionClient, CallOptions, RekognitionClient, RetryPolicy
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from rekog.emulator import Emulator
from rekog.errors import ConnectionLostError, JobFailedError, PaginationError, ParamValidationError
from rekog.models import ListCollectionsResponse, ListedCollection, ListFacesResponse
from rekog.paging import AsyncPager, Pager
from tests.kit.backends import KEYS, Backend, Reply, Scripted, Sent, Unused, json_reply
from tests.kit.listing import Listing, tokens

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end of people pathing")
METHODS = sorted(PAGED)

BotocoreTokens: Any = import_module("botocore.paginate")


def pager_of(backend: Backend, listing: Listing, **settings: Any) -> Pager[Any, Any]:
    client = backend.client(Scripted(listing))
    paginate: Callable[..., Pager[Any, Any]] = getattr(client, f"paginate_{listing.paged.operation.method_name}")
    return paginate(**listing.arguments(), **settings)


def faces(backend: Backend, *lengths: int, **settings: Any) -> tuple[Listing, Pager[Any, Any]]:
    listing = Listing("list_faces", *lengths)
    return listing, pager_of(backend, listing, **settings)


def begin(backend: Backend, pager: Pager[Any, Any]) -> Iterator[Any]:
    """Return a new iterator over the items of a pager."""
    kind: Any = backend.choose(iter, aiter)
    items: Iterator[Any] = kind(pager)
    return items


def take(backend: Backend, number: int, items: Iterator[Any]) -> list[Any]:
    """Return the next items of an iterator over items or pages, and leave the rest."""

    def threads() -> list[Any]:
        return [next(items) for _ in range(number)]

    async def tasks() -> list[Any]:
        later = cast("AsyncIterator[Any]", items)  # cast: async here
        return [await anext(later) for _ in range(number)]

    return backend.run(backend.choose(threads, tasks))


def first(backend: Backend, number: int, pager: Pager[Any, Any]) -> list[Any]:
    """Return the first items of a pager and leave the rest."""
    return take(backend, number, begin(backend, pager))


def rest_of(backend: Backend, items: Iterator[Any]) -> list[Any]:
    """Return the remaining items of an iterator."""
    return backend.items(lambda: items)


def paginator_of(client: Any, name: str) -> Any:
    """Return the paginator of any name, which the type of `get_paginator` forbids."""
    return client.get_paginator(name)


# --- All 18 paged operations -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_iterating_yields_the_items_of_all_pages(backend: Backend, method: str) -> None:
    listing = Listing(method, 2, 1, 2)
    pager = pager_of(backend, listing)
    assert backend.items(lambda: pager) == listing.items()
    assert len(listing.items()) == 5


@pytest.mark.parametrize("method", METHODS)
def test_pages_are_whole_responses(backend: Backend, method: str) -> None:
    listing = Listing(method, 2, 1)
    pager = pager_of(backend, listing)
    decode = listing.paged.operation.decode_output
    assert backend.items(pager.pages) == [decode(listing.page(0)), decode(listing.page(1))]


@pytest.mark.parametrize("method", METHODS)
def test_every_page_is_requested_with_the_arguments(backend: Backend, method: str) -> None:
    listing = Listing(method, 1, 1)
    pager = pager_of(backend, listing, page_size=5)
    backend.items(lambda: pager)
    first_wire, second_wire = (sent.wire for sent in listing.requests)
    assert second_wire == {**first_wire, "NextToken": "page-1"}


@pytest.mark.parametrize("method", METHODS)
def test_the_page_size_is_sent(backend: Backend, method: str) -> None:
    listing = Listing(method, 1)
    pager = pager_of(backend, listing, page_size=5)
    backend.items(lambda: pager)
    assert listing.requests[0].wire["MaxResults"] == 5


@pytest.mark.parametrize("method", METHODS)
def test_without_a_page_size_none_is_sent(backend: Backend, method: str) -> None:
    listing = Listing(method, 1)
    pager = pager_of(backend, listing)
    backend.items(lambda: pager)
    assert "MaxResults" not in listing.requests[0].wire


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_listing_has_no_items(backend: Backend, method: str) -> None:
    pager = pager_of(backend, Listing(method))
    assert backend.items(lambda: pager) == []


@pytest.mark.parametrize("method", METHODS)
def test_a_paginator_by_name_yields_the_same_items(backend: Backend, method: str) -> None:
    listing = Listing(method, 2, 1)
    client = backend.client(Scripted(listing))
    paginator = paginator_of(client, method)
    assert backend.items(lambda: paginator.paginate(**listing.arguments())) == listing.items()


@pytest.mark.parametrize("method", METHODS)
def test_a_listing_cut_inside_a_page_resumes_there(backend: Backend, method: str) -> None:
    listing = Listing(method, 2, 3)
    pager = pager_of(backend, listing, max_items=3)
    taken = backend.items(lambda: pager)
    rest = pager_of(backend, listing, starting_token=pager.resume_token)
    assert taken + backend.items(lambda: rest) == listing.items()


@pytest.mark.parametrize(("first", "count", "second"), [(4, 3, 2), (4, 3, 3), (5, 4, 1), (6, 5, None), (2, 1, 6)])
def test_a_listing_may_resume_with_another_page_size(first: int, count: int, second: int | None) -> None:
    names = [f"people-{number}" for number in range(6)]
    with RekognitionClient.local() as client:
        for name in names:
            client.create_collection(name)
        pager = client.paginate_list_collections(page_size=first)
        items = iter(pager)
        taken = [next(items) for _ in range(count)]
        rest = client.paginate_list_collections(page_size=second, starting_token=pager.resume_token)
        pages = [len(page.collection_ids) for page in rest.pages()]
        again = client.paginate_list_collections(page_size=second, starting_token=pager.resume_token)
        assert [row.collection_id for row in [*taken, *again]] == names
        assert 0 not in pages


# --- The end -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [None, ""])
def test_a_missing_or_empty_token_ends_the_listing(backend: Backend, end: str | None) -> None:
    listing = Listing("list_faces", 1, 1, end=end)
    pager = pager_of(backend, listing)
    assert len(backend.items(lambda: pager)) == 2
    assert pager.resume_token is None


def test_an_empty_page_is_not_the_end(backend: Backend) -> None:
    listing, pager = faces(backend, 0, 1, 0, 1)
    assert backend.items(lambda: pager) == listing.items()


def test_an_expression_has_values_after_pages_without_any(backend: Backend) -> None:
    _, pager = faces(backend, 0, 2, 0, 0, 1)
    ids = [face.face_id for face in backend.items(lambda: pager)]
    assert len(ids) == 3
    assert backend.items(lambda: pager.search("Faces[].FaceId")) == ids


def test_no_page_is_requested_before_the_first_item(backend: Backend) -> None:
    listing, pager = faces(backend, 1)
    assert (listing.requests, pager.resume_token) == ([], None)


def test_a_page_is_requested_when_its_first_item_is_needed(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 2, pager)
    assert len(listing.requests) == 1


def test_an_iterator_at_its_end_yields_no_items(backend: Backend) -> None:
    listing, pager = faces(backend, 2)
    items = begin(backend, pager)
    assert rest_of(backend, items) == listing.items()
    assert rest_of(backend, items) == []
    assert len(listing.requests) == 1


def test_a_repeated_token_is_an_error(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1, end="page-1")
    pager = pager_of(backend, listing)
    with pytest.raises(PaginationError, match="ListFaces: the service returned the same page token twice"):
        backend.items(lambda: pager)


@pytest.mark.parametrize(("lengths", "end"), [((1, 1), "page-1"), ((1, 1, 1), "page-1"), ((1, 1, 1, 1), "page-1")])
def test_a_listing_that_leads_back_to_its_starting_token_is_an_error(
    backend: Backend, lengths: tuple[int, ...], end: str
) -> None:
    listing = Listing("list_faces", *lengths, end=end)
    pager = pager_of(backend, listing, starting_token=end)
    with pytest.raises(PaginationError, match="ListFaces: the service returned the same page token twice"):
        backend.items(lambda: pager)
    assert len(listing.requests) == len(lengths) - 1  # no page is requested again


def test_the_items_before_a_repeated_token_are_yielded(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1, end="page-1")
    pager = pager_of(backend, listing)
    assert first(backend, 2, pager) == listing.items()[:2]


def test_a_failed_page_can_be_requested_again(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1)
    transport = Scripted(listing, httpx.ReadError("reset"), listing)
    client = backend.client(transport, retry=RetryPolicy(mode="off"))
    items = begin(backend, client.paginate_list_faces("people"))
    taken = take(backend, 1, items)
    with pytest.raises(ConnectionLostError):
        rest_of(backend, items)
    assert taken + rest_of(backend, items) == listing.items()


def test_pages_continue_after_a_failed_one(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1, 1)
    client = backend.client(
        Scripted(listing, httpx.ReadError("reset"), listing, listing), retry=RetryPolicy(mode="off")
    )
    pages = client.paginate_list_faces("people").pages()
    responses: list[ListFacesResponse] = take(backend, 1, pages)
    with pytest.raises(ConnectionLostError):
        take(backend, 1, pages)
    responses += take(backend, 2, pages)
    assert [face for page in responses for face in page.faces] == listing.items()


@pytest.mark.parametrize("token", [5, b"page-1"])
def test_a_starting_token_that_is_not_text_is_refused(backend: Backend, token: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="paginate_list_faces: starting_token: must be text, not"):
        client.paginate_list_faces("people", starting_token=token)


# --- max_items ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(7))
def test_max_items_limits_the_items(backend: Backend, number: int) -> None:
    listing, pager = faces(backend, 2, 2, 1, max_items=number)
    assert backend.items(lambda: pager) == listing.items()[:number]


@pytest.mark.parametrize("number", range(7))
def test_max_items_limits_the_items_of_pages(backend: Backend, number: int) -> None:
    listing, pager = faces(backend, 2, 2, 1, max_items=number)
    pages: list[ListFacesResponse] = backend.items(pager.pages)
    assert [face for page in pages for face in page.faces] == listing.items()[:number]


def test_max_items_zero_sends_no_request(backend: Backend) -> None:
    listing, pager = faces(backend, 2, max_items=0)
    backend.items(lambda: pager)
    assert listing.requests == []


def test_max_items_zero_keeps_the_starting_token(backend: Backend) -> None:
    _, pager = faces(backend, 2, 2, max_items=0, starting_token="page-1")
    backend.items(lambda: pager)
    assert pager.resume_token == "page-1"


def test_max_items_at_the_end_of_a_page_requests_no_other_page(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2, max_items=2)
    backend.items(lambda: pager)
    assert len(listing.requests) == 1


def test_after_max_items_at_the_end_of_a_page_the_next_page_is_first(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2, max_items=2)
    backend.items(lambda: pager)
    again = pager_of(backend, listing, starting_token=pager.resume_token)
    backend.items(lambda: again)
    assert tokens(listing.requests) == [None, "page-1"]


def test_max_items_at_the_end_of_the_listing_leaves_no_token(backend: Backend) -> None:
    _, pager = faces(backend, 2, 2, max_items=4)
    backend.items(lambda: pager)
    assert pager.resume_token is None


# --- Tokens ------------------------------------------------------------------------------------------------------


def encoded(**content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


TOKENS = {
    "raw": ("page-1", 2),
    "ours": (encoded(NextToken="page-1"), 2),
    "inside a page": (encoded(NextToken="page-1", boto_truncate_amount=1), 3),
    "inside the first page": (encoded(NextToken=None, boto_truncate_amount=1), 1),
    "botocore's old form": ("page-1___1", 3),
    "botocore's old form, first page": ("None___1", 1),
    "empty": ("", 0),
}


@pytest.mark.parametrize(("token", "skipped"), TOKENS.values(), ids=TOKENS)
def test_a_listing_starts_at_the_position_of_its_token(backend: Backend, token: str, skipped: int) -> None:
    listing, pager = faces(backend, 2, 2, 1, starting_token=token)
    assert backend.items(lambda: pager) == listing.items()[skipped:]


def test_a_token_in_the_old_form_may_contain_its_separator(backend: Backend) -> None:
    transport = Scripted(json_reply({"Faces": [{"FaceId": str(number)} for number in range(3)]}))
    client = backend.client(transport)
    found = backend.items(lambda: client.paginate_list_faces("people", starting_token="a___b___2"))
    assert (tokens(transport.sent), [face.face_id for face in found]) == (["a___b"], ["2"])


@pytest.mark.parametrize(
    "token",
    [
        encoded(Other=1),
        encoded(NextToken="a", Other=1),
        encoded(NextToken=7),
        encoded(NextToken="a", boto_truncate_amount="1"),
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b"page").decode(),
        "a___b",
        "with spaces",
        f"{encoded(NextToken='a')}!",
    ],
)
def test_a_token_of_an_unknown_form_is_sent_unchanged(backend: Backend, token: str) -> None:
    transport = Scripted(json_reply({"Faces": []}))
    client = backend.client(transport)
    backend.items(lambda: client.paginate_list_faces("people", starting_token=token))
    assert tokens(transport.sent) == [token]


@pytest.mark.parametrize("number", range(1, 5))
def test_botocore_decodes_our_token(backend: Backend, number: int) -> None:
    _, pager = faces(backend, 3, 2, max_items=number)
    backend.items(lambda: pager)
    content: dict[str, object] = BotocoreTokens.TokenDecoder().decode(pager.resume_token)
    assert content == (
        {"NextToken": "page-1", **({"boto_truncate_amount": number - 3} if number > 3 else {})}
        if number >= 3
        else {"NextToken": None, "boto_truncate_amount": number}
    )


def test_a_token_of_botocore_is_accepted(backend: Backend) -> None:
    token: str = BotocoreTokens.TokenEncoder().encode({"NextToken": "page-1", "boto_truncate_amount": 1})
    listing, pager = faces(backend, 2, 2, starting_token=token)
    assert backend.items(lambda: pager) == listing.items()[3:]


def test_a_token_that_skips_a_whole_page_starts_at_the_next(backend: Backend) -> None:
    token = encoded(NextToken=None, boto_truncate_amount=9)
    listing, pager = faces(backend, 2, 2, starting_token=token, max_items=1)
    assert backend.items(lambda: pager) == listing.items()[2:3]


# --- Resuming ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(1, 5))
def test_a_listing_resumes_after_the_last_item_taken(backend: Backend, count: int) -> None:
    listing, pager = faces(backend, 2, 2, 1)
    taken = first(backend, count, pager)
    rest = pager_of(backend, listing, starting_token=pager.resume_token)
    assert taken + backend.items(lambda: rest) == listing.items()


def test_a_broken_loop_continues_with_its_iterator(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 1)
    items = begin(backend, pager)
    assert take(backend, 1, items) + rest_of(backend, items) == listing.items()
    assert len(listing.requests) == 2


def test_pages_begin_with_the_rest_of_a_page(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 2)
    first(backend, 1, pager)
    rest = pager_of(backend, listing, starting_token=pager.resume_token)
    pages: list[ListFacesResponse] = backend.items(rest.pages)
    assert [page.faces for page in pages] == [listing.items()[1:3], listing.items()[3:]]


def test_pages_after_a_fully_read_page_begin_with_the_next(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 2, pager)
    rest = pager_of(backend, listing, starting_token=pager.resume_token)
    pages: list[ListFacesResponse] = backend.items(rest.pages)
    assert [page.faces for page in pages] == [listing.items()[2:]]


def test_the_token_after_a_page_is_of_the_next_page(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    take(backend, 1, pager.pages())
    again = pager_of(backend, listing, starting_token=pager.resume_token)
    assert backend.items(lambda: again) == listing.items()[2:]


# --- Each iterator begins anew -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_second_loop_yields_the_same_items(backend: Backend, method: str) -> None:
    listing = Listing(method, 2, 1)
    pager = pager_of(backend, listing)
    assert backend.items(lambda: pager) == backend.items(lambda: pager) == listing.items()


def test_a_loop_after_a_broken_one_begins_anew(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 1)
    first(backend, 2, pager)
    assert backend.items(lambda: pager) == listing.items()


def test_pages_after_a_loop_begin_anew(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 1)
    first(backend, 2, pager)
    pages: list[ListFacesResponse] = backend.items(pager.pages)
    assert [page.faces for page in pages] == [listing.items()[:3], listing.items()[3:]]


def test_pages_can_be_walked_twice(backend: Backend) -> None:
    _, pager = faces(backend, 3, 1)
    assert backend.items(pager.pages) == backend.items(pager.pages)


def test_each_iterator_begins_at_the_starting_token(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2, starting_token="None___1", max_items=2)
    expected = listing.items()[1:3]
    assert backend.items(lambda: pager) == backend.items(lambda: pager) == expected
    assert backend.run(pager.collect) == expected


def test_two_iterators_are_independent(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    one, other = begin(backend, pager), begin(backend, pager)
    taken = [take(backend, 1, items) for items in (one, other, one)]
    assert taken == [listing.items()[:1], listing.items()[:1], listing.items()[1:2]]
    assert rest_of(backend, other) == listing.items()[1:]


def test_the_resume_token_is_that_of_the_newest_iterator(backend: Backend) -> None:
    _, pager = faces(backend, 2, 2, starting_token="page-1")
    old = begin(backend, pager)
    take(backend, 1, old)
    tokens_so_far = [pager.resume_token]
    new = begin(backend, pager)
    tokens_so_far.append(pager.resume_token)
    take(backend, 1, new)
    rest_of(backend, old)
    tokens_so_far.append(pager.resume_token)
    rest_of(backend, new)
    tokens_so_far.append(pager.resume_token)
    inside = encoded(NextToken="page-1", boto_truncate_amount=1)
    assert tokens_so_far == [inside, "page-1", inside, None]


def test_collect_returns_all_items(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 1, pager)
    assert backend.run(pager.collect) == listing.items()


def test_collect_leaves_no_token_to_resume_at(backend: Backend) -> None:
    _, pager = faces(backend, 2, 2)
    backend.run(pager.collect)
    assert pager.resume_token is None


def test_first_is_the_first_item(backend: Backend) -> None:
    listing, pager = faces(backend, 0, 2, 1)
    assert backend.run(pager.first) == backend.run(pager.first) == listing.items()[0]


def test_first_requests_no_page_after_the_item(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    backend.run(pager.first)
    assert len(listing.requests) == 1


def test_first_is_none_in_an_empty_listing(backend: Backend) -> None:
    assert backend.run(faces(backend, 0, 0)[1].first) is None


def test_after_first_the_resume_token_continues_with_the_second_item(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    backend.run(pager.first)
    rest = pager_of(backend, listing, starting_token=pager.resume_token)
    assert backend.items(lambda: rest) == listing.items()[1:]


# --- Mistakes ----------------------------------------------------------------------------------------------------


def test_a_pager_is_not_an_iterator_and_says_how_to_begin_one() -> None:
    pager: Any = RekognitionClient("eu-west-1").paginate_list_collections()
    message = (
        r"^a Pager is not an iterator: next\(iter\(pager\)\) begins one, and pager\.first\(\) returns the first item$"
    )
    with pytest.raises(TypeError, match=message):
        next(pager)


def test_an_async_pager_is_not_an_iterator_and_says_how_to_begin_one() -> None:
    pager: Any = AsyncRekognitionClient("eu-west-1").paginate_list_collections()
    with pytest.raises(TypeError, match=r"anext\(aiter\(pager\)\) begins one, and await pager\.first\(\) returns"):
        anext(pager)


def test_a_response_is_not_iterable(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"CollectionIds": ["a"]})))
    response: Any = backend.run(client.list_collections)
    with pytest.raises(TypeError, match="'ListCollectionsResponse' object is not iterable"):
        iter(response)


@pytest.mark.parametrize("name", ["limit", "max_results", "next_token", "PaginationConfig"])
def test_a_pager_has_no_arguments_of_the_operations_own_pages(backend: Backend, name: str) -> None:
    paginate: Any = backend.client(Unused()).paginate_list_collections
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        paginate(**{name: 5})


def test_pages_is_a_method(backend: Backend) -> None:
    pages: Any = faces(backend)[1].pages
    with pytest.raises(TypeError, match="'method' object is not iterable"):
        iter(pages)


def test_a_pager_prints_its_operation(backend: Backend) -> None:
    name = backend.choose("Pager", "AsyncPager")
    assert repr(faces(backend)[1]) == f"<{name} of ListFaces>"


# --- ListCollections ---------------------------------------------------------------------------------------------


def collections(backend: Backend, *pages: dict[str, object], **settings: Any) -> Pager[Any, Any]:
    client = backend.client(Scripted(*[json_reply(page) for page in pages]))
    return client.paginate_list_collections(**settings)


ROWS: dict[str, object] = {"CollectionIds": ["a", "b", "c"], "FaceModelVersions": ["1.0", "2.0", "3.0"]}


def test_a_listed_collection_has_id_and_version(backend: Backend) -> None:
    pager = collections(backend, ROWS)
    assert backend.items(lambda: pager)[0] == ListedCollection(collection_id="a", face_model_version="1.0")


def test_both_lists_of_a_cut_page_are_cut(backend: Backend) -> None:
    pager = collections(backend, ROWS, max_items=2)
    assert backend.items(pager.pages) == [
        ListCollectionsResponse(collection_ids=["a", "b"], face_model_versions=["1.0", "2.0"])
    ]


def test_both_lists_of_a_resumed_page_are_cut(backend: Backend) -> None:
    pager = collections(backend, ROWS, starting_token="None___2")
    assert backend.items(pager.pages) == [ListCollectionsResponse(collection_ids=["c"], face_model_versions=["3.0"])]


@pytest.mark.parametrize("versions", [[], ["1.0"]])
def test_a_listed_collection_may_have_no_version(backend: Backend, versions: list[str]) -> None:
    pager = collections(backend, {"CollectionIds": ["a", "b"], "FaceModelVersions": versions})
    assert backend.items(lambda: pager) == [
        ListedCollection(collection_id="a", face_model_version=versions[0] if versions else None),
        ListedCollection(collection_id="b"),
    ]


# --- Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1, 1.5, "2", True])
def test_max_items_must_be_a_whole_number(backend: Backend, value: Any) -> None:
    with pytest.raises(ParamValidationError, match="paginate_list_faces: max_items: must be a whole number, 0 or more"):
        backend.client(Unused()).paginate_list_faces("people", max_items=value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True])
def test_page_size_must_be_a_whole_number_above_zero(backend: Backend, value: Any) -> None:
    with pytest.raises(ParamValidationError, match="paginate_list_faces: page_size: must be a whole number, 1 or more"):
        backend.client(Unused()).paginate_list_faces("people", page_size=value)


def test_every_page_is_requested_with_the_options(backend: Backend) -> None:
    listing, pager = faces(backend, 1, 1, options=CallOptions(headers={"X-Trace": "abc"}))
    backend.items(lambda: pager)
    assert [sent.headers["x-trace"] for sent in listing.requests] == ["abc", "abc"]


def test_the_error_for_an_unknown_paginator_suggests_the_nearest_one(backend: Backend) -> None:
    with pytest.raises(ParamValidationError, match="there is no paginator 'list_face': did you mean 'list_faces'"):
        paginator_of(backend.client(), "list_face")


def test_an_operation_without_pages_has_no_paginator(backend: Backend) -> None:
    for name in ("detect_faces", "DetectFaces"):
        with pytest.raises(ParamValidationError, match="detect_faces has no paginator: it returns one response"):
            paginator_of(backend.client(), name)


JOBS = [method for method in METHODS if "JobStatus" in SHAPES[f"{PAGED[method].operation.name}Response"].members]


@pytest.mark.parametrize("method", JOBS)
def test_a_failed_job_is_an_error(backend: Backend, method: str) -> None:
    failed = json_reply({"JobStatus": "FAILED", "StatusMessage": "the video has no frames"})
    pager = getattr(backend.client(Scripted(failed)), f"paginate_{method}")("job")
    with pytest.raises(JobFailedError, match=r": the job has failed \(the video has no frames\)$") as caught:
        backend.items(lambda: pager)
    assert caught.value.status_message == "the video has no frames"


@pytest.mark.parametrize("method", JOBS)
def test_a_job_in_progress_is_an_error(backend: Backend, method: str) -> None:
    client = backend.client(Scripted(json_reply({"JobStatus": "IN_PROGRESS"})))
    pager = getattr(client, f"paginate_{method}")("job")
    with pytest.raises(PaginationError, match=r"the job is in progress: call `(.*)` first") as caught:
        backend.items(pager.pages)
    waiter = re.findall("`(.*)`", str(caught.value))[0]
    assert callable(getattr(client, waiter))


def test_eight_jobs_have_pagers() -> None:
    assert len(JOBS) == 8


NAMES = ["cats", "dogs", "owls"]


@pytest.fixture
def three_collections() -> Generator[Emulator]:
    """Yield an emulator with three collections."""
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        for name in NAMES:
            client.create_collection(name)
        yield emulator


def two_walks(emulator: Emulator, backend: str, share: Callable[[AsyncPager[Any, Any]], Any]) -> list[object]:
    """Walk in two tasks over the value that `share` makes of one pager; return their ids or errors."""
    ends: list[object] = []

    async def main() -> None:
        async with AsyncRekognitionClient.local(emulator) as client:
            shared = share(client.paginate_list_collections(page_size=1))

            async def walk() -> None:
                try:
                    ends.append([row.collection_id async for row in shared])
                except PaginationError as error:
                    ends.append(str(error))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(walk)
                tasks.start_soon(walk)

    anyio.run(main, backend=backend)
    return ends


def test_two_threads_that_share_an_iterator_get_an_error() -> None:
    errors: list[BaseException | None] = []

    def respond(_: Sent) -> Reply:
        with ThreadPoolExecutor(1) as thread:  # another thread uses the iterator while this one waits for a page
            errors.append(thread.submit(next, items).exception())
        return json_reply(ROWS)

    with RekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted(respond)) as client:
        items = iter(client.paginate_list_collections())
        assert [row.collection_id for row in items] == ["a", "b", "c"]
    assert [(type(error), str(error).partition(";")[0]) for error in errors] == [
        (PaginationError, "ListCollections: only one thread or task may use an iterator of a pager at a time")
    ]


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_two_tasks_that_share_an_iterator_get_an_error(name: str, three_collections: Emulator) -> None:
    error = (
        "ListCollections: only one thread or task may use an iterator of a pager at a time; the pager itself may be"
        " shared"
    )
    ends = two_walks(three_collections, name, aiter)
    assert [end for end in ends if isinstance(end, str)] == [error]


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_two_tasks_may_share_a_pager(name: str, three_collections: Emulator) -> None:
    assert two_walks(three_collections, name, lambda pager: pager) == [NAMES, NAMES]


def test_a_paginator_is_available_by_the_wire_name(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1)
    client = backend.client(Scripted(listing))
    assert client.can_paginate("ListFaces")
    assert len(backend.items(lambda: paginator_of(client, "ListFaces").paginate(**listing.arguments()))) == 3


def test_pagers_match_the_kind_of_the_client(backend: Backend) -> None:
    assert isinstance(faces(backend)[1], backend.choose(Pager, AsyncPager))


def test_a_full_result_checks_limits_only_with_the_check_of_requests(backend: Backend) -> None:
    transport = Scripted(json_reply({"CollectionIds": [], "FaceModelVersions": []}))
    client = backend.client(transport, strict=["answers"])
    backend.run(lambda: client.paginate_list_collections(page_size=5000).build_full_result())
    assert transport.sent[0].wire == {"MaxResults": 5000}
    strict = backend.client(Unused(), strict=["requests"])
    with pytest.raises(ParamValidationError, match="max_results: must be at most 4096"):
        backend.run(lambda: strict.paginate_list_collections(page_size=5000).build_full_result())
