"""Laws of paging: however a listing is cut, and however it is consumed, its items come once each and in order."""

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
@given(lengths=LENGTHS, cuts=st.lists(st.integers(1, 5), min_size=1, max_size=4))
@LAW
def test_chunks_join_to_the_whole(backend: Backend, method: str, lengths: list[int], cuts: list[int]) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    found: list[object] = []
    token: str | None = None
    turn = 0
    while token is not None or turn == 0:
        cut = cuts[turn % len(cuts)]
        pager: Any = paginate(**listing.arguments(), max_items=cut, starting_token=token)
        chunk: list[object] = backend.items(lambda: pager)  # noqa: B023 (it is called at once)
        assert len(chunk) <= cut
        found += chunk
        token = pager.resume_token
        turn += 1

    assert found == listing.items()


@pytest.mark.parametrize("method", METHODS)
@given(lengths=LENGTHS, steps=st.lists(st.sampled_from(["item", "page", "resume"]), max_size=12))
@LAW
def test_items_pages_and_resumptions_mix(backend: Backend, method: str, lengths: list[int], steps: list[str]) -> None:
    listing = Listing(method, *lengths)
    client = backend.client(Scripted(listing))
    paginate: Any = getattr(client, f"paginate_{method}")
    pager: Any = paginate(**listing.arguments())
    found: list[object] = []
    for step in steps:
        if step == "resume" and pager.resume_token is not None:
            pager = paginate(**listing.arguments(), starting_token=pager.resume_token)
        elif step == "item":
            found += one(backend, pager)
        elif step == "page":
            for page in one(backend, pager.pages()):
                found += listing.paged.read(page)

    assert found + backend.items(lambda: pager) == listing.items()


def one(backend: Backend, items: Any) -> list[object]:
    """Return the next item of a pager, or the next page of its pages; nothing at the end."""

    def threads() -> list[object]:
        return [item for item in [next(items, None)] if item is not None]

    async def tasks() -> list[object]:
        return [item for item in [await anext(items, None)] if item is not None]

    return backend.run(backend.choose(threads, tasks))
