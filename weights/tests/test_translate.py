"""The translation of TensorFlow graphs, against sums written out in NumPy with the channels last."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from convert import onnx_file, opencv
from convert.builder import Builder
from convert.tensorflow_graph import Attribute, Network, Node
from convert.translate import Tensor, Translation, UnsupportedError

Floats = NDArray[np.float32]


def computed(nodes: list[Node], weights: Mapping[str, onnx_file.Array], image: Floats, output: str) -> Floats:
    """Return an output of a TensorFlow graph, translated and run by OpenCV, in TensorFlow's order."""
    constants = [Node(name, "Const") for name in weights]
    network = Network({node.name: node for node in [*constants, *nodes]}, weights)
    batch, height, width, channels = image.shape
    builder = Builder(("image", (batch, channels, height, width)))
    tensor = Translation(network, {"x": Tensor("image", image.shape)}, builder).tensor(output)
    file = onnx_file.write_file(builder.finish([("y", tensor.name, tensor.shape)]), name="test", description="")
    (result,) = opencv.run(opencv.load(file), np.ascontiguousarray(image.transpose(0, 3, 1, 2)), ["y"])
    result = result.transpose(0, 2, 3, 1) if len(tensor.shape) == 4 else result
    assert result.shape == tensor.shape
    return result


def convolution(image: Floats, kernel: Floats, stride: int, *, depthwise: bool = False) -> Floats:
    """A convolution as TensorFlow's documentation of the padding SAME defines it."""
    _, height, width, channels = image.shape
    rows, columns, _, count = kernel.shape
    size = [-(-length // stride) for length in (height, width)]
    total = [max((size[axis] - 1) * stride + kernel.shape[axis] - image.shape[axis + 1], 0) for axis in (0, 1)]
    pads = [(amount // 2, amount - amount // 2) for amount in total]
    padded = np.pad(image[0], [*pads, (0, 0)])
    result = np.zeros((1, *size, channels * count if depthwise else count), np.float32)
    for row in range(size[0]):
        for column in range(size[1]):
            part = padded[row * stride : row * stride + rows, column * stride : column * stride + columns]
            if depthwise:
                result[0, row, column] = np.einsum("ijc,ijcm->cm", part, kernel).reshape(-1)
            else:
                result[0, row, column] = np.einsum("ijc,ijcm->m", part, kernel)
    return result


def numbers(*shape: int) -> Floats:
    return np.random.RandomState(sum(shape)).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("size", [(8, 10), (7, 9), (5, 6)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [1, 3, 5])
@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
def test_a_convolution_pads_as_tensorflow_does(size: tuple[int, int], stride: int, side: int, op: str) -> None:
    image = numbers(1, *size, 4)
    kernel = numbers(side, side, 4, 1 if op != "Conv2D" else 6)
    attributes: dict[str, Attribute] = {"strides": (1, stride, stride, 1), "padding": "SAME"}
    result = computed([Node("y", op, ("x", "kernel"), attributes)], {"kernel": kernel}, image, "y")
    expected = convolution(image, kernel, stride, depthwise=op != "Conv2D")
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_bias_and_activation_of_a_fused_convolution_follow_it() -> None:
    image, kernel, bias = numbers(1, 4, 4, 2), numbers(1, 1, 2, 3), numbers(3)
    attributes: dict[str, Attribute] = {"strides": (1, 1, 1, 1), "padding": "VALID", "fused_ops": ("BiasAdd", "Relu")}
    nodes = [Node("y", "_FusedConv2D", ("x", "kernel", "bias"), attributes)]
    result = computed(nodes, {"kernel": kernel, "bias": bias}, image, "y")
    np.testing.assert_allclose(result, np.maximum(convolution(image, kernel, 1) + bias, 0), atol=1e-6)


def test_constants_are_per_channel_of_the_last_axis() -> None:
    image, scale = numbers(1, 3, 3, 3), numbers(3)
    nodes = [Node("scaled", "Mul", ("x", "scale")), Node("y", "Sub", ("scaled", "scale"))]
    np.testing.assert_allclose(computed(nodes, {"scale": scale}, image, "y"), image * scale - scale, atol=1e-6)


def test_a_batch_normalization_of_constants_is_computed_in_advance() -> None:
    image, variance, epsilon = numbers(1, 2, 2, 3), np.abs(numbers(3)), np.array(1e-3, np.float32)
    nodes = [
        Node("sum", "Add", ("variance", "epsilon")),
        Node("scale", "Rsqrt", ("sum",)),
        Node("y", "Mul", ("x", "scale")),
    ]
    result = computed(nodes, {"variance": variance, "epsilon": epsilon}, image, "y")
    np.testing.assert_allclose(result, image / np.sqrt(variance + epsilon), rtol=1e-5)


def test_rows_of_a_reshaped_image_have_the_order_of_tensorflow() -> None:
    image = numbers(1, 2, 3, 4)
    result = computed([Node("y", "Reshape", ("x", "s"))], {"s": np.array([1, -1, 2], np.int32)}, image, "y")
    np.testing.assert_array_equal(result, image.reshape(1, -1, 2))


def test_padding_and_concatenation_of_channels() -> None:
    image = numbers(1, 2, 2, 3)
    weights: dict[str, onnx_file.Array] = {
        "pads": np.array([[0, 0], [0, 0], [0, 0], [0, 2]], np.int32),
        "axis": np.array(3, np.int32),
    }
    nodes = [Node("padded", "Pad", ("x", "pads")), Node("y", "ConcatV2", ("padded", "x", "axis"))]
    expected = np.concatenate([np.pad(image, [(0, 0), (0, 0), (0, 0), (0, 2)]), image], axis=3)
    np.testing.assert_array_equal(computed(nodes, weights, image, "y"), expected)


def test_the_maximum_ignores_the_padding() -> None:
    image = numbers(1, 5, 5, 2) - 2
    attributes: dict[str, Attribute] = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": "SAME"}
    result = computed([Node("y", "MaxPool", ("x",), attributes)], {}, image, "y")
    padded = np.pad(image, [(0, 0), (0, 1), (0, 1), (0, 0)], constant_values=-np.inf)
    expected = padded.reshape(1, 3, 2, 3, 2, 2).max(axis=(2, 4))
    np.testing.assert_array_equal(result, expected)


def test_an_enlarged_image_has_half_pixel_centres() -> None:
    image = np.array([0, 4], np.float32).reshape(1, 1, 2, 1)
    size = np.array([1, 4], np.int32)
    nodes = [Node("y", "ResizeBilinear", ("x", "size"), {"half_pixel_centers": 1})]
    assert computed(nodes, {"size": size}, image, "y").reshape(-1).tolist() == [0, 1, 3, 4]


def test_an_unknown_operation_is_an_error_with_its_name() -> None:
    with pytest.raises(UnsupportedError, match="y: the operation Sin is not supported"):
        computed([Node("y", "Sin", ("x",))], {}, numbers(1, 2, 2, 1), "y")
