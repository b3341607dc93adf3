"""Render both clients from one text: they differ by a prefix and by `await`."""

from __future__ import annotations

from pathlib import Path
from string import Template

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
    described,
    docstring,
    filled,
    packed,
    qualified,
    wrapped,
)

PAGING = ["max_items: int", "page_size: int", "starting_token: str"]
PAGING_WORDS = "`max_items` limits all items, `page_size` those per page; `starting_token` is a pager's `resume_token`."
WAITING = ["delay: float", "max_attempts: int", "timeout: float"]
WAITING_WORDS = (
    "`timeout` limits the whole wait, in seconds; it replaces the default of `max_attempts`. `on_poll` receives a"
    " `Poll` after each poll. Raises: WaiterFailedError, WaiterTimeoutError or WaiterError."
)
MEDIA_WORDS = {
    "ImageInput": "Bytes, a path, `s3://bucket/key`, a file object, or an image of Pillow; see `rekog.images`.",
    "VideoInput": "`s3://bucket/key`, an `S3Object`, or a `Video`.",
}
LAZY_MODULES = """
if TYPE_CHECKING:
    from .. import images, models, paging, people as people_handles, transports, waiting
    from .._core import waiting_rules as polling
    from . import BULK as bulk_runs, JOBS as job_handles, paging as paging_rules, waiting as waiting_rules
else:  # loaded by the first pager or waiter, or by a tool that evaluates annotations; a call needs none of them
    images, models, transports = LazyModule("rekog.images"), LazyModule("rekog.models"), LazyModule("rekog.transports")
    paging, paging_rules = LazyModule("rekog.paging"), LazyModule("rekog._generated.paging")
    waiting, waiting_rules = LazyModule("rekog.waiting"), LazyModule("rekog._generated.waiting")
    polling, job_handles = LazyModule("rekog._core.waiting_rules"), LazyModule("rekog._generated.JOBS")
    people_handles, bulk_runs = LazyModule("rekog.people"), LazyModule("rekog._generated.BULK")


"""
INDENT = " " * 8


SYNC_EXAMPLE = """\
    >>> from rekog import RekognitionClient
    >>> with RekognitionClient.local() as client:
    ...     client.create_collection("people").status_code
    200"""
ASYNC_EXAMPLE = """\
    >>> import asyncio
    >>> from rekog import AsyncRekognitionClient
    >>> async def main():
    ...     async with AsyncRekognitionClient.local() as client:
    ...         return (await client.create_collection("people")).status_code
    >>> asyncio.run(main())
    200"""
ACLOSE = """\
    async def aclose(self) -> None:
        \"\"\"Close all connections, as `close` does, for `contextlib.aclosing`.\"\"\"
        await self.close()

"""
TEMPLATE = Template((Path(__file__).parent / "templates" / "client.txt").read_text("utf-8"))


@attrs.frozen(kw_only=True)
class Kind:
    """The differences between the clients: words of the template and of the methods after it."""

    client: str
    prefix: str
    a: str
    define: str
    wait: str
    driver: str
    home: str
    callers: str
    loops: str
    example: str
    aclose: str

    @property
    def run(self) -> str:
        """The expression that runs a Flow."""
        return f"{self.wait}self._driver.run"


SYNC = Kind(
    client="RekognitionClient", prefix="", a="", define="def", wait="", driver="SyncDriver", home="sync",
    callers="threads", loops="", example=SYNC_EXAMPLE, aclose="",
)  # fmt: skip
ASYNC = Kind(
    client="AsyncRekognitionClient", prefix="Async", a="a", define="async def", wait="await ", driver="AsyncDriver",
    home="aio", callers="tasks", loops=", for asyncio and trio", example=ASYNC_EXAMPLE, aclose=ACLOSE,
)  # fmt: skip


def render(service: Service) -> dict[str, str]:
    """Return both clients by path."""
    return {
        "_generated/client.py": _module(service, SYNC),
        "_generated/async_client.py": _module(service, ASYNC),
    }


def _module(service: Service, kind: Kind) -> str:
    parts = [_method(service, operation, kind) for operation in service.operations.values()]
    parts += [_paginate(service, paging, kind) for paging in service.paging.values()]
    parts += [_waiter(service, waiter, kind) for waiter in service.waiters]
    parts += [_get_paginator(service, kind), _get_waiter(service, kind)]
    body = TEMPLATE.substitute(attrs.asdict(kind)) + "\n".join(parts)
    warn = "import warnings\n" if "warnings.warn" in body else ""
    doc = f"The {'sync' if kind is SYNC else 'async'} client: a method for each operation, pager and waiter."
    return (
        f"{banner(service, doc)}\n{warn}from collections.abc import Iterable, Mapping\n"
        "from types import TracebackType\nfrom typing import TYPE_CHECKING, Any, Literal, Self, overload\n\n"
        f"from .._core.flow import Flow\nfrom .._drivers.{kind.home} import {kind.driver}\n"
        "from .._values.lazy import LazyModule\n"
        "from .._values.model import WireResponse\nfrom ..client import Client, T, find_operation\n"
        "from ..config import CallOptions, CallOptionsDict\n"
        "from . import operations as ops\n" + _lazy_modules(kind) + body
    )


def _lazy_modules(kind: Kind) -> str:
    prefix = "async_" if kind.a else ""
    return LAZY_MODULES.replace("JOBS", f"{prefix}jobs").replace("BULK", f"{prefix}bulk")


def method(
    service: Service, opening: str, result: str, passed: list[Argument], positional: int, own: list[str],
    doc: list[str], deprecated: str, call: str,
) -> str:  # fmt: skip
    """Return a method that passes its arguments on to `call`: the operation's, positional ones first, then its own."""
    passed = [(name, qualified(service, kind), wire) for name, kind, wire in passed]
    own, result = [qualified(service, argument) for argument in own], qualified(service, result)
    parts = [f"{name}: {kind}{' = None' * kind.endswith(' | None')}" for name, kind, _ in passed]
    options = [f"{argument} | None = None" for argument in [*own, "options: CallOptions | CallOptionsDict"]]
    parts = ["self", *parts[:positional], "*", *parts[positional:], *options]
    lines = [filled(f"{opening}(", parts, f") -> {result}:", "    ")]
    lines += docstring(doc, INDENT)
    if deprecated:
        lines.append(f'{INDENT}warnings.warn("{deprecated}", DeprecationWarning, stacklevel=2)')
    names = ["options", *(argument.partition(":")[0] for argument in own), *(f"{n}={n}" for n, _, _ in passed)]
    return "\n".join([*lines, packed(f"return {call}, ", names, ")" * call.count("("), INDENT)]) + "\n"


def _method(service: Service, operation: Operation, kind: Kind) -> str:
    prose, owner = service.prose["operations"][operation.name], service.shapes[f"{operation.name}Request"]
    name, parameters = snake(operation.name), arguments(service, operation)
    details = prose.get("details", "")
    if operation.deprecated:
        details = f"Deprecated: {operation.deprecated}. {details}".strip()
    doc = [prose["summary"], *(["", *wrapped(details, INDENT)] if details else [])]
    doc += ["", f"{INDENT}Args:"] if parameters else []
    for argument, annotated, wire in parameters:
        media = MEDIA_WORDS.get(annotated.removesuffix(" | None"))
        words = f"{described(service, owner, wire, limits=media is None)} {media or ''}".strip()
        words = words or _plain(service, owner.members[wire])
        doc += wrapped(f"{argument}: {words}", f"{INDENT}    ", "    ")
    doc += ["", *wrapped(f"Raises: {', '.join(prose['catch'])}.", INDENT, "    ")]
    doc += _example(prose["example"].replace("client.", f"{kind.wait}client.", 1))
    call = f"{kind.run}(self._caller.call(ops.{name.upper()}"
    opening, result, positional = f"{kind.define} {name}", f"{operation.name}Response", len(operation.positional)
    return method(service, opening, result, parameters, positional, [], doc, operation.deprecated, call)


def _example(code: str) -> list[str]:
    return ["", f"{INDENT}Example:", *(f"{INDENT}    {line}" for line in code.splitlines())]


def _plain(service: Service, name: str) -> str:
    words = bounds(service.shapes[name])
    kind = annotation(service, name, "out").removesuffix(" | str")
    return f"{words}." if words else f"As `{kind}`."


def _paginate(service: Service, page: Paging, kind: Kind) -> str:
    operation, name = service.operations[page.operation], snake(page.operation)
    parameters = [part for part in arguments(service, operation) if part[2] not in ("NextToken", "MaxResults")]
    doc = [
        f"Page through `{name}`: iterate for items, `.pages()` for whole responses.",
        "",
        f"{INDENT}{PAGING_WORDS}",
    ]
    called = service.prose["operations"][page.operation]["example"].replace("client.", "client.paginate_", 1)
    doc += _example(f"{kind.a and 'async '}for item in {called}:\n    print(item)")
    result = f"paging.{kind.prefix}Pager[{page_item(service, page)}, {page.operation}Response]"
    call = f"paging.{kind.prefix}Pager(self._driver, self._caller, paging_rules.{name.upper()}"
    opening, positional = f"def paginate_{name}", len(operation.positional)
    return method(service, opening, result, parameters, positional, PAGING, doc, operation.deprecated, call)


def _waiter(service: Service, waiter: Waiter, kind: Kind) -> str:
    operation, name = service.operations[waiter.operation], snake(waiter.name)
    by_wire = {wire: (argument, text, wire) for argument, text, wire in arguments(service, operation)}
    parameters = [by_wire[wire] for wire in waiter.arguments]
    parameters = [(n, text.removesuffix(" | None") if w in waiter.required else text, w) for n, text, w in parameters]
    if waiter.where:
        parameters.append((snake(waiter.where), "str", waiter.where))
    total = f"Polls every {waiter.delay} s, at most {waiter.max_attempts} times."
    doc = [f"{waiter.summary} {total}", "", *wrapped(WAITING_WORDS, INDENT)]
    required = [argument for argument, text, _ in parameters if not text.endswith(" | None")]
    doc += _example(f"{kind.wait}client.wait_until_{name}({', '.join(required)})")
    call = f"{kind.run}(polling.wait(self._caller, waiting_rules.{name.upper()}"
    opening, result = f"{kind.define} wait_until_{name}", waiter.result
    own = [*WAITING, f"on_poll: waiting.OnPoll[{waiter.operation}Response]"]
    return method(service, opening, result, parameters, len(required), own, doc, "", call)


def _get_paginator(service: Service, kind: Kind) -> str:
    returned = f"paging.{kind.prefix}Paginator"
    results = {name: f"{page_item(service, page)}, {name}Response" for name, page in service.paging.items()}
    method = 'self._method("paginator", "paginate_", name, paging_rules.PAGED)'
    results = {name: qualified(service, kinds) for name, kinds in results.items()}
    return _by_name("paginator", "paginate", returned, "Any, Any", results, method)


def _get_waiter(service: Service, kind: Kind) -> str:
    results = {waiter.name: qualified(service, waiter.result) for waiter in service.waiters}
    method = 'self._method("waiter", "wait_until_", name, waiting_rules.WAITERS)'
    return _by_name("waiter", "wait", f"waiting.{kind.prefix}Waiter", "Any", results, method)


def _by_name(kind: str, field: str, returned: str, unknown: str, results: dict[str, str], method: str) -> str:
    """Return the lookup of a paginator or waiter by name, with one overload for each known name."""
    lines: list[str] = []
    for name, result in results.items():
        names = f'Literal["{snake(name)}", "{name}"]'
        lines += ["    @overload", f"    def get_{kind}(self, name: {names}) -> {returned}[{result}]: ..."]
    doc = f"Return the {kind} of this name, as boto3 does; raise `ParamValidationError` if there is none."
    lines += [
        f"    def get_{kind}(self, name: str) -> {returned}[{unknown}]:",
        f'        """{doc}"""',
        f"        return {returned}({field}={method})",
    ]
    return "\n".join(lines) + "\n"
