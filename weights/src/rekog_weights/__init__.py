"""Converted networks for the emulator of rekog, as ONNX files.

>>> path("face_mesh").name
'face_mesh.onnx'
>>> manifest()["networks"]["face_mesh"]["license"]
'Apache-2.0'

README.md describes the networks, NOTICE their holders and licences.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

__all__ = ["File", "Manifest", "Network", "Source", "Tensor", "__version__", "characters", "manifest", "path"]

__version__ = "0.1.0"

_FOLDER = Path(__file__).parent


class File(TypedDict):
    """A file of this package."""

    size: int
    sha256: str


class Source(TypedDict):
    """The package that a network comes from, and the SHA-256 of the files in it by path."""

    registry: str
    package: str
    version: str
    archive: str
    archive_sha256: str
    files: dict[str, str]


class Tensor(TypedDict):
    """An input or output: its dimensions, of which those with names are variable, and the meaning of its numbers."""

    shape: list[int | str]
    content: str


class Network(TypedDict):
    """A network: its licence, origin, inputs, outputs and files; `range` is that of the numbers of its input."""

    title: str
    task: str
    face_attributes: bool
    license: str
    copyright: list[str]
    origin: str
    source: Source
    storage: str
    changes: str
    training_data: str
    range: list[float]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    files: dict[str, File]


class Manifest(TypedDict):
    """The content of `manifest.json`."""

    networks: dict[str, Network]


@cache
def manifest() -> Manifest:
    """Return the manifest: a description of each network by name. Do not change it."""
    return cast("Manifest", json.loads((_FOLDER / "manifest.json").read_bytes()))


def path(name: str) -> Path:
    """Return the ONNX file of a network. Raise ValueError for an unknown name."""
    networks = manifest()["networks"]
    if name not in networks:
        raise ValueError(f"{name!r} is no network of rekog-weights; the networks are {', '.join(networks)}")
    return _FOLDER / f"{name}.onnx"


@cache
def characters() -> tuple[str, ...]:
    """Return the characters that `text_recognition` knows, by class; class 0 is the blank between characters."""
    return tuple((_FOLDER / "text_recognition.txt").read_text("utf-8").split("\n")[:-1])
