"""The declarations of a recording: collected from responses, and stored in a JSON file."""

from __future__ import annotations

import json
import os
import threading
import warnings
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..._values.errors import ParamValidationError, RekogWarning
from ..._values.forks import Forkable
from ..._values.narrow import is_mapping, is_sequence
from ..._values.outside import outside_level
from ..json_body import parse
from ..operation import TARGET_PREFIX
from .answers import ANY_VERSION, VIDEOS, DeclaredContent, compared_content, image_content, name_of, video_page
from .identities import Identities, number_of

if TYPE_CHECKING:
    from ..flow import HttpRequest, HttpResponse
    from .answers import JobPage

_ENTRIES, _SOURCE, _RECORDED = "declare", "of", "recorded"
_LEARNT = ("AssociateFaces", "SearchFaces")
"""Operations that say which faces are of one person, without content of an image."""


class Recorder(Forkable):
    """Collects declarations. Any number of threads and tasks may use it."""

    def __init__(self, path: str | os.PathLike[str], *, redact: bool) -> None:
        super().__init__()
        self.path = Path(path)
        self.skipped: Counter[str] = Counter()
        """Successful responses that stand for no content, by operation."""
        self._left_out: dict[str, str] = {}  # each with its remedy
        self._redact = redact
        self._content: dict[tuple[str, str], DeclaredContent] = {}
        self._pages: dict[tuple[str, str, str], list[object]] = {}
        self._identities = Identities()
        self._stored = _read(self.path)

    def see(self, request: HttpRequest, response: HttpResponse) -> None:
        """Take the content of a response; anything but a successful one is ignored."""
        if not 200 <= response.status < 300:
            return
        target = next((value for name, value in request.headers if name.lower() == b"x-amz-target"), b"")
        operation = bytes(target).decode("latin-1").removeprefix(f"{TARGET_PREFIX}.")
        with suppress(ValueError, RecursionError):  # the call reports a body that is no JSON
            asked, answer = parse(b"".join(request.content)), parse(response.content)
            if is_mapping(asked) and is_mapping(answer):
                with self._lock:
                    self._take(operation, asked, answer)

    def _take(self, operation: str, request: Mapping[str, object], response: Mapping[str, object]) -> None:
        name = name_of(request.get("Image"))
        self._identities.learn(operation, name, request, response)
        if operation in VIDEOS:
            page = video_page(operation, request, response)
            taken = page is not None
            if page is not None:
                self._turn(page)
        else:
            if operation == "CompareFaces":
                found = list(compared_content(request, response))
            else:
                found = [] if name is None else list(image_content(operation, name, request, response))
            taken = bool(found)
            for content in found:
                self._keep(content)
        if not taken and operation not in _LEARNT:
            self.skipped[operation] += 1
        if operation == "GetFaceSearch":
            self._left_out["results of face searches in videos"] = "declare faces with Timestamp and Identity"
        elif "ImageProperties" in response:
            self._left_out["image properties"] = "the emulator measures them"

    def warn(self) -> None:
        """Warn of content that was in responses and is not in the file."""
        while self._left_out:
            content, instead = self._left_out.popitem()
            text = f"rekog.testing.record: {self.path.name} has no {content}: {instead}"
            warnings.warn(text, RekogWarning, stacklevel=outside_level())

    def _turn(self, page: JobPage) -> None:
        key = page.name, page.capability, page.job_id
        entries = [] if page.is_first else self._pages.get(key)
        if entries is None:  # the pages before were read by another client
            return
        self._pages[key] = entries = [*entries, *page.entries]
        if page.is_last:
            self._keep(DeclaredContent(page.name, page.capability, entries))
            for capability, value in page.facts.items():
                self._keep(DeclaredContent(page.name, capability, value))

    def _keep(self, content: DeclaredContent) -> None:
        key = content.name, content.capability
        before = self._content.get(key)
        if content.capability == "custom_labels" and before is not None:
            versions = (before.value, content.value)
            merged = {name: labels for value in versions if is_mapping(value) for name, labels in value.items()}
            self._content[key] = content._replace(value=merged)
        elif before is None or _size(content) >= _size(before):
            self._content[key] = content

    def document(self) -> dict[str, object]:
        """Return the declarations, those of an earlier recording in the same file included."""
        with self._lock:
            people = self._identities.people(redact=self._redact, first=self._first_number())
            declared: dict[str, dict[str, object]] = {name: dict(entry) for name, entry in self._stored.items()}
            for content in self._content.values():
                value = content.value
                if content.capability == "faces" and is_sequence(value):
                    value = list(self._identities.identified(content.name, value, people))
                elif content.capability == "custom_labels" and self._redact and is_mapping(value):
                    value = {ANY_VERSION: list(value.values())[-1]}
                declared.setdefault(content.name, {})[content.capability] = value
            return {_RECORDED: True, _ENTRIES: [{_SOURCE: name, **entry} for name, entry in declared.items()]}

    def _first_number(self) -> int:
        """Return a number above those of all stored faces, which may be of other people."""
        stored = (entry.get("faces") for name, entry in self._stored.items() if (name, "faces") not in self._content)
        return 1 + max((number_of(face) for faces in stored if is_sequence(faces) for face in faces), default=0)

    def save(self) -> None:
        """Write the file, with the content that it has got meanwhile; it is replaced when the new one is complete."""
        with suppress(ParamValidationError, OSError):  # a file that was damaged meanwhile is replaced
            self._stored |= _read(self.path)
        text = json.dumps(self.document(), indent=2) + "\n"
        unfinished = self.path.with_name(f"{self.path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(self.path)
        finally:
            unfinished.unlink(missing_ok=True)


def _size(content: DeclaredContent) -> tuple[int, int, int]:
    """Return the rank of some content, its number of entries, and the length of their text."""
    entries = len(content.value) if is_sequence(content.value) else 1
    return content.rank, entries, len(json.dumps(content.value))


def _read(path: Path) -> dict[str, dict[str, object]]:
    """Return the declarations of an earlier recording, by name; none if there is no file."""
    if path.suffix.lower() != ".json":
        raise _invalid(f"path: must end in .json, not {path.name!r}")
    if not path.parent.is_dir():
        raise _invalid(f"path: the folder {str(path.parent)!r} does not exist: create it first")
    try:
        document: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise _invalid(f"path: {path.name!r} is not JSON ({error})") from error
    entries = document.get(_ENTRIES) if is_mapping(document) else None
    declared: dict[str, dict[str, object]] = {}
    for entry in entries if is_sequence(entries) else [None]:
        name = entry.get(_SOURCE) if is_mapping(entry) else None
        if not is_mapping(entry) or not isinstance(name, str):
            raise _invalid(f"path: {path.name!r} is no file of declarations: it must have a list {_ENTRIES!r}")
        declared[name] = {capability: value for capability, value in entry.items() if capability != _SOURCE}
    return declared


def _invalid(problem: str) -> ParamValidationError:
    return ParamValidationError(f"record: {problem}", problems=[problem])
