"""Let happen what is due: before each request, every asynchronous step whose time has come is done.

A kind of step is `FAMILY.FUNCTION`, a function of `handlers/FAMILY.py`. It does its work in transactions of its own and
may be run twice (by two threads, or again after a crash), so it looks first whether the step is still to be done.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

import attrs

from .state import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from .context import Context
    from .state.events import Event


def settle(context: Context) -> None:
    """Do every step that is due by the emulator's clock."""
    while True:
        with context.state.read() as connection:
            event = events.next_due(connection, context.clock())
        if event is None:
            return
        family, _, function = event.kind.partition(".")
        module = import_module(f"rekog.emulator.handlers.{family}")
        step = cast("Callable[[Context, Event], None]", getattr(module, function))  # cast: that is what kinds name
        step(attrs.evolve(context, scope=event.scope), event)
        with context.state.write() as connection:
            events.forget(connection, event.key)
