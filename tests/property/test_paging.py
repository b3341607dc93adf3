"""Properties of paging: a listing yields each item once and in order, for every division into pages and chunks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.backends import Backend, Scripted
from tests.kit.listing import Listing

LENGTHS = st.lists(st.integers(0, 4), min_size=1, max_size=5)
LAW = settings(
    derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
METHODS = ["list_faces", "list_collections"]


@pytest.mark.parametrize("method", METHODS)
@given(lengths=LENGTHS, sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4))
@LAW
def test_chunks_join_to_the_whole_listing(backend: Backend, method: str, lengths: list[int], sizes: list[int]) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    items_so_far: list[object] = []
    token: str | None = None
    number = 0
    while token is not None or number == 0:
        size = sizes[number % len(sizes)]
        pager: Any = paginate(**listing.arguments(), max_items=size, starting_token=token)
        chunk: list[object] = backend.items(lambda: pager)  # noqa: B023 (called immediately)
        assert len(chunk) <= size
        items_so_far += chunk
        token = pager.resume_token
        number += 1

    assert items_so_far == listing.items()


@pytest.mark.parametrize("method", METHODS)
@given(lengths=LENGTHS, steps=st.lists(st.sampled_from(["item", "page", "resume"]), max_size=12))
@LAW
def test_items_pages_and_resumed_pagers_can_be_mixed(
    backend: Backend, method: str, lengths: list[int], steps: list[str]
) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    pager: Any = paginate(**listing.arguments())
    items_so_far: list[object] = []
    for step in steps:
        if step == "resume" and pager.resume_token is not None:
            pager = paginate(**listing.arguments(), starting_token=pager.resume_token)
        elif step == "item":
            items_so_far += next_of(backend, pager)
        elif step == "page":
            for page in next_of(backend, pager.pages()):
                items_so_far += listing.paged.read(page)

    assert items_so_far + backend.items(lambda: pager) == listing.items()


def next_of(backend: Backend, items: Any) -> list[object]:
    """Return a list of the next item of a pager or the next page of its pages, empty at the end."""

    def threads() -> list[object]:
        return [item for item in [next(items, None)] if item is not None]

    async def tasks() -> list[object]:
        return [item for item in [await anext(items, None)] if item is not None]

    return backend.run(backend.choose(threads, tasks))
