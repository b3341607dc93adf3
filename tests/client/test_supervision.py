"""`rekog.images.to_supervision`: results as detections of the library supervision."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import supervision

from rekog import from_wire, models
from rekog._core.answers import marks
from rekog.errors import ConfigError, ParamValidationError
from rekog.images import to_supervision
from rekog.models import BoundingBox, DetectFacesResponse, DetectLabelsResponse, FaceDetail, Instance, Label
from rekog.testing import partial_model
from tests.kit.drawings import DRAWINGS
from tests.kit.samples import sample

BOX = BoundingBox(left=0.25, top=0.5, width=0.5, height=0.25)
OUTSIDE = BoundingBox(left=-0.1, top=0.5, width=0.2, height=0.75)


def labels(*names: str) -> DetectLabelsResponse:
    instances = [Instance(bounding_box=BOX, confidence=90.0)]
    return DetectLabelsResponse(labels=[Label(name=name, confidence=95.0, instances=instances) for name in names])


def test_detections_have_pixels_shares_classes_and_names() -> None:
    found = to_supervision(labels("Car", "Dog", "Car"), width=400, height=200)
    assert found.xyxy.tolist() == [[100, 100, 300, 150]] * 3
    assert found.confidence is not None
    assert found.confidence.tolist() == pytest.approx([0.9] * 3)
    assert found.class_id is not None
    assert found.class_id.tolist() == [0, 1, 0]
    assert list(found.data["class_name"]) == ["Car", "Dog", "Car"]


def test_boxes_are_cut_at_the_edges_of_the_image() -> None:
    answer = DetectFacesResponse(face_details=[FaceDetail(bounding_box=OUTSIDE, confidence=99.0)])
    assert to_supervision(answer, width=100, height=100).xyxy.tolist() == [[0, 50, pytest.approx(10), 100]]


def test_a_dict_of_classes_keeps_the_ids_of_many_responses() -> None:
    classes = {"Person": 4}
    ids = [
        to_supervision(labels(*names), width=9, height=9, classes=classes).class_id
        for names in (["Dog"], ["Cat", "Person", "Dog"])
    ]
    assert [list(each) for each in ids if each is not None] == [[5], [6, 4, 5]]
    assert classes == {"Person": 4, "Dog": 5, "Cat": 6}


def test_texts_are_one_class_with_their_polygons() -> None:
    found = to_supervision(DRAWINGS["signs"]().answer, width=300, height=200)
    assert found.class_id is not None
    assert found.class_id.tolist() == [0, 0, 0]
    assert list(found.data["class_name"]) == ["EXIT", "Main St.", "25"]
    corners: Any = found.data["xyxyxyxy"]
    assert corners.shape == (3, 4, 2)
    assert np.array_equal(found.xyxy, np.hstack([corners.min(axis=1), corners.max(axis=1)]))


def test_a_missing_confidence_is_not_a_number() -> None:
    face = partial_model(FaceDetail, bounding_box=BOX)
    found = to_supervision(DetectFacesResponse(face_details=[face]), width=9, height=9)
    assert found.confidence is not None
    assert np.isnan(found.confidence).all()


@pytest.mark.parametrize("name", marks.MARKS)
def test_each_response_without_results_is_empty(name: str) -> None:
    found = to_supervision(from_wire(getattr(models, name), {}), width=9, height=9)
    assert len(found) == 0
    assert [found.class_id.dtype.kind if found.class_id is not None else None, found.xyxy.dtype] == ["i", np.float32]
    assert supervision.Detections.merge([found, found]).xyxy.shape == (0, 4)


@pytest.mark.parametrize("name", marks.MARKS)
def test_the_detections_are_the_results_that_draw_draws(name: str) -> None:
    answer = from_wire(getattr(models, name), sample(name))
    found = to_supervision(answer, width=100, height=100)
    assert list(found.data["class_name"]) == [
        mark.name for mark in marks.marks_of(answer, side="target", min_confidence=None)
    ]


def test_the_detections_work_with_an_annotator_and_a_filter() -> None:
    drawing = DRAWINGS["labels"]()
    found = to_supervision(drawing.answer, width=450, height=300, min_confidence=50)
    cars: Any = found[found.data["class_name"] == "Car"]
    assert len(cars) == 1
    scene = np.asarray(drawing.image).copy()
    drawn = supervision.BoxAnnotator().annotate(scene.copy(), cars)
    assert not np.array_equal(drawn, scene)


@pytest.mark.parametrize("size", [{"width": 0, "height": 9}, {"width": 9, "height": 9.5}, {"width": True, "height": 9}])
def test_another_size_is_refused(size: Any) -> None:
    with pytest.raises(ParamValidationError, match=r"images.to_supervision: (width|height): must be a whole number"):
        to_supervision(labels("Car"), **size)


def test_a_size_of_numpy_is_taken() -> None:
    size: Any = np.int64(100)
    assert to_supervision(labels("Car"), width=size, height=size).xyxy.tolist() == [[25, 50, 75, 75]]


def test_another_side_is_refused() -> None:
    side: Any = "left"
    with pytest.raises(ParamValidationError, match=r"images.to_supervision: side: must be 'source' or 'target'"):
        to_supervision(labels("Car"), width=9, height=9, side=side)


def test_without_supervision_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(ConfigError, match="pip install supervision"):
        to_supervision(labels("Car"), width=9, height=9)
