"""The nearest neighbours of an embedding in a gallery, as similarities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from ..vision import needs_extra

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from ..context import Context

DEFAULT_THRESHOLD = 80.0
"""Minimum similarity of a match in every search and comparison without a threshold of its own."""

Row = TypeVar("Row")


class Match(NamedTuple, Generic[Row]):
    """The row of a vector, and its similarity, 0 to 100."""

    similarity: float
    row: Row


def nearest(
    context: Context,
    gallery: str,
    embedding: bytes,
    find_rows: Callable[[sqlite3.Connection, Iterable[int]], Mapping[int, Row]],
    *,
    threshold: float | None,
    limit: int,
) -> list[Match[Row]]:
    """Return the most similar rows of a gallery, the most similar first and of equals the oldest.

    `find_rows` returns the rows of vectors, by key; it leaves out rows that were deleted or must not match. The vectors
    are compared outside any transaction, so that a large gallery blocks no other request.
    """
    minimum = DEFAULT_THRESHOLD if threshold is None else threshold
    with needs_extra():
        from ..vision.similarity import minimum_cosine, similarity

        vectors = context.state.gallery(gallery)
        matches: list[Match[Row]] = []
        for batch in vectors.nearest(embedding, minimum_cosine(minimum), limit + 1):
            with context.state.read() as connection:
                rows = find_rows(connection, [neighbour.key for neighbour in batch])
            known = [Match(similarity(each.cosine), rows[each.key]) for each in batch if each.key in rows]
            matches += [match for match in known if match.similarity >= minimum]
            if len(matches) >= limit:
                break
    return matches[:limit]
