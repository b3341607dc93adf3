"""Render both clients from one text: they differ by a prefix and by `await`."""

from __future__ import annotations

import attrs

from rekog._core.names import snake

from .load import Operation, Paging, Service, Waiter
from .models import exported_names
from .tables import page_item
from .text import annotation, arguments, banner, bounds, code_names, described, docstring, filled, packed, wrapped

PAGING = ["max_items: int | None = None", "page_size: int | None = None", "starting_token: str | None = None"]
WAITING = ["delay: float | None = None", "max_attempts: int | None = None", "on_poll: OnPoll | None = None"]
OPTIONS = "options: CallOptions | None = None"
MEDIA_WORDS = {
    "ImageInput": "Bytes, a path, `s3://bucket/key`, or an `Image`.",
    "VideoInput": "`s3://bucket/key`, an `S3Object`, or a `Video`.",
}
INDENT = " " * 8


@attrs.frozen
class Kind:
    """What makes a client sync or async."""

    client: str
    base: str
    define: str
    wait: str
    pager: str
    paginator: str


SYNC = Kind("RekognitionClient", "SyncClient", "def", "", "Pager", "Paginator")
ASYNC = Kind("AsyncRekognitionClient", "AsyncClient", "async def", "await ", "AsyncPager", "AsyncPaginator")


def render(service: Service) -> dict[str, str]:
    """Return both clients by path."""
    return {
        "_generated/client.py": _module(service, SYNC),
        "_generated/async_client.py": _module(service, ASYNC),
    }


def _module(service: Service, kind: Kind) -> str:
    parts = [_method(service, operation, kind) for operation in service.operations.values()]
    parts += [_paginate(service, paging, kind) for paging in service.paging.values()]
    parts += [_get_paginator(service, kind)]
    parts += [_waiter(service, waiter, kind) for waiter in service.waiters]
    body = "\n".join(parts)
    used = code_names(body)
    imports: list[str] = []
    collections = [n for n in ("Mapping", "Sequence") if n in used]
    if collections:
        imports.append(f"    from collections.abc import {', '.join(collections)}")
    imports += ["    from ..config import CallOptions"]
    media = [n for n in ("ImageInput", "VideoInput") if n in used]
    imports.append(f"    from ..images import {', '.join(media)}")
    for family in service.families:
        names = [n for n in exported_names(service, family) if n in used]
        if names:
            imports.append(packed(f"from ..models.{family} import (", names, ")", "    "))
    imports.append(f"    from ..paging import ListedCollection, {kind.pager}")
    imports.append("    from ..waiting import OnPoll")
    warn = "import warnings\n" if "warnings.warn" in body else ""
    doc = f"The {'sync' if kind is SYNC else 'async'} client: a method for each operation, pager and waiter."
    return (
        f"{banner(service, doc)}\n{warn}from typing import TYPE_CHECKING, Any, Literal, overload\n\n"
        f"from ..client import {kind.base}\nfrom ..paging import {kind.paginator}\n"
        "from . import operations as ops\nfrom . import paging, waiting\n\n"
        "if TYPE_CHECKING:\n" + "\n".join(imports) + f"\n\n\nclass {kind.client}({kind.base}):\n"
        f"    __doc__ = {kind.base}.__doc__\n\n{body}"
    )


def _parameters(found: list[tuple[str, str, str]], required: set[str], more: list[str]) -> list[str]:
    first = [f"{name}: {kind}" for name, kind, wire in found if wire in required]
    rest = [
        f"{name}: {kind.removesuffix(' | None')} | None = None" for name, kind, wire in found if wire not in required
    ]
    return ["self", *first, "*", *rest, *more]


def _documentation(service: Service, operation: Operation, found: list[tuple[str, str, str]]) -> list[str]:
    prose, owner = service.prose["operations"][operation.name], service.shapes[f"{operation.name}Request"]
    details = prose.get("details", "")
    if operation.deprecated:
        details = f"Deprecated: {operation.deprecated}. {details}".strip()
    lines = [prose["summary"], "", *wrapped(details, INDENT)] if details else [prose["summary"]]
    lines += ["", f"{INDENT}Args:"] if found else []
    for name, kind, wire in found:
        media = MEDIA_WORDS.get(kind.removesuffix(" | None"))
        words = described(service, owner, wire, limits=media is None)
        words = f"{words} {media}".strip() if media else words
        lines += wrapped(f"{name}: {words or _plain(service, owner.members[wire])}", f"{INDENT}    ", "    ")
    return docstring([*lines, "", *wrapped(f"Raises: {', '.join(prose['catch'])}.", INDENT, "    ")], INDENT)


def _plain(service: Service, name: str) -> str:
    shape = service.shapes[name]
    words = bounds(shape)
    kind = annotation(service, name, incoming=False).removesuffix(" | str")
    return f"{words}." if words else f"As `{kind}`."


def _method(service: Service, operation: Operation, kind: Kind) -> str:
    found = arguments(service, operation)
    required = set(service.shapes[f"{operation.name}Request"].required)
    head = filled(
        f"{kind.define} {snake(operation.name)}(",
        _parameters(found, required, [OPTIONS]),
        f") -> {operation.name}Response:",
        "    ",
    )
    doc = _documentation(service, operation, found)
    lines = [head, *doc]
    if operation.deprecated:
        lines.append(f'        warnings.warn("{operation.deprecated}", DeprecationWarning, stacklevel=2)')
    passed = [f"ops.{snake(operation.name).upper()}", "options", *(f"{name}={name}" for name, _, _ in found)]
    return "\n".join([*lines, packed(f"return {kind.wait}self._call(", passed, ")", "        ")]) + "\n"


def _paginate(service: Service, page: Paging, kind: Kind) -> str:
    operation = service.operations[page.operation]
    found = [a for a in arguments(service, operation) if a[2] not in ("NextToken", "MaxResults")]
    required = set(service.shapes[f"{operation.name}Request"].required)
    name = snake(operation.name)
    more = [*PAGING, OPTIONS]
    result = f"{kind.pager}[{page_item(service, page)}, {operation.name}Response]"
    head = filled(f"def paginate_{name}(", _parameters(found, required, more), f") -> {result}:", "    ")
    summary = f"Page through `{name}`: iterate for items, `.pages()` for whole answers."
    doc = docstring([summary], INDENT)
    names = [f"{n}={n}" for n, _, _ in found]
    passed = [f"paging.{name.upper()}", "options", "max_items", "page_size", "starting_token", *names]
    lines = [head, *doc]
    if operation.deprecated:
        lines.append(f'        warnings.warn("{operation.deprecated}", DeprecationWarning, stacklevel=2)')
    return "\n".join([*lines, packed("return self._paginate(", passed, ")", "        ")]) + "\n"


def _get_paginator(service: Service, kind: Kind) -> str:
    lines: list[str] = []
    for page in service.paging.values():
        result = f"{kind.paginator}[{page_item(service, page)}, {page.operation}Response]"
        name = f'Literal["{snake(page.operation)}"]'
        lines += ["    @overload", f"    def get_paginator(self, name: {name}) -> {result}: ..."]
    lines += [
        f"    def get_paginator(self, name: str) -> {kind.paginator}[Any, Any]:",
        '        """Return the paginator of a method by its name, as boto3 does; `ValidationError` without one."""',
        f"        return {kind.paginator}(self, self._paged(name))",
    ]
    return "\n".join(lines) + "\n"


def _waiter(service: Service, waiter: Waiter, kind: Kind) -> str:
    operation = service.operations[waiter.operation]
    by_wire = {wire: (name, text, wire) for name, text, wire in arguments(service, operation)}
    found = [by_wire[wire] for wire in waiter.arguments]
    if waiter.where:
        found.append((snake(waiter.where), "str", waiter.where))
    found = [(n, t.removesuffix(" | None") if w in waiter.required else t, w) for n, t, w in found]
    required = {*waiter.required, waiter.where}
    more = [*WAITING, OPTIONS]
    head = filled(
        f"{kind.define} wait_until_{snake(waiter.name)}(",
        _parameters(found, required, more),
        f") -> {operation.name}Response:",
        "    ",
    )
    total = f"Looks every {waiter.delay} s, {waiter.max_attempts} times at most, unless told otherwise."
    doc = docstring([waiter.summary, "", f"{INDENT}{total}"], INDENT)
    names = [f"{n}={n}" for n, _, _ in found]
    passed = [f"waiting.{snake(waiter.name).upper()}", "options", "delay", "max_attempts", "on_poll", *names]
    return "\n".join([head, *doc, packed(f"return {kind.wait}self._wait(", passed, ")", "        ")]) + "\n"
