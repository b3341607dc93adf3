"""Image properties in the form of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ... import models
from ..._core.handler_result import InWireForm
from ..._core.wire import to_wire
from ..vision.boxes import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..vision.colours import Colour, Part
    from ..vision.images import DecodedImage

MAX_COLOURS = 10
"""Number of dominant colours of each part when MaxDominantColors is absent."""


def max_colours(settings: models.DetectLabelsSettings | None) -> int:
    """Return the maximum number of dominant colours of each part of an image."""
    properties = settings.image_properties if settings else None
    return (
        MAX_COLOURS if properties is None or properties.max_dominant_colors is None else properties.max_dominant_colors
    )


def of_image(image: DecodedImage, limit: int) -> models.DetectLabelsImageProperties:
    """Measure an image's properties, with at most `limit` dominant colours of each part."""
    from ..vision.colours import measure_properties

    measured = measure_properties(image)
    whole, front, back = measured.whole, measured.foreground, measured.background
    quality = _quality(whole)
    quality.contrast = whole.contrast
    return models.DetectLabelsImageProperties(
        quality=quality,
        dominant_colors=_colours(whole.colours, limit),
        foreground=front
        and models.DetectLabelsImageForeground(quality=_quality(front), dominant_colors=_colours(front.colours, limit)),
        background=back
        and models.DetectLabelsImageBackground(quality=_quality(back), dominant_colors=_colours(back.colours, limit)),
    )


def add_to_instances(image: DecodedImage, labels: Iterable[models.Label], limit: int) -> None:
    """Add to instances of labels the dominant colours in their boxes (assumed), unless they are declared with some."""
    from ..vision.colours import dominant_colours

    for instance in (instance for label in labels for instance in label.instances):
        box = instance.bounding_box
        if not instance.dominant_colors:
            part = image.crop(Box(box.left, box.top, box.width, box.height).scaled(image.width, image.height))
            instance.dominant_colors = _colours(dominant_colours(part), limit)


def in_wire_form(response: models.DetectLabelsResponse) -> InWireForm[models.DetectLabelsResponse]:
    """Return a response with image properties: an instance without dominant colours has an empty list of them.

    So in recorded responses of the service. Without image properties the list is absent, so the encoder of all
    responses leaves it out.
    """
    wire = to_wire(response)
    labels = cast("list[dict[str, list[dict[str, object]]]]", wire["Labels"])  # cast: the wire form of labels
    for instance in (instance for label in labels for instance in label["Instances"]):
        instance.setdefault("DominantColors", [])
    return InWireForm(wire)


def _quality(part: Part) -> models.DetectLabelsImageQuality:
    return models.DetectLabelsImageQuality(brightness=part.brightness, sharpness=part.sharpness)


def _colours(colours: Sequence[Colour], limit: int) -> list[models.DominantColor]:
    return [
        models.DominantColor(
            red=colour.red,
            green=colour.green,
            blue=colour.blue,
            hex_code=colour.code,
            css_color=colour.name,
            simplified_color=colour.simplified,
            pixel_percent=100.0 * colour.share,
        )
        for colour in colours[:limit]
    ]
