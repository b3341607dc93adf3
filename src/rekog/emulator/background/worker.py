"""Background worker: runs slow steps (video analysis, ends of jobs, notifications) in a thread, outside requests.

Theory of operation:

- A step is a row of the schedule (`state/schedule.py`) until it is done. A request hands over the slow steps that it
  finds due and calls `Worker.wake`. The thread takes one step at a time: the lowest `Priority` first, then the one
  that has been due for longest.
- The thread runs while there are steps to do or to wait for. `wake` creates the thread if there is none. With nothing
  to do, the thread sleeps until the next call of `wake` or until the next step is due, or ends.
- With a real clock, the thread also wakes up when a step scheduled for later becomes due, so a job ends without a
  request. A step with duration 0, and with a `ManualClock` any step, waits until a request finds it due.
- The thread also deletes the rows of large collections that were deleted, a part at a time, when it has no step to do.
  What is left at the end of a process is deleted by the next emulator on the state.
- A step that raises an unexpected error is due again after `schedule.RETRY_SECONDS`.
- An error of the storage ends the thread, unless `wake` was called since the run began: a run follows each call.
- A step that was taken by a process that has died is released by the next worker and runs again. So a notification is
  sent at least once.
- Several emulators may share a data folder. A step that was taken carries the name of its worker's `WorkerLock`; other
  workers release it only when that lock is free.
- `close` lets the running step end. A slow step calls `raise_if_closed` between its parts, so it ends early: its
  `StoppedError` releases the step, and the next emulator on this state runs it.
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
from ..state import ClosedError, StorageError, schedule, worker_locks
from ..state.rows import collections
from ..state.worker_locks import WorkerLock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..context import Context
    from ..scope import Scope
    from ..state import State
    from ..state.schedule import Step


JOB_WAIT_SECONDS = 20.0
"""Time limit for a request that waits for the end of its job, before its response says that the job is in progress.

Clients wait longer than that for a response. `close` waits as long for the step that is running.
"""
MAX_WAITING = 32
"""Maximum number of requests that wait for jobs; a further one gets its response at once, with the job in progress.

A server handles requests in 40 threads, and some of them must stay free for other requests.
"""
_DEAD_WORKER_CHECK_SECONDS = 5.0
"""Interval at which an idle worker checks whether another worker of the folder, which has taken steps, has died."""
_POLL_SECONDS = 0.1
_PART_PAUSE_SECONDS = 0.01
"""Pause between parts of a deletion, in which requests get the lock of the state."""
_SHORTEST_SLEEP_SECONDS, _LONGEST_SLEEP_SECONDS = 0.01, 3600.0

# SQLite raises the second one at the interpreter's exit, when a database is closed within a transaction.
_CLOSED = (ClosedError, sqlite3.ProgrammingError)

_LOG = logging.getLogger("rekog.emulator")

_RUNNING: set[Worker] = set()
"""Workers that have a thread."""


@cache
def _close_at_exit() -> None:
    """Register a function that closes all workers at the interpreter's exit.

    Without it, an emulator that the program did not close could crash the interpreter in C code or in SQLite. Call it
    after a `State` was created: functions that were registered later run earlier, so workers end before their states.
    """

    def close() -> None:
        for worker in list(_RUNNING):
            worker.close()

    atexit.register(close)


class StoppedError(BaseException):
    """The emulator is being closed: leave the step to the next emulator on this state.

    Not an `Exception`, because a job catches those and stores them as its result.
    """


class Worker:
    """Runs the steps that were handed over, one at a time: by priority, then by the time at which they were due."""

    def __init__(
        self,
        state: State,
        context_for: Callable[[Scope], Context],
        clock: Callable[[], float],
        job_wait_seconds: float = JOB_WAIT_SECONDS,
    ) -> None:
        self._state = state
        self._context_for = context_for
        self._clock = clock
        self._job_wait_seconds = job_wait_seconds
        self._lock = WorkerLock(state.folder)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes = 0
        self._steps_ended = 0
        self._closed = False
        self._waiting_slots = threading.BoundedSemaphore(MAX_WAITING)

    def wake(self) -> None:
        """Let the thread do the steps that were handed over; call it outside transactions."""
        with self._changed:
            self._wakes += 1
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="rekog-emulator-worker", daemon=True)
                self._thread.start()
                _close_at_exit()
                _RUNNING.add(self)
            self._changed.notify_all()

    def resume(self) -> None:
        """Let the thread do the steps left by a process that has died, or by the one that wrote a restored snapshot."""
        folder = self._state.folder
        with self._state.write() as connection:
            names = schedule.worker_names(connection) | worker_locks.lock_names(folder)
            schedule.release_all(connection, worker_locks.remove_dead(folder, names - {self._lock.name}))
            pending = (
                schedule.worker_steps(connection, self._clock()).handed_over
                or schedule.next_wake_time(connection) is not None
                or collections.has_hidden(connection)
            )
        if pending:
            self.wake()

    def wait(self, *job_ids: str) -> None:
        """Wait until these jobs, if due, have ended and their notifications were sent; without an id, until all have.

        The wait has one time limit, whatever the number of jobs. In the worker's own thread (a notification sink may
        send requests for a job) the steps of these jobs run at once.
        """
        if threading.current_thread() is self._thread:
            for job_id in job_ids:
                self._run_steps(job_id)
            return
        if self._waiting_slots.acquire(blocking=False):
            try:
                self._wait(job_ids)
            finally:
                self._waiting_slots.release()

    def _wait(self, job_ids: Sequence[str]) -> None:
        deadline = time.monotonic() + self._job_wait_seconds
        while not self._closed:
            steps_ended = self._steps_ended
            left = deadline - time.monotonic()
            if left <= 0 or not self._is_ending(job_ids):
                return
            self._resume_if_others()
            self._wait_for_step(steps_ended, min(left, _POLL_SECONDS))  # polls: another emulator may run the step

    def _is_ending(self, job_ids: Sequence[str]) -> bool:
        with self._state.read() as connection:
            return any(schedule.is_ending(connection, job_id) for job_id in job_ids or ("",))

    def _resume_if_others(self) -> None:
        """Call `resume` if other workers have taken steps: their processes may have been killed."""
        with self._state.read() as connection:
            others = schedule.worker_names(connection) - {self._lock.name}
        if others:
            self.resume()

    def _wait_for_step(self, steps_ended: int, seconds: float) -> None:
        """Wait until another step has ended, successfully or not."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._steps_ended != steps_ended, seconds)

    def raise_if_closed(self) -> None:
        """Raise `StoppedError` if the emulator is being closed; slow steps call it between their parts."""
        if self._closed:
            raise StoppedError

    def close(self) -> None:
        """Stop after the step that is running; a second call does nothing."""
        with self._changed:
            self._closed = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._job_wait_seconds)
        if thread is None or not thread.is_alive():
            self._lock.release()

    def _run(self) -> None:
        try:
            while self._run_once():
                pass
        finally:
            with self._changed:
                if self._thread in (threading.current_thread(), None):  # not a later thread
                    self._thread = None
                    _RUNNING.discard(self)
                closed = self._closed
            if closed:
                self._lock.release()

    def _run_once(self) -> bool:
        """Do what there is to do, wait for more, and return True; return False at the end of the thread."""
        wakes = self._wakes
        try:
            self._release_abandoned()
            self._run_steps()
            # steps that were handed over meanwhile come before the next part of a deletion
            return self._delete_part() or self._wait_for_steps(wakes)
        except _CLOSED:  # `close` waited in vain, or the interpreter exits
            _LOG.debug("the worker ended because the database is closed", exc_info=True)
            return False
        except StorageError as error:  # such as a full disk, or a database that another process keeps locked
            _LOG.error("the worker stopped, and the next request starts it again: %s", error)
        except Exception:
            _LOG.exception("the worker stopped; the next request starts it again")
        return self._was_woken(wakes)

    def _was_woken(self, wakes: int) -> bool:
        """Return whether `wake` was called since its count was `wakes`; if not, end the thread."""
        with self._changed:
            if self._wakes == wakes:
                self._thread = None  # under the lock, as in `_wait_for_steps`
                return False
            return True

    def _release_abandoned(self) -> None:
        """Release the steps that were taken by a worker that has died, or by an earlier thread of this one."""
        with self._state.read() as connection:
            if not schedule.worker_names(connection):
                return
        with self._state.write() as connection:
            own = self._lock.name
            dead = worker_locks.remove_dead(self._state.folder, schedule.worker_names(connection) - {own})
            schedule.release_all(connection, dead | {own})

    def _delete_part(self) -> bool:
        """Delete a part of the rows of deleted collections, and return whether there may be more."""
        if self._closed or not self._state.delete_part():
            return False
        time.sleep(_PART_PAUSE_SECONDS)
        return True

    def _wait_for_steps(self, wakes: int) -> bool:
        """Wait for a call of `wake` or a due step; return False, and end the thread, if there is nothing to wait for.

        `wakes` is the count of calls before the last run: a call since then needs another run.
        """
        wake_time = self._wake_time()
        with self._changed:
            if self._closed or (wake_time is None and self._wakes == wakes):
                self._thread = None  # under the lock: the next call of `wake` makes another thread
                return False
            if wake_time is not None:
                seconds = min(max(_SHORTEST_SLEEP_SECONDS, wake_time - self._clock()), _LONGEST_SLEEP_SECONDS)
                self._changed.wait_for(lambda: self._closed or self._wakes != wakes, seconds)
        now = self._clock()
        if wake_time is not None and wake_time <= now:
            with self._state.write() as connection:
                schedule.hand_over(connection, now, schedule.worker_steps(connection, now).last_due)
        return True

    def _wake_time(self) -> float | None:
        """Return the time of the next due step or of the next check for dead workers; None without either."""
        if self._closed or isinstance(self._clock, ManualClock):
            return None
        with self._state.read() as connection:
            wake_time = schedule.next_wake_time(connection)
            if schedule.worker_names(connection) - {self._lock.name}:
                check = self._clock() + _DEAD_WORKER_CHECK_SECONDS
                return check if wake_time is None else min(wake_time, check)
            return wake_time

    def _run_steps(self, job_id: str = "") -> None:
        while not self._closed:
            with self._state.write() as connection:
                step = schedule.take(connection, self._lock.acquire(), job_id)
            if step is None:
                return
            try:
                self._run_step(step)
            finally:
                with self._changed:
                    self._steps_ended += 1
                    self._changed.notify_all()

    def _run_step(self, step: Step) -> None:
        store_outcome = schedule.complete
        try:
            context = self._context_for(step.scope)
            context.perform(context, step)
        except StoppedError:
            store_outcome = schedule.release
        except (StorageError, *_CLOSED):
            raise
        except Exception:
            _LOG.exception("%s failed; it runs again later", step.kind)
            store_outcome = self._postpone
        with self._state.write() as connection:
            store_outcome(connection, step)

    def _postpone(self, connection: sqlite3.Connection, step: Step) -> None:
        schedule.postpone(connection, step, self._clock() + schedule.RETRY_SECONDS)
