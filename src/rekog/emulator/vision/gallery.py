"""Embeddings to be searched: exact, by a matrix product with each of a few contiguous blocks.

A gallery never changes: one with more vectors is a new one that shares the full blocks with the old. So a search needs
no lock, and a vector that comes in costs the copy of one block (8 MB) at most. A million vectors take 512 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .embeddings import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK = 16_384
"""Vectors in a full block."""

_DIGITS = 6
"""A float32 product of equal vectors may differ behind these digits by where in the block they stand."""


class StoredVector(NamedTuple):
    """A row to be searched: keys grow from row to row, and a stamp tells whether a key is still the same row's."""

    key: int
    stamp: int
    embedding: bytes


class Found(NamedTuple):
    """A vector that a search came upon, and its cosine with the one that was searched for."""

    key: int
    cosine: float


class _Block(NamedTuple):
    keys: NDArray[np.int64]
    stamps: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def part(self, start: int, stop: int) -> _Block:
        # copies: a view would keep the whole block in memory
        return _Block(self.keys[start:stop].copy(), self.stamps[start:stop].copy(), self.vectors[start:stop].copy())

    def joined(self, other: _Block) -> _Block:
        return _Block(
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.stamps, other.stamps]),
            np.concatenate([self.vectors, other.vectors]),
        )


class Gallery:
    """Vectors in the order of their keys."""

    def __init__(self, blocks: Sequence[_Block] = ()) -> None:
        self._blocks = tuple(blocks)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return sum(block.keys.size for block in self._blocks)

    @property
    def last_key(self) -> int:
        """The greatest key; 0 if there is none."""
        return int(self._blocks[-1].keys[-1]) if self._blocks else 0

    def up_to(self, key: int, stamp: int) -> Gallery:
        """Return the part whose last vector is the one with this key and stamp; nothing if it is not here."""
        for index, block in enumerate(self._blocks):
            if block.keys[-1] >= key:
                place = int(np.searchsorted(block.keys, key))
                if block.keys[place] != key or block.stamps[place] != stamp:
                    return Gallery()
                last = block if place + 1 == block.keys.size else block.part(0, place + 1)
                return Gallery([*self._blocks[:index], last])
        return Gallery()

    def extended(self, rows: Sequence[StoredVector]) -> Gallery:
        """Return a gallery with more vectors, whose keys are all greater than `last_key`."""
        if not rows:
            return self
        keys, stamps, embeddings = zip(*rows, strict=True)
        added = _Block(np.array(keys, dtype=np.int64), np.array(stamps, dtype=np.int64), unpack(*embeddings))
        full = [*self._blocks]
        if full and full[-1].keys.size < BLOCK:
            added = full.pop().joined(added)
        if added.keys.size <= BLOCK:
            return Gallery([*full, added])
        return Gallery([*full, *(added.part(start, start + BLOCK) for start in range(0, added.keys.size, BLOCK))])

    def nearest(self, embedding: bytes, least: float, step: int) -> Iterator[list[Found]]:
        """Give the vectors of at least this cosine, `step` at a time: the nearest first, and of equals the oldest."""
        keys, cosines = self._at_least(unpack(embedding)[0], least)
        while keys.size:
            count = min(step, keys.size)
            bar = np.partition(cosines, keys.size - count)[keys.size - count]
            near = np.flatnonzero(cosines >= bar)  # more than asked for where some are equal to the last
            chosen = near[np.lexsort((keys[near], -cosines[near]))][:count]
            yield [Found(int(keys[place]), float(cosines[place])) for place in chosen]
            keys, cosines = np.delete(keys, chosen), np.delete(cosines, chosen)

    def _at_least(self, vector: NDArray[np.float32], least: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        keys, cosines = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for block in self._blocks:
            near = block.vectors @ vector
            chosen = np.flatnonzero(near >= least)
            keys.append(block.keys[chosen])
            cosines.append(np.round(near[chosen], _DIGITS))
        return np.concatenate(keys), np.concatenate(cosines)
