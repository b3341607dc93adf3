"""Cache of galleries: the gallery that was searched longest ago is dropped first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext

import pytest

from rekog.emulator.state import State, vectors
from rekog.emulator.vision.embeddings import declared_embedding


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A database with two vectors in each gallery."""
    with closing(State()) as state, state.write() as opened:
        for name in "abcd":
            for number in range(2):
                vectors.insert(opened, name, declared_embedding(name, str(number)))
        yield opened


def cached(connection: sqlite3.Connection, searches: str, maximum: int) -> str:
    """Return the names of the galleries in memory after searches, the one searched longest ago first."""
    galleries = vectors.Galleries(maximum)
    for name in searches:
        assert len(galleries.current(lambda: nullcontext(connection), name)) == 2
    return "".join(galleries._cached)  # pyright: ignore[reportPrivateUsage]  # their order is the fact


@pytest.mark.parametrize(
    ("searches", "expected"),
    [("ab", "ab"), ("aba", "ba"), ("abac", "ac"), ("abc", "bc"), ("abcabd", "bd"), ("abbac", "ac"), ("aab", "ab")],
)
def test_the_gallery_that_was_searched_longest_ago_is_dropped(
    connection: sqlite3.Connection, searches: str, expected: str
) -> None:
    assert cached(connection, searches, maximum=4) == expected


@pytest.mark.parametrize("count", range(7))
def test_a_gallery_is_read_in_batches_until_its_end(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(vectors, "BATCH", 2)
    for number in range(count):
        vectors.insert(connection, "large", declared_embedding("large", str(number)))
    assert len(vectors.Galleries().current(lambda: nullcontext(connection), "large")) == count


def test_the_last_gallery_stays_though_it_is_larger_than_the_maximum(connection: sqlite3.Connection) -> None:
    assert cached(connection, "ab", maximum=1) == "b"
