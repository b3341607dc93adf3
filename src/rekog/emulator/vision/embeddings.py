"""Embeddings: a face as a vector of 128 numbers; the cosine of two vectors measures how similar the faces are.

Outside this package an embedding is its bytes as they are stored: 128 little-endian float32, a vector of length one.
Only this module and the gallery need NumPy to read them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..._values.lazy import LazyModule
from ..._values.public import publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import typing as npt

    from . import faces, images
else:  # for tools that evaluate annotations
    npt, images = LazyModule("numpy.typing"), LazyModule("rekog.emulator.vision.images")
    faces = LazyModule("rekog.emulator.vision.faces")

NUMBERS = 128
BYTES = 4 * NUMBERS

_VARIATION = 0.4
"""Length of the part that differs between two images of one declared identity, relative to the part they share: their
cosine is about 0.86, a bit more than that of two photographs of one person (0.75)."""


class FaceEmbedder(Protocol):
    """Computes embeddings of faces. Several threads may call it at once."""

    def embed(self, image: images.DecodedImage, face: faces.DetectedFace) -> bytes:
        """Return a face's embedding, in the form that `pack_embedding` returns."""
        ...


def pack_embedding(vector: npt.NDArray[np.floating]) -> bytes:
    """Return a vector of 128 numbers, of any length except zero, as an embedding.

    >>> import numpy as np
    >>> len(pack_embedding(np.ones(128)))
    512
    """
    flat = np.asarray(vector, dtype=np.float64).reshape(-1)
    length = float(np.linalg.norm(flat))
    if flat.size != NUMBERS or not np.isfinite(length) or length == 0:
        raise ValueError(
            f"an embedding is {NUMBERS} finite numbers that are not all zero, not {flat.size} of length {length}"
        )
    return (flat / length).astype("<f4").tobytes()


def unpack(*embeddings: bytes) -> npt.NDArray[np.float32]:
    """Return embeddings as the rows of a matrix."""
    return np.frombuffer(b"".join(embeddings), dtype="<f4").reshape(-1, NUMBERS)


def mean(embeddings: Sequence[bytes]) -> bytes:
    """Return the mean of embeddings, scaled to length one; the first embedding if they cancel each other out."""
    middle = unpack(*embeddings).mean(axis=0, dtype=np.float64)
    return pack_embedding(middle) if float(np.linalg.norm(middle)) > 1e-6 else embeddings[0]


def cosine(one: bytes, other: bytes) -> float:
    """Return the cosine of two embeddings: 1 for the same direction, 0 for unrelated ones, -1 for opposite ones."""
    first, second = unpack(one, other).astype(np.float64)
    return float(first @ second)


def declared_embedding(identity: str, variation: str = "") -> bytes:
    """Return the embedding of a declared face; it never changes.

    Faces of one identity are similar (cosine about 0.86, for different variations such as the image's hash), those of
    two identities are as different as two people (mean 0, standard deviation 0.09).

    >>> cosine(declared_embedding("Ann", "1"), declared_embedding("Ann", "2")) > 0.7
    True
    """
    return pack_embedding(
        _direction(f"identity {identity}") + _VARIATION * _direction(f"variation {identity} {variation}")
    )


def _direction(text: str) -> npt.NDArray[np.float64]:
    # SHAKE and not a random number generator: the numbers of a generator may change with the version of NumPy
    numbers = np.frombuffer(hashlib.shake_256(text.encode()).digest(2 * NUMBERS), dtype="<u2").astype(np.float64)
    centred = numbers - 32767.5
    return np.asarray(centred / np.linalg.norm(centred))


publish("rekog.emulator", FaceEmbedder, pack_embedding)
