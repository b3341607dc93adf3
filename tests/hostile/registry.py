"""All attacks, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile import emulator, sdk

if TYPE_CHECKING:
    from tests.hostile.attack import Attack

ATTACKS: dict[str, Attack] = {attack.name: attack for attack in (*sdk.ATTACKS, *emulator.ATTACKS)}
