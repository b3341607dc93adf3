"""Storage of weights as 8-bit integers or in 16 bits; all arithmetic stays in float32.

**8 bits.** Each output channel of a weight has a scale: the largest magnitude divided by 127. The file holds the
rounded quotients and the scales, and the graph multiplies them (`Cast`, `Mul`). A weight with few numbers a channel,
such as that of a depthwise convolution, would save little and lose much: it stays as it is.

**16 bits**, for networks whose outputs change visibly with 8 bits, and for weights that 16 bits hold exactly, because
their source has no more. The graph converts them (`Cast`).

**Mixed**: 16 bits for the smaller weights, 8 bits for the larger ones. The smaller weights are those of the first
layers, which see the whole image: they make most of the error and little of the size.

OpenCV and ONNX Runtime compute the products and conversions once, when they load the file.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .onnx_file import FLOAT, Array, Graph, Node

Bytes = NDArray[np.int8]
Floats = NDArray[np.float32]

FEW = 32  # numbers a channel
MIXED = 65_536  # numbers of the smallest weight with 8 bits in a mixed file
SMALLEST = 256  # numbers; a conversion of a smaller weight would save nothing
CHANNEL = {"Conv": 0, "ConvTranspose": 1}  # the axis of the output channels


def quantized(weights: Array, axis: int) -> tuple[Bytes, Floats]:
    """Return integers and scales; a product of both differs by at most half a scale from the weight."""
    values = np.asarray(weights, np.float32)
    others = tuple(index for index in range(values.ndim) if index != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scales = np.where(largest > 0, largest, np.float32(1)) / np.float32(127)
    return np.rint(values / scales).astype(np.int8), scales.astype(np.float32)


def store(graph: Graph, storage: str) -> Graph:
    """Return the graph with the large weights of convolutions stored as "int8", "float16" or "mixed"."""
    tensors: dict[str, Array] = {}
    restoring: list[Node] = []
    axes = {node.inputs[1]: CHANNEL[node.op] for node in graph.nodes if node.op in CHANNEL}
    for name, tensor in graph.tensors.items():
        if name not in axes or tensor.size < SMALLEST:
            tensors[name] = tensor
            continue
        half = tensor.astype(np.float16)
        few = tensor.size // tensor.shape[axes[name]] < FEW
        if few and not np.array_equal(half, tensor):
            tensors[name] = tensor
        elif few or storage == "float16" or (storage == "mixed" and tensor.size < MIXED):
            tensors[f"{name}.half"] = half
            restoring.append(Node("Cast", (f"{name}.half",), (name,), {"to": FLOAT}))
        else:
            tensors[f"{name}.int8"], tensors[f"{name}.scale"] = quantized(tensor, axes[name])
            restoring.append(Node("Cast", (f"{name}.int8",), (f"{name}.float",), {"to": FLOAT}))
            restoring.append(Node("Mul", (f"{name}.float", f"{name}.scale"), (name,)))
    return replace(graph, nodes=[*restoring, *graph.nodes], tensors=tensors)
