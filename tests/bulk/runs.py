"""Runs for the tests of both clients: a test body that is one function for threads, asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import pytest

from rekog.bulk import AsyncBulkRun, BulkRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from rekog.bulk import Outcome
    from tests.kit.backends import Backend, Reply, Sent

AnyRun: TypeAlias = BulkRun[Any, Any] | AsyncBulkRun[Any, Any]
AnyOutcome: TypeAlias = "Outcome[Any, Any]"

SYNC = pytest.mark.parametrize("backend", ["sync"], indirect=True)
"""For tests of code that both clients share without a difference, which need no event loop."""


def walk(backend: Backend, make: Callable[[], object], each: Callable[[AnyOutcome], object] | None = None) -> AnyRun:
    """Enter a run and iterate over it to its end, or until `each` returns True, and return it."""

    def leaves(outcome: AnyOutcome) -> bool:
        return each is not None and each(outcome) is True

    async def asynchronous() -> AnyRun:
        run = cast("AsyncBulkRun[Any, Any]", make())
        async with run:
            async for outcome in run:
                if leaves(outcome):
                    break
        return run

    def sync() -> AnyRun:
        run = cast("BulkRun[Any, Any]", make())
        with run:
            for outcome in run:
                if leaves(outcome):
                    break
        return run

    chosen: Callable[[], Any] = backend.choose(sync, asynchronous)
    run: AnyRun = backend.run(chosen)
    return run


def outcomes(backend: Backend, make: Callable[[], object]) -> list[AnyOutcome]:
    """Return all outcomes of a run, in the order of their keys."""
    found: list[AnyOutcome] = []
    walk(backend, make, found.append)
    return sorted(found, key=lambda outcome: outcome.key)


def function_of(backend: Backend, function: Callable[[Any], Any]) -> Any:
    """Return a function for `map`: itself, or a coroutine function that calls it."""

    async def asynchronous(source: Any) -> Any:
        return function(source)

    return backend.choose(function, asynchronous)


async def asynchronously(items: Iterable[Any]) -> AsyncIterator[Any]:
    """Yield the items."""
    for item in items:
        yield item


def labelled(sent: Sent) -> Reply:
    """Answer DetectLabels with the bytes of the image after its signature as the name of a label."""
    import base64

    from tests.kit.backends import json_reply

    name = base64.b64decode(sent.wire["Image"]["Bytes"])[8:].decode()
    return json_reply({"Labels": [{"Name": name, "Confidence": 90.0}]})


def image(name: str) -> bytes:
    """Return bytes that begin like a PNG file, for `labelled`."""
    return b"\x89PNG\r\n\x1a\n" + name.encode()
