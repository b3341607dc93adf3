"""Contexts for tests that call the emulator's handlers and its worker without an `Emulator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rekog.emulator.background.worker import JOB_WAIT_SECONDS, Worker
from rekog.emulator.context import Context
from rekog.emulator.handlers import perform
from rekog.emulator.scope import Scope
from rekog.emulator.services.objects import Objects
from rekog.emulator.services.sns import Notifications
from rekog.emulator.vision import Vision

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog.emulator.state import State

SCOPE = Scope("123456789012", "us-east-1")


def context_and_worker(
    state: State,
    clock: Callable[[], float],
    *,
    objects: Objects | None = None,
    vision: Vision | None = None,
    notifications: Notifications | None = None,
    job_wait_seconds: float = JOB_WAIT_SECONDS,
) -> tuple[Context, Worker]:
    """Return a context of a state, and its worker."""

    def within(_scope: Scope) -> Context:
        return context

    worker = Worker(state, within, clock, job_wait_seconds=job_wait_seconds)
    context = Context(
        scope=SCOPE,
        state=state,
        objects=objects or Objects(None, state),
        vision=vision or Vision(),
        clock=clock,
        notifications=notifications or Notifications(),
        worker=worker,
        perform=perform,
    )
    return context, worker
