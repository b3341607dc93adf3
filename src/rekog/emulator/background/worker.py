"""The thread that does what takes long, so that requests don't: it looks at videos, ends jobs, sends their messages.

Its steps stand in the database until they have been done. A process that is killed goes on with them when it runs
again, and does the last one a second time; so a message goes out at least once. The thread is there while there is
something to do. By a clock that runs it also waits for what takes time, so that a job ends though nobody asks for it;
what takes no time is done when a request finds it due, and so is everything by a clock that is moved by hand.
"""

from __future__ import annotations

import atexit
import logging
import sqlite3
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from ..settings import ManualClock
from ..state import ClosedError, schedule, worker_locks
from ..state.worker_locks import WorkerLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..context import Context
    from ..scope import Scope
    from ..state import State
    from ..state.schedule import Step


PATIENCE_SECONDS = 20.0
"""How long a request waits for the end of the job that it asks for, before it says that the job is in progress: less
than clients wait for an answer. As long waits `close` for the step that is being done."""
RETRY_SECONDS = 30.0
"""When a step is tried again that broke because of a mistake here, by the emulator's clock."""
MAX_WAITING = 32
"""Requests that may wait at a time; one more says at once that its job is in progress. A server answers in 40 threads,
and some are to be left for other requests."""
_LOOK_SECONDS = 5.0
"""How often a worker with nothing to do looks whether another, who has taken steps in the same folder, is gone."""
_POLL_SECONDS = 0.1
_SHORTEST_SLEEP_SECONDS, _LONGEST_SLEEP_SECONDS = 0.01, 3600.0

# The second is what SQLite says at the interpreter's end, when a database is closed within a transaction.
_CLOSED = (ClosedError, sqlite3.ProgrammingError)

_LOG = logging.getLogger("rekog.emulator")

_AWAKE: set[Worker] = set()
"""Those that have a thread."""


@cache
def _close_at_exit() -> None:
    """See to it that emulators that nobody closed don't crash the interpreter at its end, in C code or the database.

    To be called once there is a state, whose own end comes before it in the list and so is done after it.
    """

    def close() -> None:
        for worker in list(_AWAKE):
            worker.close()

    atexit.register(close)


class StoppedError(BaseException):
    """The emulator is being closed: leave the step; it is done when the emulator is there again.

    Not an `Exception`, because a job's other failures become its result.
    """


class Worker:
    """Does the steps that were handed over, one after another: the most urgent first, then the longest due."""

    def __init__(
        self,
        state: State,
        context_for: Callable[[Scope], Context],
        clock: Callable[[], float],
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._state = state
        self._context_for = context_for
        self._clock = clock
        self._patience = patience
        self._taker = WorkerLock(state.folder)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._calls = 0
        self._steps = 0
        self._closed = False
        self._seats = threading.BoundedSemaphore(MAX_WAITING)

    def start(self) -> None:
        """Begin to do what was handed over; not to be called within a transaction."""
        with self._changed:
            self._calls += 1
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="rekog-emulator-worker", daemon=True)
                self._thread.start()
                _close_at_exit()
                _AWAKE.add(self)
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on with what a process that is no more, or the one that a snapshot is of, has left undone."""
        folder = self._state.folder
        with self._state.write() as connection:
            names = schedule.worker_names(connection) | worker_locks.lock_names(folder)
            schedule.release_all(connection, worker_locks.remove_dead(folder, names - {self._taker.name}))
            left = (
                schedule.worker_steps(connection, self._clock()).handed_over
                or schedule.next_alarm(connection) is not None
            )
        if left:
            self.start()

    def wait(self, job_id: str = "") -> None:
        """Wait, but not too long, until a job that is due has ended and told its topic; without an id, until all have.

        In the worker's own thread (a function that gets messages may ask for a job) the job is ended at once.
        """
        if threading.current_thread() is self._thread:
            if job_id:
                self._do_all(job_id)
            return
        if self._seats.acquire(blocking=False):
            try:
                self._wait(job_id)
            finally:
                self._seats.release()

    def _wait(self, job_id: str) -> None:
        last = time.monotonic() + self._patience
        while not self._closed:
            steps = self._steps
            left = last - time.monotonic()
            if left <= 0 or not self._is_ending(job_id):
                return
            self._await_step(steps, min(left, _POLL_SECONDS))  # another emulator's steps are not told here

    def _is_ending(self, job_id: str) -> bool:
        with self._state.read() as connection:
            ending = schedule.is_ending(connection, job_id)
            others = schedule.worker_names(connection) - {self._taker.name}
        if ending and others:
            self.resume()  # one of them may have been killed
        return ending

    def _await_step(self, steps: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._steps != steps, seconds)

    def raise_if_closed(self) -> None:
        """Leave a step that takes long, by an exception, if the emulator is being closed."""
        if self._closed:
            raise StoppedError

    def close(self) -> None:
        """Stop after what is being done now; a second time does nothing."""
        with self._changed:
            self._closed = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._patience)
        if thread is None or not thread.is_alive():
            self._taker.release()

    def _work(self) -> None:
        try:
            while True:
                calls = self._calls
                self._hand_back()
                self._do_all()
                if not self._goes_on(calls):
                    return
        except _CLOSED:  # after a wait for this, or at the interpreter's end
            _LOG.debug("the worker found the database closed", exc_info=True)
        except Exception:  # a full disk, or a database that another process holds for too long
            _LOG.exception("the worker stopped; a request will wake it")
        finally:
            with self._changed:
                if self._thread in (threading.current_thread(), None):  # and not the next one
                    self._thread = None
                    _AWAKE.discard(self)
                closed = self._closed
            if closed:
                self._taker.release()

    def _hand_back(self) -> None:
        """Let be done what was taken by one that is gone, or by an earlier thread of this one that broke off."""
        with self._state.read() as connection:
            if not schedule.worker_names(connection):
                return
        with self._state.write() as connection:
            mine = self._taker.name
            left = worker_locks.remove_dead(self._state.folder, schedule.worker_names(connection) - {mine})
            schedule.release_all(connection, left | {mine})

    def _goes_on(self, calls: int) -> bool:
        """Wait for another call or for something to be due; if there is nothing to wait for, the thread ends."""
        alarm = self._alarm()
        with self._changed:
            if self._closed or (alarm is None and self._calls == calls):
                self._thread = None  # under the lock: the next call makes another
                return False
            if alarm is not None:
                seconds = min(max(_SHORTEST_SLEEP_SECONDS, alarm - self._clock()), _LONGEST_SLEEP_SECONDS)
                self._changed.wait_for(lambda: self._closed or self._calls != calls, seconds)
        now = self._clock()
        if alarm is not None and alarm <= now:
            with self._state.write() as connection:
                schedule.hand_over(connection, now, schedule.worker_steps(connection, now).last_due)
        return True

    def _alarm(self) -> float | None:
        if self._closed or isinstance(self._clock, ManualClock):
            return None
        with self._state.read() as connection:
            alarm = schedule.next_alarm(connection)
            if schedule.worker_names(connection) - {self._taker.name}:
                soon = self._clock() + _LOOK_SECONDS
                return soon if alarm is None else min(alarm, soon)
            return alarm

    def _do_all(self, job_id: str = "") -> None:
        while not self._closed:
            with self._state.write() as connection:
                step = schedule.take(connection, self._taker.acquire(), job_id)
            if step is None:
                return
            try:
                self._do(step)
            finally:
                with self._changed:
                    self._steps += 1
                    self._changed.notify_all()

    def _do(self, step: Step) -> None:
        after = schedule.complete
        try:
            context = self._context_for(step.scope)
            context.perform(context, step)
        except StoppedError:
            after = schedule.release
        except _CLOSED:
            raise
        except Exception:
            _LOG.exception("%s failed; it is tried again later", step.kind)
            after = self._put_off
        with self._state.write() as connection:
            after(connection, step)

    def _put_off(self, connection: sqlite3.Connection, step: Step) -> None:
        schedule.postpone(connection, step, self._clock() + RETRY_SECONDS)
