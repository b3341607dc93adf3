"""Types of option values: texts, members of enums, JSON, pairs, and places of images and videos."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from .._core.names import snake
from .._generated.shapes import SHAPES
from .._values.narrow import is_mapping, is_sequence

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

STDIN = "-"
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")


class Text(click.ParamType[str]):
    """A text, or `file://PATH` for the content of a file; with `is_document`, also `@PATH`."""

    name = "text"

    def __init__(self, *, is_document: bool = False) -> None:
        self._is_document = is_document

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if path := _path_of(text, at=self._is_document):
            return _content(self, path, param, ctx)
        return text


class Member(click.Choice[str]):
    """A member of an enum, in letters of any case."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(members, case_sensitive=False)

        self.is_long: bool = len("|".join(members)) > _WIDEST_CHOICE
        """Whether the members would fill the line of the option."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return the members, unless they are many."""
        return "MEMBER" if self.is_long else "|".join(self.choices)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the members that begin with a text in letters of any case; click's own are in lowercase."""
        from click.shell_completion import CompletionItem  # completion alone needs it

        return [CompletionItem(name) for name in self.choices if name.lower().startswith(incomplete.lower())]


_WIDEST_CHOICE = 28


class ListOf(click.ParamType[Any]):
    """An item of a list of scalars, or a JSON list of them."""

    def __init__(self, item: click.ParamType[Any]) -> None:
        self.item = item
        self.name: str = item.name

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self.item.get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).startswith("["):
            return [self.item.convert(value, param, ctx)]
        items = _parsed(self, str(value), param, ctx)
        return [self.item.convert(item, param, ctx) for item in items]

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return self.item.shell_complete(ctx, param, incomplete)


class Json(click.ParamType[Any]):
    """A structure or a list of structures as JSON text, `@PATH` or `file://PATH`; `@-` is the standard input.

    Fields have the service's names or Python's.
    """

    name = "json"

    def __init__(self, shape: str) -> None:
        self._shape = shape

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        if path := _path_of(text, at=True):
            text = _content(self, path, param, ctx)
        try:
            return fields(self._shape, _parsed(self, text, param, ctx), "")
        except _WrongFieldError as error:
            self.fail(str(error), param, ctx)


class Pairs(click.ParamType[Any]):
    """A pair `KEY=VALUE` of a map, or the whole map as JSON."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        text = str(value)
        if path := _path_of(text, at=True):
            text = _content(self, path, param, ctx)
        if text.lstrip().startswith("{"):
            pairs = _parsed(self, text, param, ctx)
            return {str(key): str(item) for key, item in pairs.items()}
        key, equals, item = text.partition("=")
        if not key or not equals:
            self.fail(f"{text!r} is neither KEY=VALUE nor a JSON object", param, ctx)
        return {key: item}


class Media(click.ParamType[Any]):
    """The place of an image: a path, `-` for the standard input, or `s3://BUCKET/KEY`; of a video, only the last.

    The service's own structure as JSON and the `fileb://` of the AWS CLI are accepted too.
    """

    def __init__(self, kind: str) -> None:
        self.name = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        if text.startswith("{"):
            return Json("Video" if self.name == "video" else "Image").convert(text, param, ctx)
        if text.startswith("s3://"):
            return text
        if self.name == "video":
            self.fail(
                f"{text!r} is not in S3: the service reads stored videos from S3 only; copy it there "
                f"(aws s3 cp {text} s3://BUCKET/KEY) and give s3://BUCKET/KEY",
                param,
                ctx,
            )
        return text if text == STDIN else _local_path(text.removeprefix("fileb://").removeprefix("file://"))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # completion alone needs it

        return [CompletionItem(incomplete, type="plain" if self.name == "video" else "file")]


def complete_path(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a text that is a path, unless it has another form."""
    from click.shell_completion import CompletionItem  # completion alone needs it

    return [CompletionItem(incomplete, type="file")]


def complete_region(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of an AWS Region."""
    from .._generated.partitions import PARTITIONS

    names = [name for partition in PARTITIONS for name in partition.regions if "global" not in name]
    return [name for name in names if name.startswith(incomplete)]


def read_standard_input(what: str) -> bytes:
    """Return all bytes of the standard input; raise `UsageError` if it is a terminal."""
    if sys.stdin.isatty():
        raise click.UsageError(f"{what} - is the standard input, which is a terminal here: give a path or use a pipe")
    return sys.stdin.buffer.read()


class _WrongFieldError(Exception):
    """A value does not fit the structure at its place."""


def fields(shape_name: str, value: object, place: str) -> Any:
    """Return a JSON value with Python's names of its fields; the client checks the kinds of all other values."""
    shape = SHAPES[shape_name]
    if shape.kind == "structure":
        if not is_mapping(value):
            raise _WrongFieldError(f"{place or shape_name}: must be a JSON object, not {_kind(value)}")
        return _members(shape_name, value, place)
    if shape.kind == "list":
        if not is_sequence(value):
            if place or not is_mapping(value):
                raise _WrongFieldError(f"{place or 'it'}: must be a JSON list, not {_kind(value)}")
            value = [value]
        return [fields(shape.item, item, f"{place}[{number}]") for number, item in enumerate(value)]
    if shape.kind == "blob" and isinstance(value, str):
        return _blob(value, place)
    return value


def _members(shape_name: str, value: Mapping[str, object], place: str) -> dict[str, Any]:
    members = SHAPES[shape_name].members
    wire = {snake(name): name for name in members} | {name: name for name in members}
    found: dict[str, Any] = {}
    for name, item in value.items():
        if name not in wire:
            near = get_close_matches(name, members, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(members)}"
            raise _WrongFieldError(f"{place or shape_name}: has no field {name!r}; {hint}")
        below = f"{place}.{wire[name]}" if place else wire[name]
        found[snake(wire[name])] = fields(members[wire[name]], item, below)
    return found


def _blob(text: str, place: str) -> bytes:
    """Return the bytes of a file, or of base64 text as in the AWS CLI."""
    if path := _path_of(text, at=True):
        try:
            return _bytes_of(path)
        except OSError as error:
            raise _WrongFieldError(f"{place}: {path!r} cannot be read: {error.strerror}") from error
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _WrongFieldError(f"{place}: must be base64 text, or @PATH for the bytes of a file") from error


def _kind(value: object) -> str:
    """Return the kind of a JSON value in words."""
    names: Mapping[type, str] = {str: "text", bool: "a truth value", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), "a number")


def _path_of(text: str, *, at: bool) -> str:
    """Return the path of a reference to a file; empty for any other text."""
    for prefix in ("file://", "fileb://"):
        if text.startswith(prefix):
            return _local_path(text.removeprefix(prefix))
    return text[1:] if at and text.startswith("@") else ""


def _local_path(path: str) -> str:
    """Return a path without the slash before the drive in `file:///C:/...`, and with the home folder for `~`."""
    return os.path.expanduser(path[1:] if _DRIVE.match(path) else path)


def is_same_file(one: str, other: str) -> bool:
    """Tell whether two paths are of the same file, which need not exist."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def _bytes_of(path: str) -> bytes:
    """Return the content of a file, or the standard input for `-`."""
    if path == STDIN:
        return read_standard_input("the value")
    with open(path, "rb") as file:
        return file.read()


def _content(kind: click.ParamType[Any], path: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
    """Return the text of a file, without its last line break, and without the mark that editors of Windows add."""
    try:
        return _bytes_of(path).decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n")
    except OSError as error:
        kind.fail(f"{path!r} cannot be read: {error.strerror}", param, ctx)
    except UnicodeDecodeError:
        kind.fail(f"{path!r} is not UTF-8 text", param, ctx)


def _parsed(kind: click.ParamType[Any], text: str, param: click.Parameter | None, ctx: click.Context | None) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        kind.fail("the JSON is nested too deeply", param, ctx)
    except ValueError as error:
        start = text.strip()[:40]
        hint = "" if start[:1] in ("{", "[") else "; @PATH reads a file"
        kind.fail(f"{start!r} is not JSON ({error}){hint}", param, ctx)
