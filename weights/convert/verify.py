"""Comparison of the converted networks with the original runtimes, on random images with a fixed seed.

The column "float" compares the graph before its weights are stored in fewer bits: it shows the error of the conversion.
The column "stored" compares the files of the package: it adds the error of the storage. The last column is the standard
deviation of the output.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import files, onnx_file, opencv, sources
from .onnx_file import Graph
from .opencv import Floats
from .references import UnavailableError, reference

SIZES = {"height": 256, "width": 320}
FLOAT_LIMIT = 1e-3  # of an output's standard deviation


def random_image(graph: Graph, limits: tuple[float, float]) -> Floats:
    """Return an image of random numbers in a range; those of a range of 255 are whole."""
    shape = [size if isinstance(size, int) else SIZES[size] for size in graph.inputs[0].shape]
    image = np.random.RandomState(0).uniform(*limits, shape)  # its numbers are equal in all versions of NumPy
    return np.asarray(np.rint(image) if limits[1] == 255 else image, np.float32)


def softmax(logits: Floats) -> Floats:
    """Return the softmax over the channels."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def report(cache: Path) -> int:
    """Print the differences of all networks; return 1 if a conversion differs by more than FLOAT_LIMIT."""
    print("| network | output | original runtime | float: largest, mean | stored: largest, mean | deviation |")
    print("| --- | --- | --- | --- | --- | --- |")
    failed = False
    for name, network in sources.networks().items():
        graph = files.float_graph(name, network, cache)
        image = random_image(graph, network.range)
        names = [value.name for value in graph.outputs]
        outputs = opencv.run(opencv.load(onnx_file.write_file(graph, name=name, description="")), image, names)
        stored = opencv.run(opencv.load((files.PACKAGE / f"{name}.onnx").read_bytes()), image, names)
        try:
            runtime, originals = reference(name, network, cache, image)
        except UnavailableError as error:
            runtime, originals = f"none: {error}; compared with the float graph", outputs
        if name == "text_recognition":  # the original ends with a softmax
            outputs, stored = [softmax(outputs[0])], [softmax(stored[0])]
        for output, original, converted, shipped in zip(names, originals, outputs, stored, strict=True):
            expected = _channels_first(original, converted)
            errors, losses = (np.abs(values - expected) for values in (converted, shipped))
            deviation = float(expected.std()) or 1.0
            failed |= bool(errors.max() > FLOAT_LIMIT * max(deviation, 1.0))
            cells = [name, output, runtime, _pair(errors), _pair(losses), f"{deviation:.3g}"]
            print(f"| {' | '.join(cells)} |")
    return 1 if failed else 0


def _channels_first(original: Floats, converted: Floats) -> Floats:
    """Return an output in the order of the converted one; TensorFlow.js returns flat numbers, the channels last."""
    if original.ndim == 1 and converted.ndim == 4:
        batch, channels, rows, columns = converted.shape
        return original.reshape(batch, rows, columns, channels).transpose(0, 3, 1, 2)
    return original.reshape(converted.shape)


def _pair(differences: Floats) -> str:
    return f"{differences.max():.2g}, {differences.mean():.2g}"
