"""Causes of each modelled error.

A cause creates resources in an emulator with low limits, and returns calls that fail with the error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.contract.error_resources import (
    COLLECTION,
    COLLECTION_OPERATIONS,
    LIMITS,
    MISSING_OBJECT,
    SELECTORS,
    UNKNOWN_ID,
    UNKNOWN_PROJECT,
    UNKNOWN_VERSION,
    Calls,
    copy_members,
    create_collection,
    create_project,
    image_calls,
    put_video,
    start_calls,
    train_adapter,
)
from tests.kit.request_members import (
    OUTPUT,
    VIDEO,
    VIDEO_JOBS,
    connected_home_processor,
    copy_policy,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition, blank_png

if TYPE_CHECKING:
    from tests.kit.clients import Json

Cause = Callable[[Rekognition, ControlApi], Calls]


def missing_resource(rekognition: Rekognition, control: ControlApi) -> Calls:
    put_video(control)
    dataset, user = {"DatasetArn": f"{UNKNOWN_PROJECT}/dataset/train/1"}, {**COLLECTION, "UserId": "Ann"}
    version, lost = {"ProjectVersionArn": UNKNOWN_VERSION}, {"ProjectArn": f"{UNKNOWN_PROJECT}/1"}
    resource = {"ResourceArn": "arn:aws:rekognition:us-east-1:123456789012:collection/lost"}
    image, gate = control.image_of_people("Ann"), {"Name": "lost"}
    of_collection: Calls = [
        ("DescribeCollection", COLLECTION),
        ("DeleteCollection", COLLECTION),
        ("ListFaces", COLLECTION),
        ("DeleteFaces", {**COLLECTION, "FaceIds": [UNKNOWN_ID]}),
        ("SearchFaces", {**COLLECTION, "FaceId": UNKNOWN_ID}),
        ("ListUsers", COLLECTION),
        ("CreateUser", user),
        ("DeleteUser", user),
        ("AssociateFaces", {**user, "FaceIds": [UNKNOWN_ID]}),
        ("DisassociateFaces", {**user, "FaceIds": [UNKNOWN_ID]}),
        ("SearchUsers", user),
        *((operation, {**COLLECTION, "Image": image}) for operation in COLLECTION_OPERATIONS),
        ("StartFaceSearch", {**COLLECTION, "Video": VIDEO}),
    ]
    of_project: Calls = [
        ("DeleteProject", lost),
        ("DescribeProjectVersions", lost),
        ("CreateProjectVersion", {**lost, "VersionName": "v", "OutputConfig": OUTPUT}),
        ("CopyProjectVersion", copy_members(f"{UNKNOWN_PROJECT}/1", UNKNOWN_VERSION, create_project(rekognition))),
        ("StartProjectVersion", {**version, "MinInferenceUnits": 1}),
        ("StopProjectVersion", version),
        ("DeleteProjectVersion", version),
        ("DetectCustomLabels", {**version, "Image": image}),
        ("DetectModerationLabels", {"ProjectVersion": UNKNOWN_VERSION, "Image": image}),
        ("CreateDataset", {**lost, "DatasetType": "TRAIN"}),
        ("DescribeDataset", dataset),
        ("ListDatasetEntries", dataset),
        ("ListDatasetLabels", dataset),
        ("UpdateDatasetEntries", {**dataset, "Changes": {"GroundTruth": b"{}"}}),
        (
            "DistributeDatasetEntries",
            {"Datasets": [{"Arn": dataset["DatasetArn"]}, {"Arn": f"{UNKNOWN_PROJECT}/dataset/test/1"}]},
        ),
        ("DeleteDataset", dataset),
        ("PutProjectPolicy", {**lost, "PolicyName": "p", "PolicyDocument": copy_policy()}),
        ("ListProjectPolicies", lost),
        ("DeleteProjectPolicy", {**lost, "PolicyName": "p"}),
    ]
    moderation = {"DetectModerationLabels": {"ProjectVersion": UNKNOWN_VERSION}}
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


def unreadable_object(rekognition: Rekognition, control: ControlApi) -> Calls:
    images = image_calls(rekognition, control, MISSING_OBJECT)
    dataset = {"ProjectArn": create_project(rekognition, "cats"), "DatasetType": "TRAIN"}
    return [
        *images,
        *start_calls(MISSING_OBJECT),
        ("CreateDataset", {**dataset, "DatasetSource": {"GroundTruthManifest": MISSING_OBJECT}}),
        ("StartMediaAnalysisJob", {**media_analysis_job(control), "Input": MISSING_OBJECT}),
    ]


def too_large_image(rekognition: Rekognition, control: ControlApi) -> Calls:
    return image_calls(rekognition, control, {"Bytes": blank_png(width=10_001, height=100)})


def invalid_image(rekognition: Rekognition, control: ControlApi) -> Calls:
    return image_calls(rekognition, control, {"Bytes": b"GIF89a" + bytes(100)})


def too_large_video(rekognition: Rekognition, control: ControlApi) -> Calls:
    create_collection(rekognition, control)
    put_video(control)
    control.declare("s3://films/street.mp4", video={"DurationMillis": 6 * 3_600_000 + 1})
    heavy = control.put_object("films", "heavy.mp4", bytes(LIMITS["video_bytes"] + 1))
    return [*start_calls(), *start_calls(heavy)]


def invalid_page_token(rekognition: Rekognition, control: ControlApi) -> Calls:
    create_collection(rekognition, control)
    project = {"ProjectArn": create_project(rekognition)}
    dataset = {"DatasetArn": rekognition("CreateDataset", **project, DatasetType="TRAIN")["DatasetArn"]}
    put_video(control)
    jobs = [rekognition(operation, **members)["JobId"] for operation, members in start_calls()]
    listings: Calls = [
        ("ListCollections", {}),
        ("ListFaces", COLLECTION),
        ("ListUsers", COLLECTION),
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


def reused_request_token(rekognition: Rekognition, control: ControlApi) -> Calls:
    (face,) = create_collection(rekognition, control, "Ann")
    put_video(control)
    token: Json = {"ClientRequestToken": "t"}
    rekognition("CreateUser", **COLLECTION, UserId="Cid")
    user = {**COLLECTION, "UserId": "Ann", **token}
    first: Calls = [
        ("CreateUser", user),
        ("AssociateFaces", {**user, "FaceIds": [face]}),
        ("DisassociateFaces", {**user, "FaceIds": [face]}),
        ("DeleteUser", {**user, "UserId": "Cid"}),
        *start_calls(**token),
        ("StartMediaAnalysisJob", {**media_analysis_job(control), **token}),
    ]
    for operation, members in first:
        rekognition(operation, **members)
    of_user = {"UserId": "Bob"}
    others = [*[of_user] * 4, *[{"JobTag": "other"}] * len(VIDEO_JOBS), {"JobName": "other"}]
    return [(operation, {**members, **other}) for (operation, members), other in zip(first, others, strict=True)]


def resource_in_use(rekognition: Rekognition, control: ControlApi) -> Calls:
    """Create a stopped and a running version, a dataset in a change, and stopped and running processors."""
    project = create_project(rekognition)
    stopped = create_trained_version(rekognition, project)
    created = rekognition("CreateProjectVersion", ProjectArn=project, VersionName="v2", OutputConfig=OUTPUT)
    running = {"ProjectVersionArn": created["ProjectVersionArn"]}
    rekognition("StartProjectVersion", **running, MinInferenceUnits=1)
    create_collection(rekognition, control)
    for members in (face_search_processor(), connected_home_processor(), face_search_processor("yard")):
        rekognition("CreateStreamProcessor", **members)
    rekognition("StartStreamProcessor", Name="gate")
    rekognition("StartStreamProcessor", Name="door", **SELECTORS)
    (description,) = rekognition("DescribeProjects")["ProjectDescriptions"]
    dataset = {"DatasetArn": description["Datasets"][0]["DatasetArn"]}
    change = {**dataset, "Changes": {"GroundTruth": manifest_lines(1).encode()}}
    control.set_durations({"dataset": 60})
    rekognition("UpdateDatasetEntries", **change)
    return [
        ("CreateProject", {"ProjectName": "dogs"}),
        ("DeleteProject", {"ProjectArn": project}),
        ("CreateProjectVersion", {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}),
        ("CopyProjectVersion", copy_members(project, stopped, project, "v1")),
        ("StartProjectVersion", {**running, "MinInferenceUnits": 1}),
        ("StopProjectVersion", {"ProjectVersionArn": stopped}),
        ("DeleteProjectVersion", running),
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


def resource_not_ready(rekognition: Rekognition, control: ControlApi) -> Calls:
    adapter = {"ProjectVersion": train_adapter(rekognition, control)}
    project = create_project(rekognition)
    stopped = {"ProjectVersionArn": create_trained_version(rekognition, project)}
    control.set_durations({"dataset": 60})
    cats = create_project(rekognition, "cats")
    pair = [rekognition("CreateDataset", ProjectArn=cats, DatasetType=kind)["DatasetArn"] for kind in ("TRAIN", "TEST")]
    image = {"Image": {"Bytes": blank_png()}}
    return [
        ("DetectModerationLabels", {**adapter, **image}),
        (
            "StartMediaAnalysisJob",
            {**media_analysis_job(control), "OperationsConfig": {"DetectModerationLabels": adapter}},
        ),
        ("DetectCustomLabels", {**stopped, **image}),
        ("ListDatasetEntries", {"DatasetArn": pair[0]}),
        ("ListDatasetLabels", {"DatasetArn": pair[0]}),
        ("DistributeDatasetEntries", {"Datasets": [{"Arn": arn} for arn in pair]}),
    ]


def conflicting_change(rekognition: Rekognition, control: ControlApi) -> Calls:
    (face,) = create_collection(rekognition, control, "Ann")
    user = {**COLLECTION, "UserId": "Ann"}
    rekognition("CreateUser", **user)
    control.set_durations({"user": 60})
    rekognition("AssociateFaces", **user, FaceIds=[face])
    change = {**user, "FaceIds": [face]}
    return [("CreateUser", user), ("AssociateFaces", change), ("DisassociateFaces", change)]


def existing_resource(rekognition: Rekognition, control: ControlApi) -> Calls:
    project = {"ProjectArn": create_project(rekognition)}
    calls: Calls = [
        ("CreateCollection", COLLECTION),
        ("CreateDataset", {**project, "DatasetType": "TEST"}),
        ("PutProjectPolicy", {**project, "PolicyName": "p", "PolicyDocument": copy_policy()}),
    ]
    for operation, members in calls:
        rekognition(operation, **members)
    return calls


def stale_revision(rekognition: Rekognition, control: ControlApi) -> Calls:
    named = {"ProjectArn": create_project(rekognition), "PolicyName": "p"}
    document = {"PolicyDocument": copy_policy()}
    old = {"PolicyRevisionId": rekognition("PutProjectPolicy", **named, **document)["PolicyRevisionId"]}
    rekognition("PutProjectPolicy", **named, **document, **old)
    never = {**named, "PolicyName": "never"}
    return [
        ("PutProjectPolicy", {**named, **document, **old}),
        ("PutProjectPolicy", {**never, **document, **old}),
        ("DeleteProjectPolicy", {**named, **old}),
    ]


def quota_reached(rekognition: Rekognition, control: ControlApi) -> Calls:
    """Create as many resources as the limits allow."""
    ann, _ = create_collection(rekognition, control, "Ann", "Bob")
    rekognition("CreateCollection", CollectionId="other")
    for user in ("Ann", "Bob"):
        rekognition("CreateUser", **COLLECTION, UserId=user)
    rekognition("AssociateFaces", **COLLECTION, UserId="Ann", FaceIds=[ann])
    arn = {"ResourceArn": rekognition("DescribeCollection", **COLLECTION)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"a": ""})
    project = create_project(rekognition)
    version = create_trained_version(rekognition, project)
    named = {"ProjectArn": project, "OutputConfig": OUTPUT}
    rekognition("CreateProjectVersion", **named, VersionName="v2")
    policies = {"ProjectArn": project, "PolicyDocument": copy_policy()}
    rekognition("PutProjectPolicy", **policies, PolicyName="p1")
    return [
        ("CreateCollection", {"CollectionId": "third"}),
        ("CreateUser", {**COLLECTION, "UserId": "Cid"}),
        ("IndexFaces", {**COLLECTION, "Image": control.image_of_people("Cid")}),
        ("AssociateFaces", {**COLLECTION, "UserId": "Ann", "FaceIds": [ann]}),
        ("TagResource", {**arn, "Tags": {"b": ""}}),
        ("CreateProjectVersion", {**named, "VersionName": "v3"}),
        ("CopyProjectVersion", copy_members(project, version, project, "v3")),
        ("PutProjectPolicy", {**policies, "PolicyName": "p2"}),
    ]


def limit_reached(rekognition: Rekognition, control: ControlApi) -> Calls:
    """Start a job, and create as many projects and processors as the limits allow."""
    create_collection(rekognition, control)
    for name in ("a", "b", "c"):
        create_project(rekognition, name)
        rekognition("CreateStreamProcessor", **face_search_processor(name))
    put_video(control)
    control.set_durations({"job": 60})
    rekognition("StartLabelDetection", Video=VIDEO)
    job = media_analysis_job(control)
    rekognition("StartMediaAnalysisJob", **job)
    return [
        *start_calls(),
        ("StartMediaAnalysisJob", job),
        ("CreateProject", {"ProjectName": "d"}),
        ("CreateStreamProcessor", face_search_processor("d")),
    ]


def unknown_session(rekognition: Rekognition, control: ControlApi) -> Calls:
    return [("GetFaceLivenessSessionResults", {"SessionId": UNKNOWN_ID})]


def malformed_policy(rekognition: Rekognition, control: ControlApi) -> Calls:
    named = {"ProjectArn": create_project(rekognition), "PolicyName": "p"}
    policy = json.loads(copy_policy())
    (statement,) = policy["Statement"]
    malformed: list[object] = [
        "text",
        {},
        {**policy, "Statement": []},
        {**policy, "Version": "2020-01-01"},
        *({**policy, "Statement": [{**statement, name: 7}]} for name in ("Effect", "Action", "Resource")),
        *(
            {**policy, "Statement": [{key: value for key, value in statement.items() if key != name}]}
            for name in statement
        ),
    ]
    documents = ["{", *(json.dumps(document) for document in malformed)]
    return [("PutProjectPolicy", {**named, "PolicyDocument": document}) for document in documents]


def invalid_manifest(rekognition: Rekognition, control: ControlApi) -> Calls:
    line = json.dumps({"source-ref": "s3://photos/bar.png"}) + "\n"
    contents = ["", " \n\n", line * (LIMITS["manifest_lines"] + 1), " " * (LIMITS["manifest_bytes"] + 1)]
    job = media_analysis_job(control)
    return [
        ("StartMediaAnalysisJob", {**job, "Input": control.put_object("photos", f"{number}.jsonl", content)})
        for number, content in enumerate(contents)
    ]


CAUSES: dict[str, Cause] = {
    "ConflictException": conflicting_change,
    "IdempotentParameterMismatchException": reused_request_token,
    "ImageTooLargeException": too_large_image,
    "InvalidImageFormatException": invalid_image,
    "InvalidManifestException": invalid_manifest,
    "InvalidPaginationTokenException": invalid_page_token,
    "InvalidPolicyRevisionIdException": stale_revision,
    "InvalidS3ObjectException": unreadable_object,
    "LimitExceededException": limit_reached,
    "MalformedPolicyDocumentException": malformed_policy,
    "ResourceAlreadyExistsException": existing_resource,
    "ResourceInUseException": resource_in_use,
    "ResourceNotFoundException": missing_resource,
    "ResourceNotReadyException": resource_not_ready,
    "ServiceQuotaExceededException": quota_reached,
    "SessionNotFoundException": unknown_session,
    "VideoTooLargeException": too_large_video,
}
