"""Simplification of ONNX graphs: fewer nodes, the same function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .onnx_file import DTYPES, Array, Graph, Node

Doubles = NDArray[np.float64]


def simplify(graph: Graph) -> Graph:
    """Return the graph with constants computed, and scales and shifts merged into the convolutions before them."""
    return rename(prune(merge_followers(drop_identities(fold_constants(graph)))))


def _unsqueezed(node: Node, arrays: Sequence[Array]) -> Array:
    axes = node.attributes["axes"] if len(arrays) == 1 else tuple(np.asarray(arrays[1], np.int64).tolist())
    if not isinstance(axes, tuple):
        raise TypeError("the axes of Unsqueeze are no list")
    return np.expand_dims(arrays[0], tuple(int(axis) for axis in axes))


def _constant(node: Node, _: Sequence[Array]) -> Array:
    value = node.attributes["value"]
    if not isinstance(value, np.ndarray):
        raise TypeError("a constant without a tensor")
    return value


def _cast(node: Node, arrays: Sequence[Array]) -> Array:
    kind = node.attributes["to"]
    if not isinstance(kind, int):
        raise TypeError("a cast without a type")
    return arrays[0].astype(DTYPES[kind])


def _product(_: Node, arrays: Sequence[Array]) -> Array:
    return np.multiply(arrays[0], arrays[1])


def _reshaped(_: Node, arrays: Sequence[Array]) -> Array:
    return arrays[0].reshape(np.asarray(arrays[1], np.int64).tolist())


COMPUTED: dict[str, Callable[[Node, Sequence[Array]], Array]] = {
    "Constant": _constant,
    "Identity": lambda _, arrays: arrays[0],
    "Cast": _cast,
    "Mul": _product,
    "Reshape": _reshaped,
    "Unsqueeze": _unsqueezed,
}


def fold_constants(graph: Graph) -> Graph:
    """Compute the nodes that depend on constants only."""
    tensors, nodes = dict(graph.tensors), list[Node]()
    for node in graph.nodes:
        if node.op in COMPUTED and all(name in tensors for name in node.inputs):
            tensors[node.outputs[0]] = COMPUTED[node.op](node, [tensors[name] for name in node.inputs])
        else:
            nodes.append(node)
    return replace(graph, nodes=nodes, tensors=tensors)


def substitute(nodes: Sequence[Node], names: Mapping[str, str]) -> list[Node]:
    """Return the nodes with other names of tensors."""
    return [
        replace(
            node,
            inputs=tuple(names.get(name, name) for name in node.inputs),
            outputs=tuple(names.get(name, name) for name in node.outputs),
        )
        for node in nodes
    ]


def drop_identities(graph: Graph) -> Graph:
    """Remove the nodes that copy; a copied output gives its name to the tensor."""
    outputs = {value.name for value in graph.outputs}
    names: dict[str, str] = {}
    for node in graph.nodes:
        if node.op == "Identity" and node.outputs[0] not in outputs:
            names[node.outputs[0]] = names.get(node.inputs[0], node.inputs[0])
    nodes = [node for node in graph.nodes if node.op != "Identity" or node.outputs[0] in outputs]
    nodes = substitute(nodes, names)
    final = {node.inputs[0]: node.outputs[0] for node in nodes if node.op == "Identity"}
    return replace(graph, nodes=substitute([node for node in nodes if node.op != "Identity"], final))


def merge_followers(graph: Graph) -> Graph:
    """Merge products, sums and batch normalizations with constants into the convolution before them."""
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    readers.update(value.name for value in graph.outputs)
    reader = {name: node for node in graph.nodes for name in node.inputs}
    tensors, nodes, merged = dict(graph.tensors), list[Node](), set[str]()
    for node in graph.nodes:
        if node.outputs[0] in merged:
            continue
        if node.op not in {"Conv", "ConvTranspose"} or node.inputs[1] not in tensors:
            nodes.append(node)
            continue
        image = node.inputs[0]
        weights = np.asarray(tensors[node.inputs[1]], np.float64)
        axis = 0 if node.op == "Conv" else 1
        bias = np.zeros(weights.shape[axis])
        if len(node.inputs) > 2:
            bias = np.asarray(tensors[node.inputs[2]], np.float64)
        first = output = node.outputs[0]
        while readers[output] == 1 and output in reader and (step := _affine(reader[output], output, tensors, bias)):
            scale, shift = step
            weights = weights * scale.reshape((-1, *[1] * 3) if axis == 0 else (1, -1, 1, 1))
            bias = bias * scale + shift
            output = reader[output].outputs[0]
            merged.add(output)
        if output == first:
            nodes.append(node)
            continue
        names = (f"{output}/weights", f"{output}/bias")
        for name, values in zip(names, (weights, bias), strict=True):
            tensors[name] = values.astype(np.float32)
        nodes.append(replace(node, inputs=(image, *names), outputs=(output,)))
    return replace(graph, nodes=nodes, tensors=tensors)


def _affine(node: Node, source: str, tensors: Mapping[str, Array], bias: Doubles) -> tuple[Doubles, Doubles] | None:
    """Return scale and shift per channel if a node computes them from its input and constants, else None."""
    constants = [tensors[name] for name in node.inputs if name in tensors]
    if len(constants) != len(node.inputs) - 1 or node.inputs.count(source) != 1:
        return None
    one, zero = np.ones_like(bias), np.zeros_like(bias)
    if node.op == "BatchNormalization":
        gamma, beta, mean, variance = (np.asarray(array, np.float64) for array in constants)
        epsilon = node.attributes.get("epsilon", 1e-5)
        if not isinstance(epsilon, float):
            raise TypeError("the epsilon of a batch normalization is no float")
        scale = gamma / np.sqrt(variance + epsilon)
        return scale, beta - mean * scale
    if node.op not in {"Add", "Mul"} or not _is_per_channel(constants[0], len(bias)):
        return None
    values = np.asarray(constants[0], np.float64).reshape(-1)
    return (one, zero + values) if node.op == "Add" else (one * values, zero)


def _is_per_channel(values: Array, channels: int) -> bool:
    return values.size == 1 or (values.ndim >= 3 and values.shape[-3] == values.size == channels)


def prune(graph: Graph) -> Graph:
    """Remove the nodes and constants that no output depends on."""
    needed = {value.name for value in graph.outputs}
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs)
            kept.append(node)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in needed}
    return replace(graph, nodes=kept[::-1], tensors=tensors)


def rename(graph: Graph) -> Graph:
    """Number the tensors in the order of execution; inputs and outputs keep their names."""
    names = {value.name: value.name for value in (*graph.inputs, *graph.outputs)}
    names[""] = ""
    for node in graph.nodes:
        for name in (*node.inputs, *node.outputs):
            letter = "w" if name in graph.tensors else "t"
            names.setdefault(name, f"{letter}{len(names)}")
    tensors = {names[name]: graph.tensors[name] for name in names if name in graph.tensors}
    return replace(graph, nodes=substitute(graph.nodes, names), tensors=tensors)
