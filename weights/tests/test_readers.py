"""Readers of TensorFlow.js models, frozen graphs and checkpoints, with files made here."""

from __future__ import annotations

import base64
import io
import json
import pickle
import struct
import sys
from types import ModuleType

import pytest

from convert import checkpoint, frozen_graph, tensorflow_js
from convert.protobuf import write


def test_weights_of_tensorflow_js_are_restored() -> None:
    weights: list[tensorflow_js.Weight] = [
        {"name": "float", "shape": [2], "dtype": "float32"},
        {"name": "half", "shape": [1, 2], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {
            "name": "byte",
            "shape": [3],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0},
        },
        {"name": "whole", "shape": [], "dtype": "int32"},
    ]
    data = struct.pack("<2f2e3Bi", 1.5, -2, 0.25, 8, 0, 2, 255, -7)
    nodes = [
        {
            "name": "y",
            "op": "Relu",
            "input": ["x:0", "^wait"],
            "attr": {
                "count": {"i": "3"},
                "kind": {"s": base64.b64encode(b"SAME").decode()},
                "sizes": {"list": {"i": ["1", "2"]}},
                "T": {"type": "DT_FLOAT"},
            },
        }
    ]
    groups = [{"paths": ["a.bin", "b.bin"], "weights": weights}]
    document = {"modelTopology": {"node": nodes}, "weightsManifest": groups}
    network = tensorflow_js.read(json.dumps(document).encode(), {"a.bin": data[:9], "b.bin": data[9:]})
    values = {name: array.tolist() for name, array in network.weights.items()}
    assert values == {"float": [1.5, -2], "half": [[0.25, 8]], "byte": [-1, 0, 126.5], "whole": -7}
    assert network.nodes["y"].inputs == ("x",)
    assert network.nodes["y"].attributes == {"count": 3, "kind": "SAME", "sizes": (1, 2)}


def attribute(name: str, value: bytes) -> bytes:
    return write(5, write(1, name) + write(2, value))


def test_nodes_of_a_frozen_graph_are_read() -> None:
    shape = write(2, write(2, write(1, 2)) + write(2, write(1, 2)))
    tensor = write(1, 1) + shape + write(4, struct.pack("<4f", 1, 2, 3, 4))
    constant = write(1, "w") + write(2, "Const") + attribute("value", write(8, tensor))
    strides = write(1, write(3, b"\x01\x02\x02\x01"))
    node = write(1, "y") + write(2, "Conv2D") + write(3, "x:0") + write(3, "^w") + attribute("strides", strides)
    node += attribute("padding", write(2, "SAME")) + attribute("T", write(6, 1)) + attribute("rate", write(4, 0.5))
    network = frozen_graph.read(write(1, constant) + write(1, node))
    assert network.weights["w"].tolist() == [[1, 2], [3, 4]]
    assert network.nodes["y"].inputs == ("x",)
    assert network.nodes["y"].attributes == {"strides": (1, 2, 2, 1), "padding": "SAME", "rate": 0.5}


def test_equal_numbers_of_a_frozen_constant_are_stored_once() -> None:
    tensor = write(1, 3) + write(2, write(2, write(1, 3))) + write(7, 5)
    network = frozen_graph.read(write(1, write(1, "w") + write(2, "Const") + attribute("value", write(8, tensor))))
    assert network.weights["w"].tolist() == [5, 5, 5]


class FloatStorage:
    """A class with the name of one of PyTorch."""


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> object:
        return ("storage", FloatStorage, "7", "cpu", 6, None) if isinstance(obj, FloatStorage) else None


class _Row:
    """Pickled as PyTorch pickles a tensor: a transposed view of a storage, from its second number on."""

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_tensor_v2, (FloatStorage(), 1, (2, 2), (1, 2), False, None)


def _rebuild_tensor_v2(*arguments: object) -> None:
    """A function with the name of one of PyTorch."""


@pytest.fixture
def pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pickle` write the names of PyTorch's classes."""
    values: list[tuple[str, str, object]] = [
        ("torch", "FloatStorage", FloatStorage),
        ("torch._utils", "_rebuild_tensor_v2", _rebuild_tensor_v2),
    ]
    for name, attribute_name, value in values:
        module = ModuleType(name)
        module.__dict__[attribute_name] = value
        monkeypatch.setattr(value, "__module__", name)
        monkeypatch.setitem(sys.modules, name, module)


def file(state: object) -> bytes:
    buffer = io.BytesIO()
    head: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, "machine")
    for value in head:
        pickle.dump(value, buffer, protocol=2)
    _Pickler(buffer, protocol=2).dump(state)
    pickle.dump(["7"], buffer, protocol=2)
    return buffer.getvalue() + struct.pack("<q6f", 6, *range(6))


@pytest.mark.usefixtures("pytorch")
def test_tensors_of_a_checkpoint_are_views_of_storages() -> None:
    tensors = checkpoint.read(file({"row": _Row()}))
    assert {name: array.tolist() for name, array in tensors.items()} == {"row": [[1, 3], [2, 4]]}


def test_a_checkpoint_can_run_no_function() -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, ...]:
            return print, ("attacked",)

    with pytest.raises(pickle.UnpicklingError, match="print is no part of a dict of tensors"):
        checkpoint.read(file({"row": Attack()}))
