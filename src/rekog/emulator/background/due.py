"""Steps that are due: quick ones are done before each request, slow ones are handed over to the worker after it.

Only a request for a job waits for the worker: it hands the job's step over itself, and is answered once everything that
the end of the job brings is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state import schedule

if TYPE_CHECKING:
    from ..context import Context
    from ..state.schedule import WorkerSteps


def settle(context: Context) -> WorkerSteps:
    """Do every quick step that is due by the emulator's clock, and return the steps that are due for the worker."""
    while True:
        now = context.clock()
        with context.state.read() as connection:
            step = schedule.next_due(connection, now)
            waiting = schedule.worker_steps(connection, now)
        if step is None:
            return waiting
        context.perform(context.within(step.scope), step)
        with context.state.write() as connection:
            schedule.remove(connection, step.key)


def hand_over(context: Context, waiting: WorkerSteps) -> None:
    """Hand the worker the steps that were found due, not later ones: a job must not be ended by its own start."""
    if waiting.last_due:
        with context.state.write() as connection:
            schedule.hand_over(connection, context.clock(), waiting.last_due)
    if waiting.last_due or waiting.handed_over:
        context.worker.start()
