"""Open NSFW, which is published as an ONNX file for images with the channels last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .. import onnx_file
from ..onnx_file import Graph, Node, Value


def open_nsfw(files: Mapping[str, bytes]) -> Graph:
    """Remove the transposition at the beginning, and write the matrix product at the end as a convolution."""
    graph = onnx_file.read(files["open-nsfw.onnx"])
    transposition, *nodes = graph.nodes
    *nodes, pool, first, second, product, bias, softmax = nodes
    found = [node.op for node in (transposition, pool, first, second, product, bias, softmax)]
    if found != ["Transpose", "AveragePool", "Reshape", "Reshape", "MatMul", "Add", "Softmax"]:
        raise ValueError(f"the graph begins and ends with other nodes: {found}")
    nodes[0] = replace(nodes[0], inputs=("image", *nodes[0].inputs[1:]))
    weights = np.ascontiguousarray(graph.tensors[product.inputs[1]].T[:, :, None, None])
    tensors = {**graph.tensors, "classifier": weights}
    end = [
        Node("Conv", (pool.outputs[0], "classifier", bias.inputs[1]), ("scores",), {"kernel_shape": (1, 1)}),
        Node("Flatten", ("scores",), ("rows",), {"axis": 1}),
        Node("Softmax", ("rows",), ("probabilities",), {"axis": 1}),
    ]
    return Graph(
        [Value("image", (1, 3, 224, 224))],
        [Value("probabilities", (1, 2))],
        [*nodes, pool, *end],
        tensors,
        graph.opset,
    )
