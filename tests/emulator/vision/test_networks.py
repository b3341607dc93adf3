"""Inputs of networks: the numbers of OpenCV, and when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rekog.emulator.vision import efficientnet
from rekog.emulator.vision.efficientnet import EfficientNet
from rekog.emulator.vision.images import DecodedImage, prepared, remembered
from rekog.emulator.vision.labels import ssd
from rekog.emulator.vision.labels.label_networks import LabelNetworks
from rekog.emulator.vision.moderation import open_nsfw
from rekog.emulator.vision.moderation.moderation_networks import ModerationNetworks
from rekog.emulator.vision.networks import Network, network_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog.emulator.vision.networks import Floats

MEANS = st.floats(0, 255, width=32)
SHAPES: dict[str, tuple[int, ...]] = {
    "logits": (1, 1000),
    "features": (1, 1280),
    "probabilities": (1, 2),
    "boxes": (1, 1917, 4),
    "classes": (1, 1917, 91),
}
DETECTORS: list[Callable[[], LabelNetworks | ModerationNetworks]] = [
    lambda: LabelNetworks(EfficientNet()),
    lambda: ModerationNetworks(EfficientNet()),
]


@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    seed=st.integers(0, 99),
    scale=st.sampled_from([1.0, 1 / 127.5, 1 / 128, 1 / 255]),
    mean=st.tuples(MEANS, MEANS, MEANS),
    blue_first=st.booleans(),
)
def test_an_input_is_the_blob_that_opencv_makes_of_the_pixels(
    size: tuple[int, int], seed: int, scale: float, mean: tuple[float, float, float], *, blue_first: bool
) -> None:
    wide = np.random.default_rng(seed).integers(0, 256, (size[0], size[1] + 2, 3), np.uint8)
    pixels = wide[:, 1:-1]  # a part of an image, whose rows are not side by side in memory
    expected = cv2.dnn.blobFromImage(pixels, scale, mean=mean, swapRB=not blue_first)
    made = network_input(pixels, scale, mean, blue_first=blue_first)
    assert made.dtype == np.float32
    assert made.flags.c_contiguous
    assert np.array_equal(made, expected)


@pytest.mark.parametrize("create", DETECTORS, ids=["labels", "moderation"])
def test_an_operation_reads_the_inputs_of_all_its_networks_before_it_runs_one(
    monkeypatch: pytest.MonkeyPatch, create: Callable[[], LabelNetworks | ModerationNetworks]
) -> None:
    steps: list[str] = []

    def read(*arguments: object, **options: object) -> Floats:
        steps.append("read")
        return np.zeros((1, 3, 1, 1), np.float32)

    def run(network: Network, _image: Floats) -> tuple[Floats, ...]:
        steps.append("run")
        names = network._outputs  # pyright: ignore[reportPrivateUsage]  # to return outputs of their shapes
        return tuple(np.zeros(SHAPES[name], np.float32) for name in names)

    for module in (efficientnet, ssd, open_nsfw):
        monkeypatch.setattr(module, "network_input", read)
    monkeypatch.setattr(Network, "run", run)
    create().detect(DecodedImage(Image.new("RGB", (300, 300))))
    assert steps == ["read", "read", "run", "run"]


def test_no_input_is_read_for_a_result_that_is_remembered() -> None:
    image = DecodedImage(Image.new("RGB", (100, 100)))
    remembered(image, "key", lambda: "seen")

    def read() -> None:
        raise AssertionError("the pixels were read")

    assert prepared(image, "key", read, lambda _: "seen again")() == "seen"
