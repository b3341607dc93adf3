"""An emulator with a resource of each kind, and request members with which each operation succeeds."""

from __future__ import annotations

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
USER = "ann"


class InProcessClient:
    """A client of an emulator in the same process."""

    def __init__(self, emulator: Emulator, region: str | None = None) -> None:
        self.wire = WireClient(emulator, region)

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation; raise `RefusedError` for its error."""
        response = self.wire(operation, **members)
        if response.status >= 400:
            raise RefusedError(*response.refusal, response.status)
        return response.body


@contextmanager
def open_clients(emulator: Emulator, region: str | None = None) -> Generator[tuple[Rekognition, ControlApi]]:
    """Serve an emulator, and yield a client, for a Region if one is given, and the control API."""
    with emulator.serve() as url:
        control = ControlApi(url)
        yield Rekognition(InProcessClient(emulator, region), url), control
        control.close()


def populate(emulator: Emulator) -> dict[str, Json]:
    """Create a resource of each kind, and return request members with which each operation succeeds.

    An operation succeeds in a freshly populated emulator, but perhaps not after other operations. Optional members are
    mostly left out.
    """
    with open_clients(emulator) as (rekognition, control):
        control.put_object("films", "street.mp4", NOT_A_VIDEO)
        control.declare("s3://films/street.mp4", **STREET_CONTENT)
        control.put_object("photos", "street.png", image_file(plain_image(200, 100)))
        control.declare("s3://photos/street.png", **_declared_content())
        members = {
            **_people(rekognition, control),
            **_projects(rekognition),
            **_videos(rekognition),
            **_streams(rekognition),
            **_others(rekognition, control),
        }
        for operation, request in members.items():
            if "JobId" in request:  # ends the job, so that no job is running
                rekognition(operation, **request)
        return members


def for_each(operations: str, members: Json) -> dict[str, Json]:
    """Return the same members for several operations."""
    return dict.fromkeys(operations.split(), members)


def _declared_content() -> Json:
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
    collection = {"CollectionId": FACE_COLLECTION}
    arn = rekognition("CreateCollection", **collection, Tags={"team": "red"})["CollectionArn"]
    # a face of Ann without a user, beside the one below that is associated with the user
    rekognition("IndexFaces", **collection, Image=control.image_of_people("Ann"))
    rekognition("CreateUser", **collection, UserId=USER)
    ann, bob = (
        rekognition("IndexFaces", **collection, Image=control.image_of_people(name))["FaceRecords"][0]["Face"]["FaceId"]
        for name in ("Ann", "Bob")
    )
    rekognition("AssociateFaces", **collection, UserId=USER, FaceIds=[ann])
    resource = {"ResourceArn": f"arn:{arn}"}  # the response of CreateCollection leaves out `arn:`
    return {
        "CreateCollection": {"CollectionId": "new"},
        **for_each("DeleteCollection DescribeCollection ListFaces ListUsers", collection),
        "ListCollections": {},
        **for_each("IndexFaces SearchFacesByImage SearchUsersByImage", {**collection, "Image": PHOTO}),
        **for_each("SearchFaces SearchUsers", {**collection, "FaceId": bob}),
        "DeleteFaces": {**collection, "FaceIds": [bob]},
        "CreateUser": {**collection, "UserId": "new"},
        "DeleteUser": {**collection, "UserId": USER},
        "AssociateFaces": {**collection, "UserId": USER, "FaceIds": [bob], "UserMatchThreshold": 0},
        "DisassociateFaces": {**collection, "UserId": USER, "FaceIds": [ann]},
        "TagResource": {**resource, "Tags": {"team": "blue"}},
        "UntagResource": {**resource, "TagKeys": ["team"]},
        "ListTagsForResource": resource,
    }


def _projects(rekognition: Rekognition) -> dict[str, Json]:
    arn = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    other = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    version = create_trained_version(rekognition, arn)
    unstarted = rekognition("CreateProjectVersion", ProjectArn=arn, VersionName="v2", OutputConfig=OUTPUT)
    rekognition("StartProjectVersion", ProjectVersionArn=version, MinInferenceUnits=1)
    test = rekognition("CreateDataset", ProjectArn=arn, DatasetType="TEST")["DatasetArn"]
    (train,) = (
        dataset["DatasetArn"]
        for dataset in rekognition("DescribeProjects", ProjectNames=["dogs"])["ProjectDescriptions"][0]["Datasets"]
        if dataset["DatasetType"] == "TRAIN"
    )
    revision = rekognition("PutProjectPolicy", ProjectArn=arn, PolicyName="copy", PolicyDocument=copy_policy())
    project, dataset = {"ProjectArn": arn}, {"DatasetArn": train}
    copied = {"SourceProjectArn": arn, "SourceProjectVersionArn": version, "DestinationProjectArn": other}
    named = {**project, "PolicyName": "copy"}
    return {
        "CreateProject": {"ProjectName": "new"},
        "DescribeProjects": {},
        "DeleteProject": {"ProjectArn": other},
        "CreateProjectVersion": {**project, "VersionName": "new", "OutputConfig": OUTPUT},
        "DescribeProjectVersions": project,
        "CopyProjectVersion": {**copied, "VersionName": "new", "OutputConfig": OUTPUT},
        "StartProjectVersion": {**unstarted, "MinInferenceUnits": 1},
        "StopProjectVersion": {"ProjectVersionArn": version},
        "DeleteProjectVersion": unstarted,
        "CreateDataset": {"ProjectArn": other, "DatasetType": "TRAIN"},
        **for_each("DescribeDataset ListDatasetEntries ListDatasetLabels DeleteDataset", dataset),
        "UpdateDatasetEntries": {**dataset, "Changes": {"GroundTruth": manifest_lines(11).encode()}},
        "DistributeDatasetEntries": {"Datasets": [{"Arn": train}, {"Arn": test}]},
        "PutProjectPolicy": {**named, **revision, "PolicyDocument": copy_policy("1" * 12)},
        "ListProjectPolicies": project,
        "DeleteProjectPolicy": named,
        "DetectCustomLabels": {"ProjectVersionArn": version, "Image": PHOTO},
    }


def _videos(rekognition: Rekognition) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for kind, (_, required_members) in VIDEO_JOBS.items():
        result[f"Start{kind}"] = {"Video": VIDEO, **required_members}
        result[f"Get{kind}"] = rekognition(f"Start{kind}", Video=VIDEO, **required_members)
    return result


def _streams(rekognition: Rekognition) -> dict[str, Json]:
    rekognition("CreateStreamProcessor", **face_search_processor("gate"))
    rekognition("CreateStreamProcessor", **face_search_processor("yard"))
    rekognition("CreateStreamProcessor", **connected_home_processor("door"))
    rekognition("StartStreamProcessor", Name="yard")
    return {
        "CreateStreamProcessor": face_search_processor("new", RoleArn=ROLE),
        "ListStreamProcessors": {},
        **for_each("DescribeStreamProcessor StartStreamProcessor DeleteStreamProcessor", {"Name": "gate"}),
        "StopStreamProcessor": {"Name": "yard"},
        "UpdateStreamProcessor": {"Name": "door", "ParametersToDelete": ["RegionsOfInterest"]},
    }


def _others(rekognition: Rekognition, control: ControlApi) -> dict[str, Json]:
    session = rekognition("CreateFaceLivenessSession")
    media = media_analysis_job(control)
    image_operations = (
        "DetectFaces DetectLabels DetectModerationLabels DetectText DetectProtectiveEquipment RecognizeCelebrities"
    )
    return {
        **for_each(image_operations, {"Image": PHOTO}),
        "CompareFaces": {"SourceImage": PHOTO, "TargetImage": PHOTO},
        "GetCelebrityInfo": {"Id": "1abc"},
        "CreateFaceLivenessSession": {},
        "GetFaceLivenessSessionResults": session,
        "StartMediaAnalysisJob": media,
        "GetMediaAnalysisJob": rekognition("StartMediaAnalysisJob", **media),
        "ListMediaAnalysisJobs": {},
    }
