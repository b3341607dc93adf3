"""Doubtful faces: the mesh decides about them, and about no others."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image

from rekog.emulator import DecodedImage, DetectedFace
from rekog.emulator.vision.faces.face_mesh import FaceMesh
from rekog.emulator.vision.faces.yunet import YuNet
from tests.kit.photographs import photograph

if TYPE_CHECKING:
    from rekog.emulator.vision.faces.face_mesh import Mesh


class Judge:
    """A mesh that gives each face the same probability, and counts the faces."""

    def __init__(self, face: float) -> None:
        self.face, self.asked = face, 0

    def locate(self, image: DecodedImage, face: DetectedFace) -> Mesh:
        self.asked += 1
        return cast("Mesh", SimpleNamespace(face=self.face))


def detector(judge: Judge) -> YuNet:
    return YuNet(cast("FaceMesh", judge))


@pytest.fixture(scope="module")
def headlamp() -> DecodedImage:
    """An image in which the detector alone takes a headlamp for a face."""
    image = Image.open(io.BytesIO(photograph("motorcycle"))).convert("RGB")
    return DecodedImage(image.resize((2 * image.width, 2 * image.height), Image.Resampling.BILINEAR))


@pytest.mark.slow
def test_a_doubtful_face_is_left_to_the_mesh(headlamp: DecodedImage) -> None:
    assert len(YuNet().detect(headlamp)) == 1
    assert detector(Judge(0.1)).detect(headlamp) == []
    (face, *_) = detector(Judge(0.9)).detect(headlamp)
    assert face.confidence >= 0.9


@pytest.mark.slow
def test_the_mesh_rejects_a_headlamp(headlamp: DecodedImage) -> None:
    assert YuNet(FaceMesh()).detect(headlamp) == []


def test_a_sure_face_is_not_judged() -> None:
    image, judge = DecodedImage(Image.open(io.BytesIO(photograph("astronaut"))).convert("RGB")), Judge(0.0)
    assert detector(judge).detect(image) == YuNet().detect(image)
    assert judge.asked == 0


def test_a_small_face_is_not_judged() -> None:
    image = Image.open(io.BytesIO(photograph("astronaut"))).convert("RGB").resize((100, 100), Image.Resampling.LANCZOS)
    judge = Judge(0.0)
    assert len(detector(judge).detect(DecodedImage(image))) == 1
    assert judge.asked == 0
