"""The group `rekog emulator`, which the emulator defines itself. It is loaded by its name: nothing here imports it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..help import Context

if TYPE_CHECKING:
    import click

_MODULE = "rekog.emulator.command"


def command() -> click.Group:
    """Return the group."""
    group: click.Group = import_module(_MODULE).group
    for each in (group, *group.commands.values()):
        each.context_class = Context  # the layout of the help
    return group
