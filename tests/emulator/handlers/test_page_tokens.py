"""Page tokens of all 18 listings: a token with a character altered and a token of another listing are refused."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rekog.emulator import Emulator
from tests.kit.clock import NOW
from tests.kit.paged_listings import LISTINGS
from tests.kit.populated import open_clients, populate
from tests.kit.request_members import VIDEO_JOBS
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OTHERS = 4
"""Number of replacements for each character in a normal run; the last one gets all, because it has unused bits."""
REFUSED = ("InvalidPaginationTokenException", "Invalid Pagination Token")

SORTED: dict[str, list[dict[str, str]]] = {
    "GetCelebrityRecognition": [{"SortBy": "ID"}],
    "GetContentModeration": [{"SortBy": "NAME"}, {"AggregateBy": "SEGMENTS"}],
    "GetFaceSearch": [{"SortBy": "INDEX"}],
    "GetLabelDetection": [{"SortBy": "NAME"}, {"SortBy": "NAME", "AggregateBy": "SEGMENTS"}],
    "GetPersonTracking": [{"SortBy": "INDEX"}],
}
"""Other orders of the same results: each is a separate listing."""


OTHER_ARGUMENTS: dict[str, list[dict[str, object]]] = {
    "ListFaces": [{"UserId": "ann"}, {"FaceIds": ["00000000-0000-4000-8000-000000000000"]}],
    "DescribeProjects": [{"ProjectNames": ["p0", "p1", "p2"]}, {"Features": ["CONTENT_MODERATION"]}],
    "DescribeProjectVersions": [{"VersionNames": ["v1", "w0", "w1"]}],
    "ListDatasetEntries": [
        {"ContainsLabels": ["dog"]}, {"Labeled": True}, {"Labeled": False}, {"SourceRefContains": "s"},
        {"HasErrors": True},
    ],
}  # fmt: skip
"""Filters of the same listings: each selects a separate listing."""


class Listing(NamedTuple):
    """A listing and the token of its second page."""

    wire: WireClient
    operation: str
    members: dict[str, Any]
    token: str

    def refusal(self, token: str, **changes: object) -> tuple[str, str]:
        """Return code and message of the error for a token."""
        return self.wire(self.operation, **{**self.members, **changes, "NextToken": token}).refusal


def open_listing(operation: str) -> Iterator[Listing]:
    with Emulator(vision="off", clock=lambda: NOW) as emulator:
        yield create_listing(emulator, operation)


def create_listing(emulator: Emulator, operation: str, region: str | None = None) -> Listing:
    with open_clients(emulator, region) as (rekognition, control):
        _, members = LISTINGS[operation](rekognition, control)
    wire = WireClient(emulator, region)
    response = wire(operation, **members, MaxResults=2)
    assert response.status == 200, response.body
    return Listing(wire, operation, members, response.body["NextToken"])


@pytest.fixture(scope="module", params=LISTINGS)
def listing(request: pytest.FixtureRequest) -> Iterator[Listing]:
    yield from open_listing(request.param)


def altered(token: str, others: int) -> Iterator[str]:
    """Yield tokens with one character replaced, removed or added, and a few others."""
    random = Random(token)
    for position, old in enumerate(token):
        choices = [letter for letter in ALPHABET if letter != old]
        last = position == len(token) - 1
        for letter in choices if last else random.sample(choices, min(others, len(choices))):
            yield token[:position] + letter + token[position + 1 :]
        yield token[:position] + random.choice("+/= .\n\u00e9") + token[position + 1 :]
        yield token[:position] + token[position + 1 :]
    yield from (token + letter for letter in "A=\n")
    yield from ("", "=", "A", token.swapcase(), token[::-1])


def test_the_token_returns_the_next_page(listing: Listing) -> None:
    assert listing.wire(listing.operation, **listing.members, NextToken=listing.token).status == 200


@pytest.mark.slow
def test_a_token_with_one_character_altered_is_refused(listing: Listing) -> None:
    wrong = [token for token in altered(listing.token, OTHERS) if token != listing.token]
    assert len(wrong) > 6 * len(listing.token) > 60
    assert {listing.refusal(token) for token in wrong} == {REFUSED}


@pytest.mark.slow
def test_a_token_with_one_character_altered_in_any_way_is_refused(listing: Listing) -> None:
    assert {listing.refusal(token) for token in altered(listing.token, len(ALPHABET)) if token != listing.token} == {
        REFUSED
    }


def test_a_token_is_refused_for_another_order_of_the_same_results(listing: Listing) -> None:
    for order in SORTED.get(listing.operation, []):
        assert listing.wire(listing.operation, **listing.members, **order).status == 200
        assert (listing.refusal(listing.token, **order), order) == (REFUSED, order)


@pytest.mark.slow
def test_a_token_of_the_same_listing_in_another_emulator_is_refused(listing: Listing) -> None:
    for other in open_listing(listing.operation):
        assert (other.members, other.refusal(listing.token)) == (other.members, REFUSED)


@pytest.mark.slow
@pytest.mark.parametrize("operation", LISTINGS)
def test_a_token_is_refused_in_every_other_region_and_account_that_has_the_same_listing(
    operation: str, tmp_path: Path
) -> None:
    with (
        Emulator(vision="off", data=tmp_path, clock=lambda: NOW) as emulator,
        Emulator(vision="off", data=tmp_path, clock=lambda: NOW, account="210987654321") as foreign,
    ):
        listings = [
            create_listing(emulator, operation, "us-east-1"),
            create_listing(emulator, operation, "eu-west-1"),
            create_listing(foreign, operation, "us-east-1"),
        ]
        for listing, other in permutations(listings, 2):
            assert listing.refusal(other.token) == REFUSED


def test_a_token_is_refused_with_other_arguments(listing: Listing) -> None:
    for arguments in OTHER_ARGUMENTS.get(listing.operation, []):
        assert (listing.refusal(listing.token, **arguments), arguments) == (REFUSED, arguments)


def test_a_token_holds_for_another_size_of_the_page(listing: Listing) -> None:
    for size in (1, 3):
        members = {**listing.members, "MaxResults": size, "NextToken": listing.token}
        assert listing.wire(listing.operation, **members).status == 200


def test_a_token_of_a_long_collection_id_altered_in_one_character_is_refused(wire: WireClient) -> None:
    for letter in "ab":
        assert wire("CreateCollection", CollectionId=letter * 255).status == 200
    token = wire("ListCollections", MaxResults=1).body["NextToken"]
    long = Listing(wire, "ListCollections", {}, token)
    assert {long.refusal(each) for each in altered(token, OTHERS) if each != token} == {REFUSED}


def test_a_token_is_refused_by_every_other_listing() -> None:
    with Emulator(vision="off", clock=lambda: NOW) as emulator:
        members, wire = populate(emulator), WireClient(emulator)
        more = ("CreateCollection", "CreateUser", "StartMediaAnalysisJob")
        assert {wire(operation, **members[operation]).status for operation in more} == {200}
        responses = {name: wire(name, **members[name], MaxResults=1).body for name in LISTINGS}
        tokens = {name: body["NextToken"] for name, body in responses.items() if "NextToken" in body}
        assert len(tokens) >= 8
        for issuer, token in tokens.items():
            for listing in LISTINGS:
                code = wire(listing, **members[listing], NextToken=token).body.get("__type")
                assert (issuer, listing, code) == (issuer, listing, None if issuer == listing else REFUSED[0])


ITEMS = {
    *(
        "CollectionIds",
        "DatasetEntries",
        "DatasetLabelDescriptions",
        "Faces",
        "MediaAnalysisJobs",
        "ProjectDescriptions",
    ),
    *("ProjectVersionDescriptions", "StreamProcessors", "Users"),
    *(member for member, _ in VIDEO_JOBS.values()),
}
"""Members of responses that hold the items of a page."""
HANDLERS = "rekog.emulator.handlers"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "default"),
    [
        ("ListCollections", f"{HANDLERS}.collections.collections.DEFAULT_PAGE"),
        ("ListFaces", f"{HANDLERS}.collections.faces.DEFAULT_PAGE"),
        ("ListUsers", f"{HANDLERS}.users.users.DEFAULT_PAGE"),
        ("DescribeProjects", f"{HANDLERS}.custom_labels.projects.DEFAULT_PAGE"),
        ("DescribeProjectVersions", f"{HANDLERS}.custom_labels.versions.DEFAULT_PAGE"),
        ("ListDatasetEntries", f"{HANDLERS}.custom_labels.datasets.DEFAULT_PAGE"),
        ("ListDatasetLabels", f"{HANDLERS}.custom_labels.datasets.DEFAULT_PAGE"),
        ("ListMediaAnalysisJobs", f"{HANDLERS}.media_analysis.DEFAULT_PAGE"),
    ],
)
def test_the_default_size_of_a_page_is_no_maximum(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str, default: str
) -> None:
    listing = create_listing(emulator, operation)
    monkeypatch.setattr(default, 2)
    sizes = [_size(listing.wire(operation, **listing.members, **size).body) for size in ({}, {"MaxResults": 3})]
    assert sizes == [2, 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "maximum"),
    [
        ("ListStreamProcessors", f"{HANDLERS}.streams.processors.MAX_PAGE"),
        *((name, f"{HANDLERS}.videos.requests.MAX_RESULTS") for name in LISTINGS if name.startswith("Get")),
    ],
)
def test_a_size_beyond_the_maximum_counts_as_the_maximum(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str, maximum: str
) -> None:
    listing = create_listing(emulator, operation)
    monkeypatch.setattr(maximum, 2)
    sizes = [_size(listing.wire(operation, **listing.members, **size).body) for size in ({}, {"MaxResults": 3})]
    assert sizes == [2, 2]


def _size(page: dict[str, Any]) -> int:
    """Return the number of items of a page."""
    (size,) = [len(page[name]) for name in ITEMS & page.keys()]
    return size
