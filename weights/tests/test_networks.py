"""The networks in OpenCV, against the numbers of ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest

import rekog_weights
from convert import onnx_file, opencv
from convert.references import UnavailableError, session
from convert.verify import random_image, softmax

NAMES = sorted(rekog_weights.manifest()["networks"])
RECORDED = Path(__file__).with_name("onnxruntime.json")  # written by `python -m tests.record` in the folder weights/
TOLERANCE = 1e-4  # of the largest number of an output, or of 1 if that is smaller


def image(name: str) -> opencv.Floats:
    low, high = rekog_weights.manifest()["networks"][name]["range"]
    return random_image(onnx_file.read(rekog_weights.path(name).read_bytes()), (low, high))


def outputs(name: str) -> dict[str, opencv.Floats]:
    names = list(rekog_weights.manifest()["networks"][name]["outputs"])
    results = opencv.run(opencv.load(rekog_weights.path(name).read_bytes()), image(name), names)
    return dict(zip(names, results, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_opencv_computes_the_recorded_numbers_of_onnx_runtime(name: str) -> None:
    recorded = cast("dict[str, dict[str, dict[str, list[float]]]]", json.loads(RECORDED.read_text()))[name]
    computed = outputs(name)
    assert list(computed) == list(recorded)
    for key, record in recorded.items():
        assert list(computed[key].shape) == record["shape"]
        np.testing.assert_allclose(
            sample(computed[key]), record["numbers"], rtol=0, atol=tolerance(record["largest"][0])
        )


def tolerance(largest: float) -> float:
    return TOLERANCE * max(largest, 1)


def sample(output: opencv.Floats) -> list[float]:
    """Return up to 40 numbers, spread over the output."""
    flat = output.reshape(-1)
    return [float(flat[index]) for index in np.linspace(0, flat.size - 1, min(40, flat.size)).astype(int)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_opencv_and_onnx_runtime_agree(name: str) -> None:
    try:
        runtime = session(rekog_weights.path(name).read_bytes())
    except UnavailableError as error:
        pytest.skip(str(error))
    computed = outputs(name)
    expected = runtime.run(list(computed), {"image": image(name)})
    for result, reference in zip(computed.values(), expected, strict=True):
        assert result.shape == reference.shape
        np.testing.assert_allclose(result, reference, rtol=0, atol=tolerance(float(np.abs(reference).max())))


@pytest.mark.parametrize("size", [(64, 96), (256, 256), (384, 256)])
def test_movenet_takes_each_multiple_of_32(size: tuple[int, int]) -> None:
    net = opencv.load(rekog_weights.path("movenet_multipose").read_bytes())
    (centers,) = opencv.run(net, np.zeros((1, 3, *size), np.float32), ["centers"])
    assert centers.shape == (1, 1, size[0] // 4, size[1] // 4)


@pytest.mark.parametrize("width", [48, 160, 1000])
def test_the_recognition_takes_each_width(width: int) -> None:
    net = opencv.load(rekog_weights.path("text_recognition").read_bytes())
    (logits,) = opencv.run(net, np.zeros((1, 3, 48, width), np.float32), ["logits"])
    assert logits.shape == (1, 6906, 1, width // 8)


def test_the_recognition_reads_a_line() -> None:
    import cv2

    line = np.full((48, 320, 3), 255, np.uint8)
    cv2.putText(line, "Hello world 42", (8, 34), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    blob = np.ascontiguousarray(line.transpose(2, 0, 1)[None] / np.float32(127.5) - 1, np.float32)
    net = opencv.load(rekog_weights.path("text_recognition").read_bytes())
    (logits,) = opencv.run(net, blob, ["logits"])
    classes = [int(number) for number in softmax(logits)[0, :, 0].argmax(axis=0)]
    steps = zip(classes, [0, *classes], strict=False)
    characters = rekog_weights.characters()
    assert "".join(characters[new] for new, old in steps if new and new != old) == "Hello world 42"
