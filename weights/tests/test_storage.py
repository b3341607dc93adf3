"""Weights in fewer bits."""

from __future__ import annotations

import numpy as np
import pytest

from convert import onnx_file, opencv
from convert.onnx_file import Array, Graph, Node, Value
from convert.storage import quantized, store


def graph(weights: Array, *, groups: int = 1) -> Graph:
    count, depth, side, _ = weights.shape
    attributes: dict[str, onnx_file.Attribute] = {"kernel_shape": (side, side), "group": groups}
    nodes = [Node("Conv", ("image", "weights"), ("y",), attributes)]
    inputs, outputs = [Value("image", (1, depth * groups, 8, 8))], [Value("y", (1, count, 9 - side, 9 - side))]
    return Graph(inputs, outputs, nodes, {"weights": weights}, 13)


def numbers(*shape: int) -> opencv.Floats:
    return np.random.RandomState(3).normal(0, 1, shape).astype(np.float32)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_restored_weight_differs_by_at_most_half_a_scale(axis: int) -> None:
    weights = numbers(6, 5, 3, 3)
    stored, scales = quantized(weights, axis)
    assert stored.dtype.name == "int8"
    assert scales.size == weights.shape[axis]
    assert (np.abs(stored * scales - weights) <= scales * 0.5001).all()


def test_a_channel_of_zeros_stays_zero() -> None:
    weights = numbers(2, 40, 1, 1)
    weights[1] = 0
    stored, scales = quantized(weights, 0)
    assert not stored[1].any()
    assert np.isfinite(scales).all()


def test_weights_that_were_integers_before_are_kept() -> None:
    integers = np.random.RandomState(4).randint(-127, 128, (8, 40, 1, 1)).astype(np.int8)
    integers[:, 0] = 127
    scales = np.abs(numbers(8, 1, 1, 1)) + np.float32(0.1)
    stored, _ = quantized((integers * scales).astype(np.float32), 0)
    np.testing.assert_array_equal(stored, integers)


@pytest.mark.parametrize(("storage", "kinds"), [("int8", {"int8", "float32"}), ("float16", {"float16"})])
def test_a_large_weight_is_stored_in_fewer_bits(storage: str, kinds: set[str]) -> None:
    weights = numbers(16, 32, 3, 3)
    stored = store(graph(weights), storage)
    assert {tensor.dtype.name for tensor in stored.tensors.values()} == kinds
    image = np.ones((1, 32, 8, 8), np.float32)
    nets = [opencv.load(onnx_file.write_file(source, name="t", description="")) for source in (graph(weights), stored)]
    exact, close = (opencv.run(net, image, ["y"])[0] for net in nets)
    np.testing.assert_allclose(close, exact, atol=0.5)
    assert exact.std() > 5


@pytest.mark.parametrize(("channels", "kind"), [(64, "float16"), (128, "int8")])
def test_a_mixed_file_has_8_bits_for_the_largest_weights_only(channels: int, kind: str) -> None:
    stored = store(graph(numbers(channels, 64, 3, 3)), "mixed")
    assert next(iter(stored.tensors.values())).dtype.name == kind


@pytest.mark.parametrize("storage", ["int8", "float16", "mixed"])
def test_a_weight_with_few_numbers_a_channel_stays_exact(storage: str) -> None:
    weights = numbers(64, 1, 3, 3)
    assert list(store(graph(weights, groups=64), storage).tensors) == ["weights"]


def test_such_a_weight_takes_16_bits_if_they_are_enough() -> None:
    weights = numbers(64, 1, 3, 3).astype(np.float16).astype(np.float32)
    stored = store(graph(weights, groups=64), "int8")
    np.testing.assert_array_equal(stored.tensors["weights.half"], weights)
