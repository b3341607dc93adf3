"""Resources, members and limits with which test_modelled_errors.py causes errors."""

from __future__ import annotations

from tests.kit.clients import Json
from tests.kit.request_members import (
    FACE_COLLECTION,
    NOT_A_VIDEO,
    OUTPUT,
    VIDEO,
    VIDEO_JOBS,
    create_running_version,
    create_trained_version,
)
from tests.kit.service import ControlApi, Rekognition, blank_png

Calls = list[tuple[str, Json]]
LIMITS = {
    "collections": 2,
    "concurrent_jobs": 1,
    "faces_per_collection": 2,
    "faces_per_user": 1,
    "manifest_bytes": 4000,
    "manifest_lines": 20,
    "policies_per_project": 1,
    "projects": 3,
    "stream_processors": 3,
    "tags_per_resource": 1,
    "users_per_collection": 2,
    "versions_per_project": 2,
    "video_bytes": 1000,
}
COMMON = {
    "AccessDeniedException",
    "InternalServerError",
    "InvalidParameterException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
}
"""Errors of every operation; see test_errors.py."""
HUMAN = "HumanLoopQuotaExceededException"
UNCAUSED = {
    HUMAN: {"DetectModerationLabels": "the emulator starts no human reviews"},
    "ResourceNotFoundException": {"ListCollections": "the operation names no resource"},
    "ConflictException": {"DeleteUser": "a user can be deleted in every state"},
    "ServiceQuotaExceededException": {"CreateStreamProcessor": "the limit of processors is a LimitExceededException"},
    "LimitExceededException": dict.fromkeys(
        (
            "CopyProjectVersion",
            "CreateDataset",
            "CreateProjectVersion",
            "DeleteDataset",
            "DetectCustomLabels",
            "PutProjectPolicy",
            "StartProjectVersion",
            "UpdateDatasetEntries",
        ),
        "the documentation does not name the limit",
    ),
}
"""Pairs of error and operation that only an injected fault causes, with the reason."""

COLLECTION = {"CollectionId": FACE_COLLECTION}
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"
UNKNOWN_PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/lost"
UNKNOWN_VERSION = f"{UNKNOWN_PROJECT}/version/v/1"
MISSING_OBJECT = {"S3Object": {"Bucket": "lost", "Name": "lost.bin"}}
SELECTORS: Json = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}
IMAGE_OPERATIONS = (
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "DetectText",
    "RecognizeCelebrities",
)
COLLECTION_OPERATIONS = ("IndexFaces", "SearchFacesByImage", "SearchUsersByImage")


def create_project(rekognition: Rekognition, name: str = "dogs") -> str:
    return str(rekognition("CreateProject", ProjectName=name)["ProjectArn"])


def put_video(control: ControlApi) -> None:
    control.put_object("films", "street.mp4", NOT_A_VIDEO)


def create_collection(rekognition: Rekognition, control: ControlApi, *people: str) -> list[str]:
    """Create a collection, index an image of people, and return the face ids."""
    rekognition("CreateCollection", **COLLECTION)
    if not people:
        return []
    records = rekognition("IndexFaces", **COLLECTION, Image=control.image_of_people(*people))["FaceRecords"]
    return [record["Face"]["FaceId"] for record in records]


def train_adapter(rekognition: Rekognition, control: ControlApi) -> str:
    control.set_durations({"training": 60})
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    return create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="adapter", **feature)["ProjectArn"]
    )


def start_calls(video: Json = VIDEO, **members: object) -> Calls:
    return [(f"Start{kind}", {"Video": video, **needs, **members}) for kind, (_, needs) in VIDEO_JOBS.items()]


def image_calls(rekognition: Rekognition, control: ControlApi, image: Json) -> Calls:
    """Return calls of all operations with an image."""
    create_collection(rekognition, control)
    good = control.image_of_people("Ann")
    return [
        *((operation, {"Image": image}) for operation in IMAGE_OPERATIONS),
        *((operation, {**COLLECTION, "Image": image}) for operation in COLLECTION_OPERATIONS),
        ("DetectCustomLabels", {"ProjectVersionArn": create_running_version(rekognition), "Image": image}),
        ("CompareFaces", {"SourceImage": image, "TargetImage": good}),
        ("CompareFaces", {"SourceImage": good, "TargetImage": image}),
        ("CompareFaces", {"SourceImage": {"Bytes": blank_png()}, "TargetImage": image}),  # checked before the faces
    ]


def copy_members(project: str, version: str, to: str, name: str = "copy") -> Json:
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": version}
    return {**source, "DestinationProjectArn": to, "VersionName": name, "OutputConfig": OUTPUT}
