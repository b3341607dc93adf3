"""Declarations: expand them to the service's own form, check them, store and remove them.

A declaration is a mapping from capabilities (`faces`, `labels` ...) to their entries; an empty list means that the
image or video contains none. docs/emulator-truth.md describes all forms. The stored form is the service's own: for an
image a list of `Label`, `FaceDetail` and so on, for a video a list of `LabelDetection`, `FaceDetection` and so on, each
with its `Timestamp`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..._core.validate import WORDS, dotted
from ..._generated.shapes import SHAPES
from ..._values.model import Model
from ..._values.narrow import is_mapping, is_sequence
from ..state.rows import truth as rows
from ..texts import HALF, NO_TEXT
from .capabilities import ANY_VERSION, CAPABILITIES, is_timed, unknown_capability
from .errors import TruthError
from .names import name_of
from .shorthand import entry_problems, expand, is_a

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._core.validate import Path
    from ..state import State
    from .capabilities import Capability
    from .names import DeclaredSource


def declare(state: State, declarations: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Store checked declarations, each with the name of its image or video: all of them or, after an error, none."""
    with state.write() as connection:
        for name, capabilities in declarations:
            rows.put(connection, name, capabilities)


def forget(state: State, source: DeclaredSource | None, capabilities: Iterable[str]) -> None:
    """Remove declarations: some capabilities of a source, all of a source, or (without a source) everything."""
    only = list(capabilities)
    if unknown := [name for name in only if name not in CAPABILITIES]:
        raise TruthError(unknown_capability(name) for name in unknown)
    with state.write() as connection:
        if source is None:
            rows.clear(connection)
        else:
            rows.forget(connection, name_of(source), only)


def checked(declaration: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return a declaration in the service's own form, or raise `TruthError` with all its problems.

    >>> checked({"labels": ["Cat"]})
    {'labels': [{'Name': 'Cat', 'Confidence': 100.0}]}
    """
    given = {name: value for name, value in declaration.items() if value is not None}
    problems = [unknown_capability(name) for name in given if name not in CAPABILITIES]
    expanded = {name: _expanded(name, value) for name, value in given.items() if name in CAPABILITIES}
    for name, value in expanded.items():
        problems += _capability_problems(name, value)
    problems = problems or [*_mixed(expanded), *_surrogates(expanded, ())]
    if not given:
        problems.append(f"nothing is declared; there are {', '.join(CAPABILITIES)}")
    if problems:
        raise TruthError(problems, prefix)
    return expanded


def _expanded(name: str, value: object) -> object:
    capability = CAPABILITIES[name]
    if capability.single:
        return expand(capability.video, value)
    if name == "custom_labels":
        versions = value if is_mapping(value) else {ANY_VERSION: value}
        return {version: _entries(capability, items) for version, items in versions.items()}
    return _entries(capability, value)


def _entries(capability: Capability, value: object) -> object:
    return [_entry(capability, item) for item in value] if is_sequence(value) else value


def _entry(capability: Capability, item: object) -> object:
    image, video, member = capability.image, capability.video, capability.member
    if isinstance(item, Model):
        return expand(video if is_a(item, video) else image or video, item)
    if not (member and is_mapping(item) and ("Timestamp" in item or not image)):
        return expand(image or video, item)
    if member in item:
        return expand(video, item)
    outer = SHAPES[video].members
    inner = {name: part for name, part in item.items() if name not in outer}
    return expand(video, {**{name: part for name, part in item.items() if name in outer}, member: inner})


def _capability_problems(name: str, value: object) -> Iterator[str]:
    capability = CAPABILITIES[name]
    if capability.single:
        yield from entry_problems(capability.video, value, (name,))
    elif name == "custom_labels" and is_mapping(value):
        for version, items in value.items():
            if version != ANY_VERSION:
                yield from entry_problems("ProjectVersionArn", version, (name, version))
            yield from _list_problems(capability, items, (name, version) if version else (name,))
    else:
        yield from _list_problems(capability, value, (name,))


def _list_problems(capability: Capability, value: object, path: Path) -> Iterator[str]:
    if not is_sequence(value):
        yield f"{'.'.join(str(part) for part in path)}: must be {WORDS['list']}, not {type(value).__name__}"
        return
    for index, item in enumerate(value):
        of_video = capability.video and (not capability.image or is_timed(item))
        yield from entry_problems(capability.video if of_video else capability.image, item, (*path, index))


def _surrogates(value: object, path: Path) -> Iterator[str]:
    """Yield a problem for each text with half a surrogate pair."""
    if isinstance(value, str) and HALF.search(value):
        yield f"{dotted(path, python_names=False)}: {NO_TEXT}"
    elif is_mapping(value):
        for name, item in value.items():
            yield from _surrogates(item, (*path, name))
    elif is_sequence(value):
        for index, item in enumerate(value):
            yield from _surrogates(item, (*path, index))


def _mixed(expanded: Mapping[str, object]) -> Iterator[str]:
    """Yield a problem if a declaration has both entries of an image and entries of a video."""
    images = [path for path, of_video in _kinds(expanded) if not of_video]
    videos = [path for path, of_video in _kinds(expanded) if of_video]
    if images and videos:
        yield f"{images[0]}: is of an image, but {videos[0]} is of a video, where every entry has a Timestamp"


def _kinds(expanded: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Yield the path of each entry, and whether it is one of a video."""
    for name, value in expanded.items():
        capability = CAPABILITIES[name]
        if not (capability.image and capability.video):
            yield name, not capability.image
        elif is_sequence(value):
            yield from ((f"{name}[{index}]", is_timed(item)) for index, item in enumerate(value))
