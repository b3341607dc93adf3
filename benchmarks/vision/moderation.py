"""False alarms of moderation on the ordinary images of packages, and the few images of them that show a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rekog.emulator.answers.moderation import PARENTS
from rekog.emulator.refusals import RefusalError
from rekog.emulator.vision.decoding import ImageLimits, decode
from rekog.emulator.vision.efficientnet import EfficientNet
from rekog.emulator.vision.moderation.moderation_networks import CLASSES, EXPLICIT, MIN_CONFIDENCE
from rekog.emulator.vision.moderation.open_nsfw import OpenNsfw
from tests.kit.photographs import FILES, photograph

from .images import package_files, package_image
from .tables import Table

if TYPE_CHECKING:
    from rekog.emulator.vision.images import DecodedImage

_PACKAGES = ("face-api", "face_recognition", "grad-cam", "gradio", "human", "imgaug", "insightface", "opencv")
_SUBJECTS = {"basegun/warmup.jpg": "Weapons"}
"""Images whose main subject is a label."""
_SHOWN = 0.2


def tables() -> list[Table]:
    """Measure the labels of ordinary images."""
    scores = {name: _scores(image) for name, image in _images()}
    highest = [
        (name, label, f"{100 * score:.0f} %", "yes" if score >= MIN_CONFIDENCE else "no")
        for name, labels in scores.items()
        for label, score in sorted(labels.items(), key=lambda each: -each[1])
        if score >= _SHOWN
    ]
    alarms = sum(returned == "yes" for *_, returned in highest)
    return [
        Table(
            f"False alarms: {alarms} in {len(scores)} ordinary images. All scores of 20 % and more; labels of 50 % and "
            "more are returned.",
            ("image", "label", "score", "returned"),
            highest,
        ),
        Table(
            "Images whose main subject is a label. Of the other labels the packages have no images.",
            ("image", "label", "score", "returned"),
            [
                (name, label, f"{100 * score:.0f} %", "yes" if score >= MIN_CONFIDENCE else "no")
                for name, label in _SUBJECTS.items()
                for score in [_scores(decode(package_image(name)))[label]]
            ],
        ),
        Table(
            "The labels that can be seen, with their highest scores on these images. No other label of the taxonomy "
            "is ever returned, except the parents.",
            ("label", "below", "highest", "more than 20 %"),
            [
                (
                    label,
                    PARENTS[label] or "the top",
                    f"{100 * max(each[label] for each in scores.values()):.0f} %",
                    sum(each[label] > _SHOWN for each in scores.values()),
                )
                for label in (EXPLICIT, *CLASSES)
            ],
        ),
    ]


_NSFW, _CLASSIFIER = OpenNsfw(), EfficientNet()


def _scores(image: DecodedImage) -> Mapping[str, float]:
    probabilities = _CLASSIFIER.classify(image).probabilities
    return {
        EXPLICIT: _NSFW.estimate(image),
        **{label: float(probabilities[list(indices)].sum()) for label, indices in CLASSES.items()},
    }


def _images() -> Iterator[tuple[str, DecodedImage]]:
    for name, path in FILES.items():
        if not path.endswith(".mp4"):
            yield name, decode(photograph(name))
    for package in _PACKAGES:
        for name, data in package_files(package):
            try:
                yield name, decode(data, ImageLimits(minimum=80))
            except RefusalError:  # other formats, and icons
                continue
