"""Enrolment of the celebrities whose images a folder contains: `Emulator.add_celebrities`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...._values.frozen import Frozen
from ...state.rows import celebrities
from .enrolment import check_name, face_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from ...context import Context

_NUMBER = re.compile(r"[\s_-]*(?:\d+|\(\d+\))$")
"""The number at the end of a file's name, as in `Grace Hopper 2.jpg`, `grace_hopper-02.jpg` and `Ada (1).png`."""


class AddedCelebrities(Frozen, public="rekog.emulator"):
    """What `add_celebrities` added: `ids` by name, and the reason for each `rejected` file, by its path."""

    ids: Mapping[str, str]
    rejected: Mapping[str, str]


def add_folder(context: Context, folder: str | os.PathLike[str]) -> AddedCelebrities:
    """Store a celebrity for each name in a folder, in one transaction."""
    root = Path(folder)
    embeddings: dict[str, list[bytes]] = {}
    rejected: dict[str, str] = {}
    for name, file in _named_files(root):
        context.worker.raise_if_closed()
        try:
            check_name(name)
            embeddings.setdefault(name, []).append(face_of(context, file))
        except (ValueError, OSError) as error:
            rejected[file.relative_to(root).as_posix()] = str(error)
    found = {name: each for name, each in embeddings.items() if each}
    ids = {name: celebrities.id_of(name) for name in found}
    with context.state.write() as connection:
        for name, each in found.items():
            celebrities.put(connection, ids[name], name=name, urls=(), gender=None, embeddings=each)
    return AddedCelebrities(ids, rejected)


def _named_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a folder, each with a name: that of its subfolder, or its own without a number at the end."""
    for entry in _visible(root):
        if entry.is_dir():
            for file in _visible(entry):
                if file.is_file():
                    yield _words(entry.name), file
        else:
            yield _words(_NUMBER.sub("", entry.stem)), entry


def _visible(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").split())
