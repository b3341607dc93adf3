"""Resources of each family belong to one account and one Region: requests of others neither see nor change them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rekog.emulator import Emulator
from tests.kit.clock import NOW
from tests.kit.paged_listings import LISTINGS
from tests.kit.populated import open_clients, populate
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from tests.kit.clients import Json

ACCOUNTS = ("123456789012", "999999999999")
WITHOUT_RESOURCE = {
    "CompareFaces",
    "CreateCollection",
    "CreateFaceLivenessSession",
    "CreateProject",
    "CreateStreamProcessor",
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "DetectText",
    "GetCelebrityInfo",
    "ListCollections",
    "ListMediaAnalysisJobs",
    "ListStreamProcessors",
    "DescribeProjects",
    "RecognizeCelebrities",
    "StartMediaAnalysisJob",
    *(
        f"Start{kind}"
        for kind in (
            "CelebrityRecognition",
            "ContentModeration",
            "FaceDetection",
            "LabelDetection",
            "PersonTracking",
            "SegmentDetection",
            "TextDetection",
        )
    ),
}
"""Operations whose requests name no resource of an account."""
LISTS = {
    "ListCollections": "CollectionIds",
    "ListMediaAnalysisJobs": "MediaAnalysisJobs",
    "ListStreamProcessors": "StreamProcessors",
    "DescribeProjects": "ProjectDescriptions",
}
"""Listings of all resources of a family, with the member of the items."""


class World(NamedTuple):
    """A populated scope, and clients of other scopes on the same folder."""

    members: dict[str, Json]
    own: WireClient
    others: dict[str, WireClient]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("data")
    one, other = (Emulator(account=account, data=folder, clock=lambda: NOW) for account in ACCOUNTS)
    with one, other:
        yield World(
            populate(one),
            WireClient(one),
            {
                "other Region": WireClient(one, "eu-west-1"),
                "other account": WireClient(other),
                "other account and Region": WireClient(other, "eu-west-1"),
            },
        )


OTHERS = ["other Region", "other account", "other account and Region"]


@pytest.mark.parametrize("scope", OTHERS)
def test_a_resource_of_another_scope_is_refused_like_a_missing_one(world: World, scope: str) -> None:
    wire = world.others[scope]
    responses = {name: wire(name, **members) for name, members in world.members.items()}
    succeeded = {name for name, response in responses.items() if response.status == 200}
    assert succeeded <= WITHOUT_RESOURCE
    codes = {name: response.refusal[0] for name, response in responses.items() if name not in WITHOUT_RESOURCE}
    assert set(codes.values()) <= {
        "ResourceNotFoundException",
        "InvalidParameterException",
        "AccessDeniedException",
        "SessionNotFoundException",
    }, codes


@pytest.mark.parametrize("scope", OTHERS)
@pytest.mark.parametrize("operation", LISTS)
def test_a_listing_has_the_resources_of_its_scope_only(world: World, scope: str, operation: str) -> None:
    own = world.own(operation, **world.members[operation]).body[LISTS[operation]]
    assert own
    there = world.others[scope](operation, **world.members[operation]).body[LISTS[operation]]
    assert [item for item in there if item in own] == []


def test_the_requests_of_other_scopes_change_nothing(world: World) -> None:
    reads = [name for name in world.members if name.startswith(("Describe", "List", "Get"))]
    before: dict[str, Any] = {name: world.own(name, **world.members[name]).body for name in reads}
    for wire in world.others.values():
        for name, members in world.members.items():
            wire(name, **members)
    after = {name: world.own(name, **world.members[name]).body for name in reads}
    assert after == before


@pytest.mark.parametrize("operation", LISTINGS)
def test_a_page_token_is_refused_for_the_same_listing_in_another_scope(operation: str, tmp_path: Path) -> None:
    tokens: list[str] = []
    for account in ACCOUNTS:
        for region in ("us-east-1", "eu-west-1"):
            with Emulator(account=account, region=region, data=tmp_path, clock=lambda: NOW) as emulator:
                with open_clients(emulator) as (rekognition, control):
                    _, members = LISTINGS[operation](rekognition, control)
                wire = WireClient(emulator)
                refusals = {wire(operation, **members, NextToken=token).refusal[0] for token in tokens}
                assert refusals <= {"InvalidPaginationTokenException"}
                tokens.append(wire(operation, **members, MaxResults=2).body["NextToken"])
                assert wire(operation, **members, NextToken=tokens[-1]).status == 200
