"""Steps that are due: quick steps run before each request, slow steps are handed over to the worker after it.

A quick step that raises an unexpected error is due again later, like a step of the worker. Only a request for a job
waits for the worker. It hands over the job's step itself, and gets its response once the job and the steps that follow
its end are done.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..state import StorageError, schedule

if TYPE_CHECKING:
    from ..context import Context
    from ..state.schedule import WorkerSteps

_LOG = logging.getLogger("rekog.emulator")


def run_quick_steps(context: Context) -> WorkerSteps:
    """Run every quick step that is due by the emulator's clock, and return the steps that are due for the worker."""
    while True:
        now = context.clock()
        with context.state.read() as connection:
            step = schedule.next_due(connection, now)
            due = schedule.worker_steps(connection, now)
        if step is None:
            return due
        failed = False
        try:
            context.perform(context.within(step.scope), step)
        except StorageError:
            raise
        except Exception:  # else each request would fail with it
            _LOG.exception("%s failed; it runs again later", step.kind)
            failed = True
        with context.state.write() as connection:
            if failed:
                schedule.postpone(connection, step, now + schedule.RETRY_SECONDS)
            else:
                schedule.complete(connection, step)


def hand_over(context: Context, due: WorkerSteps) -> None:
    """Hand over the steps that `run_quick_steps` returned.

    Later steps are not handed over: a request must not end the job that it starts.
    """
    if due.last_due:
        with context.state.write() as connection:
            schedule.hand_over(connection, context.clock(), due.last_due)
    if due.last_due or due.handed_over:
        context.worker.wake()
