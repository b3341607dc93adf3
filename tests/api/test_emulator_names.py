"""Public names of `rekog.emulator`: `__all__`, the documents, and the types in public signatures."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import rekog
from rekog import RekognitionClient, emulator, errors, models
from rekog.emulator import (
    Box,
    DecodedImage,
    DetectedFace,
    Emulator,
    Frame,
    Landmarks,
    Point,
    VideoFacts,
    pack_embedding,
)

if TYPE_CHECKING:
    from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = """
NOT_SERVED AddedCelebrities AddedFaces AgeEstimate AnalysedFace AsgiApp AudioFacts Box Call Calls Corners DeclaredSource
DecodedImage DetectedFace DetectedLabel DetectedModeration DetectedPerson Durations Emulator EmulatorTransport
FaceAnalyser FaceDetector FaceEmbedder Fault Faults Frame GazeEstimate GenderEstimate ImageFile KeyPoint KeyPoints
LabelBox LabelDetector Landmarks Limits LivenessStatus ManualClock ModerationDetector Notification NotificationSink
ObjectContent Patch PersonDetector Point StateError StreamFrame StreamReader StreamStatus TextDetector TextLine TextWord
TruthError ValidationCode Verdict VersionStatus VideoFacts VideoReader pack_embedding
""".split()

OTHER_NAMES: set[str] = {
    *(name for module in (builtins, models, rekog, errors) for name in dir(module)),
    *"AbstractContextManager BinaryIO Callable Collection Iterable Iterator Literal Mapping Self Sequence".split(),
    *"TracebackType Union httpx httpx2 np NDArray os".split(),  # modules, and arrays of NumPy
}
"""Names in annotations that do not belong to the emulator."""


def test_the_public_names_are_the_contract() -> None:
    assert emulator.__all__ == CONTRACT
    assert dir(emulator) == sorted(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(emulator, name) is not None
    assert name in vars(emulator)


def test_an_unknown_name_is_an_attribute_error() -> None:
    unknown: Any = emulator
    with pytest.raises(AttributeError, match=r"module 'rekog\.emulator' has no attribute 'Detector'"):
        unknown.Detector  # noqa: B018 (reading it raises)


def programs() -> Iterator[tuple[str, str]]:
    """Yield the programs of the documents and the examples, with the names of their files."""
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for code in re.findall(r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield path.name, code
    for path in (ROOT / "examples").glob("*.py"):
        yield path.name, path.read_text(encoding="utf-8")


def test_documents_and_examples_import_public_names_only() -> None:
    imports = [
        (file, node.module or "", alias.name)
        for file, code in programs()
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rekog.emulator")
        for alias in node.names
    ]
    assert len(imports) >= 4
    assert [each for each in imports if each[1] != "rekog.emulator" or each[2] not in CONTRACT] == []


def names_in(annotation: str) -> Iterator[str]:
    """Yield the names in an annotation; for `module.Name` the name in a module of rekog, or another library."""
    found: list[ast.AST] = [ast.parse(annotation, mode="eval")]
    for node in found:
        if isinstance(node, ast.Attribute):
            module = ast.unparse(node.value)
            yield module if module in OTHER_NAMES else node.attr
        else:
            found += ast.iter_child_nodes(node)
            if isinstance(node, ast.Name):
                yield node.id


def signatures(kind: type) -> Iterator[tuple[str, str]]:
    """Yield each name in the annotations of the public methods, properties and fields of a class."""
    for cls in kind.__mro__:
        if not cls.__module__.startswith("rekog."):
            continue
        texts = vars(cls).get("_annotations") or inspect.get_annotations(cls)  # Frozen has evaluated annotations
        annotations = [text for name, text in texts.items() if not name.startswith("_")]
        for name, member in vars(cls).items():
            if name.startswith("_") and not (name == "__init__" and cls is kind):
                continue
            function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            annotations += inspect.get_annotations(function).values() if inspect.isfunction(function) else []
        for annotation in annotations:
            for name in names_in(annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)):
                yield kind.__name__, name


BY_THE_EMULATOR = {"AsgiApp": "App", "EmulatorTransport": "App", "Patch": "App", "DecodedImage": "Image"}
"""Classes that only the emulator creates, or from an image of Pillow, with the other names of their constructors."""


@pytest.mark.parametrize("name", [name for name in CONTRACT if isinstance(getattr(emulator, name), type)])
def test_the_types_in_public_signatures_are_public(name: str) -> None:
    known = {*CONTRACT, *OTHER_NAMES, BY_THE_EMULATOR.get(name, "")}
    if name == "AsgiApp":
        known |= {"Event", "Receive", "Send"}  # of ASGI, in the signature that its specification gives
    assert {used for _, used in signatures(getattr(emulator, name))} - known == set()


class OneFace:
    """A detector, embedder and video reader, built from public names."""

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        point = Point(image.width / 2, image.height / 2)
        box = Box(0, 0, image.width / 2, image.height / 2)
        return [DetectedFace(box, 0.9, Landmarks(point, point, point, point, point))]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        return pack_embedding(np.ones(128))

    def facts(self, file: BinaryIO) -> VideoFacts:
        return VideoFacts(codec="h264", duration_millis=500, format="MP4", frame_rate=2.0, width=100, height=100)

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        from PIL import Image

        yield Frame(0, DecodedImage(Image.new("RGB", (100, 100))))


def test_a_video_is_analysed_by_a_users_classes() -> None:
    own = OneFace()
    with (
        Emulator(face_detector=own, face_embedder=own, video_reader=own) as opened,
        RekognitionClient.local(opened) as client,
    ):
        opened.put_object("films", "one.mp4", b"...")
        job = client.start_face_detection("s3://films/one.mp4").job_id
        (face,) = client.wait_until_face_detection_completed(job).faces
    assert (face.timestamp, face.face.confidence, face.face.bounding_box.width) == (0, 90.0, 0.5)


def test_values_of_detectors_and_readers_are_no_tuples() -> None:
    point = Point(1, 1)
    face = DetectedFace(Box(0, 0, 1, 1), 0.9, Landmarks(point, point, point, point, point))
    assert not isinstance(face, tuple)
    assert (repr(face)[:12], type(face).__module__) == ("DetectedFace", "rekog.emulator")
    with pytest.raises(AttributeError, match="frozen"):
        face.confidence = 1.0  # type: ignore[misc]  # the wrong assignment is the test
