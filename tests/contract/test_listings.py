"""Pages of all 18 listings (BEHAVIOUR 1.4) and request tokens of all 14 operations that take one (1.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.drivers import Json
from tests.contract.service import Control, Rekognition
from tests.contract.tour import (
    FACES,
    JOBS,
    NO_VIDEO,
    OUTPUT,
    STREET,
    VIDEO,
    lines,
    media_job,
    policy,
    searcher,
    trained_version,
)  # fmt: skip

COUNT = 5
Made = tuple[str, Json]
Make = Callable[[Rekognition, Control], Made]


def collections(rekognition: Rekognition, control: Control) -> Made:
    for number in range(COUNT):
        rekognition("CreateCollection", CollectionId=f"c{number}")
    return "CollectionIds", {}


def faces(rekognition: Rekognition, control: Control) -> Made:
    rekognition("CreateCollection", CollectionId=FACES)
    rekognition("IndexFaces", CollectionId=FACES, Image=control.people(*"abcde"))
    return "Faces", {"CollectionId": FACES}


def users(rekognition: Rekognition, control: Control) -> Made:
    rekognition("CreateCollection", CollectionId=FACES)
    for number in range(COUNT):
        rekognition("CreateUser", CollectionId=FACES, UserId=f"u{number}")
    return "Users", {"CollectionId": FACES}


def streams(rekognition: Rekognition, control: Control) -> Made:
    rekognition("CreateCollection", CollectionId=FACES)
    for number in range(COUNT):
        rekognition("CreateStreamProcessor", **searcher(f"s{number}"))
    return "StreamProcessors", {}


def projects(rekognition: Rekognition, control: Control) -> Made:
    for number in range(COUNT):
        rekognition("CreateProject", ProjectName=f"p{number}")
    return "ProjectDescriptions", {}


def project(rekognition: Rekognition) -> str:
    return str(rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])


def versions(rekognition: Rekognition, control: Control) -> Made:
    arn = project(rekognition)
    trained_version(rekognition, arn)
    for number in range(COUNT - 1):
        rekognition("CreateProjectVersion", ProjectArn=arn, VersionName=f"w{number}", OutputConfig=OUTPUT)
    return "ProjectVersionDescriptions", {"ProjectArn": arn}


def dataset(rekognition: Rekognition, text: str) -> Json:
    made = rekognition("CreateDataset", ProjectArn=project(rekognition), DatasetType="TRAIN")
    rekognition("UpdateDatasetEntries", DatasetArn=made["DatasetArn"], Changes={"GroundTruth": text.encode()})
    return made


def entries(rekognition: Rekognition, control: Control) -> Made:
    return "DatasetEntries", dataset(rekognition, lines(COUNT))


def labels_of_dataset(rekognition: Rekognition, control: Control) -> Made:
    each = zip(lines(COUNT).split("\n"), "abcde", strict=True)
    return "DatasetLabelDescriptions", dataset(rekognition, "\n".join(line.replace("dog", name) for line, name in each))


def policies(rekognition: Rekognition, control: Control) -> Made:
    arn = project(rekognition)
    for number in range(COUNT):
        rekognition("PutProjectPolicy", ProjectArn=arn, PolicyName=f"p{number}", PolicyDocument=policy())
    return "ProjectPolicies", {"ProjectArn": arn}


def media_jobs(rekognition: Rekognition, control: Control) -> Made:
    config = media_job(control)
    for _ in range(COUNT):
        rekognition("StartMediaAnalysisJob", **config)
    return "MediaAnalysisJobs", {}


def job(kind: str) -> Make:
    def make(rekognition: Rekognition, control: Control) -> Made:
        rekognition("CreateCollection", CollectionId=FACES)
        rekognition("IndexFaces", CollectionId=FACES, Image=control.people("Ann"))
        control.put("films", "street.mp4", NO_VIDEO)
        several = {
            name: [{**said[0], when: 500 * number} for number in range(COUNT) for when in (_time(said[0]),)]
            for name, said in STREET.items()
            if name != "video"
        }
        control.declare("s3://films/street.mp4", video=STREET["video"], **several)
        started = rekognition(f"Start{kind}", Video=VIDEO, **JOBS[kind][1])
        return JOBS[kind][0], started

    return make


def _time(entry: Json) -> str:
    return "Timestamp" if "Timestamp" in entry else "StartTimestampMillis"


LISTINGS: dict[str, Make] = {
    "ListCollections": collections,
    "ListFaces": faces,
    "ListUsers": users,
    "ListStreamProcessors": streams,
    "DescribeProjects": projects,
    "DescribeProjectVersions": versions,
    "ListDatasetEntries": entries,
    "ListDatasetLabels": labels_of_dataset,
    "ListProjectPolicies": policies,
    "ListMediaAnalysisJobs": media_jobs,
    **{f"Get{kind}": job(kind) for kind in JOBS},
}
MOST = {
    "ListCollections": 4096,
    "ListFaces": 4096,
    "ListUsers": 500,
    "ListProjectPolicies": 5,
    "DescribeProjects": 100,
    "DescribeProjectVersions": 100,
    "ListDatasetEntries": 100,
    "ListDatasetLabels": 100,
    "ListMediaAnalysisJobs": 100,
}
"""The greatest MaxResults; the others take any, and count more than 1000 as 1000."""


@pytest.mark.parametrize("operation", LISTINGS)
def test_pages_hold_everything_once(rekognition: Rekognition, control: Control, operation: str) -> None:
    items, members = LISTINGS[operation](rekognition, control)
    whole = rekognition(operation, **members)
    count = 2 * COUNT if operation == "GetTextDetection" else COUNT  # a line and its word
    assert len(whole[items]) == count
    assert "NextToken" not in whole
    pages = rekognition.pages(operation, items, MaxResults=3, **members)
    assert [len(page) for page in pages] == [3] * (count // 3) + [count % 3]
    assert [item for page in pages for item in page] == whole[items]


@pytest.mark.parametrize("operation", LISTINGS)
def test_a_token_is_good_for_its_listing_alone(rekognition: Rekognition, control: Control, operation: str) -> None:
    _, members = LISTINGS[operation](rekognition, control)
    token = rekognition(operation, MaxResults=2, **members)["NextToken"]
    altered = ("A" if token[0] != "A" else "B") + token[1:]
    assert len(token) <= 255
    assert rekognition.code_of(operation, **members, NextToken=altered) == "InvalidPaginationTokenException"
    other = "ListStreamProcessors" if operation != "ListStreamProcessors" else "ListCollections"
    assert rekognition.code_of(other, NextToken=token) == "InvalidPaginationTokenException"


@pytest.mark.parametrize("operation", LISTINGS)
def test_more_results_than_may_be_are_refused_or_cut(
    rekognition: Rekognition, control: Control, operation: str
) -> None:
    items, members = LISTINGS[operation](rekognition, control)
    if operation in MOST:
        code = rekognition.code_of(operation, **members, MaxResults=MOST[operation] + 1)
        assert code == "InvalidParameterException"
    most = MOST.get(operation, 1_000_000)
    assert len(rekognition(operation, **members, MaxResults=most)[items]) >= COUNT


def test_no_results_asked_for_are_as_many_as_usual(rekognition: Rekognition, control: Control) -> None:
    for operation in ("ListCollections", "ListFaces"):
        control.reset()
        items, members = LISTINGS[operation](rekognition, control)
        assert len(rekognition(operation, **members, MaxResults=0)[items]) == COUNT


def test_a_token_of_a_video_job_lives_for_a_day(rekognition: Rekognition, control: Control) -> None:
    _, members = LISTINGS["GetLabelDetection"](rekognition, control)
    token = rekognition("GetLabelDetection", MaxResults=2, **members)["NextToken"]
    control.advance(24 * 3600 - 1)
    rekognition("GetLabelDetection", **members, NextToken=token)
    control.advance(2)
    assert rekognition.code_of("GetLabelDetection", **members, NextToken=token) == "InvalidPaginationTokenException"


# --- request tokens


@pytest.mark.parametrize("kind", JOBS)
def test_a_start_is_repeated_by_its_token(rekognition: Rekognition, control: Control, kind: str) -> None:
    rekognition("CreateCollection", CollectionId=FACES)
    control.put("films", "street.mp4", NO_VIDEO)
    members = {"Video": VIDEO, **JOBS[kind][1], "ClientRequestToken": "t"}
    first = rekognition(f"Start{kind}", **members)
    rekognition(f"Get{kind}", **first)  # has ended by then
    assert rekognition(f"Start{kind}", **members) == first
    assert rekognition(f"Start{kind}", **{**members, "ClientRequestToken": "u"}) != first
    refusal = rekognition.refusal(f"Start{kind}", **members, JobTag="other")
    assert refusal.code == "IdempotentParameterMismatchException"
    assert refusal.message == "The ClientRequestToken: t you have supplied is already in use."


def test_a_media_analysis_is_repeated_by_its_token(rekognition: Rekognition, control: Control) -> None:
    members = {**media_job(control), "ClientRequestToken": "t"}
    first = rekognition("StartMediaAnalysisJob", **members)
    assert rekognition("StartMediaAnalysisJob", **members) == first
    code = rekognition.code_of("StartMediaAnalysisJob", **members, JobName="other")
    assert code == "IdempotentParameterMismatchException"


def test_a_liveness_session_is_repeated_by_its_token(rekognition: Rekognition, control: Control) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    assert rekognition("CreateFaceLivenessSession") != first


def test_changes_of_users_are_repeated_by_their_tokens(rekognition: Rekognition, control: Control) -> None:
    rekognition("CreateCollection", CollectionId=FACES)
    answer = rekognition("IndexFaces", CollectionId=FACES, Image=control.people("Ann"))
    face = answer["FaceRecords"][0]["Face"]["FaceId"]
    user = {"CollectionId": FACES, "UserId": "Ann", "ClientRequestToken": "t"}  # one token for each operation
    for operation, more, other in (
        ("CreateUser", {}, {"UserId": "Bob"}),
        ("AssociateFaces", {"FaceIds": [face]}, {"UserMatchThreshold": 1}),
        ("DisassociateFaces", {"FaceIds": [face]}, {"UserId": "Bob"}),
        ("DeleteUser", {}, {"UserId": "Bob"}),
    ):
        first = rekognition(operation, **user, **more)
        assert rekognition(operation, **user, **more) == first
        code = rekognition.code_of(operation, **{**user, **more, **other})
        assert (operation, code) == (operation, "IdempotentParameterMismatchException")


def test_a_repeated_token_takes_no_place_among_the_jobs(rekognition: Rekognition, control: Control) -> None:
    control.steps_take({"job": 60})
    control.put("films", "street.mp4", NO_VIDEO)
    first = rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t")
    for _ in range(19):
        rekognition("StartLabelDetection", Video=VIDEO)
    assert rekognition.code_of("StartLabelDetection", Video=VIDEO) == "LimitExceededException"
    assert rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t") == first
