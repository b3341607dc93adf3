"""Requests that satisfy the constraints of the model and break a rule of a handler, with the text of the error."""

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
OF_ADAPTERS = " in a project whose feature is CONTENT_MODERATION."
DATA = "TrainingData must have Assets, and TestingData must have either Assets or AutoCreate."
SOURCE = "DatasetSource must have either GroundTruthManifest or DatasetArn."
PAIR = "Datasets must be the training and the test dataset of one project."
KINDS = "Settings must have either FaceSearch or ConnectedHome."
NOT_FOR_SEARCHES = " can't be given for a face search."
LABELS = "Labels must be of PERSON, PET, PACKAGE, ALL, not CAT."
AREA = "A region of interest must have either a BoundingBox or a Polygon."
POINTS = "A region of interest's Polygon must have 3 to 10 points."
TWICE = "The same parameter can't be updated and deleted."
LINE = {"Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 1}]}


class Invalid(NamedTuple):
    """A request that is refused with InvalidParameterException, and the text of the error."""

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
        Invalid("IndexFaces", {**collection, "Image": {}}, "Requested image should either contain bytes or s3 object."),
        Invalid(
            "IndexFaces",
            {**collection, "Image": both},
            "Requested image should contain either bytes or s3 object, not both.",
        ),
        Invalid(
            "SearchFacesByImage",
            {**collection, "Image": control.image_of_people()},
            "There are no faces in the image. Should be at least 1.",
        ),
        Invalid("SearchUsers", {**collection}, "Request should contain either UserId or FaceId."),
        Invalid(
            "CreateFaceLivenessSession",
            {"Settings": {"ChallengePreferences": [preference]}},
            "The Minimum of Versions must not be greater than the Maximum.",
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
        Invalid(
            "CreateProject", {"ProjectName": "new", "AutoUpdate": "ENABLED"}, "AutoUpdate is only allowed" + OF_ADAPTERS
        ),
        Invalid(
            "CreateProject",
            {"ProjectName": "new", "Feature": ADAPTERS["Feature"]},
            "AutoUpdate is required for a project whose feature is CONTENT_MODERATION.",
        ),
        Invalid("CreateProjectVersion", {**new, "OutputConfig": {}}, "OutputConfig must have an S3Bucket."),
        Invalid(
            "CreateProjectVersion",
            {**new, "TestingData": data["TestingData"]},
            "TrainingData and TestingData must be given together or not at all.",
        ),
        Invalid("CreateProjectVersion", {**new, **config, **data}, "FeatureConfig is only allowed" + OF_ADAPTERS),
        Invalid(
            "CreateProjectVersion",
            new,
            f"{empty} has no training dataset; create one, or send TrainingData and TestingData.",
        ),
        Invalid(
            "CreateProjectVersion",
            {"ProjectArn": dogs, **version, **data},
            "TrainingData and TestingData must not be given for a project that has datasets.",
        ),
        Invalid("CreateProjectVersion", {**new, **data, "TrainingData": {}}, DATA),
        Invalid("CreateProjectVersion", {**new, **data, "TestingData": {}}, DATA),
        Invalid(
            "StartProjectVersion",
            {**_units(model), "MaxInferenceUnits": 1},
            "MaxInferenceUnits must not be less than MinInferenceUnits.",
        ),
        Invalid("StartProjectVersion", _units(adapter), f"{adapter} is an adapter, which can't be started or stopped."),
        Invalid(
            "StopProjectVersion",
            {"ProjectVersionArn": adapter},
            f"{adapter} is an adapter, which can't be started or stopped.",
        ),
        Invalid(
            "CopyProjectVersion",
            copy_members(adapters, adapter, cats, "new"),
            "Only versions of CUSTOM_LABELS projects are copied.",
        ),
        Invalid(
            "CopyProjectVersion",
            copy_members(dogs, model, adapters, "new"),
            "Only versions of CUSTOM_LABELS projects are copied.",
        ),
        Invalid("CopyProjectVersion", copy_members(cats, model, dogs, "new"), f"{model} is not a version of {cats}."),
        Invalid("CopyProjectVersion", elsewhere, "The projects must be in the same region."),
        Invalid(
            "CopyProjectVersion",
            {**copy_members(dogs, model, cats, "new"), "OutputConfig": {}},
            "OutputConfig must have an S3Bucket.",
        ),
        Invalid("CreateDataset", {**_new_dataset(empty), "DatasetSource": {}}, SOURCE),
        Invalid("CreateDataset", {**_new_dataset(empty), "DatasetSource": source}, SOURCE),
        Invalid("DistributeDatasetEntries", _datasets(train, test), "The test dataset must be empty."),
        Invalid("DistributeDatasetEntries", _datasets(train, train), PAIR),
        Invalid("DistributeDatasetEntries", _datasets(test, test), PAIR),
        Invalid("DistributeDatasetEntries", _datasets(train, other_test), PAIR),
        Invalid(
            "PutProjectPolicy",
            {"ProjectArn": adapters, "PolicyName": "p", "PolicyDocument": copy_policy()},
            "Only projects of CUSTOM_LABELS have policies.",
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
        Invalid(create, search("new", Settings={"FaceSearch": {}}), "FaceSearch must have a CollectionId."),
        Invalid(create, search("new", Settings={}), KINDS),
        Invalid(create, search("new", Settings=both), KINDS),
        Invalid(create, search("new", Input={}), "Input must have the Arn of a KinesisVideoStream."),
        Invalid(
            create,
            search("new", Output=home()["Output"]),
            "The Output of a face search must be the Arn of a KinesisDataStream.",
        ),
        Invalid(create, search("new", KmsKeyId="key"), "KmsKeyId" + NOT_FOR_SEARCHES),
        Invalid(create, search("new", RegionsOfInterest=[]), "RegionsOfInterest" + NOT_FOR_SEARCHES),
        Invalid(
            create,
            search("new", NotificationChannel=home()["NotificationChannel"]),
            "NotificationChannel" + NOT_FOR_SEARCHES,
        ),
        Invalid(
            create,
            home("new", Output=search()["Output"]),
            "The Output of label detection must be an S3Destination with a Bucket.",
        ),
        Invalid(create, home("new", NotificationChannel=None), "Label detection needs a NotificationChannel."),
        Invalid(create, home("new", Settings=cats), LABELS),
        Invalid(create, home("new", RegionsOfInterest=[NO_AREA]), AREA),
        Invalid(create, home("new", RegionsOfInterest=[LINE]), POINTS),
        Invalid(update, {"Name": "gate"}, "Only stream processors for label detection can be updated."),
        Invalid(update, {**door, "SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["CAT"]}}}, LABELS),
        Invalid(update, {**door, "RegionsOfInterestForUpdate": [LINE]}, POINTS),
        Invalid(update, {**door, **twice, "ParametersToDelete": ["ConnectedHomeMinConfidence"]}, TWICE),
        Invalid(
            update,
            {**door, "RegionsOfInterestForUpdate": whole, "ParametersToDelete": ["RegionsOfInterest"]},
            TWICE,
        ),
        Invalid(start, {"Name": "gate", **SELECTORS}, "StartSelector and StopSelector are for label detection only."),
        Invalid(start, door, "Label detection needs StartSelector and StopSelector."),
        Invalid(
            start,
            {**door, **SELECTORS, "StartSelector": two_positions},
            "KVSStreamStartSelector must have one of ProducerTimestamp and FragmentNumber.",
        ),
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
        Invalid(
            "StartMediaAnalysisJob",
            {**job, "OperationsConfig": {}},
            "OperationsConfig must have an operation: DetectModerationLabels.",
        ),
        Invalid("StartMediaAnalysisJob", {**job, **with_model}, f"{model} is a model: use it with DetectCustomLabels."),
        Invalid("StartTextDetection", {"Video": video, "Filters": {"RegionsOfInterest": [{}]}}, AREA),
    ]
