"""DetectCustomLabels: thresholds, limits and running models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.responses import label_names
from tests.kit.request_members import (
    create_running_version,
)
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition


def test_custom_labels_need_a_running_model(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = control.declared_image(custom_labels=["dog"])
    rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image)
    rekognition("StopProjectVersion", ProjectVersionArn=arn)
    code = rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image=image)
    assert code == "ResourceNotReadyException"


def test_custom_labels_use_their_assumed_threshold_by_default(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    declared = [["dog", 90], {"Name": "cat", "Confidence": 60, "AssumedThreshold": 70}, ["cow", 49]]
    image = control.declared_image(custom_labels=declared)

    def results(**members: object) -> list[str]:
        return label_names(
            rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image, **members), "CustomLabels"
        )

    assert results() == ["dog"]
    assert results(MinConfidence=0) == ["dog", "cat", "cow"]
    assert results(MinConfidence=60) == ["dog", "cat"]
    assert results(MinConfidence=0, MaxResults=1) == ["dog"]


def test_a_custom_label_may_have_a_box(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = control.declared_image(custom_labels=[{"Name": "dog", "Geometry": [0.1, 0.2, 0.3, 0.4]}, ["park", 80]])
    dog, park = rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image)["CustomLabels"]
    assert dog["Geometry"]["BoundingBox"] == pytest.approx({"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4})
    assert "Geometry" not in park


def test_each_version_has_its_own_custom_labels(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = blank_png(1)
    control.declare(image, custom_labels={arn: ["dog"]})
    response = rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": image})
    assert label_names(response, "CustomLabels") == ["dog"]
