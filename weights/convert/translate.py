"""Translation of TensorFlow graphs to ONNX.

TensorFlow stores images with the channels last, ONNX and OpenCV with the channels first. Each tensor of four dimensions
is therefore stored with the channels first from the input to the output, and operations that depend on the order of the
numbers (`Reshape`) transpose it back. Sizes are computed for one size of the input, because TensorFlow's padding `SAME`
depends on the size; the padding is written as numbers, because OpenCV up to 4.14 computes `auto_pad` wrongly for odd
sizes with a stride of 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .builder import Builder
from .onnx_file import Array
from .tensorflow_graph import Network, Node

FIRST = (0, 3, 1, 2)  # channels last to channels first
LAST = (0, 2, 3, 1)


class UnsupportedError(ValueError):
    """The graph uses an operation in a way that the translation does not know."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A computed tensor: its name in ONNX, and its shape in TensorFlow's order."""

    name: str
    shape: tuple[int, ...]


Operand = Tensor | Array


def padding(size: int, kernel: int, stride: int) -> tuple[int, int, int]:
    """Return TensorFlow's padding `SAME` before and behind, and the size of the output."""
    output = -(-size // stride)
    total = max((output - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2, output


class Translation:
    """Translates the nodes that the requested values depend on into nodes of a builder."""

    def __init__(self, network: Network, inputs: Mapping[str, Tensor], builder: Builder) -> None:
        self._network = network
        self._values: dict[str, Operand] = dict(inputs)
        self._builder = builder
        self._arithmetic: dict[str, tuple[str, Callable[[Array, Array], Array]]] = {
            "Add": ("Add", np.add),
            "AddV2": ("Add", np.add),
            "BiasAdd": ("Add", np.add),
            "Sub": ("Sub", np.subtract),
            "Mul": ("Mul", np.multiply),
        }
        self._activations = {"Relu": "Relu", "Sigmoid": "Sigmoid"}
        self._operations: dict[str, Callable[[Node, Sequence[Operand]], Operand]] = {
            "Const": lambda node, _: self._network.weights[node.name],
            "Identity": lambda _, operands: operands[0],
            "Cast": lambda _, operands: operands[0],  # of the image's integers to floats, which the input has already
            "Shape": lambda _, operands: np.array(operands[0].shape, np.int32),
            "StridedSlice": self._slice,
            "Rsqrt": self._reciprocal_root,
            "Conv2D": self._convolution,
            "_FusedConv2D": self._convolution,
            "DepthwiseConv2dNative": self._convolution,
            "FusedDepthwiseConv2dNative": self._convolution,
            "Relu6": lambda _, operands: self._activation("Relu6", _computed(operands[0]), ()),
            "Prelu": lambda _, operands: self._activation("Prelu", _computed(operands[0]), operands[1:]),
            "Softmax": self._softmax,
            "MaxPool": self._pool,
            "AvgPool": self._pool,
            "Pad": self._pad,
            "ConcatV2": self._concatenate,
            "ResizeBilinear": self._resize,
            "Reshape": self._reshape,
            "MatMul": self._matrix_product,
        }

    def tensor(self, name: str) -> Tensor:
        """Return the tensor of a node; its inputs are translated first."""
        waiting = [name]
        while waiting:
            node = self._network.nodes[waiting[-1]]
            missing = [source for source in node.inputs if source not in self._values]
            if node.name in self._values:
                waiting.pop()
            elif missing:
                waiting += missing
            else:
                self._values[node.name] = self._translate(node, [self._values[source] for source in node.inputs])
                waiting.pop()
        return _computed(self._values[name])

    def _translate(self, node: Node, operands: Sequence[Operand]) -> Operand:
        if node.op in self._arithmetic:
            return self._calculate(*self._arithmetic[node.op], operands)
        if node.op in self._activations:
            return self._activation(node.op, _computed(operands[0]), ())
        if node.op not in self._operations:
            raise UnsupportedError(f"{node.name}: the operation {node.op} is not supported")
        return self._operations[node.op](node, operands)

    def _calculate(self, op: str, function: Callable[[Array, Array], Array], operands: Sequence[Operand]) -> Operand:
        left, right = operands
        if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
            return np.asarray(function(left, right))  # NumPy returns a number instead of an array without dimensions
        shape = np.broadcast_shapes(left.shape, right.shape)
        if any(isinstance(operand, Tensor) and operand.shape != shape for operand in operands):
            raise UnsupportedError(f"{op}: a computed tensor of the shape {left.shape} or {right.shape} is repeated")
        names = [self._named(operand, len(shape)) for operand in operands]
        return Tensor(self._builder.add(op, *names), shape)

    def _named(self, operand: Operand, rank: int) -> str:
        """Return the name of an operand that is combined element by element with a tensor of the given rank."""
        if isinstance(operand, Tensor):
            return operand.name
        if operand.size == 1:
            return self._builder.constant(operand.reshape(()))
        if rank == 4:
            full = operand.reshape((1,) * (4 - operand.ndim) + operand.shape)
            return self._builder.constant(np.ascontiguousarray(full.transpose(FIRST)))
        return self._builder.constant(operand)

    def _activation(self, op: str, tensor: Tensor, parameters: Sequence[Operand]) -> Tensor:
        match op:
            case "Relu6":
                name = self._builder.clip6(tensor.name)
            case "Prelu":
                slope = _constant(parameters[0]).reshape(-1, 1, 1)
                name = self._builder.add("PRelu", tensor.name, self._builder.constant(slope))
            case "Relu" | "Sigmoid":
                name = self._builder.add(op, tensor.name)
            case _:
                raise UnsupportedError(f"the activation {op} is not supported")
        return Tensor(name, tensor.shape)

    def _convolution(self, node: Node, operands: Sequence[Operand]) -> Operand:
        image, kernel, *rest = operands
        image, kernel = _computed(image), _constant(kernel)
        batch, height, width, channels = image.shape
        rows, columns, depth, count = kernel.shape
        if "Depthwise" in node.op:
            groups, count = depth, depth * count
            weights = kernel.transpose(2, 3, 0, 1).reshape(count, 1, rows, columns)
        else:
            groups, weights = channels // depth, kernel.transpose(3, 2, 0, 1)
        pads, size = self._pads(node, (height, width), (rows, columns), node.integers("strides")[1:3])
        if any(step != 1 for step in node.integers("dilations")):
            raise UnsupportedError(f"{node.name}: dilated convolutions are not supported")
        inputs = [image.name, self._builder.constant(np.ascontiguousarray(weights))]
        activations = list(node.strings("fused_ops"))
        if activations[:1] == ["BiasAdd"]:
            bias, *rest = rest
            inputs.append(self._builder.constant(_constant(bias).reshape(-1)))
            del activations[0]
        name = self._builder.add(
            "Conv",
            *inputs,
            kernel_shape=(rows, columns),
            strides=node.integers("strides")[1:3],
            pads=pads,
            group=groups,
        )
        result = Tensor(name, (batch, *size, count))
        for op in activations:
            result = self._activation(op, result, rest)
        return result

    def _pads(
        self, node: Node, size: tuple[int, int], kernel: tuple[int, int], strides: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, int]]:
        """Return the padding (top, left, bottom, right) and the size of the output."""
        match node.attributes["padding"]:
            case "SAME":
                top, bottom, rows = padding(size[0], kernel[0], strides[0])
                left, right, columns = padding(size[1], kernel[1], strides[1])
                return (top, left, bottom, right), (rows, columns)
            case "VALID":
                rows, columns = ((size[axis] - kernel[axis]) // strides[axis] + 1 for axis in (0, 1))
                return (0, 0, 0, 0), (rows, columns)
            case kind:
                raise UnsupportedError(f"{node.name}: the padding {kind} is not supported")

    def _pool(self, node: Node, operands: Sequence[Operand]) -> Operand:
        image = _computed(operands[0])
        batch, height, width, channels = image.shape
        rows, columns = node.integers("ksize")[1:3]
        strides = node.integers("strides")[1:3]
        pads, size = self._pads(node, (height, width), (rows, columns), strides)
        op = "MaxPool" if node.op == "MaxPool" else "AveragePool"  # which leaves the padding out of the mean
        name = self._builder.add(op, image.name, kernel_shape=(rows, columns), strides=strides, pads=pads)
        return Tensor(name, (batch, *size, channels))

    def _pad(self, _: Node, operands: Sequence[Operand]) -> Operand:
        image = _computed(operands[0])
        amounts = np.asarray(_constant(operands[1]), np.int64)
        first = amounts[list(FIRST)]
        name = self._builder.add("Pad", image.name, self._builder.constant(np.concatenate([first[:, 0], first[:, 1]])))
        return Tensor(name, tuple(size + int(sum(amounts[axis])) for axis, size in enumerate(image.shape)))

    def _concatenate(self, _: Node, operands: Sequence[Operand]) -> Operand:
        *parts, axis = operands
        tensors = [_computed(part) for part in parts]
        rank = len(tensors[0].shape)
        index = _integers(axis)[0] % rank
        shape = list(tensors[0].shape)
        shape[index] = sum(tensor.shape[index] for tensor in tensors)
        names = [tensor.name for tensor in tensors]
        return Tensor(
            self._builder.add("Concat", *names, axis=FIRST.index(index) if rank == 4 else index), tuple(shape)
        )

    def _resize(self, node: Node, operands: Sequence[Operand]) -> Operand:
        image = _computed(operands[0])
        rows, columns = _integers(operands[1])
        batch, height, width, channels = image.shape
        scales = np.array([1, 1, rows / height, columns / width], np.float32)
        if not node.attributes.get("half_pixel_centers") or any(scale % 1 for scale in scales.tolist()):
            raise UnsupportedError(f"{node.name}: only whole factors with half-pixel centres are supported")
        name = self._builder.add(
            "Resize",
            image.name,
            "",
            self._builder.constant(scales),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
        return Tensor(name, (batch, rows, columns, channels))

    def _reshape(self, _: Node, operands: Sequence[Operand]) -> Operand:
        image, sizes = _computed(operands[0]), _integers(operands[1])
        count = int(np.prod(image.shape))
        known = int(np.prod([size for size in sizes if size != -1]))
        shape = tuple(count // known if size == -1 else size for size in sizes)
        if shape[0] != image.shape[0]:
            raise UnsupportedError(f"a change of the batch from {image.shape} to {shape} is not supported")
        name = image.name
        if len(image.shape) == 4 and image.shape[1:3] != (1, 1):
            name = self._builder.add("Transpose", name, perm=LAST)
        return Tensor(self._builder.add("Reshape", name, self._builder.shape(*shape)), shape)

    def _matrix_product(self, _: Node, operands: Sequence[Operand]) -> Operand:
        rows, weights = _computed(operands[0]), _constant(operands[1])
        name = self._builder.add("MatMul", rows.name, self._builder.constant(weights))
        return Tensor(name, (rows.shape[0], weights.shape[1]))

    def _softmax(self, _: Node, operands: Sequence[Operand]) -> Operand:
        rows = _computed(operands[0])
        if len(rows.shape) != 2:
            raise UnsupportedError("a softmax over images is not supported")
        return Tensor(self._builder.add("Softmax", rows.name, axis=1), rows.shape)

    def _slice(self, node: Node, operands: Sequence[Operand]) -> Operand:
        if any(node.attributes.get(name) for name in ("begin_mask", "end_mask", "shrink_axis_mask")):
            raise UnsupportedError(f"{node.name}: only slices with both ends are supported")
        values = _constant(operands[0])
        begin, end, step = (_integers(operand)[0] for operand in operands[1:])
        return values[begin:end:step]

    def _reciprocal_root(self, _: Node, operands: Sequence[Operand]) -> Operand:
        values = np.asarray(_constant(operands[0]), np.float32)
        return np.float32(1) / np.sqrt(values)


def _computed(operand: Operand) -> Tensor:
    if isinstance(operand, Tensor):
        return operand
    raise UnsupportedError(f"a constant of the shape {operand.shape} where a computed tensor was expected")


def _constant(operand: Operand) -> Array:
    if isinstance(operand, Tensor):
        raise UnsupportedError(f"the computed tensor {operand.name} where a constant was expected")
    return operand


def _integers(operand: Operand) -> list[int]:
    return np.asarray(_constant(operand), np.int64).reshape(-1).tolist()
