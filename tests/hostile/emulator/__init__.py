"""Attacks on the emulator. Modules define a function; `ATTACKS` lists them with their counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile.attack import Attack

ATTACKS: tuple[Attack, ...] = ()
