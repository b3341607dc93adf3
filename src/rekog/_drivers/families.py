"""The two families of HTTP libraries whose transports a client takes: httpx, and httpx2, its successor.

Both have the same classes under the same names. A request is built with the classes of the transport's own family,
because the transports of one family refuse the streams of the other one. Nothing here imports a family before a
request needs it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .pools.http11 import CHUNK_SIZE

if TYPE_CHECKING:
    from .._core.flow import HttpRequest

FamilyName: TypeAlias = Literal["httpx", "httpx2"]

FAMILIES: tuple[FamilyName, ...] = ("httpx", "httpx2")


class Family:
    """The classes of httpx, or of httpx2, that senders use.

    The class of request bodies inherits the stream classes of all families in `accepted_by`.
    """

    def __init__(self, name: FamilyName, accepted_by: Sequence[FamilyName]) -> None:
        self.module: Any = import_module(name)
        # A client has one endpoint, and parsing its URL is the slowest step of a request.
        self._parse_url: Callable[[str], Any] = lru_cache(maxsize=64)(self.module.URL)
        modules: list[Any] = [import_module(other) for other in accepted_by]
        streams = [stream for module in modules for stream in (module.SyncByteStream, module.AsyncByteStream)]
        self._body_class: Any = type("RequestBody", (RequestBody, *streams), {})

    def request(
        self, request: HttpRequest, timeouts: dict[str, float | None], check_deadline: Callable[[], None]
    ) -> Any:
        """Return a request of this family; raise the family's `InvalidURL` when its URL is not valid."""
        return self.module.Request(
            request.method,
            self._parse_url(request.url),
            headers=request.headers,
            stream=self._body_class(request.content, check_deadline),
            extensions={"timeout": timeouts},
        )


@cache  # at most four combinations
def load_family(name: FamilyName, *others: FamilyName) -> Family:
    """Return a family; its request bodies are also streams of the others."""
    return Family(name, (name, *others))


def family_of(transport: object) -> Family:
    """Return the family of a transport: the one of its base classes, else httpx.

    A transport without such a base class may pass its requests on to a transport of httpx2, so they suit both.
    """
    names = [name for kind in type(transport).__mro__ if (name := family_name(kind)) is not None]
    if names:
        return load_family(names[0])
    return load_family("httpx", "httpx2") if "httpx2" in sys.modules else load_family("httpx")


def family_name(kind: type) -> FamilyName | None:
    """Return the name of the family that defines a class, if one does."""
    package = kind.__module__.partition(".")[0]
    return next((name for name in FAMILIES if name == package), None)


class RequestBody:
    """The parts of a request body in chunks of at most `CHUNK_SIZE`; `check_deadline` runs before each of them."""

    def __init__(self, parts: Sequence[bytes], check_deadline: Callable[[], None]) -> None:
        self._parts = parts
        self._check_deadline = check_deadline

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            for start in range(0, len(part), CHUNK_SIZE):
                self._check_deadline()
                yield part[start : start + CHUNK_SIZE]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return AsyncChunks(iter(self))


class AsyncChunks(AsyncIterator[bytes]):
    """The same chunks for tasks; no async generator, because trio warns about one that is not run to its end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk
