"""The networks of PP-OCR, which are published as ONNX files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .. import onnx_file
from ..onnx_file import Array, Graph, Node, Value
from ..passes import fold_constants, substitute

CHARACTERS = "character"  # the key of the metadata with one character a line


def text_detection(files: Mapping[str, bytes]) -> Graph:
    """Name the input and output of the detector; it takes each image whose sides are multiples of 32."""
    graph = onnx_file.read(files["PP-OCRv6_det_tiny.onnx"])
    names = {graph.inputs[0].name: "image", graph.outputs[0].name: "probabilities"}
    size = ("height", "width")
    inputs, outputs = [Value("image", (1, 3, *size))], [Value("probabilities", (1, 1, *size))]
    return replace(graph, inputs=inputs, outputs=outputs, nodes=substitute(graph.nodes, names))


def text_orientation(files: Mapping[str, bytes]) -> Graph:
    """Replace the end of the classifier, which computes a shape, by a convolution."""
    graph = fold_constants(onnx_file.read(files["ppocr_cls.onnx"]))
    pool = next(index for index, node in enumerate(graph.nodes) if node.op == "Shape") - 1
    product = next(node for node in graph.nodes if node.op == "MatMul")
    bias = next(node for node in graph.nodes[pool:] if node.op == "Add")
    weights = np.ascontiguousarray(graph.tensors[product.inputs[1]].T[:, :, None, None])
    end = [
        Node(
            "Conv", (graph.nodes[pool].outputs[0], "classifier", bias.inputs[1]), ("scores",), {"kernel_shape": (1, 1)}
        ),
        Node("Flatten", ("scores",), ("rows",), {"axis": 1}),
        Node("Softmax", ("rows",), ("probabilities",), {"axis": 1}),
    ]
    nodes = substitute([*graph.nodes[: pool + 1], *end], {graph.inputs[0].name: "image"})
    return replace(
        graph,
        inputs=[Value("image", (1, 3, 48, 192))],
        outputs=[Value("probabilities", (1, 2))],
        nodes=nodes,
        tensors={**graph.tensors, "classifier": weights},
    )


def text_recognition(files: Mapping[str, bytes]) -> Graph:
    """Keep all tensors of the recognizer four-dimensional, so that OpenCV runs it for each width.

    The original removes the height, which is 1 in the last part, and applies matrix products to rows. Here these are
    convolutions, and the softmax over the characters at the end is left out.
    """
    graph = fold_constants(onnx_file.read(files["PP-OCRv6_rec_tiny.onnx"]))
    tensors: dict[str, Array] = dict(graph.tensors)
    names = {graph.inputs[0].name: "image"}
    nodes: list[Node] = []
    for original in graph.nodes:
        node = substitute([original], names)[0]
        match node.op:
            case "Squeeze" | "Unsqueeze" | "Transpose":  # between (1, n, 1, width) and rows, in both directions
                names[original.outputs[0]] = node.inputs[0]
            case "Softmax":
                names[node.inputs[0]] = "logits"
            case "MatMul":
                weights = tensors[node.inputs[1]]
                tensors[f"{node.outputs[0]}/weights"] = np.ascontiguousarray(weights.T[:, :, None, None])
                inputs = (node.inputs[0], f"{node.outputs[0]}/weights")
                nodes.append(Node("Conv", inputs, node.outputs, {"kernel_shape": (1, 1)}))
            case "Add" if node.inputs[1] in tensors and tensors[node.inputs[1]].ndim == 1:
                bias = tensors[node.inputs[1]]
                tensors[f"{node.inputs[1]}/column"] = bias.reshape(1, -1, 1, 1)
                nodes.append(replace(node, inputs=(node.inputs[0], f"{node.inputs[1]}/column")))
            case _:
                nodes.append(node)
    count = len(characters(graph.metadata))
    return Graph(
        [Value("image", (1, 3, 48, "width"))],
        [Value("logits", (1, count, 1, "steps"))],
        substitute(nodes, names),
        tensors,
        graph.opset,
        graph.metadata,
    )


def characters(metadata: Mapping[str, str]) -> list[str]:
    """Return the characters by class: the blank, the characters of the metadata, and the space."""
    return ["", *metadata[CHARACTERS].split("\n"), " "]
