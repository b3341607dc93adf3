"""Render both clients from one text: they differ by a prefix and by `await`."""

from __future__ import annotations

import attrs

from rekog._core.names import snake

from .load import Operation, Paging, Service, Waiter
from .tables import page_item
from .text import (
    Argument,
    annotation,
    arguments,
    banner,
    bounds,
    code_names,
    described,
    docstring,
    filled,
    model_imports,
    packed,
    wrapped,
)

PAGING = ["max_items: int", "page_size: int", "starting_token: str"]
WAITING = ["delay: float", "max_attempts: int", "on_poll: OnPoll"]
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
    lazy: list[str] = []
    for source, names in (("collections.abc", ("Mapping", "Sequence")), ("..images", tuple(MEDIA_WORDS))):
        found = [name for name in names if name in code_names(body)]
        lazy += [f"    from {source} import {', '.join(found)}"] if found else []
    lazy += ["    from ..config import CallOptions", *model_imports(service, body, "..models.", "    ")]
    lazy += [f"    from ..paging import ListedCollection, {kind.pager}, {kind.paginator}"]
    lazy += ["    from ..waiting import OnPoll", "    from . import paging, waiting"]
    warn = "import warnings\n" if "warnings.warn" in body else ""
    doc = f"The {'sync' if kind is SYNC else 'async'} client: a method for each operation, pager and waiter."
    return (
        f"{banner(service, doc)}\n{warn}from typing import TYPE_CHECKING, Any, Literal, overload\n\n"
        f"from ..client import {kind.base}\nfrom . import operations as ops\n\n"
        "if TYPE_CHECKING:\n" + "\n".join(lazy) + "\nelse:\n    from ..client import paging, waiting\n"
        f"\n\nclass {kind.client}({kind.base}):\n"
        f"    __doc__ = {kind.base}.__doc__\n\n{body}"
    )


def _function(
    opening: str, result: str, found: list[Argument], own: list[str], doc: list[str], deprecated: str, call: str
) -> str:
    """Return a method: arguments of the operation, required ones first, then its own, passed on to `call`."""
    first = [f"{name}: {kind}" for name, kind, _ in found if not kind.endswith(" | None")]
    rest = [f"{name}: {kind} = None" for name, kind, _ in found if kind.endswith(" | None")]
    options = [f"{argument} | None = None" for argument in [*own, "options: CallOptions"]]
    lines = [filled(f"{opening}(", ["self", *first, "*", *rest, *options], f") -> {result}:", "    ")]
    lines += docstring(doc, INDENT)
    if deprecated:
        lines.append(f'{INDENT}warnings.warn("{deprecated}", DeprecationWarning, stacklevel=2)')
    callee, _, record = call.partition("(")
    passed = [record, "options", *(argument.partition(":")[0] for argument in own), *(f"{n}={n}" for n, _, _ in found)]
    return "\n".join([*lines, packed(f"return {callee}(", passed, ")", INDENT)]) + "\n"


def _method(service: Service, operation: Operation, kind: Kind) -> str:
    prose, owner = service.prose["operations"][operation.name], service.shapes[f"{operation.name}Request"]
    name, found = snake(operation.name), arguments(service, operation)
    details = prose.get("details", "")
    if operation.deprecated:
        details = f"Deprecated: {operation.deprecated}. {details}".strip()
    doc = [prose["summary"], *(["", *wrapped(details, INDENT)] if details else [])]
    doc += ["", f"{INDENT}Args:"] if found else []
    for argument, annotated, wire in found:
        media = MEDIA_WORDS.get(annotated.removesuffix(" | None"))
        words = f"{described(service, owner, wire, limits=media is None)} {media or ''}".strip()
        words = words or _plain(service, owner.members[wire])
        doc += wrapped(f"{argument}: {words}", f"{INDENT}    ", "    ")
    doc += ["", *wrapped(f"Raises: {', '.join(prose['catch'])}.", INDENT, "    ")]
    call = f"{kind.wait}self._call(ops.{name.upper()}"
    return _function(f"{kind.define} {name}", f"{operation.name}Response", found, [], doc, operation.deprecated, call)


def _plain(service: Service, name: str) -> str:
    words = bounds(service.shapes[name])
    kind = annotation(service, name, incoming=False).removesuffix(" | str")
    return f"{words}." if words else f"As `{kind}`."


def _paginate(service: Service, page: Paging, kind: Kind) -> str:
    operation, name = service.operations[page.operation], snake(page.operation)
    found = [argument for argument in arguments(service, operation) if argument[2] not in ("NextToken", "MaxResults")]
    doc = [f"Page through `{name}`: iterate for items, `.pages()` for whole answers."]
    result = f"{kind.pager}[{page_item(service, page)}, {page.operation}Response]"
    call = f"self._paginate(paging.{name.upper()}"
    return _function(f"def paginate_{name}", result, found, PAGING, doc, operation.deprecated, call)


def _get_paginator(service: Service, kind: Kind) -> str:
    lines: list[str] = []
    for page in service.paging.values():
        result = f"{kind.paginator}[{page_item(service, page)}, {page.operation}Response]"
        name = f'Literal["{snake(page.operation)}"]'
        lines += ["    @overload", f"    def get_paginator(self, name: {name}) -> {result}: ..."]
    lines += [
        f"    def get_paginator(self, name: str) -> {kind.paginator}[Any, Any]:",
        '        """Return the paginator of a method by its name, as boto3 does; `ValidationError` without one."""',
        f"        from ..paging import {kind.paginator}\n",
        f"        return {kind.paginator}(self._paginate_method(name))",
    ]
    return "\n".join(lines) + "\n"


def _waiter(service: Service, waiter: Waiter, kind: Kind) -> str:
    operation, name = service.operations[waiter.operation], snake(waiter.name)
    by_wire = {wire: (argument, text, wire) for argument, text, wire in arguments(service, operation)}
    found = [by_wire[wire] for wire in waiter.arguments]
    found = [(n, text.removesuffix(" | None") if w in waiter.required else text, w) for n, text, w in found]
    if waiter.where:
        found.append((snake(waiter.where), "str", waiter.where))
    total = f"Looks every {waiter.delay} s, {waiter.max_attempts} times at most, unless told otherwise."
    doc = [waiter.summary, "", f"{INDENT}{total}"]
    call = f"{kind.wait}self._wait(waiting.{name.upper()}"
    opening, result = f"{kind.define} wait_until_{name}", waiter.result
    return _function(opening, result, found, WAITING, doc, "", call)
