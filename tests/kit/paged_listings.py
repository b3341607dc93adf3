"""The 18 listings with pages, each with enough items for several pages."""

from __future__ import annotations

from collections.abc import Callable

from tests.kit.clients import Json
from tests.kit.request_members import (
    FACE_COLLECTION,
    NOT_A_VIDEO,
    OUTPUT,
    STREET_CONTENT,
    VIDEO,
    VIDEO_JOBS,
    copy_policy,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition

COUNT = 5
"""Items of each listing; text detection has two for each declared entry."""
Listing = tuple[str, Json]
"""The member of the items in the response, and the members of the request."""
CreateListing = Callable[[Rekognition, ControlApi], Listing]


def collections(rekognition: Rekognition, control: ControlApi) -> Listing:
    for number in range(COUNT):
        rekognition("CreateCollection", CollectionId=f"c{number}")
    return "CollectionIds", {}


def faces(rekognition: Rekognition, control: ControlApi) -> Listing:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people(*"abcde"))
    return "Faces", {"CollectionId": FACE_COLLECTION}


def users(rekognition: Rekognition, control: ControlApi) -> Listing:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    for number in range(COUNT):
        rekognition("CreateUser", CollectionId=FACE_COLLECTION, UserId=f"u{number}")
    return "Users", {"CollectionId": FACE_COLLECTION}


def streams(rekognition: Rekognition, control: ControlApi) -> Listing:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    for number in range(COUNT):
        rekognition("CreateStreamProcessor", **face_search_processor(f"s{number}"))
    return "StreamProcessors", {}


def projects(rekognition: Rekognition, control: ControlApi) -> Listing:
    for number in range(COUNT):
        rekognition("CreateProject", ProjectName=f"p{number}")
    return "ProjectDescriptions", {}


def create_project(rekognition: Rekognition) -> str:
    return str(rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])


def versions(rekognition: Rekognition, control: ControlApi) -> Listing:
    arn = create_project(rekognition)
    create_trained_version(rekognition, arn)
    for number in range(COUNT - 1):
        rekognition("CreateProjectVersion", ProjectArn=arn, VersionName=f"w{number}", OutputConfig=OUTPUT)
    return "ProjectVersionDescriptions", {"ProjectArn": arn}


def create_dataset(rekognition: Rekognition, text: str) -> Json:
    made = rekognition("CreateDataset", ProjectArn=create_project(rekognition), DatasetType="TRAIN")
    rekognition("UpdateDatasetEntries", DatasetArn=made["DatasetArn"], Changes={"GroundTruth": text.encode()})
    return made


def entries(rekognition: Rekognition, control: ControlApi) -> Listing:
    return "DatasetEntries", create_dataset(rekognition, manifest_lines(COUNT))


def dataset_labels(rekognition: Rekognition, control: ControlApi) -> Listing:
    each = zip(manifest_lines(COUNT).split("\n"), "abcde", strict=True)
    return "DatasetLabelDescriptions", create_dataset(
        rekognition, "\n".join(line.replace("dog", name) for line, name in each)
    )


def policies(rekognition: Rekognition, control: ControlApi) -> Listing:
    arn = create_project(rekognition)
    for number in range(COUNT):
        rekognition("PutProjectPolicy", ProjectArn=arn, PolicyName=f"p{number}", PolicyDocument=copy_policy())
    return "ProjectPolicies", {"ProjectArn": arn}


def media_jobs(rekognition: Rekognition, control: ControlApi) -> Listing:
    config = media_analysis_job(control)
    for _ in range(COUNT):
        rekognition("StartMediaAnalysisJob", **config)
    return "MediaAnalysisJobs", {}


def job(kind: str) -> CreateListing:
    def make(rekognition: Rekognition, control: ControlApi) -> Listing:
        rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
        rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
        control.put_object("films", "street.mp4", NOT_A_VIDEO)
        several = {
            name: [{**declared[0], time_member(declared[0]): 500 * number} for number in range(COUNT)]
            for name, declared in STREET_CONTENT.items()
            if name != "video"
        }
        control.declare("s3://films/street.mp4", video=STREET_CONTENT["video"], **several)
        started = rekognition(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1])
        return VIDEO_JOBS[kind][0], started

    return make


def time_member(entry: Json) -> str:
    return "Timestamp" if "Timestamp" in entry else "StartTimestampMillis"


LISTINGS: dict[str, CreateListing] = {
    "ListCollections": collections,
    "ListFaces": faces,
    "ListUsers": users,
    "ListStreamProcessors": streams,
    "DescribeProjects": projects,
    "DescribeProjectVersions": versions,
    "ListDatasetEntries": entries,
    "ListDatasetLabels": dataset_labels,
    "ListProjectPolicies": policies,
    "ListMediaAnalysisJobs": media_jobs,
    **{f"Get{kind}": job(kind) for kind in VIDEO_JOBS},
}
