"""Let happen what is due: before each request, every asynchronous step whose time has come is done.

A kind of step is `FAMILY.FUNCTION`, a function of `handlers/FAMILY.py`. It does its work in transactions of its own and
may be run twice (by two threads, or again after a crash), so it looks first whether the step is still to be done.
Steps that take long are handed over to the worker after the request, and none waits for them but one that asks for
their job: it hands them over itself, and so comes back when all is done that the job's end brings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..state import schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..context import Context
    from ..state.schedule import Event, Work


def settle(context: Context) -> Work:
    """Do every quick step that is due by the emulator's clock, and return what there is for the worker."""
    while True:
        now = context.clock()
        with context.state.read() as connection:
            event = schedule.next_due(connection, now)
            work = schedule.work(connection, now)
        if event is None:
            return work
        perform(context.within(event.scope), event)
        with context.state.write() as connection:
            schedule.forget(connection, event.key)


def hand_over(context: Context, work: Work) -> None:
    """Let the worker do what was found due; not what came after that, so a job is not ended by its own start."""
    if work.last:
        with context.state.write() as connection:
            schedule.hand_over(connection, context.clock(), work.last)
    if work.last or work.handed:
        context.worker.wake()


def perform(context: Context, event: Event) -> None:
    """Run the function that an event names."""
    family, _, function = event.kind.partition(".")
    module = import_module(f"rekog.emulator.handlers.{family}")
    step = cast("Callable[[Context, Event], None]", getattr(module, function))  # cast: that is what kinds name
    step(context, event)
