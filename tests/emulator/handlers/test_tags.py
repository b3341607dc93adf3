"""TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Limits
from rekog.errors import ServiceQuotaExceededException
from tests.emulator.handlers.streams.test_streams import search
from tests.kit.custom_labels import OUTPUT, PROJECT, Lab, code, lab, refusal

KEYS = st.sampled_from("abcdef")
TAGS = {"team": "blue"}


@pytest.fixture
def room() -> Iterator[Lab]:
    with lab() as opened:
        yield opened


def tags(room: Lab, arn: str) -> dict[str, str] | None:
    return room.client.list_tags_for_resource(arn).tags


def made(room: Lab, kind: str) -> str:
    """Make a resource with tags, and return its ARN."""
    client = room.client
    if kind == "collection":
        client.create_collection("people", tags=TAGS)
        return str(client.describe_collection("people").collection_arn)
    if kind == "stream processor":
        client.create_collection("people")
        return client.create_stream_processor(**search(), tags=TAGS).stream_processor_arn
    project = client.create_project("dogs", tags=TAGS).project_arn
    if kind == "project":
        return project
    if kind == "dataset":
        return client.create_dataset("TRAIN", project, tags=TAGS).dataset_arn
    room.trained(project)
    return client.create_project_version(project, "v2", OUTPUT, tags=TAGS).project_version_arn


KINDS = ["collection", "stream processor", "project", "dataset", "version"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_made_with_tags_has_them_and_takes_others(room: Lab, kind: str) -> None:
    arn = made(room, kind)
    assert tags(room, arn) == TAGS
    room.client.tag_resource(arn, {"team": "red", "stage": ""})
    assert tags(room, arn) == {"team": "red", "stage": ""}
    room.client.untag_resource(arn, ["team", "never there"])
    assert tags(room, arn) == {"stage": ""}


def test_a_resource_without_tags_has_an_empty_map(room: Lab) -> None:
    assert room.client.call("ListTagsForResource", {"ResourceArn": room.project()}) == {"Tags": {}}


def test_a_collection_is_found_by_the_arn_that_its_creation_answered(room: Lab) -> None:
    arn = room.client.create_collection("people", tags=TAGS).collection_arn
    assert str(arn).startswith("aws:")
    assert tags(room, str(arn)) == TAGS


@pytest.mark.parametrize("arn", [PROJECT, "no arn at all, but long enough", PROJECT.replace("project", "other")])
@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTagsForResource"])
def test_what_is_not_there_has_no_tags(room: Lab, operation: str, arn: str) -> None:
    asked: dict[str, object] = {"ResourceArn": arn}
    if operation != "ListTagsForResource":
        asked |= {"Tags": {"a": "b"}} if operation == "TagResource" else {"TagKeys": ["a"]}
    assert refusal(lambda: room.client.call(operation, asked)) == (
        "ResourceNotFoundException",
        f"{arn} does not exist.",
    )


def test_a_resource_of_another_region_has_no_tags_here(room: Lab) -> None:
    room.project()
    assert code(lambda: tags(room, PROJECT.replace("us-east-1", "eu-west-1"))) == "ResourceNotFoundException"


def test_tags_die_with_their_resource(room: Lab) -> None:
    room.client.delete_project(made(room, "project"))
    assert code(lambda: tags(room, PROJECT)) == "ResourceNotFoundException"
    assert tags(room, room.project()) == {}


def test_a_deleted_stream_processor_has_no_tags_though_its_name_is_taken() -> None:
    with lab(60) as room:
        arn = made(room, "stream processor")
        room.client.delete_stream_processor("gate")
        assert code(lambda: tags(room, arn)) == "ResourceNotFoundException"


def test_one_tag_over_the_quota_is_refused_and_changes_nothing(room: Lab) -> None:
    project = room.project()
    room.client.tag_resource(project, {f"k{number}": "v" for number in range(200)})
    assert refusal(lambda: room.client.tag_resource(project, {"k0": "new", "one": "more"})) == (
        "ServiceQuotaExceededException",
        "There may be at most 200 tags of a resource.",
    )
    room.client.tag_resource(project, {"k0": "new"})
    found = tags(room, project)
    assert found is not None
    assert (len(found), found["k0"]) == (200, "new")


@pytest.mark.parametrize("key", ["aws:team", "a*b", "x" * 129])
def test_keys_that_the_service_keeps_or_can_not_have_are_refused(room: Lab, key: str) -> None:
    project = room.project()
    assert code(lambda: room.client.tag_resource(project, {key: "v"})) == "InvalidParameterException"
    assert code(lambda: room.client.untag_resource(project, [key])) == "InvalidParameterException"


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(st.dictionaries(KEYS, st.sampled_from("xyz"), max_size=5), st.lists(KEYS, max_size=5)), max_size=15
    )
)
def test_any_sequence_of_changes_ends_where_a_plain_map_ends(changes: list[dict[str, str] | list[str]]) -> None:
    expected: dict[str, str] = {}
    with lab(limits=Limits(tags_per_resource=4)) as room:
        project = room.project()
        for change in changes:
            if isinstance(change, list):
                room.client.untag_resource(project, change)
                expected = {key: value for key, value in expected.items() if key not in change}
            elif len(expected | change) > 4:
                with pytest.raises(ServiceQuotaExceededException):
                    room.client.tag_resource(project, change)
            else:
                room.client.tag_resource(project, change)
                expected |= change
        assert tags(room, project) == expected
