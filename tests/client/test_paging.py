"""Pagers: items and pages of every paged operation, the end of a listing, limits, tokens and resuming."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any, cast

import anyio
import httpx
import pytest

from rekog import AsyncRekognitionClient, CallOptions, RekognitionClient, RetryPolicy
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from rekog.errors import ConnectionLostError, JobFailedError, PaginationError, ValidationError
from rekog.models import ListCollectionsResponse, ListFacesResponse
from rekog.paging import AsyncPager, ListedCollection, Pager
from tests.kit.backends import Backend, Scripted, Unused, json_reply
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


def first(backend: Backend, number: int, pager: Pager[Any, Any]) -> list[Any]:
    """Return the first items of a pager and leave the rest."""

    def threads() -> list[Any]:
        return [next(pager) for _ in range(number)]

    async def tasks() -> list[Any]:
        items = cast(AsyncPager[Any, Any], pager)  # cast: async here
        return [await anext(items) for _ in range(number)]

    return backend.run(backend.choose(threads, tasks))


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
        taken = [next(pager) for _ in range(count)]
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


def test_no_page_is_requested_before_the_first_item(backend: Backend) -> None:
    listing, pager = faces(backend, 1)
    assert (listing.requests, pager.resume_token) == ([], None)


def test_a_page_is_requested_when_its_first_item_is_needed(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 2, pager)
    assert len(listing.requests) == 1


def test_a_listing_at_its_end_yields_no_items(backend: Backend) -> None:
    listing, pager = faces(backend, 2)
    backend.items(lambda: pager)
    assert backend.items(lambda: pager) == []
    assert len(listing.requests) == 1


def test_a_repeated_token_is_an_error(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1, end="page-1")
    pager = pager_of(backend, listing)
    with pytest.raises(PaginationError, match="ListFaces: the service returned the same page token twice"):
        backend.items(lambda: pager)


def test_the_items_before_a_repeated_token_are_yielded(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1, end="page-1")
    pager = pager_of(backend, listing)
    assert first(backend, 2, pager) == listing.items()[:2]


def test_a_failed_page_can_be_requested_again(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1)
    transport = Scripted(listing, httpx.ReadError("reset"), listing)
    client = backend.client(transport, retry=RetryPolicy(mode="off"))
    pager = client.paginate_list_faces("people")
    taken = first(backend, 1, pager)
    with pytest.raises(ConnectionLostError):
        backend.items(lambda: pager)
    assert taken + backend.items(lambda: pager) == listing.items()


def test_pages_continue_after_a_failed_one(backend: Backend) -> None:
    listing = Listing("list_faces", 1, 1, 1)
    client = backend.client(
        Scripted(listing, httpx.ReadError("reset"), listing, listing), retry=RetryPolicy(mode="off")
    )
    pages = client.paginate_list_faces("people").pages()

    def threads() -> ListFacesResponse:
        return next(pages)

    async def tasks() -> ListFacesResponse:
        return await anext(cast("AsyncIterator[ListFacesResponse]", pages))  # cast: async here

    step = backend.choose(threads, tasks)
    responses = [backend.run(step)]
    with pytest.raises(ConnectionLostError):
        backend.run(step)
    responses += [backend.run(step), backend.run(step)]
    assert [face for page in responses for face in page.faces] == listing.items()


@pytest.mark.parametrize("token", [5, b"page-1"])
def test_a_starting_token_that_is_not_text_is_refused(backend: Backend, token: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ValidationError, match="paginate_list_faces: starting_token: must be text, not"):
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


def test_a_second_loop_continues_after_the_first(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 1)
    taken = first(backend, 1, pager)
    assert taken + backend.items(lambda: pager) == listing.items()
    assert len(listing.requests) == 2


def test_pages_begin_with_the_rest_of_a_page(backend: Backend) -> None:
    listing, pager = faces(backend, 3, 2)
    first(backend, 1, pager)
    pages: list[ListFacesResponse] = backend.items(pager.pages)
    assert [page.faces for page in pages] == [listing.items()[1:3], listing.items()[3:]]


def test_pages_after_a_fully_read_page_begin_with_the_next(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 2, pager)
    pages: list[ListFacesResponse] = backend.items(pager.pages)
    assert [page.faces for page in pages] == [listing.items()[2:]]


def test_the_token_after_a_page_is_of_the_next_page(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)

    def threads() -> object:
        return next(pager.pages())

    async def tasks() -> object:
        pages = cast(AsyncPager[Any, Any], pager).pages()  # cast: async here
        return await anext(pages)

    backend.run(backend.choose(threads, tasks))
    again = pager_of(backend, listing, starting_token=pager.resume_token)
    assert backend.items(lambda: again) == listing.items()[2:]


def test_collect_returns_the_remaining_items(backend: Backend) -> None:
    listing, pager = faces(backend, 2, 2)
    first(backend, 1, pager)
    assert backend.run(pager.collect) == listing.items()[1:]


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
    assert backend.items(lambda: pager) == [("a", versions[0] if versions else None), ("b", None)]


# --- Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1, 1.5, "2", True])
def test_max_items_must_be_a_whole_number(backend: Backend, value: Any) -> None:
    with pytest.raises(ValidationError, match="paginate_list_faces: max_items: must be a whole number, 0 or more"):
        backend.client(Unused()).paginate_list_faces("people", max_items=value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True])
def test_page_size_must_be_a_whole_number_above_zero(backend: Backend, value: Any) -> None:
    with pytest.raises(ValidationError, match="paginate_list_faces: page_size: must be a whole number, 1 or more"):
        backend.client(Unused()).paginate_list_faces("people", page_size=value)


def test_every_page_is_requested_with_the_options(backend: Backend) -> None:
    listing, pager = faces(backend, 1, 1, options=CallOptions(headers={"X-Trace": "abc"}))
    backend.items(lambda: pager)
    assert [sent.headers["x-trace"] for sent in listing.requests] == ["abc", "abc"]


def test_the_error_for_an_unknown_paginator_suggests_the_nearest_one(backend: Backend) -> None:
    with pytest.raises(ValidationError, match="there is no paginator 'list_face': did you mean 'list_faces'"):
        paginator_of(backend.client(), "list_face")


def test_an_operation_without_pages_has_no_paginator(backend: Backend) -> None:
    for name in ("detect_faces", "DetectFaces"):
        with pytest.raises(ValidationError, match="detect_faces has no paginator: it returns one response"):
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


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_two_tasks_that_share_a_pager_get_an_error(name: str) -> None:
    async def main() -> None:
        async with AsyncRekognitionClient.local() as client:
            for collection in ("cats", "dogs", "owls"):
                await client.create_collection(collection)
            pager = client.paginate_list_collections(page_size=1)

            async def walk() -> None:
                try:
                    await pager.collect()
                except PaginationError as error:
                    errors.append(str(error))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(walk)
                tasks.start_soon(walk)

    errors: list[str] = []
    anyio.run(main, backend=name)
    assert errors == ["ListCollections: only one thread or task may use a pager at a time"]


def test_a_paginator_is_available_by_the_wire_name(backend: Backend) -> None:
    listing = Listing("list_faces", 2, 1)
    client = backend.client(Scripted(listing))
    assert client.can_paginate("ListFaces")
    assert len(backend.items(lambda: paginator_of(client, "ListFaces").paginate(**listing.arguments()))) == 3


def test_pagers_match_the_kind_of_the_client(backend: Backend) -> None:
    assert isinstance(faces(backend)[1], backend.choose(Pager, AsyncPager))
