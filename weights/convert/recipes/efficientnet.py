"""EfficientNet-Lite0 from the checkpoint of its PyTorch port.

The layers are those of https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite: EfficientNet-B0
without squeeze-and-excitation, and with a limited rectifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import checkpoint
from ..builder import Builder
from ..onnx_file import Array, Graph
from ..translate import padding

CHECKPOINT = "efficientnet-lite0-57934424.pth"
SIZE = 224
CLASSES = 1000
FEATURES = 1280
EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class _Stage:
    """Blocks of the same form: the first has the stride, the others repeat it without."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    inputs: int
    outputs: int


STAGES = (
    _Stage(1, 3, 1, 1, 32, 16),
    _Stage(2, 3, 2, 6, 16, 24),
    _Stage(2, 5, 2, 6, 24, 40),
    _Stage(3, 3, 2, 6, 40, 80),
    _Stage(3, 5, 1, 6, 80, 112),
    _Stage(4, 5, 2, 6, 112, 192),
    _Stage(1, 3, 1, 6, 192, 320),
)


class _Layers:
    """Convolutions with batch normalization; follows the size of the image for TensorFlow's padding."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.builder = Builder(("image", (1, 3, SIZE, SIZE)))
        self.size = SIZE
        self._weights = weights

    def _constant(self, name: str) -> str:
        return self.builder.constant(np.asarray(self._weights[name], np.float32))

    def convolution(self, tensor: str, name: str, normalization: str, *, stride: int = 1, groups: int = 1) -> str:
        kernel = self._weights[f"{name}.weight"].shape[2]
        before, behind, self.size = padding(self.size, kernel, stride)
        tensor = self.builder.add(
            "Conv",
            tensor,
            self._constant(f"{name}.weight"),
            kernel_shape=(kernel, kernel),
            strides=(stride, stride),
            pads=(before, before, behind, behind),
            group=groups,
        )
        parts = ("weight", "bias", "running_mean", "running_var")
        constants = [self._constant(f"{normalization}.{part}") for part in parts]
        return self.builder.add("BatchNormalization", tensor, *constants, epsilon=EPSILON)

    def classes(self, tensor: str) -> str:
        weights = np.asarray(self._weights["_fc.weight"], np.float32)[:, :, None, None]
        product = self.builder.add(
            "Conv", tensor, self.builder.constant(weights), self._constant("_fc.bias"), kernel_shape=(1, 1)
        )
        return self.builder.add("Flatten", product, axis=1)


def efficientnet_lite0(files: Mapping[str, bytes]) -> Graph:
    """Write down EfficientNet-Lite0, with its 1280 features as a second output."""
    layers = _Layers(checkpoint.read(files[CHECKPOINT]))
    builder = layers.builder
    tensor = builder.clip6(layers.convolution("image", "_conv_stem", "_bn0", stride=2))
    number = 0
    for stage in STAGES:
        for index in range(stage.repeats):
            source, block = tensor, f"_blocks.{number}"
            depth = (stage.outputs if index else stage.inputs) * stage.expansion
            stride = 1 if index else stage.stride
            if stage.expansion != 1:
                tensor = builder.clip6(layers.convolution(tensor, f"{block}._expand_conv", f"{block}._bn0"))
            name = f"{block}._depthwise_conv"
            tensor = builder.clip6(layers.convolution(tensor, name, f"{block}._bn1", stride=stride, groups=depth))
            tensor = layers.convolution(tensor, f"{block}._project_conv", f"{block}._bn2")
            if index:
                tensor = builder.add("Add", tensor, source)
            number += 1
    mean = builder.add("GlobalAveragePool", builder.clip6(layers.convolution(tensor, "_conv_head", "_bn1")))
    features = builder.add("Flatten", mean, axis=1)
    return builder.finish([("logits", layers.classes(mean), (1, CLASSES)), ("features", features, (1, FEATURES))])
