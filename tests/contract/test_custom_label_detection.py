"""DetectCustomLabels: thresholds, limits, running models, and models that are trained on photographs."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.contract.custom_label_calls import describe_version
from tests.contract.responses import label_names
from tests.kit.photographs import photograph
from tests.kit.request_members import (
    OUTPUT,
    create_running_version,
)
from tests.kit.service import blank_png

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


def test_an_image_for_custom_labels_has_64_to_4096_pixels(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    for width, height in ((64, 4096), (4096, 64)):
        data = blank_png(width=width, height=height)
        control.declare(data, custom_labels=[])
        assert rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": data})["CustomLabels"] == []
    for size, code in ((63, "InvalidParameterException"), (4097, "ImageTooLargeException")):
        data = blank_png(width=size, height=100)
        assert rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": data}) == code


def test_each_version_has_its_own_custom_labels(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    image = blank_png(1)
    control.declare(image, custom_labels={arn: ["dog"]})
    response = rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": image})
    assert label_names(response, "CustomLabels") == ["dog"]


# --- models


def test_a_model_is_trained_run_and_deleted_without_a_declaration(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    lines = [
        put_part(control, f"{name}-{number}.jpg", name, number)
        for name in ("cat", "coffee", "flower")
        for number in range(5)
    ]
    manifest = control.put_object("photos", "train.manifest", "\n".join(lines))
    source = {"GroundTruthManifest": manifest}
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)["DatasetArn"]
    rekognition("DescribeDataset", DatasetArn=dataset)
    named = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    version = rekognition("CreateProjectVersion", **named)
    result = describe_version(rekognition, project)
    assert result["Status"] == "TRAINING_COMPLETED"
    assert result["EvaluationResult"]["F1Score"] == 1
    rekognition("StartProjectVersion", **version, MinInferenceUnits=1)
    assert describe_version(rekognition, project)["Status"] == "RUNNING"
    for name in ("cat", "coffee", "flower"):
        response = rekognition("DetectCustomLabels", **version, Image={"Bytes": part_of_photograph(name, 5)})
        assert label_names(response, "CustomLabels") == [name]
    rekognition("StopProjectVersion", **version)
    code = rekognition.error_code("DetectCustomLabels", **version, Image={"Bytes": blank_png()})
    assert code == "ResourceNotReadyException"
    rekognition("DeleteProjectVersion", **version)
    assert rekognition("DescribeProjectVersions", ProjectArn=project)["ProjectVersionDescriptions"] == []


def put_part(control: ControlApi, key: str, label: str, number: int) -> str:
    """Store a part of a photograph, and return its line of a manifest."""
    location = control.put_object("photos", key, part_of_photograph(label, number))["S3Object"]
    metadata = {"type": "groundtruth/image-classification", "class-name": label, "confidence": 1}
    source = f"s3://{location['Bucket']}/{location['Name']}"
    return json.dumps({"source-ref": source, "label": 1, "label-metadata": metadata})


def part_of_photograph(name: str, number: int) -> bytes:
    """Return a JPEG of a part of a photograph, which is a little further to the right for each number."""
    image = Image.open(io.BytesIO(photograph(name))).convert("RGB")
    width, height = image.width * 6 // 10, image.height * 6 // 10
    left, top = (image.width - width) * number // 5, (image.height - height) * (number % 3) // 2
    file = io.BytesIO()
    image.crop((left, top, left + width, top + height)).save(file, "JPEG")
    return file.getvalue()
