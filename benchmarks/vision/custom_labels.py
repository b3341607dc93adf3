"""Accuracy of custom labels: classifiers trained on a few parts of photographs, or on a few frames of videos.

The test images are held out: other, smaller and darker or brighter parts of the same photographs, and frames of the
second half of each video.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from rekog.emulator.vision.custom_classifier import PENALTY, fit
from rekog.emulator.vision.efficientnet import EfficientNet
from rekog.emulator.vision.images import DecodedImage
from tests.kit.photographs import photograph, photograph_path

from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

PHOTOGRAPHS = (
    *("astronaut", "camera", "cat", "clock", "coffee", "coins", "flower"),
    *("grass", "hubble", "motorcycle", "officer", "page", "palace", "rocket"),
)
VIDEOS = ("bikes", "bunny", "carphone")
COUNTS = (1, 2, 4, 8)
TESTS = 20
_SEED = 2026


PENALTIES = (1e-2, 1e-3, 1e-4)


class _Images(NamedTuple):
    """Features of the images of a class, one row each; `mirrored` are those of mirrored training images."""

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    mirrored: NDArray[np.float32]


def tables() -> list[Table]:
    """Return the accuracy on held-out images by the number of training images."""
    network = EfficientNet()
    parts = {name: _parts(network, name) for name in PHOTOGRAPHS}
    frames = {name: _frames(network, name) for name in VIDEOS}
    columns = ("training images a class", "right", "F1", "processor seconds to train", "misses")
    shown = ", ".join(f"`{name}`" for name in PHOTOGRAPHS)
    return [
        Table(
            f"Fourteen photographs, a class each ({shown}). Trained on parts with 50 to 80 % of the width and height, "
            f"measured on {TESTS} others of each with 20 to 50 %, half of them mirrored, at 0.6 to 1.4 times the "
            "brightness. The processor time is that of the regression with one thread (`OPENBLAS_NUM_THREADS=1`); the "
            "features of an image take one run of the network, and are computed once.",
            columns,
            [_row(parts, count) for count in COUNTS],
        ),
        Table(
            "Three videos, a class each (`bikes`, `bunny`, `carphone`). Trained on frames of the first half, measured "
            f"on {TESTS} frames of the second half, which for `bikes` shows other places.",
            columns,
            [_row(frames, count) for count in COUNTS],
        ),
        Table(
            f"The fourteen photographs with other penalties (the emulator's is {PENALTY:g}), and with a mirrored copy "
            f"of each training image: right of {TESTS * len(PHOTOGRAPHS)}.",
            ("penalty", "mirrored copies", *(f"{count} a class" for count in COUNTS)),
            [
                (f"{penalty:g}", "yes" if mirrored else "no", *_right(parts, penalty, mirrored=mirrored))
                for penalty in PENALTIES
                for mirrored in (False, True)
            ],
        ),
    ]


def _right(images: Mapping[str, _Images], penalty: float, *, mirrored: bool) -> list[int]:
    """Return the number of test images whose label has the highest score, by the number of training images."""
    result: list[int] = []
    for count in COUNTS:
        sets = [each.train[:count] for each in images.values()]
        sets += [each.mirrored[:count] for each in images.values()] if mirrored else []
        labels = [{name} for name in images for _ in range(count)] * (1 + mirrored)
        classifier = fit(np.concatenate(sets), labels, penalty=penalty)
        right = 0
        for name, each in images.items():
            for features in each.test:
                scores = classifier.scores(features)
                right += max(scores, key=lambda label: scores[label]) == name
        result.append(right)
    return result


def _row(images: Mapping[str, _Images], count: int) -> Sequence[object]:
    rows = np.concatenate([each.train[:count] for each in images.values()])
    labels = [{name} for name in images for _ in range(count)]
    start = time.process_time()
    classifier = fit(rows, labels)
    seconds = time.process_time() - start
    misses: dict[tuple[str, str], int] = {}
    for name, each in images.items():
        for features in each.test:
            scores = classifier.scores(features)
            best = max(scores, key=lambda label: scores[label])
            misses[name, best] = misses.get((name, best), 0) + 1
    right = {name: misses.pop((name, name), 0) for name in images}
    total = TESTS * len(images)
    f1_scores = [
        2 * right[name] / (TESTS + right[name] + sum(count for (_, best), count in misses.items() if best == name))
        for name in images
    ]
    listed = ", ".join(f"`{name}` as `{best}`: {number}" for (name, best), number in misses.items()) or "none"
    accuracy = f"{sum(right.values())} of {total}"
    return count, accuracy, f"{np.mean(f1_scores):.3f}", f"{seconds:.2f}", listed


def _parts(network: EfficientNet, name: str) -> _Images:
    image = Image.open(io.BytesIO(photograph(name))).convert("RGB")
    random = np.random.default_rng([_SEED, *name.encode()])

    def part(smallest: float, largest: float) -> Image.Image:
        size = random.uniform(smallest, largest)
        width, height = int(image.width * size), int(image.height * size)
        left, top = random.integers(image.width - width + 1), random.integers(image.height - height + 1)
        return image.crop((int(left), int(top), int(left) + width, int(top) + height))

    train = [part(0.5, 0.8) for _ in range(max(COUNTS))]
    test: list[Image.Image] = []
    for number in range(TESTS):
        cropped = part(0.2, 0.5)
        cropped = ImageOps.mirror(cropped) if number % 2 else cropped
        test.append(ImageEnhance.Brightness(cropped).enhance(random.uniform(0.6, 1.4)))
    mirrored = [ImageOps.mirror(each) for each in train]
    return _Images(_features(network, train), _features(network, test), _features(network, mirrored))


def _frames(network: EfficientNet, name: str) -> _Images:
    images = list(_decoded(name))
    half = len(images) // 2
    train = [images[int(index)] for index in np.linspace(0, half - 1, max(COUNTS))]
    # the first of few frames shall not all be of one shot
    order = np.random.default_rng(_SEED).permutation(max(COUNTS))
    test = [images[int(index)] for index in np.linspace(half, len(images) - 1, TESTS)]
    features = _features(network, [train[int(index)] for index in order])
    return _Images(features, _features(network, test), features[:0])


def _decoded(name: str) -> Iterator[Image.Image]:
    import av

    with av.open(str(photograph_path(name))) as container:
        for frame in container.decode(video=0):
            yield Image.fromarray(frame.to_ndarray(format="rgb24"))


def _features(network: EfficientNet, images: Sequence[Image.Image]) -> NDArray[np.float32]:
    return np.stack([network.classify(DecodedImage(image)).features for image in images])
