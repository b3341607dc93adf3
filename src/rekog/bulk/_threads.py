"""`BulkRun`: a run whose workers are threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from .._drivers.blocking import run_inline
from .._values.public import publish
from ._keys import check_sources, total_of
from ._runs import Run, Settings

if TYPE_CHECKING:
    from types import TracebackType

    from ._outcomes import BulkProgress, Outcome, Received

S = TypeVar("S")
A = TypeVar("A")

START_SECONDS = 1.0
"""The longest start of a thread. One that takes longer ends by itself, because its run has stopped."""


class BulkRun(Run[S, A], Generic[S, A]):
    """A run over many sources, for threads: a context manager, and in it an iterable of outcomes as they arrive.

    It owns its threads and its checkpoint, and never the client. At the end of the `with` block, after `break` and
    after an error too, no further call starts; those under way end within their timeouts and are recorded. Iterate in
    one thread.
    """

    def __init__(
        self,
        function: Callable[[S], A | Received],
        sources: Iterable[S],
        settings: Settings[S],
        workers: int,
        prepare: Callable[[], object] | None = None,
        **other: Any,
    ) -> None:
        check_sources(sources, (Iterable,))
        super().__init__(settings, workers, total_of(sources), **other)
        self._function = function
        self._prepare = prepare
        self._sources = sources
        self._iterator: Iterator[S] | None = None
        self._arrival: SimpleQueue[None] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._idle = 0  # threads that wait for `_work_there`
        self._work_there: SimpleQueue[None] = SimpleQueue()

    def __enter__(self) -> Self:
        with self._beginning():
            if self._prepare is not None:
                self._prepare()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        run_inline(self._end(error))

    def __iter__(self) -> Iterator[Outcome[S, A]]:
        """Return an iterator over the outcomes that have not been handed out."""
        self._check_open()
        return iter(self._take_next, None)

    def finish(self) -> BulkProgress:
        """Run to the end without handing out the outcomes, and return the progress.

        It works outside a `with` block too, for a run with a checkpoint.
        """
        if self._state == "new":
            with self:
                return self.finish()
        while self._take_next() is not None:
            pass
        return self.progress

    def close(self) -> None:
        """Start no further call, and wait for those under way."""
        run_inline(self._end(None))

    def _take_next(self) -> Outcome[S, A] | None:
        return run_inline(self._next())

    async def _pull(self) -> S:
        self._iterator = self._iterator or iter(self._sources)
        try:
            return next(self._iterator)
        except StopIteration:
            raise StopAsyncIteration from None

    async def _perform(self, source: S) -> A | Received:
        return self._function(source)

    def _start(self) -> None:
        if self._wakes():
            return
        # Daemons, so that a program that is interrupted twice ends at once.
        thread = threading.Thread(target=copy_context().run, args=(self._run_worker,), name="rekog-bulk", daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the process has no more threads: the others take the source
            self._threads.discard(thread)
            if not self._threads:
                raise
            self._wakes(lost=1)

    def _wakes(self, lost: int = 0) -> bool:
        """Wake an idle thread; if there is none, count this number of workers less."""
        with self._lock:
            wakes = self._idle > 0
            self._idle -= wakes
            self._workers -= 0 if wakes else lost
        if wakes:
            self._work_there.put(None)
        return wakes

    def _run_worker(self) -> None:
        """Work, then wait for more work: the start of a thread takes longer than a wake-up."""
        with suppress(BaseException):  # `_next` raises it in the thread of the program
            while True:
                run_inline(self._work())
                with self._lock:
                    if self._waiting and self._workers < self._concurrency:  # no other thread could be started for it
                        self._workers += 1
                        continue
                    if self._stopped or self._idle == self._concurrency:
                        break
                    self._idle += 1
                self._work_there.get()
        self._threads.discard(threading.current_thread())

    async def _wait(self) -> None:
        self._arrival.get()

    def _wake(self) -> None:
        self._arrival.put(None)

    async def _join(self) -> None:
        threads = list(self._threads)
        for _ in threads:  # more than are idle: an interrupt may have come between the count and the wake-up
            self._work_there.put(None)
        for thread in threads:
            _join_thread(thread)


def _join_thread(thread: threading.Thread) -> None:
    """Wait for the end of a thread, also of one whose start was interrupted: it may still start, or never."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return thread.join()
        except RuntimeError:  # not started
            if time.monotonic() > end:
                return None
        time.sleep(0.001)


publish("rekog.bulk", BulkRun)
