"""Resources belong to the account and the Region of their creation: no operation in another scope reaches them.

Each operation is called in the scope of a populated emulator, in another Region, and in another account of the same
data folder, with the same members. So each refused call names a resource that exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from rekog._generated.operations import OPERATIONS
from rekog.emulator import Durations, Emulator
from tests.emulator.handlers.state_dump import differences, dump, settle
from tests.kit.clock import NOW
from tests.kit.populated import InProcessClient, populate
from tests.kit.service import Rekognition
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kit.clients import Json

MISSING, NO_SESSION = "ResourceNotFoundException", "SessionNotFoundException"

SHARED = {
    *("CompareFaces", "DetectFaces", "DetectLabels", "DetectModerationLabels", "DetectProtectiveEquipment"),
    *("DetectText", "GetCelebrityInfo", "RecognizeCelebrities"),
    *(f"Start{kind}" for kind in ("CelebrityRecognition", "ContentModeration", "FaceDetection", "LabelDetection")),
    *(f"Start{kind}" for kind in ("PersonTracking", "SegmentDetection", "TextDetection")),
    *("CreateCollection", "CreateFaceLivenessSession", "CreateProject", "StartMediaAnalysisJob"),
}
"""Operations that name no resource of a scope: objects, declared content and celebrities are those of all scopes."""
EMPTY: dict[str, Json] = {
    "DescribeProjects": {"ProjectDescriptions": []},
    "ListCollections": {"CollectionIds": [], "FaceModelVersions": []},
    "ListMediaAnalysisJobs": {"MediaAnalysisJobs": []},
    "ListStreamProcessors": {"StreamProcessors": []},
}
"""Listings of a scope, and their responses in a scope without resources."""
OTHER_CODES = {
    "CreateStreamProcessor": "InvalidParameterException",  # the collection to search is not in the scope
    "GetFaceLivenessSessionResults": NO_SESSION,
}
TEXTS = {"CreateStreamProcessor": "The collection id: people does not exist"}


class Scopes(NamedTuple):
    """Clients of the scope with the resources and of another scope, and members with which each operation succeeds."""

    home: WireClient
    other: WireClient
    members: dict[str, Json]
    folder: Path


@pytest.fixture(params=["region", "account"])
def scopes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scopes]:
    with (
        Emulator(vision="off", data=tmp_path, clock=lambda: NOW, durations=Durations.all(0)) as emulator,
        Emulator(
            vision="off", data=tmp_path, clock=lambda: NOW, durations=Durations.all(0), account="210987654321"
        ) as foreign,
    ):
        members = populate(emulator)
        settle(tmp_path, Rekognition(InProcessClient(emulator), None))
        other = WireClient(foreign) if request.param == "account" else WireClient(emulator, "eu-west-1")
        yield Scopes(WireClient(emulator), other, members, tmp_path)


def test_every_operation_on_a_resource_is_refused_in_another_scope_and_changes_nothing(scopes: Scopes) -> None:
    before = dump(scopes.folder)
    for operation in sorted(OPERATIONS.keys() - SHARED - EMPTY.keys()):
        code, text = scopes.other(operation, **scopes.members[operation]).refusal
        if operation == "CopyProjectVersion" and code == "InvalidParameterException":
            assert text == "The projects must be in the same region."
            continue
        assert (operation, code) == (operation, OTHER_CODES.get(operation, MISSING))
        assert TEXTS.get(operation, "does not exist") in text or code == NO_SESSION, (operation, text)
    assert differences(before, dump(scopes.folder)) == []


def test_the_same_calls_succeed_in_the_scope_of_the_resources(scopes: Scopes) -> None:
    reading = [name for name in scopes.members if name.startswith(("Describe", "Get", "List", "Search"))]
    assert {name: scopes.home(name, **scopes.members[name]).status for name in reading} == dict.fromkeys(reading, 200)


def test_a_listing_of_another_scope_is_empty(scopes: Scopes) -> None:
    for operation, response in EMPTY.items():
        assert (operation, scopes.other(operation).body) == (operation, response)
        assert scopes.home(operation).body != response


def test_a_name_can_be_used_again_in_another_scope(scopes: Scopes) -> None:
    for wire in (scopes.other, scopes.home):
        created = wire("CreateCollection", CollectionId="people"), wire("CreateProject", ProjectName="dogs")
        assert [response.status for response in created] == ([400, 400] if wire is scopes.home else [200, 200])


def test_a_request_token_is_not_known_in_another_scope(scopes: Scopes) -> None:
    token = {"ClientRequestToken": "once"}
    calls = ["StartLabelDetection", "StartMediaAnalysisJob", "CreateFaceLivenessSession"]
    for operation in calls:
        responses = [wire(operation, **scopes.members[operation], **token).body for wire in (scopes.home, scopes.other)]
        again = scopes.home(operation, **scopes.members[operation], **token).body
        assert responses[0] == again != responses[1]
    user: Json = {"CollectionId": "people", "UserId": "new", **token}
    scopes.other("CreateCollection", CollectionId="people")
    for wire in (scopes.home, scopes.other):
        assert wire("CreateUser", **user).status == 200
        assert "new" in {each["UserId"] for each in wire("ListUsers", CollectionId="people").body["Users"]}
