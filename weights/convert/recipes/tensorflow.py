"""Networks that are published as TensorFlow graphs."""

from __future__ import annotations

from collections.abc import Mapping

from .. import frozen_graph, tensorflow_js
from ..builder import Builder
from ..onnx_file import Graph, Value
from ..tensorflow_graph import Network
from ..translate import Tensor, Translation

MOVENET = "StatefulPartitionedCall"
MOVENET_OUTPUTS = {
    "centers": f"{MOVENET}/center_0/conv2d_4/BiasAdd",
    "box_scales": f"{MOVENET}/box_scale_0/conv2d_5/BiasAdd",
    "box_offsets": f"{MOVENET}/box_offset_0/conv2d_6/BiasAdd",
    "keypoint_vectors": f"{MOVENET}/kpt_regress_0/conv2d_8/BiasAdd",
    "keypoint_heatmaps": f"{MOVENET}/kpt_heatmap_0/conv2d_7/BiasAdd",
    "keypoint_offsets": f"{MOVENET}/kpt_offset_0/conv2d_9/BiasAdd",
}
MOVENET_STRIDE = 4
SSD_SIZE = 300
SSD_LAYERS = 6
SSD_CLASSES = 91  # the background and the numbers 1 to 90 of COCO, of which 80 are used


def face_mesh(files: Mapping[str, bytes]) -> Graph:
    """Convert MediaPipe's face mesh: 468 points, and the probability that they show a face."""
    network = tensorflow_js.read(files["facemesh.json"], files)
    return _translated(network, "input_1", 192, {"points": "Identity_2", "face": "Identity_1"})


def iris(files: Mapping[str, bytes]) -> Graph:
    """Convert MediaPipe's iris: 71 points of the eye and 5 of the iris."""
    network = tensorflow_js.read(files["iris.json"], files)
    return _translated(network, "input_1", 64, {"points": "Identity"})


def movenet_multipose(files: Mapping[str, bytes]) -> Graph:
    """Convert MoveNet MultiPose up to its six maps, for images whose sides are multiples of 32.

    The paddings and factors are equal for all such sizes. The selection of persons, which follows in the original, is
    left to the user of the maps.
    """
    network = tensorflow_js.read(files["movenet-multipose.json"], files)
    graph, other = (_translated(network, "input", size, MOVENET_OUTPUTS) for size in (256, 384))
    if graph.nodes != other.nodes:
        raise ValueError("the graph depends on the size of the image")
    graph.inputs = [Value("image", (1, 3, "height", "width"))]
    graph.outputs = [Value(value.name, (*value.shape[:2], "rows", "columns")) for value in graph.outputs]
    return graph


def _translated(network: Network, source: str, size: int, outputs: Mapping[str, str]) -> Graph:
    builder = Builder(("image", (1, 3, size, size)))
    translation = Translation(network, {source: Tensor("image", (1, size, size, 3))}, builder)
    results: list[tuple[str, str, tuple[int, ...]]] = []
    for name, node in outputs.items():
        tensor = translation.tensor(node)
        batch, *sizes, channels = tensor.shape
        if sizes == [1, 1]:
            results.append((name, builder.add("Flatten", tensor.name, axis=1), (batch, channels)))
        else:
            results.append((name, tensor.name, (batch, channels, *sizes)))
    return builder.finish(results)


def ssd_mobilenet_v2(files: Mapping[str, bytes]) -> Graph:
    """Convert SSD MobileNet v2 up to the encodings of the boxes and the logits of the classes."""
    network = frozen_graph.read(files["frozen_inference_graph.pb"])
    builder = Builder(("image", (1, 3, SSD_SIZE, SSD_SIZE)))
    image = Tensor("image", (1, SSD_SIZE, SSD_SIZE, 3))
    translation = Translation(network, {"Preprocessor/sub": image}, builder)
    outputs: list[tuple[str, str, tuple[int, ...]]] = []
    for name, part, numbers in (("boxes", "BoxEncodingPredictor", 4), ("classes", "ClassPredictor", SSD_CLASSES)):
        rows, count = list[str](), 0
        for layer in range(SSD_LAYERS):
            tensor = translation.tensor(f"BoxPredictor_{layer}/{part}/BiasAdd")
            _, height, width, channels = tensor.shape
            count += height * width * channels // numbers
            last = builder.add("Transpose", tensor.name, perm=(0, 2, 3, 1))
            rows.append(builder.add("Reshape", last, builder.shape(1, -1, numbers)))
        outputs.append((name, builder.add("Concat", *rows, axis=1), (1, count, numbers)))
    return builder.finish(outputs)
