"""Networks in OpenCV, which has no types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Net(Protocol):
    """A loaded network."""

    def setInput(self, blob: Floats) -> None: ...  # noqa: N802 - OpenCV's name

    def forward(self, names: Sequence[str]) -> Sequence[Floats]: ...


def load(data: bytes) -> Net:
    """Load an ONNX file."""
    return cast("Callable[[object], Net]", cv2.dnn.readNetFromONNX)(np.frombuffer(data, np.uint8))


def load_frozen_graph(graph: bytes, description: bytes) -> Net:
    """Load a frozen TensorFlow graph with OpenCV's description of it."""
    buffers = (np.frombuffer(data, np.uint8) for data in (graph, description))
    return cast("Callable[[object, object], Net]", cv2.dnn.readNetFromTensorflow)(*buffers)


def run(net: Net, image: Floats, outputs: Sequence[str]) -> list[Floats]:
    """Return the outputs for an image with the channels first."""
    net.setInput(image)
    return list(net.forward(outputs))
