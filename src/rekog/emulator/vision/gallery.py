"""Galleries: embeddings in memory, searched exactly by a matrix product with each of a few contiguous blocks.

A gallery is immutable: a larger one is a new object that shares the full blocks with the old one. So a search needs no
lock, and adding a vector copies at most one block (8 MB). A million vectors take 512 MB.
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
"""Digits to keep: a float32 product of equal vectors may differ beyond them, depending on the row in the block."""


class StoredVector(NamedTuple):
    """A row to search: keys grow from row to row, and a stamp tells whether a key still belongs to the same row."""

    key: int
    stamp: int
    embedding: bytes


class Neighbour(NamedTuple):
    """A result of a search: the key of a vector, and its cosine with the searched vector."""

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
        """Return the number of vectors."""
        return sum(block.keys.size for block in self._blocks)

    @property
    def last_key(self) -> int:
        """The greatest key; 0 for an empty gallery."""
        return int(self._blocks[-1].keys[-1]) if self._blocks else 0

    def up_to(self, key: int, stamp: int) -> Gallery:
        """Return the part that ends with the vector of this key and stamp; an empty gallery if there is none."""
        for index, block in enumerate(self._blocks):
            if block.keys[-1] >= key:
                row = int(np.searchsorted(block.keys, key))
                if block.keys[row] != key or block.stamps[row] != stamp:
                    return Gallery()
                last = block if row + 1 == block.keys.size else block.part(0, row + 1)
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

    def nearest(self, embedding: bytes, minimum: float, step: int) -> Iterator[list[Neighbour]]:
        """Yield the vectors of at least this cosine, `step` at a time: the nearest first, and of equals the oldest."""
        keys, cosines = self._at_least(unpack(embedding)[0], minimum)
        while keys.size:
            count = min(step, keys.size)
            bar = np.partition(cosines, keys.size - count)[keys.size - count]
            near = np.flatnonzero(cosines >= bar)  # more than `step` if some are equal to the last
            chosen = near[np.lexsort((keys[near], -cosines[near]))][:count]
            yield [Neighbour(int(keys[index]), float(cosines[index])) for index in chosen]
            keys, cosines = np.delete(keys, chosen), np.delete(cosines, chosen)

    def _at_least(self, vector: NDArray[np.float32], minimum: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        keys, cosines = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for block in self._blocks:
            near = block.vectors @ vector
            chosen = np.flatnonzero(near >= minimum)
            keys.append(block.keys[chosen])
            cosines.append(np.round(near[chosen], _DIGITS))
        return np.concatenate(keys), np.concatenate(cosines)
