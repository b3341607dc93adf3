"""A walk through all 75 operations, so that every client has called each one and got an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.drivers import Json
    from tests.kit.service import Control, Rekognition

ROLE = "arn:aws:iam::123456789012:role/rekognition"
TOPIC = "arn:aws:sns:us-east-1:123456789012:AmazonRekognitionJobs"
CAMERA = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/gate/1"
OUTPUT = {"S3Bucket": "results", "S3KeyPrefix": "out"}
VIDEO = {"S3Object": {"Bucket": "films", "Name": "street.mp4"}}
NO_VIDEO = b"no video at all, so everything about it is declared"
FACES = "people"

JOBS: dict[str, tuple[str, Json]] = {
    "CelebrityRecognition": ("Celebrities", {}),
    "ContentModeration": ("ModerationLabels", {}),
    "FaceDetection": ("Faces", {}),
    "FaceSearch": ("Persons", {"CollectionId": FACES}),
    "LabelDetection": ("Labels", {}),
    "PersonTracking": ("Persons", {}),
    "SegmentDetection": ("Segments", {"SegmentTypes": ["SHOT"]}),
    "TextDetection": ("TextDetections", {}),
}
"""The eight stored-video jobs: where their results stand, and what their start needs beside a video."""
CAPABILITIES = {
    "CelebrityRecognition": "celebrities",
    "ContentModeration": "moderation",
    "FaceDetection": "faces",
    "FaceSearch": "faces",
    "LabelDetection": "labels",
    "PersonTracking": "persons",
    "SegmentDetection": "segments",
    "TextDetection": "text",
}
"""What each of them looks for, as it is declared."""

STREET: Json = {
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
"""A video in which there is one of everything."""


def collections_and_users(rekognition: Rekognition, control: Control) -> None:
    """Faces of a collection, and users of them."""
    people = {"CollectionId": FACES}
    rekognition("CreateCollection", **people)
    indexed = rekognition("IndexFaces", **people, Image=control.people("Ann", "Bob"))["FaceRecords"]
    ann, bob = (record["Face"]["FaceId"] for record in indexed)
    rekognition("SearchFaces", **people, FaceId=ann)
    rekognition("SearchFacesByImage", **people, Image=control.people("Ann"))
    rekognition("CreateUser", **people, UserId="Ann")
    rekognition("AssociateFaces", **people, UserId="Ann", FaceIds=[ann])
    rekognition("SearchUsers", **people, FaceId=ann)
    rekognition("SearchUsersByImage", **people, Image=control.people("Ann"))
    rekognition("ListFaces", **people, UserId="Ann")
    rekognition("DisassociateFaces", **people, UserId="Ann", FaceIds=[ann])
    rekognition("ListUsers", **people)
    rekognition("DeleteUser", **people, UserId="Ann")
    rekognition("DeleteFaces", **people, FaceIds=[bob])
    rekognition("DescribeCollection", **people)
    rekognition("ListCollections")


def images(rekognition: Rekognition, control: Control) -> None:
    """What one picture shows."""
    image = control.showing(
        faces=[{"Identity": "Ann", "BoundingBox": [0.1, 0.1, 0.3, 0.3]}],
        labels=["Cat"],
        moderation=["Smoking"],
        text=["EXIT"],
        ppe=[{"BoundingBox": [0, 0, 1, 1], "BodyParts": ["FACE"]}],
        celebrities=[{"Name": "Ada", "Id": "1abc", "Face": [0.1, 0.1, 0.3, 0.3]}],
    )
    for operation in (
        "DetectFaces",
        "DetectLabels",
        "DetectModerationLabels",
        "DetectText",
        "DetectProtectiveEquipment",
        "RecognizeCelebrities",
    ):
        rekognition(operation, Image=image)
    rekognition("CompareFaces", SourceImage=image, TargetImage=control.people("Ann"))
    enrolled = control.ask("POST", "/celebrities", {"name": "Ada", "pictures": [image_text(control)]})
    rekognition("GetCelebrityInfo", Id=enrolled["id"])


def image_text(control: Control) -> str:
    """Return the name of an object that is a photograph of somebody."""
    from tests.kit.wire import ASTRONAUT

    control.put("photos", "astronaut.jpg", ASTRONAUT.read_bytes())
    return "s3://photos/astronaut.jpg"


def videos(rekognition: Rekognition, control: Control) -> None:
    """Each job over one video."""
    control.put("films", "street.mp4", NO_VIDEO)
    control.declare("s3://films/street.mp4", **STREET)
    for kind, (_, needs) in JOBS.items():
        job = rekognition(f"Start{kind}", Video=VIDEO, **needs)["JobId"]
        assert rekognition(f"Get{kind}", JobId=job)["JobStatus"] == "SUCCEEDED"


def lines(count: int) -> str:
    """Return a manifest of so many pictures, which all show dogs."""
    metadata = {"type": "groundtruth/image-classification", "class-name": "dog", "confidence": 1}
    return "\n".join(
        json.dumps({"source-ref": f"s3://photos/{number}.jpg", "kind": 1, "kind-metadata": metadata})
        for number in range(count)
    )


def policy(account: str = "210987654321") -> str:
    """Return a policy that lets an account copy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "rekognition:CopyProjectVersion"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})


def trained_version(rekognition: Rekognition, project: str, name: str = "v1") -> str:
    """Give a project a version, trained with ten pictures, and return its ARN."""
    dataset = rekognition("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    rekognition("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": lines(10).encode()})
    made = rekognition("CreateProjectVersion", ProjectArn=project, VersionName=name, OutputConfig=OUTPUT)
    return str(made["ProjectVersionArn"])


def running_model(rekognition: Rekognition) -> str:
    """Return the ARN of a version that runs."""
    arn = trained_version(rekognition, rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    return arn


def custom_labels(rekognition: Rekognition, control: Control) -> None:
    """The path of custom labels: project, datasets, version, detection, and all of it away again."""
    project = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    train, test = (
        rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")
    )
    rekognition("UpdateDatasetEntries", DatasetArn=train, Changes={"GroundTruth": lines(10).encode()})
    rekognition("DistributeDatasetEntries", Datasets=[{"Arn": train}, {"Arn": test}])
    rekognition("DescribeDataset", DatasetArn=train)
    assert len(rekognition("ListDatasetEntries", DatasetArn=test)["DatasetEntries"]) == 2
    rekognition("ListDatasetLabels", DatasetArn=train)
    version = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    arn = version["ProjectVersionArn"]
    rekognition("DescribeProjectVersions", ProjectArn=project)
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=control.showing(custom_labels=["dog"]))
    rekognition("PutProjectPolicy", ProjectArn=project, PolicyName="copy", PolicyDocument=policy())
    rekognition("ListProjectPolicies", ProjectArn=project)
    rekognition("DeleteProjectPolicy", ProjectArn=project, PolicyName="copy")
    copies = rekognition("CreateProject", ProjectName="copies")["ProjectArn"]
    rekognition(
        "CopyProjectVersion",
        SourceProjectArn=project,
        SourceProjectVersionArn=arn,
        DestinationProjectArn=copies,
        VersionName="copy",
        OutputConfig=OUTPUT,
    )
    rekognition("StopProjectVersion", ProjectVersionArn=arn)
    rekognition("DeleteProjectVersion", ProjectVersionArn=arn)
    rekognition("DeleteDataset", DatasetArn=test)
    rekognition("DeleteProject", ProjectArn=project)
    rekognition("DescribeProjects")


def searcher(name: str = "gate", **changes: object) -> Json:
    """Return a stream processor that searches for faces; a change to None leaves a member out."""
    return changed(
        {
            "Name": name,
            "Input": {"KinesisVideoStream": {"Arn": f"{CAMERA}{name}"}},
            "Output": {"KinesisDataStream": {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/found"}},
            "RoleArn": ROLE,
            "Settings": {"FaceSearch": {"CollectionId": FACES}},
        },
        changes,
    )


def watcher(name: str = "door", **changes: object) -> Json:
    """Return a stream processor that looks for people and pets; a change to None leaves a member out."""
    return changed(
        {
            "Name": name,
            "Input": {"KinesisVideoStream": {"Arn": f"{CAMERA}{name}"}},
            "Output": {"S3Destination": {"Bucket": "found"}},
            "RoleArn": ROLE,
            "Settings": {"ConnectedHome": {"Labels": ["PERSON", "PET"]}},
            "NotificationChannel": {"SNSTopicArn": TOPIC},
        },
        changes,
    )


def changed(members: Json, changes: Json) -> Json:
    """Return members with changes, of which None leaves one out."""
    return {name: value for name, value in {**members, **changes}.items() if value is not None}


def streams(rekognition: Rekognition, control: Control) -> None:
    """A processor of each kind."""
    gate, door = {"Name": "gate"}, {"Name": "door"}
    rekognition("CreateStreamProcessor", **searcher())
    rekognition("CreateStreamProcessor", **watcher())
    rekognition("UpdateStreamProcessor", **door, ParametersToDelete=["RegionsOfInterest"])
    rekognition("StartStreamProcessor", **gate)
    rekognition("DescribeStreamProcessor", **gate)
    rekognition("StopStreamProcessor", **gate)
    rekognition("ListStreamProcessors")
    rekognition("DeleteStreamProcessor", **gate)


def liveness(rekognition: Rekognition, control: Control) -> None:
    """A check that goes well."""
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    control.ask("POST", "/liveness", {"session_id": session, "confidence": 98})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Status"] == "SUCCEEDED"


def media_analysis(rekognition: Rekognition, control: Control) -> None:
    """A manifest of one picture."""
    config = media_job(control)
    job = rekognition("StartMediaAnalysisJob", **config)["JobId"]
    assert rekognition("GetMediaAnalysisJob", JobId=job)["Status"] == "SUCCEEDED"
    rekognition("ListMediaAnalysisJobs")


def media_job(control: Control) -> Json:
    """Return the members of a job over a manifest of one picture."""
    image = control.showing(moderation=["Smoking"])
    control.put("photos", "bar.png", image["Bytes"])
    manifest = control.put("photos", "manifest.jsonl", json.dumps({"source-ref": "s3://photos/bar.png"}))
    return {"OperationsConfig": {"DetectModerationLabels": {}}, "Input": manifest, "OutputConfig": OUTPUT}


def tags(rekognition: Rekognition, control: Control) -> None:
    """Tags of the collection, which goes with them."""
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=FACES)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"team": "red"})
    rekognition("UntagResource", **arn, TagKeys=["team"])
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {}
    rekognition("DeleteCollection", CollectionId=FACES)


TOUR: tuple[Callable[[Rekognition, Control], None], ...] = (
    collections_and_users,
    images,
    videos,
    custom_labels,
    streams,
    liveness,
    media_analysis,
    tags,
)
