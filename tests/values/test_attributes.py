"""Attributes of a face, such as `Smile`: their truth is their value."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from rekog import from_wire, models, to_wire
from rekog._generated.shapes import SHAPES
from rekog._values.model import Model, field_names
from rekog.models import BoundingBox, FaceDetail, Gender, Smile

ATTRIBUTES = [
    "Beard", "CoversBodyPart", "EyeOpen", "Eyeglasses", "FaceOccluded", "MouthOpen", "Mustache", "Smile", "Sunglasses",
]  # fmt: skip


def _kind(name: str) -> Any:
    return getattr(models, name)


def test_the_attributes_are_the_structures_of_a_truth_value_and_a_confidence() -> None:
    expected = [n for n, s in SHAPES.items() if s.members == {"Value": "Boolean", "Confidence": "Percent"}]

    assert sorted(expected) == ATTRIBUTES


def test_no_other_model_has_a_truth_of_its_own() -> None:
    names: list[str] = getattr(models, "__all__")  # noqa: B009 (created on demand)
    kinds = [_kind(name) for name in names]
    own = [k.__name__ for k in kinds if isinstance(k, type) and issubclass(k, Model) and hasattr(k, "__bool__")]

    assert sorted(own) == ATTRIBUTES


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_is_true_as_its_value_is(name: str) -> None:
    kind = _kind(name)

    assert set(field_names(kind)) == {"value", "confidence"}
    assert (bool(kind(value=True, confidence=1.0)), bool(kind(value=False, confidence=99.0))) == (True, False)
    assert bool(kind(value=None, confidence=99.0)) is False


def test_a_condition_on_a_face_asks_for_the_attribute() -> None:
    box = BoundingBox(width=0.1, height=0.1, left=0, top=0)
    smiles = (Smile(value=True, confidence=99.0), Smile(value=False, confidence=99.0), None)
    faces = [FaceDetail(bounding_box=box, confidence=99.0, smile=smile) for smile in smiles]

    assert [bool(face.smile) for face in faces] == [True, False, False]


def test_a_false_attribute_is_still_sent_compared_copied_and_pickled() -> None:
    smile = Smile(value=False, confidence=99.0)
    face = FaceDetail(bounding_box=BoundingBox(width=0, height=0, left=0, top=0), confidence=99.0, smile=smile)

    assert to_wire(face)["Smile"] == {"Value": False, "Confidence": 99.0}
    assert from_wire(FaceDetail, to_wire(face)) == copy.deepcopy(face) == pickle.loads(pickle.dumps(face)) == face
    assert "smile=Smile(value=False, confidence=99.0)" in repr(face)


def test_a_gender_has_no_truth_of_its_own() -> None:
    assert not hasattr(Gender, "__bool__")
