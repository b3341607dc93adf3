"""Nodes and weights of a TensorFlow graph, whichever file they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .onnx_file import Array

Attribute = int | float | str | tuple[int, ...] | tuple[str, ...] | Array


@dataclass(frozen=True, slots=True)
class Node:
    """An operation of TensorFlow. `inputs` are names of nodes; each node here has one output."""

    name: str
    op: str
    inputs: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])

    def integers(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return an attribute that is a list of integers."""
        value = self.attributes.get(name, default)
        if not isinstance(value, tuple):
            raise TypeError(f"{self.name}: {name} is no list")
        return tuple(int(item) for item in value)

    def strings(self, name: str) -> tuple[str, ...]:
        """Return an attribute that is a list of texts; absent ones are empty."""
        value = self.attributes.get(name, ())
        if not isinstance(value, tuple):
            raise TypeError(f"{self.name}: {name} is no list")
        return tuple(str(item) for item in value)


@dataclass(frozen=True, slots=True)
class Network:
    """The nodes of a graph by name, and the values of its constants."""

    nodes: Mapping[str, Node]
    weights: Mapping[str, Array]


def plain(reference: str) -> str:
    """Return the node of an input reference such as `name:0`."""
    return reference.partition(":")[0]
