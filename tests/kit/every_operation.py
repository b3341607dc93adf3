"""Calls of all 75 operations that succeed with every client, by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.request_members import (
    FACE_COLLECTION,
    NOT_A_VIDEO,
    OUTPUT,
    STREET_CONTENT,
    VIDEO,
    VIDEO_JOBS,
    connected_home_processor,
    copy_policy,
    face_search_processor,
    media_analysis_job,
    put_photo,
    put_training_images,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.service import ControlApi, Rekognition


def collections_and_users(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of collections, faces and users."""
    people = {"CollectionId": FACE_COLLECTION}
    rekognition("CreateCollection", **people)
    indexed = rekognition("IndexFaces", **people, Image=control.image_of_people("Ann", "Bob"))["FaceRecords"]
    ann, bob = (record["Face"]["FaceId"] for record in indexed)
    rekognition("SearchFaces", **people, FaceId=ann)
    rekognition("SearchFacesByImage", **people, Image=control.image_of_people("Ann"))
    rekognition("CreateUser", **people, UserId="Ann")
    rekognition("AssociateFaces", **people, UserId="Ann", FaceIds=[ann])
    rekognition("SearchUsers", **people, FaceId=ann)
    rekognition("SearchUsersByImage", **people, Image=control.image_of_people("Ann"))
    rekognition("ListFaces", **people, UserId="Ann")
    rekognition("DisassociateFaces", **people, UserId="Ann", FaceIds=[ann])
    rekognition("ListUsers", **people)
    rekognition("DeleteUser", **people, UserId="Ann")
    rekognition("DeleteFaces", **people, FaceIds=[bob])
    rekognition("DescribeCollection", **people)
    rekognition("ListCollections")


def images(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations on one image."""
    image = control.declared_image(
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
    rekognition("CompareFaces", SourceImage=image, TargetImage=control.image_of_people("Ann"))
    enrolled = control.request("POST", "/celebrities", {"name": "Ada", "images": [put_photo(control)]})
    rekognition("GetCelebrityInfo", Id=enrolled["id"])


def videos(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of each video job."""
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    control.declare("s3://films/street.mp4", **STREET_CONTENT)
    for kind, (_, needs) in VIDEO_JOBS.items():
        job = rekognition(f"Start{kind}", Video=VIDEO, **needs)["JobId"]
        assert rekognition(f"Get{kind}", JobId=job)["JobStatus"] == "SUCCEEDED"


def custom_labels(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of custom labels from the creation of a project to its deletion."""
    project = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    train, test = (
        rekognition("CreateDataset", ProjectArn=project, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")
    )
    lines = put_training_images(control).encode()
    rekognition("UpdateDatasetEntries", DatasetArn=train, Changes={"GroundTruth": lines})
    rekognition("DistributeDatasetEntries", Datasets=[{"Arn": train}, {"Arn": test}])
    rekognition("DescribeDataset", DatasetArn=train)
    assert len(rekognition("ListDatasetEntries", DatasetArn=test)["DatasetEntries"]) == 2
    rekognition("ListDatasetLabels", DatasetArn=train)
    version = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v1", OutputConfig=OUTPUT)
    arn = version["ProjectVersionArn"]
    rekognition("DescribeProjectVersions", ProjectArn=project)
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=control.declared_image(custom_labels=["dog"]))
    rekognition("PutProjectPolicy", ProjectArn=project, PolicyName="copy", PolicyDocument=copy_policy())
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


def streams(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of stream processors with a processor of each kind."""
    gate, door = {"Name": "gate"}, {"Name": "door"}
    rekognition("CreateStreamProcessor", **face_search_processor())
    rekognition("CreateStreamProcessor", **connected_home_processor())
    rekognition("UpdateStreamProcessor", **door, ParametersToDelete=["RegionsOfInterest"])
    rekognition("StartStreamProcessor", **gate)
    rekognition("DescribeStreamProcessor", **gate)
    rekognition("StopStreamProcessor", **gate)
    rekognition("ListStreamProcessors")
    rekognition("DeleteStreamProcessor", **gate)


def liveness(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of a liveness session that succeeds."""
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    control.request("POST", "/liveness", {"session_id": session, "confidence": 98})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Status"] == "SUCCEEDED"


def media_analysis(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of a media analysis job over one image."""
    config = media_analysis_job(control)
    job = rekognition("StartMediaAnalysisJob", **config)["JobId"]
    assert rekognition("GetMediaAnalysisJob", JobId=job)["Status"] == "SUCCEEDED"
    rekognition("ListMediaAnalysisJobs")


def tags(rekognition: Rekognition, control: ControlApi) -> None:
    """Call the operations of tags, and delete the collection."""
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=FACE_COLLECTION)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"team": "red"})
    rekognition("UntagResource", **arn, TagKeys=["team"])
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {}
    rekognition("DeleteCollection", CollectionId=FACE_COLLECTION)


EVERY_OPERATION: tuple[Callable[[Rekognition, ControlApi], None], ...] = (
    collections_and_users,
    images,
    videos,
    custom_labels,
    streams,
    liveness,
    media_analysis,
    tags,
)
