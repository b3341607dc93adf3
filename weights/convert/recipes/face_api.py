"""The networks of face-api.js, which are published as weights only; its program has the layers.

https://github.com/vladmandic/face-api, `src/faceFeatureExtractor`, `src/xception` and `src/ageGenderNet`. Sizes of the
images: 112, 56, 28, 14 and 7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import numpy as np

from .. import tensorflow_js
from ..builder import Builder
from ..onnx_file import Array, Graph
from ..translate import padding

SIZE = 112
MEAN = (122.782, 117.001, 104.298)  # red, green, blue


class _Layers:
    """Layers with weights in TensorFlow's order, over images with the channels first."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.builder = Builder(("image", (1, 3, SIZE, SIZE)))
        self._weights = weights

    def normalized(self) -> str:
        mean = np.array(MEAN, np.float32).reshape(1, 3, 1, 1)
        centred = self.builder.add("Sub", "image", self.builder.constant(mean))
        return self.builder.add("Div", centred, self.builder.scalar(255.0))

    def relu(self, tensor: str) -> str:
        return self.builder.add("Relu", tensor)

    def total(self, first: str, *others: str) -> str:
        for other in others:
            first = self.builder.add("Add", first, other)
        return first

    def _convolution(self, tensor: str, weights: Array, bias: Array | None, stride: int, groups: int = 1) -> str:
        rows, columns = weights.shape[2:]
        constants = [
            self.builder.constant(np.ascontiguousarray(array)) for array in (weights, bias) if array is not None
        ]
        before, behind, _ = padding(SIZE, rows, stride)  # equal for all sizes, because all are even where a stride is 2
        return self.builder.add(
            "Conv",
            tensor,
            *constants,
            kernel_shape=(rows, columns),
            strides=(stride, stride),
            pads=(before, before, behind, behind),
            group=groups,
        )

    def convolution(self, tensor: str, name: str, stride: int) -> str:
        weights = self._weights[f"{name}/filters"].transpose(3, 2, 0, 1)
        return self._convolution(tensor, weights, self._weights[f"{name}/bias"], stride)

    def separable(self, tensor: str, name: str, stride: int = 1) -> str:
        """A convolution per channel, and one across the channels."""
        depthwise = self._weights[f"{name}/depthwise_filter"].transpose(2, 3, 0, 1)
        pointwise = self._weights[f"{name}/pointwise_filter"].transpose(3, 2, 0, 1)
        tensor = self._convolution(tensor, depthwise, None, stride, groups=depthwise.shape[0])
        return self._convolution(tensor, pointwise, self._weights[f"{name}/bias"], 1)

    def mean(self, tensor: str) -> str:
        """The mean over the image of 7 by 7."""
        return self.builder.add("GlobalAveragePool", tensor)

    def connected(self, tensor: str, name: str) -> str:
        """A matrix product, written as a convolution of an image of one pixel."""
        weights = self._weights[f"{name}/weights"].T[:, :, None, None]
        product = self._convolution(tensor, weights, self._weights[f"{name}/bias"], 1)
        return self.builder.add("Flatten", product, axis=1)

    def softmax(self, tensor: str) -> str:
        return self.builder.add("Softmax", tensor, axis=1)


def _weights(files: Mapping[str, bytes], name: str) -> dict[str, Array]:
    groups = cast("list[tensorflow_js.Group]", json.loads(files[f"{name}-weights_manifest.json"]))
    return tensorflow_js.read_weights(groups, files)


def face_expression(files: Mapping[str, bytes]) -> Graph:
    """Write down the network of expressions: four dense blocks, and one layer for the classes."""
    layers = _Layers(_weights(files, "face_expression_model"))
    tensor = layers.normalized()
    for index in range(4):
        tensor = _dense_block(layers, tensor, f"dense{index}", first=index == 0)
    probabilities = layers.softmax(layers.connected(layers.mean(tensor), "fc"))
    return layers.builder.finish([("probabilities", probabilities, (1, 7))])


def _dense_block(layers: _Layers, tensor: str, name: str, *, first: bool) -> str:
    reduced = (layers.convolution if first else layers.separable)(tensor, f"{name}/conv0", 2)
    parts = [layers.relu(reduced)]
    for index in (1, 2, 3):
        source = parts[0] if index == 1 else layers.relu(layers.total(*parts))
        parts.append(layers.separable(source, f"{name}/conv{index}"))
    return layers.relu(layers.total(*parts))


def face_age_gender(files: Mapping[str, bytes]) -> Graph:
    """Write down the network of age and gender, a small Xception with two layers at its end."""
    layers = _Layers(_weights(files, "age_gender_model"))
    tensor = layers.relu(layers.convolution(layers.normalized(), "entry_flow/conv_in", 2))
    tensor = _reduction(layers, tensor, "entry_flow/reduction_block_0", activate=False)
    tensor = _reduction(layers, tensor, "entry_flow/reduction_block_1", activate=True)
    for index in range(2):
        block = tensor
        for part in range(3):
            block = layers.separable(layers.relu(block), f"middle_flow/main_block_{index}/separable_conv{part}")
        tensor = layers.total(block, tensor)
    tensor = _reduction(layers, tensor, "exit_flow/reduction_block", activate=True)
    mean = layers.mean(layers.relu(layers.separable(tensor, "exit_flow/separable_conv")))
    age, gender = layers.connected(mean, "fc/age"), layers.connected(mean, "fc/gender")
    return layers.builder.finish([("age", age, (1, 1)), ("gender", layers.softmax(gender), (1, 2))])


def _reduction(layers: _Layers, tensor: str, name: str, *, activate: bool) -> str:
    block = layers.separable(layers.relu(tensor) if activate else tensor, f"{name}/separable_conv0")
    block = layers.separable(layers.relu(block), f"{name}/separable_conv1")
    pads = (0, 0, 1, 1)
    pooled = layers.builder.add("MaxPool", block, kernel_shape=(3, 3), strides=(2, 2), pads=pads)
    return layers.total(pooled, layers.convolution(tensor, f"{name}/expansion_conv", 2))
