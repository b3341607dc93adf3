"""`AsyncBulkRun`: a run whose workers are tasks of asyncio or trio."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from .._drivers.senders import is_asyncio
from .._values.public import publish
from ._keys import check_sources, total_of
from ._runs import Run, Settings

if TYPE_CHECKING:
    from types import TracebackType

    from anyio.abc import TaskGroup

    from ._outcomes import BulkProgress, Outcome, Received

S = TypeVar("S")
A = TypeVar("A")


class Event(Protocol):
    """An event of asyncio or trio."""

    def set(self) -> None: ...
    async def wait(self) -> object: ...


class AsyncBulkRun(Run[S, A], Generic[S, A]):
    """A run over many sources, for tasks: a context manager, and in it an iterable of outcomes as they arrive.

    It owns its tasks and its checkpoint, and never the client. At the end of the `async with` block, after `break` and
    after an error too, no further call starts; those under way end within their timeouts and are recorded. If the task
    is cancelled, the calls under way are cancelled too. Enter, iterate and leave in one task.
    """

    if TYPE_CHECKING:
        _group: TaskGroup  # of an open run
        _arrival: Event  # of a run that waits

    def __init__(
        self,
        function: Callable[[S], Awaitable[A | Received]],
        sources: Iterable[S] | AsyncIterable[S],
        settings: Settings[S],
        workers: int,
        prepare: Callable[[], Awaitable[object]] | None = None,
        **other: Any,
    ) -> None:
        check_sources(sources, (AsyncIterable, Iterable))
        super().__init__(settings, workers, total_of(sources), **other)
        self._function = function
        self._prepare = prepare
        self._sources = sources
        self._iterator: Iterator[S] | None = None
        self._async_iterator: AsyncIterator[S] | None = None

    async def __aenter__(self) -> Self:
        import anyio

        with self._beginning():
            if self._prepare is not None:
                await self._prepare()
            group = anyio.create_task_group()
            await group.__aenter__()
            self._group = group
            # The event of anyio looks the loop up each time, which takes longer than the rest of a wait.
            self._new_event: type[Event] = import_module("asyncio" if is_asyncio() else "trio").Event
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state == "open" and not (error is None or isinstance(error, Exception)):  # cancelled
            self._group.cancel_scope.cancel()
        await self._end(error)

    def __aiter__(self) -> AsyncIterator[Outcome[S, A]]:
        """Return an iterator over the outcomes that have not been handed out."""
        self._check_open()
        return _Outcomes(self._next)

    async def finish(self) -> BulkProgress:
        """Run to the end without handing out the outcomes, and return the progress.

        It works outside an `async with` block too, for a run with a checkpoint.
        """
        if self._state == "new":
            async with self:
                return await self.finish()
        while await self._next() is not None:
            pass
        return self.progress

    async def aclose(self) -> None:
        """Start no further call, and wait for those under way."""
        await self._end(None)

    async def _pull(self) -> S:
        if self._iterator is None and self._async_iterator is None:
            if isinstance(self._sources, AsyncIterable):
                self._async_iterator = aiter(self._sources)
            else:
                self._iterator = iter(self._sources)
        if self._async_iterator is not None:
            return await self._async_iterator.__anext__()
        try:
            return next(self._iterator)  # type: ignore[arg-type]  # one of the two is there
        except StopIteration:
            raise StopAsyncIteration from None

    def _perform(self, source: S) -> Awaitable[A | Received]:
        return self._function(source)

    def _start(self) -> None:
        self._group.start_soon(self._work)

    async def _wait(self) -> None:
        self._arrival = self._new_event()
        await self._arrival.wait()

    def _wake(self) -> None:
        self._arrival.set()

    async def _join(self) -> None:
        # Without the error of the block, which anyio would put into an ExceptionGroup.
        await self._group.__aexit__(None, None, None)


class _Outcomes(Generic[S, A]):
    """An iterator over outcomes."""

    def __init__(self, take: Callable[[], Awaitable[Outcome[S, A] | None]]) -> None:
        self._take = take

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[S, A]:
        outcome = await self._take()
        if outcome is None:
            raise StopAsyncIteration
        return outcome


publish("rekog.bulk", AsyncBulkRun)
