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


STEPS = st.lists(st.tuples(st.sampled_from(["items", "pages"]), st.integers(0, 3)), max_size=8)


@pytest.mark.parametrize("method", METHODS)
@given(lengths=LENGTHS, steps=STEPS)
@LAW
def test_items_pages_and_resumed_pagers_can_be_mixed(
    backend: Backend, method: str, lengths: list[int], steps: list[tuple[str, int]]
) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    pager: Any = paginate(**listing.arguments())
    items_so_far: list[object] = []
    ended = False
    for kind, count in steps:
        walk: Any = begin(backend, pager) if kind == "items" else pager.pages()
        taken = [value for _ in range(count) for value in next_of(backend, walk)]
        items_so_far += taken if kind == "items" else [item for page in taken for item in listing.paged.read(page)]
        ended = ended or (count > 0 and pager.resume_token is None)
        if ended:
            break
        pager = paginate(**listing.arguments(), starting_token=pager.resume_token)

    assert items_so_far + ([] if ended else backend.items(lambda: pager)) == listing.items()


@pytest.mark.parametrize("method", METHODS)
@given(lengths=LENGTHS, counts=st.lists(st.integers(0, 8), max_size=4))
@LAW
def test_every_iterator_begins_anew(backend: Backend, method: str, lengths: list[int], counts: list[int]) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    pager: Any = paginate(**listing.arguments())
    for count in counts:
        items: Any = begin(backend, pager)
        taken = [item for _ in range(count) for item in next_of(backend, items)]
        assert taken == listing.items()[:count]

    assert backend.items(lambda: pager) == listing.items()


def begin(backend: Backend, pager: Any) -> Any:
    """Return a new iterator over the items of a pager."""
    return backend.choose(iter, aiter)(pager)


def next_of(backend: Backend, items: Any) -> list[object]:
    """Return a list of the next item or page of an iterator, empty at the end."""

    def threads() -> list[object]:
        return [item for item in [next(items, None)] if item is not None]

    async def tasks() -> list[object]:
        return [item for item in [await anext(items, None)] if item is not None]

    return backend.run(backend.choose(threads, tasks))
