"""Image properties as the service describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..vision.colours import Colour, Part
    from ..vision.images import DecodedImage

MOST_COLOURS = 10


def most_colours(settings: models.DetectLabelsSettings | None) -> int:
    """Return how many dominant colours a request wants of each part of a picture."""
    asked = settings.image_properties if settings else None
    return MOST_COLOURS if asked is None or asked.max_dominant_colors is None else asked.max_dominant_colors


def of_image(image: DecodedImage, most: int) -> models.DetectLabelsImageProperties:
    """Measure a picture's properties, with at most so many dominant colours of each part."""
    from ..vision.colours import measure_properties

    measured = measure_properties(image)
    whole, front, back = measured.whole, measured.foreground, measured.background
    quality = _quality(whole)
    quality.contrast = whole.contrast
    return models.DetectLabelsImageProperties(
        quality=quality,
        dominant_colors=_colours(whole.colours, most),
        foreground=front
        and models.DetectLabelsImageForeground(quality=_quality(front), dominant_colors=_colours(front.colours, most)),
        background=back
        and models.DetectLabelsImageBackground(quality=_quality(back), dominant_colors=_colours(back.colours, most)),
    )


def add_to_instances(image: DecodedImage, labels: Iterable[models.Label], most: int) -> None:
    """Give instances of labels the dominant colours in their boxes (assumed), unless they were declared with some."""
    from ..vision.colours import dominant_colours
    from ..vision.faces import Box

    width, height = image.width, image.height
    for instance in (instance for label in labels for instance in label.instances):
        box = instance.bounding_box
        if not instance.dominant_colors:
            part = image.crop(Box(box.left * width, box.top * height, box.width * width, box.height * height))
            instance.dominant_colors = _colours(dominant_colours(part), most)


def _quality(part: Part) -> models.DetectLabelsImageQuality:
    return models.DetectLabelsImageQuality(brightness=part.brightness, sharpness=part.sharpness)


def _colours(colours: Sequence[Colour], most: int) -> list[models.DominantColor]:
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
        for colour in colours[:most]
    ]
