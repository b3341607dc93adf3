"""An emulator in which there is one of everything, and the members with which each operation works there."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.kit.clients import RefusedError
from tests.kit.request_members import (
    FACE_COLLECTION,
    NOT_A_VIDEO,
    OUTPUT,
    ROLE,
    STREET_CONTENT,
    VIDEO,
    VIDEO_JOBS,
    connected_home_processor,
    copy_policy,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from rekog.emulator import Emulator
    from tests.kit.clients import Json

PHOTO = {"S3Object": {"Bucket": "photos", "Name": "street.png"}}
MANIFEST = {"S3Object": {"Bucket": "photos", "Name": "manifest.jsonl"}}
USER = "ann"


class InProcessClient:
    """A client that is in the emulator's process and sends what it is given."""

    def __init__(self, emulator: Emulator) -> None:
        self.wire = WireClient(emulator)

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation; raise `RefusedError` for its error."""
        response = self.wire(operation, **members)
        if response.status >= 400:
            raise RefusedError(*response.refusal, response.status)
        return response.body


@contextmanager
def open_clients(emulator: Emulator) -> Generator[tuple[Rekognition, ControlApi]]:
    """Give what the contract's tests work with: a client of an emulator, and its control API."""
    with emulator.serve() as url:
        control = ControlApi(url)
        yield Rekognition(InProcessClient(emulator), None), control
        control.close()


def populate(emulator: Emulator) -> dict[str, Json]:
    """Make one of everything, and return members for each operation with which it succeeds.

    It succeeds in an emulator like this one; what it changes may be in another's way. Most members are optional.
    """
    with open_clients(emulator) as (rekognition, control):
        control.put_object("films", "street.mp4", NOT_A_VIDEO)
        control.declare("s3://films/street.mp4", **STREET_CONTENT)
        control.put_object("photos", "street.png", image_file(plain_image(200, 100)))
        control.declare("s3://photos/street.png", **_seen())
        control.put_object("photos", "lines.jsonl", manifest_lines(10))
        members = {
            **_people(rekognition, control),
            **_projects(rekognition),
            **_videos(rekognition),
            **_streams(rekognition),
            **_others(rekognition, control),
        }
        for operation, requested in members.items():
            if "JobId" in requested:  # whose answer comes when the job has ended, so that nothing goes on any more
                rekognition(operation, **requested)
        return members


def each(operations: str, members: Json) -> dict[str, Json]:
    """Return the same members for several operations."""
    return dict.fromkeys(operations.split(), members)


def _seen() -> Json:
    box = [0.1, 0.1, 0.3, 0.3]
    return {
        "faces": [{"Identity": "Ann", "BoundingBox": box}],
        "labels": ["Cat"],
        "moderation": ["Smoking"],
        "text": ["EXIT"],
        "ppe": [{"BoundingBox": [0, 0, 1, 1], "BodyParts": ["FACE"]}],
        "celebrities": [{"Name": "Ada", "Id": "1abc", "Face": box}],
        "custom_labels": ["dog"],
    }


def _people(rekognition: Rekognition, control: ControlApi) -> dict[str, Json]:
    home = {"CollectionId": FACE_COLLECTION}
    arn = rekognition("CreateCollection", **home, Tags={"team": "red"})["CollectionArn"]
    rekognition("IndexFaces", **home, Image=control.image_of_people("Ann"))
    rekognition("CreateUser", **home, UserId=USER)
    ann, bob = (
        rekognition("IndexFaces", **home, Image=control.image_of_people(who))["FaceRecords"][0]["Face"]["FaceId"]
        for who in ("Ann", "Bob")
    )
    rekognition("AssociateFaces", **home, UserId=USER, FaceIds=[ann])
    resource = {"ResourceArn": f"arn:{arn}"}
    return {
        "CreateCollection": {"CollectionId": "fresh"},
        **each("DeleteCollection DescribeCollection ListFaces ListUsers", home),
        "ListCollections": {},
        **each("IndexFaces SearchFacesByImage SearchUsersByImage", {**home, "Image": PHOTO}),
        **each("SearchFaces SearchUsers", {**home, "FaceId": bob}),
        "DeleteFaces": {**home, "FaceIds": [bob]},
        "CreateUser": {**home, "UserId": "fresh"},
        "DeleteUser": {**home, "UserId": USER},
        "AssociateFaces": {**home, "UserId": USER, "FaceIds": [bob], "UserMatchThreshold": 0},
        "DisassociateFaces": {**home, "UserId": USER, "FaceIds": [ann]},
        "TagResource": {**resource, "Tags": {"team": "blue"}},
        "UntagResource": {**resource, "TagKeys": ["team"]},
        "ListTagsForResource": resource,
    }


def _projects(rekognition: Rekognition) -> dict[str, Json]:
    arn = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    other = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    version = create_trained_version(rekognition, arn)
    stopped = rekognition("CreateProjectVersion", ProjectArn=arn, VersionName="v2", OutputConfig=OUTPUT)
    rekognition("StartProjectVersion", ProjectVersionArn=version, MinInferenceUnits=1)
    test = rekognition("CreateDataset", ProjectArn=arn, DatasetType="TEST")["DatasetArn"]
    train = test.replace("test", "train")
    revision = rekognition("PutProjectPolicy", ProjectArn=arn, PolicyName="copy", PolicyDocument=copy_policy())
    project, dataset = {"ProjectArn": arn}, {"DatasetArn": train}
    copied = {"SourceProjectArn": arn, "SourceProjectVersionArn": version, "DestinationProjectArn": other}
    named = {**project, "PolicyName": "copy"}
    return {
        "CreateProject": {"ProjectName": "fresh"},
        "DescribeProjects": {},
        "DeleteProject": {"ProjectArn": other},
        "CreateProjectVersion": {**project, "VersionName": "fresh", "OutputConfig": OUTPUT},
        "DescribeProjectVersions": project,
        "CopyProjectVersion": {**copied, "VersionName": "fresh", "OutputConfig": OUTPUT},
        "StartProjectVersion": {**stopped, "MinInferenceUnits": 1},
        "StopProjectVersion": {"ProjectVersionArn": version},
        "DeleteProjectVersion": stopped,
        "CreateDataset": {"ProjectArn": other, "DatasetType": "TRAIN"},
        **each("DescribeDataset ListDatasetEntries ListDatasetLabels DeleteDataset", dataset),
        "UpdateDatasetEntries": {**dataset, "Changes": {"GroundTruth": manifest_lines(11).encode()}},
        "DistributeDatasetEntries": {"Datasets": [{"Arn": train}, {"Arn": test}]},
        "PutProjectPolicy": {**named, **revision, "PolicyDocument": copy_policy("1" * 12)},
        "ListProjectPolicies": project,
        "DeleteProjectPolicy": named,
        "DetectCustomLabels": {"ProjectVersionArn": version, "Image": PHOTO},
    }


def _videos(rekognition: Rekognition) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for kind, (_, needs) in VIDEO_JOBS.items():
        result[f"Start{kind}"] = {"Video": VIDEO, **needs}
        result[f"Get{kind}"] = rekognition(f"Start{kind}", Video=VIDEO, **needs)
    return result


def _streams(rekognition: Rekognition) -> dict[str, Json]:
    rekognition("CreateStreamProcessor", **face_search_processor("gate"))
    rekognition("CreateStreamProcessor", **face_search_processor("yard"))
    rekognition("CreateStreamProcessor", **connected_home_processor("door"))
    rekognition("StartStreamProcessor", Name="yard")
    return {
        "CreateStreamProcessor": face_search_processor("fresh", RoleArn=ROLE),
        "ListStreamProcessors": {},
        **each("DescribeStreamProcessor StartStreamProcessor DeleteStreamProcessor", {"Name": "gate"}),
        "StopStreamProcessor": {"Name": "yard"},
        "UpdateStreamProcessor": {"Name": "door", "ParametersToDelete": ["RegionsOfInterest"]},
    }


def _others(rekognition: Rekognition, control: ControlApi) -> dict[str, Json]:
    session = rekognition("CreateFaceLivenessSession")
    media = media_analysis_job(control)
    control.put_object("photos", "manifest.jsonl", json.dumps({"source-ref": "s3://photos/street.png"}))
    analysed = (
        "DetectFaces DetectLabels DetectModerationLabels DetectText DetectProtectiveEquipment RecognizeCelebrities"
    )
    return {
        **each(analysed, {"Image": PHOTO}),
        "CompareFaces": {"SourceImage": PHOTO, "TargetImage": PHOTO},
        "GetCelebrityInfo": {"Id": "1abc"},
        "CreateFaceLivenessSession": {},
        "GetFaceLivenessSessionResults": session,
        "StartMediaAnalysisJob": media,
        "GetMediaAnalysisJob": rekognition("StartMediaAnalysisJob", **media),
        "ListMediaAnalysisJobs": {},
    }
