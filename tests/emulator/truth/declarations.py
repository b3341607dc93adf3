"""Images and declarations that several test modules of this folder use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rekog import models
from rekog.emulator import TruthError
from rekog.emulator.truth.declaring import checked
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from rekog import RekognitionClient

IMAGE = image_file(plain_image())
OTHER = image_file(plain_image(120, 90))
BOX = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/cats/version/one/1700000000000"

THERE_ARE = (
    "there are faces, labels, text, moderation, content_types, ppe, celebrities, custom_labels, persons, segments,"
    " video, audio"
)
"""End of a problem that lists the capabilities."""


def problems(**declaration: object) -> list[str]:
    """Return the problems of an invalid declaration."""
    with pytest.raises(TruthError) as caught:
        checked(declaration)
    return caught.value.problems


def label_names(client: RekognitionClient, image: bytes | str = IMAGE) -> list[str]:
    """Return the labels that DetectLabels returns for an image."""
    return [label.name for label in client.detect_labels(image).labels]
