"""Declared content of a request's image."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .. import refusals
from ..state.rows import truth
from ..truth.capabilities import is_timed

if TYPE_CHECKING:
    from ..context import Context
    from .images import ImageSource

Entries = list[dict[str, object]]
"""The declared entries of one capability, as wire dicts; an empty list says that there are none."""


def declared(context: Context, source: ImageSource, capability: str) -> Entries | None:
    """Return the declared entries of a capability, or None if nothing is declared."""
    with context.state.read() as connection:
        entries = cast("Entries | None", truth.find(connection, source.names, capability))  # cast: only lists are kept
    if entries and is_timed(entries[0]):
        raise refusals.not_served(f"the {capability} declared for this object are those of a video")
    return entries


def declaring(arguments: str) -> str:
    """Return the code that declares content, for embedded emulators and for others."""
    return f"client.emulator.declare({arguments}) of an embedded emulator, else Emulator.declare({arguments})"


def undeclared(operation: str, capability: str) -> refusals.RefusalError:
    """Return the error for content that is not declared and that no detector sees in an image."""
    return refusals.not_served(
        f"{operation}: this emulator can't detect the {capability} of an image and does not make up values. "
        f"Declare them with {declaring(f'image, {capability}=[...]')}; an empty list says that there are none."
    )
