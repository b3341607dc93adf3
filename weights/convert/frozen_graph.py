"""Reader of frozen TensorFlow graphs (`GraphDef` messages with the weights as constants).

Field numbers: graph.proto, node_def.proto, attr_value.proto and tensor.proto of
https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework.
"""

from __future__ import annotations

import numpy as np

from .onnx_file import Array
from .protobuf import FormatError, content, fields, floats, integers, number, text
from .tensorflow_graph import Attribute, Network, Node, plain

DTYPES: dict[int, type[np.generic]] = {
    1: np.float32,
    2: np.float64,
    3: np.int32,
    4: np.uint8,
    9: np.int64,
    10: np.bool_,
}


def read(data: bytes) -> Network:
    """Return nodes and constants of a graph."""
    nodes: dict[str, Node] = {}
    weights: dict[str, Array] = {}
    for key, value in fields(data):
        if key == 1:
            node = _node(content(value))
            nodes[node.name] = node
            constant = node.attributes.get("value")
            if node.op == "Const" and isinstance(constant, np.ndarray):
                weights[node.name] = constant
    return Network(nodes, weights)


def _node(data: bytes) -> Node:
    name = op = ""
    inputs: list[str] = []
    attributes: dict[str, Attribute] = {}
    for key, value in fields(data):
        if key == 1:
            name = text(value)
        elif key == 2:
            op = text(value)
        elif key == 3 and not text(value).startswith("^"):
            inputs.append(plain(text(value)))
        elif key == 5:
            entry = dict(fields(content(value)))
            attribute = _attribute(content(entry.get(2, b"")))
            if attribute is not None:
                attributes[text(entry[1])] = attribute
    return Node(name, op, tuple(inputs), attributes)


def _attribute(data: bytes) -> Attribute | None:
    for key, value in fields(data):
        match key:
            case 1:
                return _list(content(value))
            case 2:
                return content(value).decode("latin-1")
            case 3 | 5:
                return number(value)
            case 4:
                return floats(value)[0]
            case 8:
                return _tensor(content(value))
            case _:
                return None  # types and shapes, which the conversion does not need
    return None


def _list(data: bytes) -> Attribute:
    whole: list[int] = []
    strings: list[str] = []
    for key, value in fields(data):
        if key == 3:
            whole += integers(value)
        elif key == 2:
            strings.append(text(value))
    return tuple(strings) if strings else tuple(whole)


def _tensor(data: bytes) -> Array | None:
    kind, raw = 0, b""
    shape: list[int] = []
    values: list[int] | list[float] = []
    for key, value in fields(data):
        if key == 1:
            kind = number(value)
        elif key == 2:
            shape = [_size(content(entry)) for number_, entry in fields(content(value)) if number_ == 2]
        elif key == 4:
            raw = content(value)
        elif key == 5:
            values = [*values, *floats(value)]
        elif key in {7, 10, 11}:
            values = [*values, *integers(value)]
    if kind not in DTYPES:
        return None  # texts, which the networks do not compute with
    dtype = DTYPES[kind]
    flat: Array = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<")) if raw else np.array(values or [0], dtype)
    count = int(np.prod(shape, dtype=np.int64))
    if flat.size == 1 and count != 1:  # all numbers are equal, stored once
        flat = np.repeat(flat, count)
    if flat.size != count:
        raise FormatError(f"{flat.size} values for the shape {shape}")
    return flat.reshape(shape)


def _size(dimension: bytes) -> int:
    return next((number(value) for key, value in fields(dimension) if key == 1), 0)
