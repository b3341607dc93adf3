"""What was declared about the picture or the video of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..._values.narrow import is_mapping
from .. import refusals
from ..state.rows import truth
from ..truth.capabilities import ANY_VERSION, is_timed
from ..truth.names import name_of, object_name

if TYPE_CHECKING:
    from ..context import Context
    from .images import ImageSource

Entries = list[dict[str, object]]
"""What was declared of one capability, as wire dicts; empty where there is nothing."""


def names(source: ImageSource) -> list[str]:
    """Return the names that a picture may have been declared under: its bytes come before its place in S3."""
    found = [name_of(source.data)]
    if source.bucket and source.key:
        found.append(object_name(source.bucket, source.key))
    return found


def declared(context: Context, source: ImageSource, capability: str) -> Entries | None:
    """Return what was declared of a capability about a picture, or None if nothing was."""
    with context.state.read() as connection:
        found = cast("Entries | None", truth.find(connection, names(source), capability))  # cast: only lists are kept
    if found and is_timed(found[0]):
        raise refusals.not_served(f"the {capability} that are declared for this object are those of a video")
    return found


def known(context: Context, source: ImageSource, capability: str, operation: str) -> Entries:
    """Return what was declared of a capability that no model here can see, or refuse."""
    found = declared(context, source, capability)
    if found is None:
        raise undeclared(operation, capability)
    return found


def known_custom_labels(context: Context, source: ImageSource, version: str) -> Entries:
    """Return the custom labels that were declared for a version of a project, or else for any."""
    with context.state.read() as connection:
        versions = truth.find(connection, names(source), "custom_labels")
    found = versions.get(version, versions.get(ANY_VERSION)) if is_mapping(versions) else None
    if found is None:
        raise undeclared("DetectCustomLabels", "custom_labels")
    return cast("Entries", found)  # cast: only lists are kept


def undeclared(operation: str, capability: str) -> refusals.RefusalError:
    """Return the refusal of what no model here can see and nobody declared."""
    return refusals.not_served(
        f"{operation}: this emulator can't tell the {capability} of a picture by itself, and invents nothing. Say what "
        f"it contains with Emulator.declare(picture, {capability}=[...]); an empty list says that there is nothing."
    )
