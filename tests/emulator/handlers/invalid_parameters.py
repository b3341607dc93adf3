"""Requests that satisfy the constraints of the model and break a rule of a handler, with a part of the error's text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tests.contract.error_resources import SELECTORS, copy_members, create_project
from tests.kit.request_members import (
    FACE_COLLECTION,
    OUTPUT,
    connected_home_processor,
    copy_policy,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

ADAPTERS = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
NO_AREA: Json = {}
LINE = {"Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 1}]}


class Invalid(NamedTuple):
    """A request that is refused with InvalidParameterException, and a part of the error's text."""

    operation: str
    members: Json
    message: str


def invalid_calls(rekognition: Rekognition, control: ControlApi) -> list[Invalid]:
    """Create resources, and return calls that break each rule of the handlers that change something."""
    return [
        *_people(rekognition, control),
        *_projects(rekognition, control),
        *_streams(rekognition),
        *_jobs(rekognition, control),
    ]


def _people(rekognition: Rekognition, control: ControlApi) -> list[Invalid]:
    collection = {"CollectionId": FACE_COLLECTION}
    rekognition("CreateCollection", **collection)
    rekognition("IndexFaces", **collection, Image=control.image_of_people("Ann"))
    both = {"Bytes": blank_png(), "S3Object": {"Bucket": "photos", "Name": "a.png"}}
    preference = {"Type": "FaceMovementChallenge", "Versions": {"Minimum": "2.0.0", "Maximum": "1.9.9"}}
    return [
        Invalid("IndexFaces", {**collection, "Image": {}}, "either contain bytes or s3 object"),
        Invalid("IndexFaces", {**collection, "Image": both}, "not both"),
        Invalid("SearchFacesByImage", {**collection, "Image": control.image_of_people()}, "no faces in the image"),
        Invalid("SearchUsers", {**collection}, "either UserId or FaceId"),
        Invalid(
            "CreateFaceLivenessSession",
            {"Settings": {"ChallengePreferences": [preference]}},
            "Minimum of Versions must not be greater",
        ),
    ]


def _projects(rekognition: Rekognition, control: ControlApi) -> list[Invalid]:
    dogs, cats, empty = (create_project(rekognition, name) for name in ("dogs", "cats", "empty"))
    adapters = rekognition("CreateProject", ProjectName="adapters", **ADAPTERS)["ProjectArn"]
    model, adapter = create_trained_version(rekognition, dogs), create_trained_version(rekognition, adapters)
    other_test = rekognition("CreateDataset", ProjectArn=dogs, DatasetType="TEST")["DatasetArn"]
    lines = {"GroundTruth": manifest_lines(5).encode()}
    train, test = _pair(rekognition, cats)
    for dataset in (train, test):
        rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes=lines)
    manifest = {"GroundTruthManifest": control.put_object("photos", "train.manifest", manifest_lines(10))}
    data = {"TrainingData": {"Assets": [manifest]}, "TestingData": {"AutoCreate": True}}
    version = {"VersionName": "new", "OutputConfig": OUTPUT}
    elsewhere = copy_members(dogs.replace("us-east-1", "eu-west-1"), model, cats, "new")
    source = {"DatasetArn": train, **manifest}
    new: Json = {"ProjectArn": empty, **version}
    config: Json = {"FeatureConfig": {"ContentModeration": {}}}
    return [
        Invalid("CreateProject", {"ProjectName": "new", "AutoUpdate": "ENABLED"}, "AutoUpdate is only allowed"),
        Invalid("CreateProject", {"ProjectName": "new", "Feature": ADAPTERS["Feature"]}, "AutoUpdate is required"),
        Invalid("CreateProjectVersion", {**new, "OutputConfig": {}}, "must have an S3Bucket"),
        Invalid("CreateProjectVersion", {**new, "TestingData": data["TestingData"]}, "together or not at all"),
        Invalid("CreateProjectVersion", {**new, **config, **data}, "FeatureConfig is only allowed"),
        Invalid("CreateProjectVersion", new, "no training dataset"),
        Invalid("CreateProjectVersion", {"ProjectArn": dogs, **version, **data}, "must not be given for a project"),
        Invalid("CreateProjectVersion", {**new, **data, "TrainingData": {}}, "TrainingData must have Assets"),
        Invalid("CreateProjectVersion", {**new, **data, "TestingData": {}}, "either Assets or AutoCreate"),
        Invalid("StartProjectVersion", {**_units(model), "MaxInferenceUnits": 1}, "must not be less than"),
        Invalid("StartProjectVersion", _units(adapter), "is an adapter"),
        Invalid("StopProjectVersion", {"ProjectVersionArn": adapter}, "is an adapter"),
        Invalid("CopyProjectVersion", copy_members(adapters, adapter, cats, "new"), "Only versions of CUSTOM_LABELS"),
        Invalid("CopyProjectVersion", copy_members(dogs, model, adapters, "new"), "Only versions of CUSTOM_LABELS"),
        Invalid("CopyProjectVersion", copy_members(cats, model, dogs, "new"), "is not a version of"),
        Invalid("CopyProjectVersion", elsewhere, "in the same region"),
        Invalid("CopyProjectVersion", {**copy_members(dogs, model, cats, "new"), "OutputConfig": {}}, "an S3Bucket"),
        Invalid("CreateDataset", {**_new_dataset(empty), "DatasetSource": {}}, "either GroundTruthManifest or"),
        Invalid("CreateDataset", {**_new_dataset(empty), "DatasetSource": source}, "either GroundTruthManifest or"),
        Invalid("DistributeDatasetEntries", _datasets(train, test), "must be empty"),
        Invalid("DistributeDatasetEntries", _datasets(train, train), "of one project"),
        Invalid("DistributeDatasetEntries", _datasets(test, test), "of one project"),
        Invalid("DistributeDatasetEntries", _datasets(train, other_test), "of one project"),
        Invalid(
            "PutProjectPolicy",
            {"ProjectArn": adapters, "PolicyName": "p", "PolicyDocument": copy_policy()},
            "Only projects of CUSTOM_LABELS",
        ),
    ]


def _pair(rekognition: Rekognition, project: str) -> tuple[str, str]:
    train, test = (
        str(rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"])
        for kind in ("TRAIN", "TEST")
    )
    return train, test


def _units(version: str) -> Json:
    return {"ProjectVersionArn": version, "MinInferenceUnits": 2}


def _new_dataset(project: str) -> Json:
    return {"ProjectArn": project, "DatasetType": "TRAIN"}


def _datasets(*arns: str) -> Json:
    return {"Datasets": [{"Arn": arn} for arn in arns]}


def _streams(rekognition: Rekognition) -> list[Invalid]:
    rekognition("CreateStreamProcessor", **face_search_processor("gate"))
    rekognition("CreateStreamProcessor", **connected_home_processor("door"))
    create, update, start = "CreateStreamProcessor", "UpdateStreamProcessor", "StartStreamProcessor"
    search, home = face_search_processor, connected_home_processor
    other_collection = {"FaceSearch": {"CollectionId": "lost"}}
    both = {**search()["Settings"], **home()["Settings"]}
    cats = {"ConnectedHome": {"Labels": ["CAT"]}}
    twice = {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"MinConfidence": 60}}}
    whole = [{"BoundingBox": {"Left": 0, "Top": 0, "Width": 1, "Height": 1}}]
    two_positions = {"KVSStreamStartSelector": {"ProducerTimestamp": 1, "FragmentNumber": "1"}}
    door: Json = {"Name": "door"}
    return [
        Invalid(create, search("new", Settings=other_collection), "The collection id: lost does not exist"),
        Invalid(create, search("new", Settings={"FaceSearch": {}}), "must have a CollectionId"),
        Invalid(create, search("new", Settings={}), "either FaceSearch or ConnectedHome"),
        Invalid(create, search("new", Settings=both), "either FaceSearch or ConnectedHome"),
        Invalid(create, search("new", Input={}), "Arn of a KinesisVideoStream"),
        Invalid(create, search("new", Output=home()["Output"]), "Arn of a KinesisDataStream"),
        Invalid(create, search("new", KmsKeyId="key"), "KmsKeyId can't be given"),
        Invalid(create, search("new", RegionsOfInterest=[]), "RegionsOfInterest can't be given"),
        Invalid(create, search("new", NotificationChannel=home()["NotificationChannel"]), "NotificationChannel can't"),
        Invalid(create, home("new", Output=search()["Output"]), "an S3Destination with a Bucket"),
        Invalid(create, home("new", NotificationChannel=None), "needs a NotificationChannel"),
        Invalid(create, home("new", Settings=cats), "Labels must be of"),
        Invalid(create, home("new", RegionsOfInterest=[NO_AREA]), "either a BoundingBox or a Polygon"),
        Invalid(create, home("new", RegionsOfInterest=[LINE]), "3 to 10 points"),
        Invalid(update, {"Name": "gate"}, "Only stream processors for label detection"),
        Invalid(update, {**door, "SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["CAT"]}}}, "Labels must"),
        Invalid(update, {**door, "RegionsOfInterestForUpdate": [LINE]}, "3 to 10 points"),
        Invalid(update, {**door, **twice, "ParametersToDelete": ["ConnectedHomeMinConfidence"]}, "updated and deleted"),
        Invalid(
            update,
            {**door, "RegionsOfInterestForUpdate": whole, "ParametersToDelete": ["RegionsOfInterest"]},
            "updated and deleted",
        ),
        Invalid(start, {"Name": "gate", **SELECTORS}, "for label detection only"),
        Invalid(start, door, "needs StartSelector and StopSelector"),
        Invalid(start, {**door, **SELECTORS, "StartSelector": two_positions}, "one of ProducerTimestamp and"),
    ]


def _jobs(rekognition: Rekognition, control: ControlApi) -> list[Invalid]:
    job = media_analysis_job(control)
    (model,) = (
        version["ProjectVersionArn"]
        for project in rekognition("DescribeProjects", ProjectNames=["dogs"])["ProjectDescriptions"]
        for version in rekognition("DescribeProjectVersions", ProjectArn=project["ProjectArn"])[
            "ProjectVersionDescriptions"
        ]
    )
    with_model = {"OperationsConfig": {"DetectModerationLabels": {"ProjectVersion": model}}}
    video = control.put_object("films", "street.mp4", json.dumps({}))
    return [
        Invalid("StartMediaAnalysisJob", {**job, "OperationsConfig": {}}, "must have an operation"),
        Invalid("StartMediaAnalysisJob", {**job, **with_model}, "is a model"),
        Invalid("StartTextDetection", {"Video": video, "Filters": {"RegionsOfInterest": [{}]}}, "either a BoundingBox"),
    ]
