"""Members of requests, declared content and resources that several tests need."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rekog.emulator import Emulator
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

ROLE = "arn:aws:iam::123456789012:role/rekognition"
TOPIC = "arn:aws:sns:us-east-1:123456789012:AmazonRekognitionJobs"
CAMERA = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/gate/1"
OUTPUT = {"S3Bucket": "results", "S3KeyPrefix": "out"}
VIDEO = {"S3Object": {"Bucket": "films", "Name": "street.mp4"}}
NOT_A_VIDEO = b"not a video: its content is declared"
FACE_COLLECTION = "people"
_SHADES = ("dark", "bright")
VIDEO_JOBS: dict[str, tuple[str, Json]] = {
    "CelebrityRecognition": ("Celebrities", {}),
    "ContentModeration": ("ModerationLabels", {}),
    "FaceDetection": ("Faces", {}),
    "FaceSearch": ("Persons", {"CollectionId": FACE_COLLECTION}),
    "LabelDetection": ("Labels", {}),
    "PersonTracking": ("Persons", {}),
    "SegmentDetection": ("Segments", {"SegmentTypes": ["SHOT"]}),
    "TextDetection": ("TextDetections", {}),
}
"""The eight video jobs: the member of their results, and required members of their start beside a video."""
JOB_CAPABILITIES = {
    "CelebrityRecognition": "celebrities",
    "ContentModeration": "moderation",
    "FaceDetection": "faces",
    "FaceSearch": "faces",
    "LabelDetection": "labels",
    "PersonTracking": "persons",
    "SegmentDetection": "segments",
    "TextDetection": "text",
}
"""The capability of each job, for declarations."""
STREET_CONTENT: Json = {
    "video": {"DurationMillis": 4000, "FrameRate": 25, "FrameWidth": 640, "FrameHeight": 360, "Format": "MP4"},
    "celebrities": [{"Timestamp": 0, "Name": "Ada", "Id": "1abc", "BoundingBox": [0.4, 0.2, 0.1, 0.2]}],
    "moderation": [{"Timestamp": 500, "Name": "Violence", "Confidence": 80}],
    "faces": [{"Timestamp": 500, "Identity": "Ann", "BoundingBox": [0.4, 0.2, 0.1, 0.2]}],
    "labels": [{"Timestamp": 0, "Name": "Car", "Confidence": 88}],
    "persons": [{"Timestamp": 500, "Index": 0, "BoundingBox": [0.3, 0.1, 0.2, 0.8]}],
    "text": [{"Timestamp": 500, "DetectedText": "EXIT"}],
    "segments": [
        {
            "Type": "SHOT",
            "StartTimestampMillis": 0,
            "EndTimestampMillis": 4000,
            "ShotSegment": {"Index": 0, "Confidence": 99},
        }
    ],
}
"""Declared content of a video, with one entry of each capability."""


def put_photo(control: ControlApi) -> str:
    """Store a photograph of a person, and return its name for the control API."""
    from tests.kit.wire import ASTRONAUT

    control.put_object("photos", "astronaut.jpg", ASTRONAUT.read_bytes())
    return "s3://photos/astronaut.jpg"


def manifest_lines(count: int) -> str:
    """Return a manifest of images that are all labelled as dogs."""
    metadata = {"type": "groundtruth/image-classification", "class-name": "dog", "confidence": 1}
    return "\n".join(
        json.dumps({"source-ref": f"s3://photos/{number}.jpg", "kind": 1, "kind-metadata": metadata})
        for number in range(count)
    )


def copy_policy(account: str = "210987654321") -> str:
    """Return a policy that allows an account to copy versions."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "rekognition:CopyProjectVersion"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})


def training_manifest(count: int = 10) -> str:
    """Return a manifest of images that are labelled as dark or bright, in turn."""
    lines: list[str] = []
    for number in range(count):
        metadata = {"type": "groundtruth/image-classification", "class-name": _SHADES[number % 2], "confidence": 1}
        lines.append(json.dumps({"source-ref": f"s3://photos/{number}.png", "kind": 1, "kind-metadata": metadata}))
    return "\n".join(lines)


def put_training_images(store: ControlApi | Emulator, count: int = 10) -> str:
    """Store the images of a training manifest, and return the manifest.

    All dark images are equal, and so are all bright ones, so that a training analyses two images only.
    """
    from tests.kit.service import blank_png

    images = blank_png(1), blank_png(0xFFFF)
    for number in range(count):
        store.put_object("photos", f"{number}.png", images[number % 2])
    return training_manifest(count)


def create_training_dataset(rekognition: Rekognition, project: str) -> str:
    """Create a training dataset of four images with two labels, and return its ARN."""
    from tests.kit.service import ControlApi

    assert rekognition.url is not None, "the real service has no control API"
    with closing(ControlApi(rekognition.url)) as control:
        lines = put_training_images(control, 4)
    dataset = str(rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"])
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": lines.encode()})
    return dataset


def create_trained_version(rekognition: Rekognition, project: str, name: str = "v1") -> str:
    """Train a version with four images, and return its ARN."""
    create_training_dataset(rekognition, project)
    made = rekognition("CreateProjectVersion", ProjectArn=project, VersionName=name, OutputConfig=OUTPUT)
    return str(made["ProjectVersionArn"])


def create_running_version(rekognition: Rekognition) -> str:
    """Create a project and a running version, and return the ARN of the version."""
    arn = create_trained_version(rekognition, rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    return arn


def create_version_without_model(rekognition: Rekognition, control: ControlApi) -> str:
    """Create a project and a running version, and return the version's ARN; all of its images have the same label."""
    from tests.kit.service import blank_png

    control.put_object("photos", "nose.png", blank_png(width=100, height=100))
    box = {
        "image_size": [{"width": 100, "height": 100, "depth": 3}],
        "annotations": [{"class_id": 0, "left": 9, "top": 9, "width": 9, "height": 9}],
    }
    metadata = {"type": "groundtruth/object-detection", "class-map": {"0": "nose"}, "objects": [{"confidence": 1}]}
    line = json.dumps({"source-ref": "s3://photos/nose.png", "box": box, "box-metadata": metadata})
    project = rekognition("CreateProject", ProjectName="noses")["ProjectArn"]
    for kind in ("TRAIN", "TEST"):
        dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"]
        rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": line.encode()})
    version = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    rekognition("StartProjectVersion", **version, MinInferenceUnits=1)
    return str(version["ProjectVersionArn"])


def face_search_processor(name: str = "gate", **changes: object) -> Json:
    """Return members of a processor that searches faces; a change to None omits a member."""
    return with_changes(
        {
            "Name": name,
            "Input": {"KinesisVideoStream": {"Arn": f"{CAMERA}{name}"}},
            "Output": {"KinesisDataStream": {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/results"}},
            "RoleArn": ROLE,
            "Settings": {"FaceSearch": {"CollectionId": FACE_COLLECTION}},
        },
        changes,
    )


def connected_home_processor(name: str = "door", **changes: object) -> Json:
    """Return members of a processor that detects people and pets; a change to None omits a member."""
    return with_changes(
        {
            "Name": name,
            "Input": {"KinesisVideoStream": {"Arn": f"{CAMERA}{name}"}},
            "Output": {"S3Destination": {"Bucket": "results"}},
            "RoleArn": ROLE,
            "Settings": {"ConnectedHome": {"Labels": ["PERSON", "PET"]}},
            "NotificationChannel": {"SNSTopicArn": TOPIC},
        },
        changes,
    )


def with_changes(members: Json, changes: Json) -> Json:
    """Return members with changes; a change to None omits a member."""
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


def media_analysis_job(control: ControlApi) -> Json:
    """Store an image and a manifest, and return the members of a job over them."""
    image = control.declared_image(moderation=["Smoking"])
    control.put_object("photos", "bar.png", image["Bytes"])
    manifest = control.put_object("photos", "manifest.jsonl", json.dumps({"source-ref": "s3://photos/bar.png"}))
    return {"OperationsConfig": {"DetectModerationLabels": {}}, "Input": manifest, "OutputConfig": OUTPUT}
