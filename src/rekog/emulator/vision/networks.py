"""Networks of the package `rekog-weights`, run by OpenCV, or by ONNX Runtime where that is installed.

Both give the same numbers (weights/tests compare them); ONNX Runtime is two to four times as fast and takes 73 MB more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

    class _OpenCvNetwork(Protocol):
        """What OpenCV's stubs do not describe exactly."""

        def setInput(self, blob: Floats) -> None: ...  # noqa: N802 (OpenCV's name)

        def forward(self, names: Sequence[str]) -> Sequence[Floats]: ...


_INPUT = "image"
"""Name of the only input of each network."""


class Network:
    """A network, loaded at its first run. `outputs` are the names of the outputs that a run returns, in this order.

    One lock for each: a network in OpenCV is not safe in several threads, and OpenCV itself uses all cores for one run.
    OpenCV plans a network anew when the size of its input changes (up to 100 ms), so use few sizes.
    """

    def __init__(self, name: str, *outputs: str) -> None:
        self._lock = threading.Lock()
        self._path = weights_file(name)
        self._outputs = outputs

    def run(self, image: Floats) -> tuple[Floats, ...]:
        """Return the outputs for an image (1, channels, height, width) in the range of the network's manifest."""
        with self._lock:
            return tuple(self._forward(image))

    @cached_property
    def _forward(self) -> Callable[[Floats], Sequence[Floats]]:
        return (
            _onnx_runtime(self._path, self._outputs) if find_spec("onnxruntime") else _opencv(self._path, self._outputs)
        )


def network_input(
    pixels: NDArray[np.uint8],
    scale: float = 1.0,
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *,
    blue_first: bool = False,
) -> Floats:
    """Return pixels (height, width, 3; blue first) as an input (1, 3, height, width): less a mean, times a scale.

    With `blue_first` the channels of the input, and those of `mean`, are blue, green and red; else red, green and blue.

    `cv2.dnn.blobFromImage` gives the same numbers. It takes twice as long, and ten times as long when other work keeps
    one of the cores busy, because it divides this small piece of work among them.
    """
    planes = cv2.split(pixels)
    result = np.array(planes if blue_first else planes[::-1], np.float32)[np.newaxis]
    if any(mean):
        result -= np.array(mean, np.float32)[:, np.newaxis, np.newaxis]
    if scale != 1.0:
        result *= np.float32(scale)
    return result


def sigmoid(logits: Floats) -> Floats:
    """Return the probability, 0 to 1, of each logit."""
    result: Floats = np.reciprocal(1.0 + np.exp(-logits), dtype=np.float32)
    return result


def weights_file(name: str) -> Path:
    """Return the file of a network; `ModuleNotFoundError` if the package is not installed."""
    import rekog_weights

    return rekog_weights.path(name)


def _opencv(path: Path, outputs: Sequence[str]) -> Callable[[Floats], Sequence[Floats]]:
    read = cast("Callable[[object], _OpenCvNetwork]", cv2.dnn.readNetFromONNX)  # cast: OpenCV's stubs return Any
    # from memory: OpenCV can't open a path with characters outside the code page of Windows
    network = read(np.frombuffer(path.read_bytes(), np.uint8))

    def forward(image: Floats) -> Sequence[Floats]:
        network.setInput(image)
        return [output.copy() for output in network.forward(outputs)]  # OpenCV reuses its buffers

    return forward


def _onnx_runtime(path: Path, outputs: Sequence[str]) -> Callable[[Floats], Sequence[Floats]]:
    onnxruntime: Any = import_module("onnxruntime")  # optional, and without types
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # the arena keeps several times the memory of a run
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda image: cast("Sequence[Floats]", session.run(list(outputs), {_INPUT: image}))
