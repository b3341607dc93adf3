"""CreateProject, DescribeProjects, DeleteProject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Limits
from rekog.errors import ResourceInUseException
from tests.kit.custom_labels import PROJECT, Bench, assert_invalid, error_code, open_bench, refusal

if TYPE_CHECKING:
    from rekog import models

BOTH: list[models.CustomizationFeatureValue] = ["CUSTOM_LABELS", "CONTENT_MODERATION"]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def names(bench: Bench, size: int | None = None, **filters: list[str]) -> list[str]:
    """Return the names of the listed projects."""
    pages = bench.client.paginate_describe_projects(page_size=size, **filters)  # type: ignore[arg-type]  # pagers' options
    return [str(project.project_arn).split("/")[1] for project in pages]


def test_the_arn_ends_with_name_and_time(bench: Bench) -> None:
    assert bench.create_project() == PROJECT


def test_a_new_project_is_created_after_the_duration() -> None:
    with open_bench(60) as bench:
        bench.create_project()
        states: list[object] = []
        for _ in range(3):
            states.append(bench.client.describe_projects().project_descriptions[0].status)
            bench.clock.advance(30)
    assert states == ["CREATING", "CREATING", "CREATED"]


def test_a_description_has_feature_time_and_datasets(bench: Bench) -> None:
    bench.create_project()
    assert bench.client.call("DescribeProjects")["ProjectDescriptions"] == [
        {
            "ProjectArn": PROJECT,
            "CreationTimestamp": 1_700_000_000,
            "Status": "CREATED",
            "Datasets": [],
            "Feature": "CUSTOM_LABELS",
        }
    ]


def test_a_description_lists_the_training_dataset_before_the_test_dataset(bench: Bench) -> None:
    project = bench.create_project()
    test, train = bench.create_dataset(project, "TEST"), bench.create_dataset(project, "TRAIN")
    (description,) = bench.client.describe_projects().project_descriptions
    assert [(item.dataset_type, item.dataset_arn, item.status) for item in description.datasets] == [
        ("TRAIN", train, "CREATE_COMPLETE"),
        ("TEST", test, "CREATE_COMPLETE"),
    ]


def test_a_second_project_of_a_name_is_refused(bench: Bench) -> None:
    bench.create_project()
    assert refusal(bench.create_project) == ("ResourceInUseException", "A project named dogs already exists.")


def test_adapters_need_auto_update(bench: Bench) -> None:
    assert_invalid(lambda: bench.create_project(Feature="CONTENT_MODERATION"), "AutoUpdate is required")


def test_models_have_no_auto_update(bench: Bench) -> None:
    assert_invalid(lambda: bench.create_project(AutoUpdate="ENABLED"), "AutoUpdate is only allowed")


def test_adapter_projects_are_listed_only_by_their_feature(bench: Bench) -> None:
    bench.create_project("models")
    bench.create_project("adapters", Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
    assert names(bench) == ["models"]
    assert names(bench, features=["CONTENT_MODERATION"]) == ["adapters"]
    assert names(bench, features=list(BOTH)) == ["adapters", "models"]


def test_the_description_of_an_adapter_project_has_auto_update(bench: Bench) -> None:
    bench.create_project(Feature="CONTENT_MODERATION", AutoUpdate="ENABLED")
    (description,) = bench.client.describe_projects(features=BOTH).project_descriptions
    assert (description.feature, description.auto_update) == ("CONTENT_MODERATION", "ENABLED")


def test_the_newest_project_comes_first(bench: Bench) -> None:
    for name in ("b", "c", "a"):
        bench.create_project(name)
        bench.clock.advance(1)
    assert names(bench) == ["a", "c", "b"]


def test_projects_are_filtered_by_name_and_unknown_names_are_ignored(bench: Bench) -> None:
    for name in "abc":
        bench.create_project(name)
    assert names(bench, project_names=["c", "x", "a"]) == ["c", "a"]


@settings(derandomize=True, max_examples=15, deadline=None)
@given(count=st.integers(0, 9), size=st.integers(1, 4))
def test_the_pages_together_have_all_projects_in_order(count: int, size: int) -> None:
    with open_bench() as bench:
        for number in range(count):
            bench.create_project(f"p{number}")
        assert names(bench, size) == [f"p{number}" for number in reversed(range(count))]


def test_a_page_begins_after_the_previous_one_even_if_projects_have_changed(bench: Bench) -> None:
    arns = [bench.create_project(name) for name in "abcd"]
    first = bench.client.describe_projects(max_results=2)
    bench.create_project("new")
    bench.client.delete_project(arns[2])
    second = bench.client.describe_projects(max_results=2, next_token=first.next_token)
    assert [project.project_arn for project in second.project_descriptions] == [arns[1], arns[0]]
    assert second.next_token is None


@pytest.mark.parametrize("filters", [{"ProjectNames": ["a"]}, {"Features": BOTH}])
def test_a_token_of_other_filters_is_refused(bench: Bench, filters: dict[str, object]) -> None:
    for name in "abc":
        bench.create_project(name)
    token = bench.client.describe_projects(max_results=1).next_token
    request = {"NextToken": token, **filters}
    assert error_code(lambda: bench.client.call("DescribeProjects", request)) == "InvalidPaginationTokenException"


@pytest.mark.parametrize("error", ["InvalidParameterException", "ValidationException"])
def test_a_page_size_over_the_maximum_has_the_error_of_the_emulators_setting(error: str) -> None:
    with open_bench(validation_code=error) as bench:
        assert error_code(lambda: bench.client.describe_projects(max_results=101)) == error


def test_a_deleted_project_is_deleting_and_then_gone() -> None:
    with open_bench(60) as bench:
        project = bench.create_project()
        assert bench.client.delete_project(project).status == "DELETING"
        assert bench.client.describe_projects().project_descriptions[0].status == "DELETING"
        bench.client.wait_until_project_deleted(["dogs"], delay=0, on_poll=bench.advance_on_poll)
        assert names(bench) == []


def test_a_project_with_a_version_is_not_deleted(bench: Bench) -> None:
    project = bench.create_project()
    bench.train_version(project)
    with pytest.raises(ResourceInUseException):
        bench.client.delete_project(project)


def test_a_project_whose_versions_are_gone_is_deleted(bench: Bench) -> None:
    project = bench.create_project()
    version = bench.train_version(project)
    bench.client.delete_project_version(version)
    bench.client.delete_project(project)
    assert names(bench) == []


def test_datasets_policies_and_tags_are_deleted_with_their_project(bench: Bench) -> None:
    project = bench.create_project()
    dataset = bench.client.create_dataset(project, dataset_type="TRAIN", tags={"a": "b"}).dataset_arn
    bench.client.delete_project(project)
    again = bench.create_project()
    assert again == project  # the time of the ManualClock has not changed
    assert error_code(lambda: bench.client.describe_dataset(dataset)) == "ResourceNotFoundException"
    assert bench.client.list_project_policies(project).project_policies == []
    assert bench.client.create_dataset(project, dataset_type="TRAIN").dataset_arn == dataset
    assert bench.client.list_tags_for_resource(dataset).tags == {}


def test_a_project_that_is_being_deleted_is_not_deleted_again() -> None:
    with open_bench(60) as bench:
        project = bench.create_project()
        bench.client.delete_project(project)
        in_use = ("ResourceInUseException", f"{project} is being deleted.")
        assert refusal(lambda: bench.client.delete_project(project)) == in_use


def test_nothing_is_added_to_a_project_that_is_being_deleted() -> None:
    with open_bench(60) as bench:
        project = bench.create_project()
        bench.client.delete_project(project)
        missing = ("ResourceNotFoundException", f"{project} does not exist.")
        assert refusal(lambda: bench.create_dataset(project)) == missing
        assert refusal(lambda: bench.create_version(project)) == missing


def test_an_unknown_project_is_not_found(bench: Bench) -> None:
    assert refusal(lambda: bench.client.delete_project(PROJECT)) == (
        "ResourceNotFoundException",
        f"{PROJECT} does not exist.",
    )


def test_a_project_of_another_region_is_not_found(bench: Bench) -> None:
    bench.create_project()
    elsewhere = PROJECT.replace("us-east-1", "eu-west-1")
    assert error_code(lambda: bench.client.delete_project(elsewhere)) == "ResourceNotFoundException"


def test_a_project_over_the_limit_is_refused() -> None:
    with open_bench(limits=Limits(projects=1)) as bench:
        bench.create_project()
        assert error_code(lambda: bench.create_project("cats")) == "LimitExceededException"
        assert names(bench) == ["dogs"]
