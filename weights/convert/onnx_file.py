"""ONNX graphs in memory, and their reader and writer.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Only graphs with float inputs and outputs and
without subgraphs are supported, which is all that the networks here need. The writer has a fixed order of fields, so
that equal graphs give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .protobuf import FormatError, content, fields, floats, integers, number, text, write, write_all

Array = NDArray[np.generic]
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | Array
Dimension = int | str

FLOAT = 1
DTYPES: dict[int, type[np.generic]] = {
    FLOAT: np.float32,
    2: np.uint8,
    3: np.int8,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    10: np.float16,
    11: np.float64,
}
IR_VERSION = 8  # of ONNX 1.13; each OpenCV from 4.11 reads it


@dataclass(frozen=True, slots=True)
class Node:
    """An operation of the graph. An empty input name is an optional input that is absent."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


@dataclass(frozen=True, slots=True)
class Value:
    """A float input or output of the graph; a dimension with a name is variable."""

    name: str
    shape: tuple[Dimension, ...]


@dataclass(slots=True)
class Graph:
    """A network: nodes in the order of execution, and its constant tensors by name."""

    inputs: list[Value]
    outputs: list[Value]
    nodes: list[Node]
    tensors: dict[str, Array]
    opset: int
    metadata: dict[str, str] = field(default_factory=dict[str, str])


def read(data: bytes) -> Graph:
    """Return the graph of an ONNX file."""
    graph = Graph([], [], [], {}, 0)
    for key, value in fields(data):
        if key == 7:
            _read_graph(content(value), graph)
        elif key == 8:
            names = dict(fields(content(value)))
            if not names.get(1):  # the domain of the standard operators is empty
                graph.opset = number(names[2])
        elif key == 14:
            entry = dict(fields(content(value)))
            graph.metadata[text(entry[1])] = text(entry[2])
    if not graph.nodes:
        raise FormatError("the file has no graph")
    constant = set(graph.tensors)  # old files list constants among the inputs, too
    graph.inputs = [value for value in graph.inputs if value.name not in constant]
    return graph


def _read_graph(data: bytes, graph: Graph) -> None:
    for key, value in fields(data):
        if key == 1:
            graph.nodes.append(_read_node(content(value)))
        elif key == 5:
            name, tensor = _read_tensor(content(value))
            graph.tensors[name] = tensor
        elif key in {11, 12}:
            (graph.inputs if key == 11 else graph.outputs).append(_read_value(content(value)))


def _read_node(data: bytes) -> Node:
    inputs: list[str] = []
    outputs: list[str] = []
    op = ""
    attributes: dict[str, Attribute] = {}
    for key, value in fields(data):
        if key == 1:
            inputs.append(text(value))
        elif key == 2:
            outputs.append(text(value))
        elif key == 4:
            op = text(value)
        elif key == 5:
            name, attribute = _read_attribute(content(value))
            attributes[name] = attribute
    return Node(op, tuple(inputs), tuple(outputs), attributes)


def _read_attribute(data: bytes) -> tuple[str, Attribute]:
    message = list(fields(data))
    single = dict(message)  # the last value of each field
    name, kind = text(single[1]), number(single.get(20, 0))
    match kind:
        case 1:
            return name, floats(single[2])[0] if 2 in single else 0.0
        case 2:
            return name, number(single.get(3, 0))
        case 3:
            return name, text(single.get(4, b""))
        case 4:
            return name, _read_tensor(content(single[5]))[1]
        case 6:
            return name, tuple(real for key, value in message if key == 7 for real in floats(value))
        case 7:
            return name, tuple(whole for key, value in message if key == 8 for whole in integers(value))
        case _:
            raise FormatError(f"attribute {name} has the unknown type {kind}")


def _read_tensor(data: bytes) -> tuple[str, Array]:
    name, kind, raw = "", FLOAT, None
    shape: list[int] = []
    values: list[int] | list[float] = []
    for key, value in fields(data):
        if key == 1:
            shape += integers(value)
        elif key == 2:
            kind = number(value)
        elif key == 4:
            values = [*values, *floats(value)]
        elif key in {5, 7}:
            values = [*values, *integers(value)]
        elif key == 8:
            name = text(value)
        elif key == 9:
            raw = content(value)
    dtype = DTYPES[kind]
    flat: Array = np.array(values, dtype) if raw is None else np.frombuffer(raw, np.dtype(dtype).newbyteorder("<"))
    return name, flat.reshape(shape)


def _read_value(data: bytes) -> Value:
    message = dict(fields(data))
    tensor = dict(fields(content(dict(fields(content(message[2])))[1])))
    shape: list[Dimension] = []
    for _, dimension in fields(content(tensor.get(2, b""))):
        entry = dict(fields(content(dimension)))
        shape.append(number(entry[1]) if 1 in entry else text(entry.get(2, b"")))
    return Value(text(message[1]), tuple(shape))


def write_file(graph: Graph, *, name: str, description: str) -> bytes:
    """Return the ONNX file of a graph."""
    body = b"".join(write(1, _node(node)) for node in graph.nodes)
    body += write(2, name)
    body += b"".join(write(5, _tensor(tensor, key)) for key, tensor in graph.tensors.items())
    body += b"".join(write(11, _value(value)) for value in graph.inputs)
    body += b"".join(write(12, _value(value)) for value in graph.outputs)
    metadata = b"".join(write(14, write(1, key) + write(2, value)) for key, value in graph.metadata.items())
    head = write(1, IR_VERSION) + write(2, "rekog-weights") + write(6, description)
    return head + write(7, body) + write(8, write(1, "") + write(2, graph.opset)) + metadata


def _node(node: Node) -> bytes:
    body = write_all(1, node.inputs) + write_all(2, node.outputs) + write(4, node.op)
    return body + b"".join(write(5, b"".join(_attribute(key, node.attributes[key]))) for key in sorted(node.attributes))


def _attribute(name: str, value: Attribute) -> Iterator[bytes]:
    yield write(1, name)
    match value:
        case int():
            yield write(3, value) + write(20, 2)
        case float():
            yield write(2, value) + write(20, 1)
        case str():
            yield write(4, value) + write(20, 3)
        case tuple():
            whole = all(isinstance(item, int) for item in value)
            yield write_all(8 if whole else 7, value) + write(20, 7 if whole else 6)
        case _:
            yield write(5, _tensor(value, "")) + write(20, 4)


def _tensor(tensor: Array, name: str) -> bytes:
    kind = next(key for key, dtype in DTYPES.items() if dtype is tensor.dtype.type)
    little = np.ascontiguousarray(tensor).astype(tensor.dtype.newbyteorder("<"), copy=False)
    return write_all(1, tensor.shape) + write(2, kind) + write(8, name) + write(9, little.tobytes())


def _value(value: Value) -> bytes:
    shape = b"".join(write(1, write(1 if isinstance(size, int) else 2, size)) for size in value.shape)
    return write(1, value.name) + write(2, write(1, write(1, FLOAT) + write(2, shape)))
