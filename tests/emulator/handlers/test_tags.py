"""TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Emulator, Limits
from rekog.errors import ServiceQuotaExceededException
from tests.kit.custom_labels import OUTPUT, PROJECT, Bench, error_code, open_bench, refusal
from tests.kit.request_members import FACE_COLLECTION, face_search_processor
from tests.kit.wire import WireClient

KEYS = st.sampled_from("abcdef")
TAGS = {"team": "blue"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def tags(bench: Bench, arn: str) -> dict[str, str] | None:
    return bench.client.list_tags_for_resource(arn).tags


def make(bench: Bench, kind: str) -> str:
    """Create a resource with tags, and return its ARN."""
    client = bench.client
    if kind == "collection":
        client.create_collection("people", tags=TAGS)
        return str(client.describe_collection("people").collection_arn)
    if kind == "stream processor":
        client.create_collection(FACE_COLLECTION)
        return str(client.call("CreateStreamProcessor", face_search_processor("gate", Tags=TAGS))["StreamProcessorArn"])
    project = client.create_project("dogs", tags=TAGS).project_arn
    if kind == "project":
        return project
    if kind == "dataset":
        return client.create_dataset(project, dataset_type="TRAIN", tags=TAGS).dataset_arn
    bench.train_version(project)
    return client.create_project_version(
        project, version_name="v2", output_config=OUTPUT, tags=TAGS
    ).project_version_arn


KINDS = ["collection", "stream processor", "project", "dataset", "version"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_has_the_tags_of_its_creation_and_accepts_others(bench: Bench, kind: str) -> None:
    arn = make(bench, kind)
    assert tags(bench, arn) == TAGS
    bench.client.tag_resource(arn, {"team": "red", "stage": ""})
    assert tags(bench, arn) == {"team": "red", "stage": ""}
    bench.client.untag_resource(arn, ["team", "unknown"])
    assert tags(bench, arn) == {"stage": ""}


def test_a_resource_without_tags_has_an_empty_map(bench: Bench) -> None:
    assert bench.client.call("ListTagsForResource", {"ResourceArn": bench.create_project()}) == {"Tags": {}}


def test_a_collection_is_found_by_the_arn_that_its_creation_returned(bench: Bench) -> None:
    arn = bench.client.create_collection("people", tags=TAGS).collection_arn
    assert str(arn).startswith("aws:")
    assert tags(bench, str(arn)) == TAGS


@pytest.mark.parametrize("arn", [PROJECT, "no arn at all, but long enough", PROJECT.replace("project", "other")])
@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTagsForResource"])
def test_tags_of_an_unknown_resource_are_refused(bench: Bench, operation: str, arn: str) -> None:
    request: dict[str, object] = {"ResourceArn": arn}
    if operation != "ListTagsForResource":
        request |= {"Tags": {"a": "b"}} if operation == "TagResource" else {"TagKeys": ["a"]}
    assert refusal(lambda: bench.client.call(operation, request)) == (
        "ResourceNotFoundException",
        f"{arn} does not exist.",
    )


@pytest.mark.parametrize("other", ["region", "account"])
@pytest.mark.parametrize("kind", KINDS)
def test_tags_of_a_resource_in_another_region_or_account_are_refused(tmp_path: Path, kind: str, other: str) -> None:
    with open_bench(data=tmp_path) as bench, Emulator(data=tmp_path, account="210987654321") as foreign:
        arn = make(bench, kind)
        wire = WireClient(foreign) if other == "account" else WireClient(bench.emulator, "eu-west-1")
        refused = ("ResourceNotFoundException", f"{arn} does not exist.")
        assert wire("TagResource", ResourceArn=arn, Tags={"team": "red"}).refusal == refused
        assert wire("UntagResource", ResourceArn=arn, TagKeys=["team"]).refusal == refused
        assert wire("ListTagsForResource", ResourceArn=arn).refusal == refused
        assert tags(bench, arn) == TAGS


def test_tags_are_deleted_with_their_resource(bench: Bench) -> None:
    bench.client.delete_project(make(bench, "project"))
    assert error_code(lambda: tags(bench, PROJECT)) == "ResourceNotFoundException"
    assert tags(bench, bench.create_project()) == {}


def test_a_deleted_stream_processor_has_no_tags_even_while_its_name_is_in_use() -> None:
    with open_bench(60) as bench:
        arn = make(bench, "stream processor")
        bench.client.delete_stream_processor("gate")
        assert error_code(lambda: tags(bench, arn)) == "ResourceNotFoundException"


def test_a_tag_over_the_quota_is_refused_and_changes_nothing(bench: Bench) -> None:
    project = bench.create_project()
    bench.client.tag_resource(project, {f"k{number}": "v" for number in range(200)})
    assert refusal(lambda: bench.client.tag_resource(project, {"k0": "new", "another": "v"})) == (
        "ServiceQuotaExceededException",
        "There may be at most 200 tags of a resource.",
    )
    bench.client.tag_resource(project, {"k0": "new"})
    after = tags(bench, project)
    assert after is not None
    assert (len(after), after["k0"]) == (200, "new")


@pytest.mark.parametrize("key", ["aws:team", "a*b", "x" * 129])
def test_reserved_and_invalid_keys_are_refused(bench: Bench, key: str) -> None:
    project = bench.create_project()
    assert error_code(lambda: bench.client.tag_resource(project, {key: "v"})) == "ValidationException"
    assert error_code(lambda: bench.client.untag_resource(project, [key])) == "ValidationException"


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(st.dictionaries(KEYS, st.sampled_from("xyz"), max_size=5), st.lists(KEYS, max_size=5)), max_size=15
    )
)
def test_any_sequence_of_changes_has_the_same_result_as_on_a_dict(changes: list[dict[str, str] | list[str]]) -> None:
    expected: dict[str, str] = {}
    with open_bench(limits=Limits(tags_per_resource=4)) as bench:
        project = bench.create_project()
        for change in changes:
            if isinstance(change, list):
                bench.client.untag_resource(project, change)
                expected = {key: value for key, value in expected.items() if key not in change}
            elif len(expected | change) > 4:
                with pytest.raises(ServiceQuotaExceededException):
                    bench.client.tag_resource(project, change)
            else:
                bench.client.tag_resource(project, change)
                expected |= change
        assert tags(bench, project) == expected
