"""Drawings of results, and images converted into the form that the service reads. Both need the extra `images`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from .._core.answers.marks import MARKS
from .._generated.operations import METHODS
from .failures import WRONG_USAGE, Failure, note
from .help import SectionedOption
from .values import is_same_file

if TYPE_CHECKING:
    from .._values.model import Response

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
Side = Literal["source", "target"]


class Plan(NamedTuple):
    """A drawing to make once the response is there."""

    path: str
    image: Any
    side: Side


def fit_option(section: str = "Images") -> click.Option:
    """Return the option that converts images."""
    text = "Convert and shrink an image that the service would refuse, such as WebP."
    return SectionedOption(["--fit"], section=section, is_flag=True, default=False, help=text)


def options(*, has_sides: bool) -> list[click.Option]:
    """Return the options for a drawing."""
    path = click.Path(dir_okay=False)
    text = "Draw the results on a copy of a local image: .png, .jpg or .webp."
    found: list[click.Option] = [SectionedOption(["--draw"], section="Images", type=path, metavar="FILE", help=text)]
    if has_sides:
        sides = click.Choice(("source", "target"))
        text = "The image that --draw draws on."
        found.append(
            SectionedOption(
                ["--draw-side"], section="Images", type=sides, default="target", show_default=True, help=text
            )
        )
    return found


def fit(names: Sequence[str], arguments: dict[str, Any]) -> None:
    """Convert the local images among the arguments."""
    from .. import images

    for name in names:
        if _is_local(arguments[name]):
            arguments[name] = images.fit(arguments[name])


def plan_of(method: str, arguments: Mapping[str, Any], values: Mapping[str, Any]) -> Plan | None:
    """Return the drawing that a command line asks for; all that can be wrong is reported before the call."""
    path: str | None = values.get("draw")
    if path is None:
        return None
    side: Side = values.get("draw_side", "target")
    name = f"{side}_image" if method == "compare_faces" else "image"
    if not _is_local(arguments[name]):
        raise click.UsageError("--draw needs a local image: one in S3 is not downloaded")
    if os.path.splitext(path)[1].lower() not in _SUFFIXES:
        raise click.UsageError(f"--draw: {path!r} must end in {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}")
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise click.UsageError(f"--draw: there is no folder {os.path.dirname(path)!r}")
    if isinstance(arguments[name], str) and is_same_file(path, arguments[name]):
        raise click.UsageError(f"--draw: {path!r} is the image itself: give another file")
    if find_spec("PIL") is None:
        raise Failure("--draw needs Pillow: pip install '.[images]' in a clone of rekog", WRONG_USAGE)
    return Plan(path, arguments[name], side)


def can_draw(method: str) -> bool:
    """Tell whether the results of an operation have places in an image."""
    return f"{METHODS[method].name}Response" in MARKS


def draw(plan: Plan, response: Response) -> None:
    """Write a drawing."""
    from .. import images

    images.draw(plan.image, response, side=plan.side).save(plan.path)
    note(f"wrote {plan.path}")


def _is_local(image: object) -> bool:
    return not isinstance(image, dict) and not str(image).startswith("s3://")
