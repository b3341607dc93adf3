"""What a handler works with: whose request it is, and the rooms of the emulator it may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import attrs

from .services.sns import Notifications
from .settings import Durations, Limits

if TYPE_CHECKING:
    from .background.worker import Worker
    from .services.objects import Objects
    from .state import State
    from .vision import Vision


class Scope(NamedTuple):
    """Whose resources a request sees: accounts and regions know nothing of each other."""

    account: str
    region: str


def _worker(context: Context) -> Worker:
    """Return a worker for surroundings that are not those of an emulator."""
    from .background.worker import Worker

    return Worker(context.state, context.within, context.clock)


@attrs.frozen
class Context:
    """One request's surroundings. `clock` gives epoch seconds."""

    scope: Scope
    state: State
    objects: Objects
    vision: Vision
    clock: Callable[[], float]
    limits: Limits = attrs.field(factory=Limits)
    durations: Durations = attrs.field(factory=Durations)
    notifications: Notifications = attrs.field(factory=Notifications)
    worker: Worker = attrs.field(default=attrs.Factory(_worker, takes_self=True))

    def within(self, scope: Scope) -> Context:
        """Return these surroundings for another's resources."""
        return attrs.evolve(self, scope=scope)

    def due(self, seconds: float) -> float:
        """Return when something is done that takes so long from now on; 0 if it takes no time, whatever the clock."""
        return self.clock() + seconds if seconds else 0.0
