"""The nearest neighbours of an embedding in a gallery, as similarities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from ..vision import needs_extra

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from ..context import Context

DEFAULT_THRESHOLD = 80.0
"""Of every search and comparison that is not told another."""

Row = TypeVar("Row")


class Match(NamedTuple, Generic[Row]):
    """What a vector stands for, and how similar it is, 0 to 100."""

    similarity: float
    row: Row


def nearest(
    context: Context,
    gallery: str,
    embedding: bytes,
    look_up: Callable[[sqlite3.Connection, Iterable[int]], Mapping[int, Row]],
    *,
    threshold: float | None,
    most: int,
) -> list[Match[Row]]:
    """Return the most similar things of a gallery, the most similar first and of equals the oldest.

    `look_up` finds what vectors stand for; it leaves out what was deleted or must not be found. The vectors are
    compared outside of any transaction, so that nobody waits for a large gallery.
    """
    least = DEFAULT_THRESHOLD if threshold is None else threshold
    with needs_extra():
        from ..vision.similarity import least_cosine, similarity

        vectors = context.state.gallery(gallery)
        matches: list[Match[Row]] = []
        for batch in vectors.nearest(embedding, least_cosine(least), most + 1):
            with context.state.read() as connection:
                rows = look_up(connection, [found.key for found in batch])
            known = [Match(similarity(found.cosine), rows[found.key]) for found in batch if found.key in rows]
            matches += [match for match in known if match.similarity >= least]
            if len(matches) >= most:
                break
    return matches[:most]
