"""Simplified graphs compute the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from convert import onnx_file, opencv
from convert.onnx_file import Array, Graph, Node, Value
from convert.passes import simplify

CONVOLUTION = Node("Conv", ("image", "kernel"), ("sums",), {"kernel_shape": (1, 1)})


def graph(*nodes: Node, output: str) -> Graph:
    random = np.random.RandomState(1)
    tensors: dict[str, Array] = {
        "kernel": random.uniform(-1, 1, (4, 3, 1, 1)).astype(np.float32),
        "image-like": random.uniform(-1, 1, (1, 4, 5, 5)).astype(np.float32),
        "half": np.array(0.5, np.float32),
    }
    for name in ("gamma", "beta", "mean", "variance"):
        tensors[name] = random.uniform(0.5, 1, 4).astype(np.float32)
    tensors["column"] = tensors["beta"].reshape(1, 4, 1, 1)
    inputs, outputs = [Value("image", (1, 3, 5, 5))], [Value(output, (1, 4, 5, 5))]
    return Graph(inputs, outputs, list(nodes), tensors, 13)


def run(source: Graph) -> opencv.Floats:
    image = np.random.RandomState(2).uniform(-1, 1, (1, 3, 5, 5)).astype(np.float32)
    net = opencv.load(onnx_file.write_file(source, name="test", description=""))
    (result,) = opencv.run(net, image, [source.outputs[0].name])
    return result


@pytest.mark.parametrize(
    "nodes",
    [
        [Node("Mul", ("sums", "column"), ("y",))],
        [Node("Add", ("column", "sums"), ("y",))],
        [Node("Add", ("sums", "half"), ("y",))],
        [Node("BatchNormalization", ("sums", "gamma", "beta", "mean", "variance"), ("y",), {"epsilon": 1e-3})],
        [Node("Mul", ("sums", "column"), ("scaled",)), Node("Add", ("scaled", "column"), ("y",))],
        [Node("Identity", ("sums",), ("same",)), Node("Add", ("same", "column"), ("y",))],
    ],
    ids=["product", "sum", "number", "normalization", "both", "identity"],
)
def test_followers_of_a_convolution_are_merged_into_it(nodes: list[Node]) -> None:
    source = graph(CONVOLUTION, *nodes, output="y")
    simple = simplify(source)
    assert [node.op for node in simple.nodes] == ["Conv"]
    np.testing.assert_allclose(run(simple), run(source), atol=1e-6)


@pytest.mark.parametrize(
    "nodes",
    [
        [Node("Add", ("sums", "image-like"), ("y",))],
        [Node("Add", ("sums", "column"), ("more",)), Node("Add", ("sums", "more"), ("y",))],
        [
            Node("Relu", ("sums",), ("positive",)),
            Node("Add", ("sums", "column"), ("more",)),
            Node("Add", ("positive", "more"), ("y",)),
        ],
        [Node("Mul", ("sums", "sums"), ("y",))],
    ],
    ids=["constant per pixel", "used twice", "used by a sum and another", "square"],
)
def test_other_followers_are_kept(nodes: list[Node]) -> None:
    source = graph(CONVOLUTION, *nodes, output="y")
    simple = simplify(source)
    assert len(simple.nodes) == len(source.nodes)
    np.testing.assert_allclose(run(simple), run(source), atol=1e-6)


def test_constants_are_computed_and_the_unused_removed() -> None:
    kernel = Node("Mul", ("kernel", "half"), ("smaller",))
    unused = Node("Relu", ("sums",), ("unused",))
    source = graph(kernel, Node("Conv", ("image", "smaller"), ("y",), {"kernel_shape": (1, 1)}), unused, output="y")
    simple = simplify(source)
    assert [node.op for node in simple.nodes] == ["Conv"]
    assert [tensor.shape for tensor in simple.tensors.values()] == [(4, 3, 1, 1)]


def test_a_copied_output_keeps_its_name() -> None:
    source = graph(CONVOLUTION, Node("Identity", ("sums",), ("y",)), output="y")
    assert simplify(source).nodes[0].outputs == ("y",)
