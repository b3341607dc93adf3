"""CreateProject, DescribeProjects, DeleteProject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Limits
from rekog.errors import ResourceInUseException
from tests.kit.custom_labels import PROJECT, Lab, code, lab, refusal

if TYPE_CHECKING:
    from rekog import models

BOTH: list[models.CustomizationFeatureValue] = ["CUSTOM_LABELS", "CONTENT_MODERATION"]


@pytest.fixture
def room() -> Iterator[Lab]:
    with lab() as opened:
        yield opened


def names(room: Lab, size: int | None = None, **filters: list[str]) -> list[str]:
    """Return the names of the listed projects."""
    found = room.client.paginate_describe_projects(page_size=size, **filters)  # type: ignore[arg-type]  # pagers' options
    return [str(project.project_arn).split("/")[1] for project in found]


def test_the_arn_ends_with_name_and_time(room: Lab) -> None:
    assert room.project() == PROJECT


def test_a_project_is_created_a_while_after_it_was_asked_for() -> None:
    with lab(60) as room:
        room.project()
        states: list[object] = []
        for _ in range(3):
            states.append(room.client.describe_projects().project_descriptions[0].status)
            room.clock.advance(30)
    assert states == ["CREATING", "CREATING", "CREATED"]


def test_a_description_has_feature_time_and_datasets(room: Lab) -> None:
    room.project()
    assert room.client.call("DescribeProjects")["ProjectDescriptions"] == [
        {
            "ProjectArn": PROJECT,
            "CreationTimestamp": 1_700_000_000,
            "Status": "CREATED",
            "Datasets": [],
            "Feature": "CUSTOM_LABELS",
        }
    ]


def test_a_description_lists_the_training_dataset_before_the_test_dataset(room: Lab) -> None:
    project = room.project()
    test, train = room.dataset(project, "TEST"), room.dataset(project, "TRAIN")
    (found,) = room.client.describe_projects().project_descriptions
    assert [(item.dataset_type, item.dataset_arn, item.status) for item in found.datasets] == [
        ("TRAIN", train, "CREATE_COMPLETE"),
        ("TEST", test, "CREATE_COMPLETE"),
    ]


def test_a_taken_name_is_in_use(room: Lab) -> None:
    room.project()
    assert refusal(room.project) == ("ResourceInUseException", "A project named dogs already exists.")


def test_adapters_need_auto_update(room: Lab) -> None:
    assert code(lambda: room.project(Feature="CONTENT_MODERATION")) == "InvalidParameterException"


def test_models_have_no_auto_update(room: Lab) -> None:
    assert code(lambda: room.project(AutoUpdate="ENABLED")) == "InvalidParameterException"


def test_adapter_projects_are_hidden_unless_asked_for(room: Lab) -> None:
    room.project("models")
    room.project("adapters", Feature="CONTENT_MODERATION", AutoUpdate="DISABLED")
    assert names(room) == ["models"]
    assert names(room, features=["CONTENT_MODERATION"]) == ["adapters"]
    assert names(room, features=list(BOTH)) == ["adapters", "models"]


def test_an_adapter_project_tells_auto_update(room: Lab) -> None:
    room.project(Feature="CONTENT_MODERATION", AutoUpdate="ENABLED")
    (found,) = room.client.describe_projects(features=BOTH).project_descriptions
    assert (found.feature, found.auto_update) == ("CONTENT_MODERATION", "ENABLED")


def test_the_newest_project_comes_first(room: Lab) -> None:
    for name in ("b", "c", "a"):
        room.project(name)
        room.clock.advance(1)
    assert names(room) == ["a", "c", "b"]


def test_names_filter_and_unknown_ones_are_no_error(room: Lab) -> None:
    for name in "abc":
        room.project(name)
    assert names(room, project_names=["c", "x", "a"]) == ["c", "a"]


@settings(derandomize=True, max_examples=15, deadline=None)
@given(count=st.integers(0, 9), size=st.integers(1, 4))
def test_the_pages_together_are_the_list(count: int, size: int) -> None:
    with lab() as room:
        for number in range(count):
            room.project(f"p{number}")
        assert names(room, size) == [f"p{number}" for number in reversed(range(count))]


def test_a_page_goes_on_where_the_last_ended_though_projects_came_and_went(room: Lab) -> None:
    arns = [room.project(name) for name in "abcd"]
    first = room.client.describe_projects(max_results=2)
    room.project("new")
    room.client.delete_project(arns[2])
    second = room.client.describe_projects(max_results=2, next_token=first.next_token)
    assert [project.project_arn for project in second.project_descriptions] == [arns[1], arns[0]]
    assert second.next_token is None


@pytest.mark.parametrize("filters", [{"ProjectNames": ["a"]}, {"Features": BOTH}])
def test_a_token_of_other_filters_is_refused(room: Lab, filters: dict[str, object]) -> None:
    for name in "abc":
        room.project(name)
    token = room.client.describe_projects(max_results=1).next_token
    asked = {"NextToken": token, **filters}
    assert code(lambda: room.client.call("DescribeProjects", asked)) == "InvalidPaginationTokenException"


@pytest.mark.parametrize("error", ["InvalidParameterException", "ValidationException"])
def test_a_page_size_over_the_maximum_is_the_error_that_the_emulator_was_told(error: str) -> None:
    with lab(validation_code=error) as room:
        assert code(lambda: room.client.describe_projects(max_results=101)) == error


def test_deleting_answers_deleting_and_ends_with_nothing() -> None:
    with lab(60) as room:
        project = room.project()
        assert room.client.delete_project(project).status == "DELETING"
        assert room.client.describe_projects().project_descriptions[0].status == "DELETING"
        room.client.wait_until_project_deleted(["dogs"], delay=0, on_poll=room.tick)
        assert names(room) == []


def test_a_project_with_a_version_is_not_deleted(room: Lab) -> None:
    project = room.project()
    room.trained(project)
    with pytest.raises(ResourceInUseException):
        room.client.delete_project(project)


def test_a_project_whose_versions_are_gone_is_deleted(room: Lab) -> None:
    project = room.project()
    version = room.trained(project)
    room.client.delete_project_version(version)
    room.client.delete_project(project)
    assert names(room) == []


def test_datasets_policies_and_tags_go_with_their_project(room: Lab) -> None:
    project = room.project()
    dataset = room.client.create_dataset("TRAIN", project, tags={"a": "b"}).dataset_arn
    room.client.delete_project(project)
    again = room.project()
    assert again == project  # the clock stood still
    assert code(lambda: room.client.describe_dataset(dataset)) == "ResourceNotFoundException"
    assert room.client.list_project_policies(project).project_policies == []
    assert room.client.create_dataset("TRAIN", project).dataset_arn == dataset
    assert room.client.list_tags_for_resource(dataset).tags == {}


def test_a_project_that_is_being_deleted_is_in_use_for_a_second_delete() -> None:
    with lab(60) as room:
        project = room.project()
        room.client.delete_project(project)
        assert code(lambda: room.client.delete_project(project)) == "ResourceInUseException"


def test_nothing_is_added_to_a_project_that_is_being_deleted() -> None:
    with lab(60) as room:
        project = room.project()
        room.client.delete_project(project)
        assert code(lambda: room.dataset(project)) == "ResourceNotFoundException"
        assert code(lambda: room.version(project)) == "ResourceNotFoundException"


def test_an_unknown_project_is_not_found(room: Lab) -> None:
    assert refusal(lambda: room.client.delete_project(PROJECT)) == (
        "ResourceNotFoundException",
        f"{PROJECT} does not exist.",
    )


def test_a_project_of_another_region_is_not_found(room: Lab) -> None:
    room.project()
    abroad = PROJECT.replace("us-east-1", "eu-west-1")
    assert code(lambda: room.client.delete_project(abroad)) == "ResourceNotFoundException"


def test_there_are_no_more_projects_than_the_limit() -> None:
    with lab(limits=Limits(projects=1)) as room:
        room.project()
        assert code(lambda: room.project("cats")) == "LimitExceededException"
        assert names(room) == ["dogs"]
