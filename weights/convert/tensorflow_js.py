"""Reader of TensorFlow.js models: a JSON file with the graph and a manifest of the weights, and binary shards."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

import numpy as np

from .onnx_file import Array
from .tensorflow_graph import Attribute, Network, Node, plain


class Quantization(TypedDict):
    """Stored form of a weight: 16-bit floats, or integers with a scale and an offset."""

    dtype: str
    scale: NotRequired[float]
    min: NotRequired[float]


class Weight(TypedDict):
    """Entry of the manifest."""

    name: str
    shape: list[int]
    dtype: str
    quantization: NotRequired[Quantization]


class Group(TypedDict):
    """Weights that lie one behind the other in the shards `paths`."""

    paths: list[str]
    weights: list[Weight]


class _JsonNode(TypedDict):
    name: str
    op: str
    input: NotRequired[list[str]]
    attr: NotRequired[dict[str, dict[str, object]]]


class _Topology(TypedDict):
    node: list[_JsonNode]


class _Model(TypedDict):
    modelTopology: _Topology
    weightsManifest: list[Group]


STORED = {"float32": "<f4", "int32": "<i4", "float16": "<f2", "uint8": "u1", "uint16": "<u2", "bool": "?"}


def read(model: bytes, shards: Mapping[str, bytes]) -> Network:
    """Return the graph of a model; `shards` are the binary files by name."""
    document = cast("_Model", json.loads(model))
    nodes = (_node(node) for node in document["modelTopology"]["node"])
    return Network({node.name: node for node in nodes}, read_weights(document["weightsManifest"], shards))


def read_weights(groups: list[Group], shards: Mapping[str, bytes]) -> dict[str, Array]:
    """Return the weights of a manifest as float32, int32 or bool."""
    weights: dict[str, Array] = {}
    for group in groups:
        data = b"".join(shards[path] for path in group["paths"])
        offset = 0
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"], dtype=np.int64))
            quantization = weight.get("quantization")
            dtype = np.dtype(STORED[quantization["dtype"] if quantization else weight["dtype"]])
            stored: Array = np.frombuffer(data, dtype, count, offset)
            offset += count * dtype.itemsize
            weights[weight["name"]] = _restored(stored, weight).reshape(weight["shape"])
    return weights


def _restored(stored: Array, weight: Weight) -> Array:
    quantization = weight.get("quantization")
    if quantization and quantization["dtype"].startswith("uint"):
        # TensorFlow.js computes in 64 bits and rounds once.
        scale, least = quantization.get("scale", 1.0), quantization.get("min", 0.0)
        return (stored.astype(np.float64) * scale + least).astype(np.float32)
    return stored.astype({"int32": np.int32, "bool": np.bool_}.get(weight["dtype"], np.float32))


def _node(node: _JsonNode) -> Node:
    inputs = tuple(plain(name) for name in node.get("input", []) if not name.startswith("^"))
    attributes = {name: value for name, raw in node.get("attr", {}).items() if (value := _attribute(raw)) is not None}
    return Node(node["name"], node["op"], inputs, attributes)


def _attribute(raw: dict[str, object]) -> Attribute | None:
    match raw:
        case {"i": str() | int() as value}:
            return int(value)
        case {"f": int() | float() as value}:
            return float(value)
        case {"b": bool() as value}:
            return int(value)
        case {"s": str() as value}:
            return base64.b64decode(value).decode()
        case {"list": value}:
            return _list(cast("dict[str, list[str]]", value))
        case _:
            return None  # types and shapes, which the conversion does not need


def _list(raw: dict[str, list[str]]) -> Attribute:
    if "s" in raw:
        return tuple(base64.b64decode(item).decode() for item in raw["s"])
    return tuple(int(item) for item in raw.get("i", []))
