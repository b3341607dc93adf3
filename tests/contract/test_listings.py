"""Pages of all 18 listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rekog._generated.paging import PAGED
from tests.kit.paged_listings import COUNT, LISTINGS, create_dataset, create_project, faces, time_member
from tests.kit.request_members import (
    FACE_COLLECTION,
    JOB_CAPABILITIES,
    NOT_A_VIDEO,
    OUTPUT,
    STREET_CONTENT,
    VIDEO,
    VIDEO_JOBS,
    create_trained_version,
    manifest_lines,
    media_analysis_job,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

SLOW = pytest.mark.slow
MAXIMUM_RESULTS = {
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
"""Maxima of MaxResults. The other listings accept any number, and treat more than 1000 as 1000."""
LONG_TOKENS = {name for name, maximum in MAXIMUM_RESULTS.items() if maximum <= 100}
"""Listings whose tokens have at most 1024 characters; the tokens of the others have at most 255."""


def test_every_paged_operation_has_a_listing() -> None:
    assert set(LISTINGS) == {paged.operation.name for paged in PAGED.values()}


@pytest.mark.parametrize("operation", LISTINGS)
def test_pages_contain_each_item_once(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    items, members = LISTINGS[operation](rekognition, control)
    single_page = rekognition(operation, **members)
    count = 2 * COUNT if operation == "GetTextDetection" else COUNT  # a line and its word
    assert len(single_page[items]) == count
    assert "NextToken" not in single_page
    if count <= MAXIMUM_RESULTS.get(operation, count):
        assert "NextToken" not in rekognition(operation, MaxResults=count, **members)
    pages = rekognition.pages(operation, items, MaxResults=3, **members)
    assert [len(page) for page in pages] == [3] * (count // 3) + [count % 3]
    assert [item for page in pages for item in page] == single_page[items]


@pytest.mark.parametrize("operation", LISTINGS)
def test_a_token_is_valid_only_for_its_listing(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    _, members = LISTINGS[operation](rekognition, control)
    token = rekognition(operation, MaxResults=2, **members)["NextToken"]
    altered = ("A" if token[0] != "A" else "B") + token[1:]
    assert len(token) <= 255
    assert rekognition.error_code(operation, **members, NextToken=altered) == "InvalidPaginationTokenException"
    other = "ListStreamProcessors" if operation != "ListStreamProcessors" else "ListCollections"
    assert rekognition.error_code(other, NextToken=token) == "InvalidPaginationTokenException"
    longest = "x" * (1024 if operation in LONG_TOKENS else 255)
    assert rekognition.error_code(operation, **members, NextToken=longest) == "InvalidPaginationTokenException"
    assert rekognition.error_code(operation, **members, NextToken=longest + "x") == "ValidationException"


@pytest.mark.parametrize("operation", LISTINGS)
def test_max_results_over_the_maximum_is_refused_or_reduced(
    rekognition: Rekognition, control: ControlApi, operation: str
) -> None:
    items, members = LISTINGS[operation](rekognition, control)
    if operation in MAXIMUM_RESULTS:
        code = rekognition.error_code(operation, **members, MaxResults=MAXIMUM_RESULTS[operation] + 1)
        assert code == "ValidationException"
    maximum = MAXIMUM_RESULTS.get(operation, 1_000_000)
    assert len(rekognition(operation, **members, MaxResults=maximum)[items]) >= COUNT


FILTERS: list[tuple[str, Json]] = [
    ("ListFaces", {"UserId": "u"}),
    ("ListFaces", {"FaceIds": ["00000000-0000-0000-0000-000000000000"]}),
    ("DescribeProjects", {"ProjectNames": ["p1"]}),
    ("DescribeProjects", {"Features": ["CUSTOM_LABELS", "CONTENT_MODERATION"]}),
    ("DescribeProjectVersions", {"VersionNames": ["w1"]}),
    ("ListDatasetEntries", {"Labeled": True}),
    ("ListDatasetEntries", {"ContainsLabels": ["dog"]}),
    ("ListDatasetEntries", {"SourceRefContains": "photos"}),
    ("ListDatasetEntries", {"HasErrors": True}),
    ("GetLabelDetection", {"SortBy": "NAME"}),
    ("GetLabelDetection", {"AggregateBy": "SEGMENTS"}),
    ("GetPersonTracking", {"SortBy": "INDEX"}),
]


@pytest.mark.parametrize(("operation", "filters"), FILTERS)
def test_a_token_is_valid_only_for_the_same_filters(
    rekognition: Rekognition, control: ControlApi, operation: str, filters: Json
) -> None:
    _, members = LISTINGS[operation](rekognition, control)
    token = rekognition(operation, MaxResults=2, **members)["NextToken"]
    rekognition(operation, **members, NextToken=token)
    code = rekognition.error_code(operation, **members, **filters, NextToken=token)
    assert code == "InvalidPaginationTokenException"


def test_a_token_is_valid_only_for_the_same_resource(rekognition: Rekognition, control: ControlApi) -> None:
    _, members = faces(rekognition, control)
    token = rekognition("ListFaces", MaxResults=2, **members)["NextToken"]
    rekognition("CreateCollection", CollectionId="other")
    assert (
        rekognition.error_code("ListFaces", CollectionId="other", NextToken=token) == "InvalidPaginationTokenException"
    )
    control.reset()
    _, members = LISTINGS["GetFaceDetection"](rekognition, control)
    token = rekognition("GetFaceDetection", MaxResults=2, **members)["NextToken"]
    other = rekognition("StartFaceDetection", Video=VIDEO)
    assert rekognition.error_code("GetFaceDetection", **other, NextToken=token) == "InvalidPaginationTokenException"


def many_entries(rekognition: Rekognition, control: ControlApi) -> Json:
    return create_dataset(rekognition, manifest_lines(101))


def many_labels(rekognition: Rekognition, control: ControlApi) -> Json:
    each = enumerate(manifest_lines(101).split("\n"))
    return create_dataset(rekognition, "\n".join(line.replace("dog", f"dog{number}") for number, line in each))


def many_projects(rekognition: Rekognition, control: ControlApi) -> Json:
    for number in range(101):
        rekognition("CreateProject", ProjectName=f"p{number}")
    return {}


def many_versions(rekognition: Rekognition, control: ControlApi) -> Json:
    arn = create_project(rekognition)
    create_trained_version(rekognition, arn)
    for number in range(100):
        rekognition("CreateProjectVersion", ProjectArn=arn, VersionName=f"w{number}", OutputConfig=OUTPUT)
    return {"ProjectArn": arn}


def many_media_jobs(rekognition: Rekognition, control: ControlApi) -> Json:
    config = media_analysis_job(control)
    for _ in range(101):
        rekognition("StartMediaAnalysisJob", **config)
        rekognition("ListMediaAnalysisJobs", MaxResults=1)  # ends the job
    return {}


def many_users(rekognition: Rekognition, control: ControlApi) -> Json:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    for number in range(501):
        rekognition("CreateUser", CollectionId=FACE_COLLECTION, UserId=f"u{number}")
    return {"CollectionId": FACE_COLLECTION}


def many_collections(rekognition: Rekognition, control: ControlApi) -> Json:
    for number in range(1001):
        rekognition("CreateCollection", CollectionId=f"c{number}")
    return {}


def many_faces(rekognition: Rekognition, control: ControlApi) -> Json:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    for image in range(11):
        boxes = [{"BoundingBox": [0.001 * n, 0.1, 0.3, 0.3], "Identity": f"{image} {n}"} for n in range(100)]
        rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.declared_image(faces=boxes))
    return {"CollectionId": FACE_COLLECTION}


@pytest.mark.parametrize(
    ("operation", "items", "make", "default_size"),
    [
        ("ListDatasetEntries", "DatasetEntries", many_entries, 100),
        ("ListDatasetLabels", "DatasetLabelDescriptions", many_labels, 100),
        ("DescribeProjects", "ProjectDescriptions", many_projects, 100),
        pytest.param("DescribeProjectVersions", "ProjectVersionDescriptions", many_versions, 100, marks=SLOW),
        pytest.param("ListMediaAnalysisJobs", "MediaAnalysisJobs", many_media_jobs, 100, marks=SLOW),
        pytest.param("ListUsers", "Users", many_users, 500, marks=SLOW),
        pytest.param("ListCollections", "CollectionIds", many_collections, 1000, marks=SLOW),
        pytest.param("ListFaces", "Faces", many_faces, 1000, marks=SLOW),
    ],
)
def test_a_page_has_its_default_size_without_max_results(
    rekognition: Rekognition,
    control: ControlApi,
    operation: str,
    items: str,
    make: Callable[[Rekognition, ControlApi], Json],
    default_size: int,
) -> None:
    members = make(rekognition, control)
    page = rekognition(operation, **members)
    assert len(page[items]) == default_size
    assert rekognition(operation, **members, NextToken=page["NextToken"])[items]


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_page_of_a_video_job_has_at_most_a_thousand_results(
    rekognition: Rekognition, control: ControlApi, kind: str
) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    declared = STREET_CONTENT[JOB_CAPABILITIES[kind]]
    many = [{**declared[0], time_member(declared[0]): number} for number in range(1001)]
    control.declare("s3://films/street.mp4", video=STREET_CONTENT["video"], **{JOB_CAPABILITIES[kind]: many})
    job = rekognition(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1])
    for requested in ({}, {"MaxResults": 5000}):
        page = rekognition(f"Get{kind}", **job, **requested)
        assert len(page[VIDEO_JOBS[kind][0]]) == 1000
        assert page["NextToken"]


def test_every_page_of_faces_has_the_face_model_version(rekognition: Rekognition, control: ControlApi) -> None:
    _, members = faces(rekognition, control)
    first = rekognition("ListFaces", MaxResults=3, **members)
    second = rekognition("ListFaces", NextToken=first["NextToken"], **members)
    assert first["FaceModelVersion"] == second["FaceModelVersion"]


def test_collections_are_listed_by_id(rekognition: Rekognition, control: ControlApi) -> None:
    for name in ("b", "B", "a", "_", "1"):
        rekognition("CreateCollection", CollectionId=name)
    assert rekognition("ListCollections")["CollectionIds"] == ["1", "B", "_", "a", "b"]


def test_max_results_of_zero_means_the_default(rekognition: Rekognition, control: ControlApi) -> None:
    for operation in ("ListCollections", "ListFaces"):
        control.reset()
        items, members = LISTINGS[operation](rekognition, control)
        assert len(rekognition(operation, **members, MaxResults=0)[items]) == COUNT


def test_a_token_of_a_video_job_expires_after_a_day(rekognition: Rekognition, control: ControlApi) -> None:
    _, members = LISTINGS["GetLabelDetection"](rekognition, control)
    token = rekognition("GetLabelDetection", MaxResults=2, **members)["NextToken"]
    control.advance_clock(24 * 3600 - 1)
    rekognition("GetLabelDetection", **members, NextToken=token)
    control.advance_clock(2)
    assert rekognition.error_code("GetLabelDetection", **members, NextToken=token) == "InvalidPaginationTokenException"
