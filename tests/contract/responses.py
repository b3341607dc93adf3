"""Values that several test modules read from responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.clients import Json


def label_names(response: Json, member: str = "Labels") -> list[str]:
    return [label["Name"] for label in response[member]]
