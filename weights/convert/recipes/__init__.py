"""The conversion of each network: a function from the source files to an ONNX graph with float32 weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..onnx_file import Graph
from . import efficientnet, face_api, open_nsfw, pp_ocr, tensorflow

Recipe = Callable[[Mapping[str, bytes]], Graph]

RECIPES: dict[str, Recipe] = {
    "efficientnet_lite0": efficientnet.efficientnet_lite0,
    "face_age_gender": face_api.face_age_gender,
    "face_expression": face_api.face_expression,
    "face_mesh": tensorflow.face_mesh,
    "iris": tensorflow.iris,
    "movenet_multipose": tensorflow.movenet_multipose,
    "open_nsfw": open_nsfw.open_nsfw,
    "ssd_mobilenet_v2": tensorflow.ssd_mobilenet_v2,
    "text_detection": pp_ocr.text_detection,
    "text_orientation": pp_ocr.text_orientation,
    "text_recognition": pp_ocr.text_recognition,
}


def convert(name: str, files: Mapping[str, bytes]) -> Graph:
    """Return the graph of a network; `files` are the source files by their last names."""
    return RECIPES[name](files)
