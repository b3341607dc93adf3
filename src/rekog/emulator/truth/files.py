"""Documents of declarations, in JSON or TOML.

    [[declare]]
    of = "group.jpg"              # a file, relative to this one; or s3://BUCKET/KEY; or sha256:HEX
    labels = ["Cat", ["Dog", 91.5]]

The members beside `of` are the capabilities, in the forms that `Emulator.declare` takes. `recorded = true` beside the
list says that the entries come from responses of the service, which have confidences of less than one percent too.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..._values.narrow import is_mapping, is_sequence
from .declaring import checked
from .errors import TruthError
from .names import HASH_PREFIX, S3_SCHEME, name_of

if TYPE_CHECKING:
    import os

_ENTRIES = "declare"
_RECORDED = "recorded"
_SOURCE = "of"


def is_recorded(document: object) -> bool:
    """Tell whether a document says that its declarations were recorded."""
    return is_mapping(document) and document.get(_RECORDED) is True


def parse_file(path: str | os.PathLike[str]) -> object:
    """Return the document of a `.json` or `.toml` file."""
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in (".json", ".toml"):
        raise TruthError([f"{file.name}: must end in .json or .toml"])
    try:
        text = file.read_text(encoding="utf-8-sig")  # Notepad and PowerShell 5 write a byte order mark
        document: object = tomllib.loads(text) if suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TruthError([f"{file.name}: is not {suffix[1:].upper()} ({error})"]) from error
    return document


def read_file(path: str | os.PathLike[str]) -> tuple[list[tuple[str, dict[str, object]]], bool]:
    """Return the checked declarations of a `.json` or `.toml` file, and whether they were recorded.

    Each declaration has the name of its image or video.
    """
    file = Path(path)
    document = parse_file(file)
    return read_document(document, f"{file.name}: ", file.resolve().parent), is_recorded(document)


def read_document(
    document: object, prefix: str = "", folder: Path | None = None
) -> list[tuple[str, dict[str, object]]]:
    """Return the checked declarations of a document. Relative paths start at `folder`; None forbids all paths.

    >>> read_document({"declare": [{"of": "s3://photos/cat.jpg", "text": []}]})
    [('s3://photos/cat.jpg', {'text': []})]
    """
    entries = document.get(_ENTRIES) if is_mapping(document) else None
    if not is_mapping(document) or not is_sequence(entries) or not document.keys() <= {_ENTRIES, _RECORDED}:
        raise TruthError([f"must be one list named {_ENTRIES!r}"], prefix)
    declarations: list[tuple[str, dict[str, object]]] = []
    problems: list[str] = []
    for index, entry in enumerate(entries):
        location = f"{_ENTRIES}[{index}]"
        try:
            declarations.append(_entry(entry, folder))
        except TruthError as error:
            problems += [f"{location}.{problem}" for problem in error.problems]
        except OSError as error:
            problems.append(f"{location}.{_SOURCE}: can't be read ({error.strerror})")
    if problems:
        raise TruthError(problems, prefix)
    return declarations


def _entry(entry: object, folder: Path | None) -> tuple[str, dict[str, object]]:
    if not is_mapping(entry):
        raise TruthError([f"{_SOURCE}: required; each entry must be a mapping, not {type(entry).__name__}"])
    capabilities = checked({name: value for name, value in entry.items() if name != _SOURCE})
    return _name(entry, folder), capabilities


def _name(entry: Mapping[str, object], folder: Path | None) -> str:
    source = entry.get(_SOURCE)
    if not isinstance(source, str) or not source:
        raise TruthError([f"{_SOURCE}: required, and must be text"])
    if source.startswith((S3_SCHEME, HASH_PREFIX)):
        try:
            return name_of(source)
        except TruthError as error:
            raise TruthError([f"{_SOURCE}: {error}"]) from error
    if folder is None:
        raise TruthError([f"{_SOURCE}: must begin with {S3_SCHEME} or {HASH_PREFIX}; this document can't name files"])
    return name_of(folder / source)
