"""The writer of ONNX files, against its reader and OpenCV."""

from __future__ import annotations

import numpy as np
import pytest

from convert import onnx_file, opencv
from convert.onnx_file import Array, Graph, Node, Value
from convert.protobuf import FormatError


def graph() -> Graph:
    weights = np.arange(8, dtype=np.float32).reshape(2, 1, 2, 2)
    nodes = [
        Node("Conv", ("image", "weights"), ("sums",), {"kernel_shape": (2, 2), "group": 1}),
        Node("Elu", ("sums",), ("result",), {"alpha": 0.5}),
    ]
    inputs, outputs = [Value("image", (1, 1, 3, "width"))], [Value("result", (1, 2, 2, "columns"))]
    return Graph(inputs, outputs, nodes, {"weights": weights}, 13, {"license": "MIT"})


def test_a_graph_survives() -> None:
    written = graph()
    read = onnx_file.read(onnx_file.write_file(written, name="test", description="a test"))
    assert (read.inputs, read.outputs, read.nodes) == (written.inputs, written.outputs, written.nodes)
    assert (read.opset, read.metadata) == (13, {"license": "MIT"})
    np.testing.assert_array_equal(read.tensors["weights"], written.tensors["weights"])


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.uint8, np.int32, np.int64, np.float16, np.bool_])
def test_a_tensor_survives(dtype: type[np.generic]) -> None:
    tensor: Array = np.array([[0, 1, 1]], dtype)
    written = Graph([], [], [Node("Constant", (), ("value",), {"value": tensor})], {"tensor": tensor}, 13)
    read = onnx_file.read(onnx_file.write_file(written, name="test", description=""))
    for value in (read.tensors["tensor"], read.nodes[0].attributes["value"]):
        assert isinstance(value, np.ndarray)
        assert value.dtype == dtype
        np.testing.assert_array_equal(value, tensor)


def test_opencv_computes_the_graph() -> None:
    net = opencv.load(onnx_file.write_file(graph(), name="test", description=""))
    image = np.ones((1, 1, 3, 4), np.float32)
    (result,) = opencv.run(net, image, ["result"])
    assert result.shape == (1, 2, 2, 3)
    assert result[0, :, 0, 0].tolist() == [6, 22]  # 0 + 1 + 2 + 3 and 4 + 5 + 6 + 7


def test_equal_graphs_give_equal_bytes() -> None:
    first, second = (onnx_file.write_file(graph(), name="test", description="") for _ in range(2))
    assert first == second


def test_other_bytes_are_an_error() -> None:
    with pytest.raises(FormatError):
        onnx_file.read(b"not an ONNX file")
