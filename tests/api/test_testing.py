"""`rekog.testing`: partial models and responses for test doubles."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest

from rekog import RekognitionClient, from_wire, models, testing
from rekog._generated.operations import OPERATIONS
from rekog._values.model import Model, field_names
from rekog.errors import DecodeError
from rekog.models import BoundingBox, DetectLabelsResponse, EmotionName, FaceDetail, Label
from rekog.testing import answer_of, partial_model
from tests.kit.samples import sample


def test_it_does_not_import_pytest() -> None:
    code = "import sys, rekog.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_public_names_are_these() -> None:
    assert testing.__all__ == ["AsyncRecording", "Recording", "answer_of", "partial_model", "record"]


@pytest.mark.parametrize("operation", ["DetectLabels", "detect_labels", DetectLabelsResponse])
def test_a_response_is_built_from_some_of_its_members(operation: Any) -> None:
    response = answer_of(operation, {"Labels": [{"Name": "Cat"}]})
    assert type(response) is DetectLabelsResponse
    label: Any = response.labels[0]
    assert (label.name, label.confidence, label.instances) == ("Cat", None, [])
    assert response.response_metadata.request_id is None


def test_values_have_the_types_of_a_decoded_response() -> None:
    wire = {"FaceDetails": [{"Emotions": [{"Type": "HAPPY"}, {"Type": "NEW"}], "Smile": {"Value": False}}]}
    face: Any = answer_of(models.DetectFacesResponse, wire).face_details[0]
    assert face.emotions[0].type is EmotionName.HAPPY
    assert face.emotions[1].type == "NEW"
    assert (face.smile.value, face.smile.confidence) == (False, None)
    described: Any = answer_of(models.DescribeCollectionResponse, {"CreationTimestamp": 0, "FaceCount": None})
    assert (described.creation_timestamp, described.face_count) == (datetime(1970, 1, 1, tzinfo=UTC), None)
    text = answer_of(models.DescribeCollectionResponse, {"CreationTimestamp": "2026-01-02T03:04:05Z"})
    assert text.creation_timestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert answer_of(models.ListTagsForResourceResponse, {"Tags": {"a": "b"}}).tags == {"a": "b"}


@pytest.mark.parametrize("data", [b"...", "Li4u"])
def test_a_blob_is_bytes_or_base64(data: bytes | str) -> None:
    wire = {"ReferenceImage": {"Bytes": data}}
    image = answer_of(models.GetFaceLivenessSessionResultsResponse, wire).reference_image
    assert image is not None
    assert image.bytes == b"..."


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_complete_response_is_the_decoded_one(operation: Any) -> None:
    wire = sample(f"{operation.name}Response")
    assert answer_of(operation.name, wire) == from_wire(operation.output_type, wire)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_response_may_be_empty(operation: str) -> None:
    response: Model = answer_of(operation, {})
    assert all(getattr(response, name) in (None, []) for name in field_names(type(response)))


@pytest.mark.parametrize(
    ("wire", "path", "text"),
    [
        ({"Label": []}, "Label", "Label: no such member; there are "),
        ({"Labels": [{"Name": 5}]}, "Labels[0].Name", r"Labels\[0\]\.Name: must be text, not int"),
    ],
)
def test_a_wire_dict_that_is_no_response_is_an_error(wire: dict[str, object], path: str, text: str) -> None:
    with pytest.raises(DecodeError, match=f"DetectLabelsResponse: {text}") as caught:
        answer_of("DetectLabels", wire)
    assert caught.value.path == path


def test_an_unknown_operation_is_an_error() -> None:
    with pytest.raises(ValueError, match="operation must be one of the service's, like 'DetectLabels', not 'Detect'"):
        answer_of("Detect", {})


def test_a_double_returns_the_response() -> None:
    client = mock.create_autospec(RekognitionClient, instance=True)
    client.detect_labels.return_value = answer_of("DetectLabels", {"Labels": [{"Name": "Cat"}]})
    assert [label.name for label in client.detect_labels("cat.jpg").labels] == ["Cat"]


def test_a_model_is_built_from_some_of_its_members() -> None:
    box = BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    face: Any = partial_model(FaceDetail, confidence=9.0, bounding_box=box)
    assert (face.confidence, face.bounding_box, face.pose, face.landmarks) == (9.0, box, None, [])


def test_absent_lists_are_not_shared() -> None:
    partial_model(Label, name="Cat").instances.append(partial_model(models.Instance))
    assert partial_model(Label, name="Dog").instances == []


def test_a_subclass_of_a_model_is_built_as_itself() -> None:
    class Named(Label):
        """A user's subclass."""

    assert type(partial_model(Named, name="Cat")) is Named


def test_an_unknown_member_is_an_error() -> None:
    with pytest.raises(TypeError, match="Label has no member 'nam'; there are name, confidence, "):
        partial_model(Label, nam="Cat")
