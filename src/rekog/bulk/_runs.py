"""The engine of a run, written once, for threads and for tasks.

Theory of operation. The program that iterates over a run does all of the run's work except for the calls: `_next` pulls
a source, gives it its key, looks it up in the checkpoint, and submits it; then it hands out an outcome that has
arrived. So the sources, `key` and `on_progress` run in the program's own thread or task, and memory is limited: a run
has at most `limit` sources in flight, which are waiting, under way, or have an outcome that the program has not taken.

Workers make the calls. A worker takes waiting sources until there is none, and ends; `_admit` starts one while there
are fewer than `concurrency`. An error that is not the source's, a full disk and `max_failures` stop the run: no further
call starts, the outcomes of those under way are handed out, and then the error is raised. `_end` stops the run, waits
for the workers, and closes the checkpoint.

`_arrivals.py` has the way of an outcome from a worker to the program.

The coroutines here are those of `AsyncBulkRun`. Those of `BulkRun` block instead of suspending (`run_inline`), like the
coroutines of the drivers.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from .._generated.errors import AccessDeniedException
from .._values.errors import BudgetExceededError, ClientClosedError, ConfigError, CredentialsError, RekogError
from ._arrivals import Arrivals
from ._keys import Keys, invalid
from ._outcomes import BulkProgress, CheckpointError, Outcome, TooManyFailuresError

if TYPE_CHECKING:
    from .._values.model import Response
    from ._checkpoints import Checkpoint
    from ._outcomes import OnProgress, Received

S = TypeVar("S")
A = TypeVar("A")

MOST_WORKERS = 16
"""Calls at once by default. With a latency of 0.3 s they make 50 calls a second, the highest quota of DetectLabels."""
ENDING: tuple[type[RekogError], ...] = (
    AccessDeniedException,
    BudgetExceededError,
    ClientClosedError,
    ConfigError,
    CredentialsError,
)
"""Errors that the next sources would get too, so that the run ends."""


class Settings(NamedTuple, Generic[S]):
    """The arguments that all runs share."""

    key: Callable[[S], str] | None
    concurrency: int | None
    max_failures: int | None
    on_progress: OnProgress | None


class Task(NamedTuple, Generic[S]):
    """A source to work on."""

    source: S
    key: str


class Run(Arrivals[S, A]):
    """The state of a run, and its work between the calls."""

    def __init__(
        self,
        settings: Settings[S],
        workers: int,
        total: int | None,
        checkpoint: Checkpoint | None = None,
        ending: tuple[type[RekogError], ...] = ENDING,
        answers: type[Response] | None = None,
        decode: Callable[[Received], A] | None = None,
    ) -> None:
        super().__init__(checkpoint, decode)
        self._keys: Keys[S] = Keys(settings.key, lasting=checkpoint is not None)
        self._concurrency = _count("concurrency", settings.concurrency, 1) or workers
        self._limit = 2 * self._concurrency
        self._max_failures = _count("max_failures", settings.max_failures, 0)
        if not (settings.on_progress is None or callable(settings.on_progress)):
            raise invalid(f"on_progress: must be a function, not {settings.on_progress!r}")
        self._on_progress = settings.on_progress
        self._ending = ending
        self._answers = answers
        self._total = total
        self._pulled = self._in_flight = self._done = self._failed = self._recorded = 0
        self._exhausted = False
        self._state = "new"
        self._began = self._ended = 0.0
        # Workers use the members below too: the lock guards them.
        self._waiting: deque[Task[S]] = deque()
        self._workers = 0
        self._stopped = False
        self._failure: BaseException | None = None

    @property
    def progress(self) -> BulkProgress:
        """The progress so far."""
        seconds = (self._ended or time.monotonic()) - self._began if self._began else 0.0
        called = self._done - self._recorded
        return BulkProgress(
            total=self._total,
            done=self._done,
            failed=self._failed,
            from_checkpoint=self._recorded,
            seconds=seconds,
            per_second=called / seconds if seconds > 0 else 0.0,
        )

    def __repr__(self) -> str:
        of = "" if self._total is None else f" of {self._total}"
        return f"<{type(self).__name__} {self._state}: {self._done}{of} done, {self._failed} failed>"

    # The parts that differ between threads and tasks.

    @abstractmethod
    async def _pull(self) -> S:
        """Return the next source; raise `StopAsyncIteration` at the end."""

    @abstractmethod
    def _perform(self, source: S) -> Awaitable[Any]:
        """Return the answer for a source, or a `Received` to be decoded later."""

    @abstractmethod
    def _start(self) -> None:
        """Start a worker, or let those that exist go on; raise `RuntimeError` if there is none."""

    @abstractmethod
    async def _join(self) -> None:
        """Wait for the end of all workers."""

    # The program's side.

    @contextmanager
    def _beginning(self) -> Generator[None]:
        if self._state != "new":
            raise RekogError("bulk: a run works once: call the method again for another one, with the same checkpoint")
        self._state = "closed"  # until all is there
        try:
            yield
        except BaseException:
            if self._checkpoint is not None:
                self._checkpoint.close()
            raise
        self._state = "open"
        self._began = time.monotonic()

    def _check_open(self) -> None:
        if self._state != "open":
            reason = "is closed" if self._state == "closed" else "works in its `with` block only"
            raise RekogError(f"bulk: a run {reason}: `with client.bulk.detect_labels(sources) as run: ...`")

    async def _next(self) -> Outcome[S, A] | None:
        """Return the next outcome; None at the end."""
        self._check_open()
        while True:
            if self._has_room():
                try:
                    source = await self._pull()
                except StopAsyncIteration:
                    self._exhausted = True
                else:
                    outcome = self._admit(source)
                    del source  # perhaps an image, which would stay in memory during the wait
                    if outcome is not None:
                        return self._handed_out(outcome)
                if not self._arrived and self._has_room():
                    continue
            if not self._ready:
                if self._in_flight == 0:
                    self._raise_failure()
                    return None
                await self._collect()
            self._ready -= 1  # first: an interrupt may come before the next statement
            outcome = self._arrived.popleft()
            self._in_flight -= 1
            if outcome is not None:
                return self._handed_out(self._opened(outcome))

    def _has_room(self) -> bool:
        return not (self._exhausted or self._stopped) and self._in_flight < self._limit

    def _admit(self, source: S) -> Outcome[S, A] | None:
        """Submit a source; return its outcome if the checkpoint has it."""
        key = self._keys.of(source, self._pulled)
        self._pulled += 1
        answer: Any = None if self._checkpoint is None else self._checkpoint.answer(key)
        if answer is not None:
            return Outcome(source, key, answer=answer, from_checkpoint=True)
        self._in_flight += 1
        self._submit(Task(source, key))
        return None

    def _submit(self, task: Task[S]) -> None:
        """Let a worker work on a source."""
        with self._lock:
            self._waiting.append(task)
            starts = self._workers < self._concurrency
            self._workers += starts
        if starts:
            try:
                self._start()
            except RuntimeError as error:
                self._fail(RekogError(f"bulk: no worker can be started: {error}"))

    def _handed_out(self, outcome: Outcome[S, A]) -> Outcome[S, A]:
        self._done += 1
        self._recorded += outcome.from_checkpoint
        if outcome.error is not None:
            self._failed += 1
            if self._max_failures is not None and self._failed > self._max_failures:
                failures = TooManyFailuresError(
                    f"bulk: {self._failed} sources failed, max_failures is {self._max_failures}; the last is"
                    f" {outcome.key!r}: {outcome.error}"
                )
                failures.__cause__ = outcome.error
                self._fail(failures)
        if self._on_progress is not None:
            self._on_progress(self.progress)
        return outcome

    async def _end(self, error: BaseException | None) -> None:
        """Stop the run; `error` is the one that leaves the `with` block."""
        if self._state != "open":
            self._state = "closed"
            return
        self._state = "closed"
        self._stop()
        try:
            await self._join()
        finally:
            self._ended = time.monotonic()
            if self._checkpoint is not None:
                self._record(self._arrived)  # of a wait that was interrupted
                self._checkpoint.close()
        if error is None and isinstance(self._failure, CheckpointError):  # no outcome after it was asked for
            self._raise_failure()

    def _raise_failure(self) -> None:
        """Raise the error that ends the run, once; do nothing without one."""
        failure, self._failure = self._failure, None
        try:
            if failure is not None:
                raise failure
        finally:
            del failure  # it refers to this frame: a reference back would keep both until a garbage collection

    # The workers' side.

    async def _work(self) -> None:
        """Work on waiting sources until there is none."""
        while (task := self._take()) is not None:
            outcome: Outcome[S, A] | None = None
            try:
                outcome = Outcome(task.source, task.key, answer=await self._perform(task.source))
            except Exception as error:
                if isinstance(error, RekogError) and not isinstance(error, self._ending):
                    outcome = Outcome(task.source, task.key, error=error)
                else:
                    self._fail(error, task)
            except BaseException as error:  # a cancelled task, or sys.exit() in a function
                self._fail(error, task)
                with self._lock:
                    self._workers -= 1
                raise
            finally:
                self._deliver((outcome,))

    def _take(self) -> Task[S] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._workers -= 1
            return None

    def _fail(self, error: BaseException, task: Task[S] | None = None) -> None:
        """End the run with this error, unless another one ends it already."""
        with self._lock:
            if self._failure is None:
                self._failure = error
                if task is not None and not isinstance(error, CheckpointError):
                    error.add_note(f"bulk: the source was {task.key!r}")
        self._stop()

    def _stop(self) -> None:
        """Start no further call."""
        with self._lock:
            self._stopped = True
            dropped = len(self._waiting)
            self._waiting.clear()
            self._pass_on([None] * dropped)


def answers_of(outcomes: object) -> type[Response] | None:
    """Return the class of the answers, if the outcomes are those of a run of an operation."""
    run: Any = outcomes
    return run._answers if isinstance(outcomes, Run) else None


def _count(name: str, value: object, least: int) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise invalid(f"{name}: must be a whole number, {least} or more, not {value!r}")
    return value
