"""Declared truth as a document: JSON or TOML, from a file or from anywhere else.

    [[declare]]
    of = "group.jpg"              # a file, relative to this one; or s3://BUCKET/KEY; or sha256:HEX
    labels = ["Cat", ["Dog", 91.5]]

The members beside `of` are the capabilities, in the forms that `Emulator.declare` takes.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..._values.narrow import is_mapping, is_sequence
from .declaring import TruthError, checked, name_of

if TYPE_CHECKING:
    import os

ENTRIES = "declare"
SUBJECT = "of"


def read_file(path: str | os.PathLike[str]) -> list[tuple[str, dict[str, object]]]:
    """Return the checked declarations of a `.json` or `.toml` file, each with the name it is kept under."""
    file = Path(path)
    if file.suffix not in (".json", ".toml"):
        raise TruthError([f"{file.name}: must end in .json or .toml"])
    try:
        text = file.read_text(encoding="utf-8")
        document: object = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TruthError([f"{file.name}: is not {file.suffix[1:].upper()} ({error})"]) from error
    return read_document(document, f"{file.name}: ", file.resolve().parent)


def read_document(document: object, where: str = "", folder: Path | None = None) -> list[tuple[str, dict[str, object]]]:
    """Return the checked declarations of a document; without a folder it can't name files.

    >>> read_document({"declare": [{"of": "s3://photos/cat.jpg", "text": []}]})
    [('s3://photos/cat.jpg', {'text': []})]
    """
    entries = document.get(ENTRIES) if is_mapping(document) else None
    if not is_mapping(document) or not is_sequence(entries) or len(document) > 1:
        raise TruthError([f"must be one list named {ENTRIES!r}"], where)
    found: list[tuple[str, dict[str, object]]] = []
    wrong: list[str] = []
    for index, entry in enumerate(entries):
        place = f"{ENTRIES}[{index}]"
        try:
            found.append(_entry(entry, folder))
        except TruthError as error:
            wrong += [f"{place}.{problem}" for problem in error.problems]
        except OSError as error:
            wrong.append(f"{place}.{SUBJECT}: can't be read ({error.strerror})")
    if wrong:
        raise TruthError(wrong, where)
    return found


def _entry(entry: object, folder: Path | None) -> tuple[str, dict[str, object]]:
    if not is_mapping(entry):
        raise TruthError([f"{SUBJECT}: required; each entry must be a mapping, not {type(entry).__name__}"])
    capabilities = checked({name: value for name, value in entry.items() if name != SUBJECT})
    return _name(entry, folder), capabilities


def _name(entry: Mapping[str, object], folder: Path | None) -> str:
    subject = entry.get(SUBJECT)
    if not isinstance(subject, str) or not subject:
        raise TruthError([f"{SUBJECT}: required, and must be text"])
    if subject.startswith(("s3://", "sha256:")):
        try:
            return name_of(subject)
        except TruthError as error:
            raise TruthError([f"{SUBJECT}: {error}"]) from error
    if folder is None:
        raise TruthError([f"{SUBJECT}: must begin with s3:// or sha256: here, where no file can be named"])
    return name_of(folder / subject)
