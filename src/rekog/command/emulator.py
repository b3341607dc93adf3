"""The group `rekog emulator`, which the emulator defines itself. It is loaded by its name: nothing here imports it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from .failures import WRONG_USAGE, Failure

_MODULE = "rekog.emulator.command"


def command() -> click.Group:
    """Return the group."""
    if find_spec(_MODULE) is None:
        raise Failure("this version has no group emulator: python -m rekog.emulator serves one", WRONG_USAGE)
    group: click.Group = import_module(_MODULE).group
    return group
