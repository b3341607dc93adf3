"""Which operation gives which error, each brought about.

One scene for each error: what has to be there, and then the calls that fail. The emulator that they play in has small
limits.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.kit.clients import Json
from tests.kit.request_members import (
    FACE_COLLECTION,
    NOT_A_VIDEO,
    OUTPUT,
    VIDEO,
    VIDEO_JOBS,
    connected_home_processor,
    copy_policy,
    create_running_version,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition, blank_png

Calls = list[tuple[str, Json]]
Scene = Callable[[Rekognition, ControlApi], Calls]

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
    HUMAN: {"DetectModerationLabels": "no human reviews anything here"},
    "ResourceNotFoundException": {"ListCollections": "it names nothing that could be missing"},
    "ConflictException": {"DeleteUser": "a user may be deleted whatever is going on"},
    "ServiceQuotaExceededException": {"CreateStreamProcessor": "too many of them are a LimitExceededException"},
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
        "nothing says which limit that is",
    ),
}
"""What comes on purpose only, by a fault."""

PEOPLE = {"CollectionId": FACE_COLLECTION}
NOBODY = "00000000-0000-0000-0000-000000000000"
LOST = "arn:aws:rekognition:us-east-1:123456789012:project/lost"
LOST_VERSION = f"{LOST}/version/v/1"
LOST_OBJECT = {"S3Object": {"Bucket": "lost", "Name": "lost.bin"}}
SELECTORS: Json = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}
STATELESS = (
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "DetectText",
    "RecognizeCelebrities",
)
OF_COLLECTION = ("IndexFaces", "SearchFacesByImage", "SearchUsersByImage")


# --- what is there


def dogs(rekognition: Rekognition, name: str = "dogs") -> str:
    return str(rekognition("CreateProject", ProjectName=name)["ProjectArn"])


def film(control: ControlApi) -> None:
    control.put_object("films", "street.mp4", NOT_A_VIDEO)


def collection(rekognition: Rekognition, control: ControlApi, *who: str) -> list[str]:
    """Make a collection of faces, and return their ids."""
    rekognition("CreateCollection", **PEOPLE)
    if not who:
        return []
    records = rekognition("IndexFaces", **PEOPLE, Image=control.image_of_people(*who))["FaceRecords"]
    return [record["Face"]["FaceId"] for record in records]


def adapter_in_training(rekognition: Rekognition, control: ControlApi) -> str:
    control.set_durations({"training": 60})
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    return create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="adapter", **feature)["ProjectArn"]
    )


def starts(video: Json = VIDEO, **members: object) -> Calls:
    return [(f"Start{kind}", {"Video": video, **needs, **members}) for kind, (_, needs) in VIDEO_JOBS.items()]


def with_image(rekognition: Rekognition, control: ControlApi, image: Json) -> Calls:
    """Return the calls of all operations that take a picture."""
    collection(rekognition, control)
    good = control.image_of_people("Ann")
    return [
        *((operation, {"Image": image}) for operation in STATELESS),
        *((operation, {**PEOPLE, "Image": image}) for operation in OF_COLLECTION),
        ("DetectCustomLabels", {"ProjectVersionArn": create_running_version(rekognition), "Image": image}),
        ("CompareFaces", {"SourceImage": image, "TargetImage": good}),
        ("CompareFaces", {"SourceImage": good, "TargetImage": image}),
        ("CompareFaces", {"SourceImage": {"Bytes": blank_png()}, "TargetImage": image}),  # that before who is in it
    ]


# --- the scenes


def missing(rekognition: Rekognition, control: ControlApi) -> Calls:
    film(control)
    dataset, user = {"DatasetArn": f"{LOST}/dataset/train/1"}, {**PEOPLE, "UserId": "Ann"}
    version, lost = {"ProjectVersionArn": LOST_VERSION}, {"ProjectArn": f"{LOST}/1"}
    resource = {"ResourceArn": "arn:aws:rekognition:us-east-1:123456789012:collection/lost"}
    image, gate = control.image_of_people("Ann"), {"Name": "lost"}
    of_collection: Calls = [
        ("DescribeCollection", PEOPLE),
        ("DeleteCollection", PEOPLE),
        ("ListFaces", PEOPLE),
        ("DeleteFaces", {**PEOPLE, "FaceIds": [NOBODY]}),
        ("SearchFaces", {**PEOPLE, "FaceId": NOBODY}),
        ("ListUsers", PEOPLE),
        ("CreateUser", user),
        ("DeleteUser", user),
        ("AssociateFaces", {**user, "FaceIds": [NOBODY]}),
        ("DisassociateFaces", {**user, "FaceIds": [NOBODY]}),
        ("SearchUsers", user),
        *((operation, {**PEOPLE, "Image": image}) for operation in OF_COLLECTION),
        ("StartFaceSearch", {**PEOPLE, "Video": VIDEO}),
    ]
    of_project: Calls = [
        ("DeleteProject", lost),
        ("DescribeProjectVersions", lost),
        ("CreateProjectVersion", {**lost, "VersionName": "v", "OutputConfig": OUTPUT}),
        ("CopyProjectVersion", copied(f"{LOST}/1", LOST_VERSION, dogs(rekognition))),
        ("StartProjectVersion", {**version, "MinInferenceUnits": 1}),
        ("StopProjectVersion", version),
        ("DeleteProjectVersion", version),
        ("DetectCustomLabels", {**version, "Image": image}),
        ("DetectModerationLabels", {"ProjectVersion": LOST_VERSION, "Image": image}),
        ("CreateDataset", {**lost, "DatasetType": "TRAIN"}),
        ("DescribeDataset", dataset),
        ("ListDatasetEntries", dataset),
        ("ListDatasetLabels", dataset),
        ("UpdateDatasetEntries", {**dataset, "Changes": {"GroundTruth": b"{}"}}),
        ("DistributeDatasetEntries", {"Datasets": [{"Arn": dataset["DatasetArn"]}, {"Arn": f"{LOST}/dataset/test/1"}]}),
        ("DeleteDataset", dataset),
        ("PutProjectPolicy", {**lost, "PolicyName": "p", "PolicyDocument": copy_policy()}),
        ("ListProjectPolicies", lost),
        ("DeleteProjectPolicy", {**lost, "PolicyName": "p"}),
    ]
    moderation = {"DetectModerationLabels": {"ProjectVersion": LOST_VERSION}}
    return [
        *of_collection,
        *of_project,
        *((f"{verb}StreamProcessor", gate) for verb in ("Describe", "Stop", "Update", "Delete")),
        ("StartStreamProcessor", {**gate, **SELECTORS}),
        ("ListTagsForResource", resource),
        ("TagResource", {**resource, "Tags": {"a": "b"}}),
        ("UntagResource", {**resource, "TagKeys": ["a"]}),
        ("GetCelebrityInfo", {"Id": "lost"}),
        *((f"Get{kind}", {"JobId": "lost"}) for kind in VIDEO_JOBS),
        ("GetMediaAnalysisJob", {"JobId": "lost"}),
        ("StartMediaAnalysisJob", {**media_analysis_job(control), "OperationsConfig": moderation}),
    ]


def copied(project: str, version: str, to: str, name: str = "copy") -> Json:
    source = {"SourceProjectArn": project, "SourceProjectVersionArn": version}
    return {**source, "DestinationProjectArn": to, "VersionName": name, "OutputConfig": OUTPUT}


def unreadable_object(rekognition: Rekognition, control: ControlApi) -> Calls:
    images = with_image(rekognition, control, LOST_OBJECT)
    dataset = {"ProjectArn": dogs(rekognition, "cats"), "DatasetType": "TRAIN"}
    return [
        *images,
        *starts(LOST_OBJECT),
        ("CreateDataset", {**dataset, "DatasetSource": {"GroundTruthManifest": LOST_OBJECT}}),
        ("StartMediaAnalysisJob", {**media_analysis_job(control), "Input": LOST_OBJECT}),
    ]


def too_large_image(rekognition: Rekognition, control: ControlApi) -> Calls:
    return with_image(rekognition, control, {"Bytes": blank_png(width=10_001, height=100)})


def no_image(rekognition: Rekognition, control: ControlApi) -> Calls:
    return with_image(rekognition, control, {"Bytes": b"GIF89a" + bytes(100)})


def too_large_video(rekognition: Rekognition, control: ControlApi) -> Calls:
    collection(rekognition, control)
    film(control)
    control.declare("s3://films/street.mp4", video={"DurationMillis": 6 * 3_600_000 + 1})
    heavy = control.put_object("films", "heavy.mp4", bytes(LIMITS["video_bytes"] + 1))
    return [*starts(), *starts(heavy)]


def altered_token(rekognition: Rekognition, control: ControlApi) -> Calls:
    collection(rekognition, control)
    project = {"ProjectArn": dogs(rekognition)}
    dataset = {"DatasetArn": rekognition("CreateDataset", **project, DatasetType="TRAIN")["DatasetArn"]}
    film(control)
    jobs = [rekognition(operation, **members)["JobId"] for operation, members in starts()]
    listings: Calls = [
        ("ListCollections", {}),
        ("ListFaces", PEOPLE),
        ("ListUsers", PEOPLE),
        ("ListStreamProcessors", {}),
        ("DescribeProjects", {}),
        ("DescribeProjectVersions", project),
        ("ListProjectPolicies", project),
        ("ListDatasetEntries", dataset),
        ("ListDatasetLabels", dataset),
        ("ListMediaAnalysisJobs", {}),
        *((f"Get{kind}", {"JobId": job}) for kind, job in zip(VIDEO_JOBS, jobs, strict=True)),
    ]
    return [(operation, {**members, "NextToken": "nonsense"}) for operation, members in listings]


def token_reused(rekognition: Rekognition, control: ControlApi) -> Calls:
    (face,) = collection(rekognition, control, "Ann")
    film(control)
    token: Json = {"ClientRequestToken": "t"}
    rekognition("CreateUser", **PEOPLE, UserId="Cid")
    user = {**PEOPLE, "UserId": "Ann", **token}
    first: Calls = [
        ("CreateUser", user),
        ("AssociateFaces", {**user, "FaceIds": [face]}),
        ("DisassociateFaces", {**user, "FaceIds": [face]}),
        ("DeleteUser", {**user, "UserId": "Cid"}),
        *starts(**token),
        ("StartMediaAnalysisJob", {**media_analysis_job(control), **token}),
    ]
    for operation, members in first:
        rekognition(operation, **members)
    of_user = {"UserId": "Bob"}
    others = [*[of_user] * 4, *[{"JobTag": "other"}] * len(VIDEO_JOBS), {"JobName": "other"}]
    return [(operation, {**members, **other}) for (operation, members), other in zip(first, others, strict=True)]


def busy(rekognition: Rekognition, control: ControlApi) -> Calls:
    """A project with a version that rests and one that runs, and a dataset that is changed; processors likewise."""
    project = dogs(rekognition)
    resting = create_trained_version(rekognition, project)
    made = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    runs = {"ProjectVersionArn": made["ProjectVersionArn"]}
    rekognition("StartProjectVersion", **runs, MinInferenceUnits=1)
    collection(rekognition, control)
    for members in (face_search_processor(), connected_home_processor(), face_search_processor("yard")):
        rekognition("CreateStreamProcessor", **members)
    rekognition("StartStreamProcessor", Name="gate")
    rekognition("StartStreamProcessor", Name="door", **SELECTORS)
    (found,) = rekognition("DescribeProjects")["ProjectDescriptions"]
    dataset = {"DatasetArn": found["Datasets"][0]["DatasetArn"]}
    change = {**dataset, "Changes": {"GroundTruth": manifest_lines(1).encode()}}
    control.set_durations({"dataset": 60})
    rekognition("UpdateDatasetEntries", **change)
    return [
        ("CreateProject", {"ProjectName": "dogs"}),
        ("DeleteProject", {"ProjectArn": project}),
        ("CreateProjectVersion", {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}),
        ("CopyProjectVersion", copied(project, resting, project, "v1")),
        ("StartProjectVersion", {**runs, "MinInferenceUnits": 1}),
        ("StopProjectVersion", {"ProjectVersionArn": resting}),
        ("DeleteProjectVersion", runs),
        ("UpdateDatasetEntries", change),
        ("DeleteDataset", dataset),
        ("ListDatasetEntries", dataset),
        ("ListDatasetLabels", dataset),
        ("CreateStreamProcessor", face_search_processor()),
        ("StartStreamProcessor", {"Name": "gate"}),
        ("StopStreamProcessor", {"Name": "yard"}),
        ("UpdateStreamProcessor", {"Name": "door", "ParametersToDelete": ["RegionsOfInterest"]}),
        ("DeleteStreamProcessor", {"Name": "gate"}),
    ]


def not_ready(rekognition: Rekognition, control: ControlApi) -> Calls:
    adapter = {"ProjectVersion": adapter_in_training(rekognition, control)}
    project = dogs(rekognition)
    resting = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    control.set_durations({"dataset": 60})
    cats = dogs(rekognition, "cats")
    pair = [rekognition("CreateDataset", ProjectArn=cats, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")]
    image = {"Image": {"Bytes": blank_png()}}
    return [
        ("DetectModerationLabels", {**adapter, **image}),
        (
            "StartMediaAnalysisJob",
            {**media_analysis_job(control), "OperationsConfig": {"DetectModerationLabels": adapter}},
        ),
        ("DetectCustomLabels", {**resting, **image}),
        ("ListDatasetEntries", {"DatasetArn": pair[0]}),
        ("ListDatasetLabels", {"DatasetArn": pair[0]}),
        ("DistributeDatasetEntries", {"Datasets": [{"Arn": arn} for arn in pair]}),
    ]


def conflicts(rekognition: Rekognition, control: ControlApi) -> Calls:
    (face,) = collection(rekognition, control, "Ann")
    user = {**PEOPLE, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    control.set_durations({"user": 60})
    rekognition("AssociateFaces", **user, FaceIds=[face])
    change = {**user, "FaceIds": [face]}
    return [("CreateUser", user), ("AssociateFaces", change), ("DisassociateFaces", change)]


def there_already(rekognition: Rekognition, control: ControlApi) -> Calls:
    project = {"ProjectArn": dogs(rekognition)}
    calls: Calls = [
        ("CreateCollection", PEOPLE),
        ("CreateDataset", {**project, "DatasetType": "TEST"}),
        ("PutProjectPolicy", {**project, "PolicyName": "p", "PolicyDocument": copy_policy()}),
    ]
    for operation, members in calls:
        rekognition(operation, **members)
    return calls


def stale_revision(rekognition: Rekognition, control: ControlApi) -> Calls:
    named = {"ProjectArn": dogs(rekognition), "PolicyName": "p"}
    document = {"PolicyDocument": copy_policy()}
    old = {"PolicyRevisionId": rekognition("PutProjectPolicy", **named, **document)["PolicyRevisionId"]}
    rekognition("PutProjectPolicy", **named, **document, **old)
    never = {**named, "PolicyName": "never"}
    return [
        ("PutProjectPolicy", {**named, **document, **old}),
        ("PutProjectPolicy", {**never, **document, **old}),
        ("DeleteProjectPolicy", {**named, **old}),
    ]


def full(rekognition: Rekognition, control: ControlApi) -> Calls:
    """As much of everything as there may be."""
    ann, _ = collection(rekognition, control, "Ann", "Bob")
    rekognition("CreateCollection", CollectionId="other")
    for user in ("Ann", "Bob"):
        rekognition("CreateUser", **PEOPLE, UserId=user)
    rekognition("AssociateFaces", **PEOPLE, UserId="Ann", FaceIds=[ann])
    arn = {"ResourceArn": rekognition("DescribeCollection", **PEOPLE)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"a": ""})
    project = dogs(rekognition)
    version = create_trained_version(rekognition, project)
    named = {"ProjectArn": project, "OutputConfig": OUTPUT}
    rekognition("CreateProjectVersion", **named, VersionName="v2")
    policies = {"ProjectArn": project, "PolicyDocument": copy_policy()}
    rekognition("PutProjectPolicy", **policies, PolicyName="p1")
    return [
        ("CreateCollection", {"CollectionId": "third"}),
        ("CreateUser", {**PEOPLE, "UserId": "Cid"}),
        ("IndexFaces", {**PEOPLE, "Image": control.image_of_people("Cid")}),
        ("AssociateFaces", {**PEOPLE, "UserId": "Ann", "FaceIds": [ann]}),
        ("TagResource", {**arn, "Tags": {"b": ""}}),
        ("CreateProjectVersion", {**named, "VersionName": "v3"}),
        ("CopyProjectVersion", copied(project, version, project, "v3")),
        ("PutProjectPolicy", {**policies, "PolicyName": "p2"}),
    ]


def too_many(rekognition: Rekognition, control: ControlApi) -> Calls:
    """A job that runs, and as many projects and processors as there may be."""
    collection(rekognition, control)
    for name in ("a", "b", "c"):
        dogs(rekognition, name)
        rekognition("CreateStreamProcessor", **face_search_processor(name))
    film(control)
    control.set_durations({"job": 60})
    rekognition("StartLabelDetection", Video=VIDEO)
    job = media_analysis_job(control)
    rekognition("StartMediaAnalysisJob", **job)
    return [
        *starts(),
        ("StartMediaAnalysisJob", job),
        ("CreateProject", {"ProjectName": "d"}),
        ("CreateStreamProcessor", face_search_processor("d")),
    ]


def no_session(rekognition: Rekognition, control: ControlApi) -> Calls:
    return [("GetFaceLivenessSessionResults", {"SessionId": NOBODY})]


def no_policy(rekognition: Rekognition, control: ControlApi) -> Calls:
    named = {"ProjectArn": dogs(rekognition), "PolicyName": "p"}
    whole = json.loads(copy_policy())
    (statement,) = whole["Statement"]
    malformed: list[object] = [
        "text",
        {},
        {**whole, "Statement": []},
        {**whole, "Version": "2020-01-01"},
        *({**whole, "Statement": [{**statement, name: 7}]} for name in ("Effect", "Action", "Resource")),
        *(
            {**whole, "Statement": [{key: value for key, value in statement.items() if key != name}]}
            for name in statement
        ),
    ]
    documents = ["{", *(json.dumps(document) for document in malformed)]
    return [("PutProjectPolicy", {**named, "PolicyDocument": document}) for document in documents]


def no_manifest(rekognition: Rekognition, control: ControlApi) -> Calls:
    line = json.dumps({"source-ref": "s3://photos/bar.png"}) + "\n"
    contents = ["", " \n\n", line * (LIMITS["manifest_lines"] + 1), " " * (LIMITS["manifest_bytes"] + 1)]
    job = media_analysis_job(control)
    return [
        ("StartMediaAnalysisJob", {**job, "Input": control.put_object("photos", f"{number}.jsonl", content)})
        for number, content in enumerate(contents)
    ]


SCENES: dict[str, Scene] = {
    "ConflictException": conflicts,
    "IdempotentParameterMismatchException": token_reused,
    "ImageTooLargeException": too_large_image,
    "InvalidImageFormatException": no_image,
    "InvalidManifestException": no_manifest,
    "InvalidPaginationTokenException": altered_token,
    "InvalidPolicyRevisionIdException": stale_revision,
    "InvalidS3ObjectException": unreadable_object,
    "LimitExceededException": too_many,
    "MalformedPolicyDocumentException": no_policy,
    "ResourceAlreadyExistsException": there_already,
    "ResourceInUseException": busy,
    "ResourceNotFoundException": missing,
    "ResourceNotReadyException": not_ready,
    "ServiceQuotaExceededException": full,
    "SessionNotFoundException": no_session,
    "VideoTooLargeException": too_large_video,
}
