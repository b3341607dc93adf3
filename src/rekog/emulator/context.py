"""Context of a request: scope, state, object store, vision, clock, and the limits and durations in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import attrs

from .settings import Durations, Limits

if TYPE_CHECKING:
    from .scope import Scope
    from .services.objects import Objects
    from .services.sns import Notifications
    from .state import State
    from .state.schedule import Step
    from .vision import Vision


class WorkerControl(Protocol):
    """Part of the background worker that handlers and steps use."""

    def wake(self) -> None:
        """Let the worker do the steps that were handed over."""

    def wait(self, *job_ids: str) -> None:
        """Wait until these jobs, if due, have ended and notified their topics; without an id, until all have."""

    def raise_if_closed(self) -> None:
        """Raise an exception that ends a slow step if the emulator is being closed."""


@attrs.frozen(kw_only=True)
class Context:
    """The parts of the emulator that a request or step uses. `clock` returns epoch seconds."""

    scope: Scope
    state: State
    objects: Objects
    vision: Vision
    clock: Callable[[], float]
    limits: Limits = attrs.field(factory=Limits)
    durations: Durations = attrs.field(factory=Durations)
    notifications: Notifications
    worker: WorkerControl
    perform: Callable[[Context, Step], None]
    """Does an asynchronous step; see `handlers/steps.py`."""
    name_of: Callable[[bytes], str] | None = None
    """Returns the name of bytes of the request, which were hashed for its record; None outside of a request."""

    def within(self, scope: Scope, name_of: Callable[[bytes], str] | None = None) -> Context:
        """Return this context for another account and region, and for the bytes of one request."""
        return attrs.evolve(self, scope=scope, name_of=name_of)

    def due(self, seconds: float) -> float:
        """Return the time at which something that takes so many seconds is done; 0 if it takes none."""
        return self.clock() + seconds if seconds else 0.0
