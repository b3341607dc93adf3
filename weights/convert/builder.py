"""Builder of ONNX graphs: gives names, and stores equal constants once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .onnx_file import Array, Attribute, Dimension, Graph, Node, Value

OPSET = 13


class Builder:
    """A graph under construction. Each method returns the name of the tensor that it adds."""

    def __init__(self, *inputs: tuple[str, tuple[Dimension, ...]]) -> None:
        self._graph = Graph([Value(name, shape) for name, shape in inputs], [], [], {}, OPSET)
        self._constants: dict[tuple[bytes, tuple[int, ...], str], str] = {}

    def constant(self, value: Array) -> str:
        """Add a constant, or find the equal one."""
        key = (value.tobytes(), value.shape, value.dtype.str)
        if key not in self._constants:
            name = self._constants[key] = f"constant {len(self._constants)}"
            self._graph.tensors[name] = value
        return self._constants[key]

    def scalar(self, value: float) -> str:
        """Add a float32 without dimensions."""
        return self.constant(np.array(value, np.float32))

    def shape(self, *sizes: int) -> str:
        """Add a list of 64-bit integers."""
        return self.constant(np.array(sizes, np.int64))

    def add(self, op: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output."""
        output = f"tensor {len(self._graph.nodes)}"
        self._graph.nodes.append(Node(op, inputs, (output,), attributes))
        return output

    def clip6(self, tensor: str) -> str:
        """Add a rectifier with the upper limit 6."""
        return self.add("Clip", tensor, self.scalar(0.0), self.scalar(6.0))

    def finish(self, outputs: Iterable[tuple[str, str, tuple[Dimension, ...]]]) -> Graph:
        """Return the graph; each output has a name, the tensor that it returns, and a shape."""
        for name, tensor, shape in outputs:
            self._graph.nodes.append(Node("Identity", (tensor,), (name,)))
            self._graph.outputs.append(Value(name, shape))
        return self._graph
