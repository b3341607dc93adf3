"""docs/operations.md says of each operation what is real, declared and refused; here each of that has to show.

*Real* is linked to contract tests that exist and call the operation. *Declared* is declared, and has to come back.
*Refused* is asked for, and has to be refused. A cell of the table without its entry here fails, and so does an entry
without its cell.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from rekog._generated.operations import OPERATIONS
from tests.contract import (
    test_collection_rules as collection_rules,
)  # fmt: skip
from tests.contract import (
    test_collections as collections,
)
from tests.contract import (
    test_custom_label_rules as custom_label_rules,
)
from tests.contract import (
    test_custom_labels as custom_labels,
)
from tests.contract import (
    test_face_rules as face_rules,
)
from tests.contract import (
    test_images as images,
)
from tests.contract import (
    test_label_rules as label_rules,
)
from tests.contract import (
    test_session_rules as session_rules,
)
from tests.contract import (
    test_sessions as sessions,
)
from tests.contract import (
    test_user_rules as user_rules,
)
from tests.contract import (
    test_video_rules as video_rules,
)
from tests.contract import (
    test_videos as videos,
)
from tests.contract.claims import DECLARED, REFUSED, Claim
from tests.kit.request_members import VIDEO_JOBS  # fmt: skip
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.clients import Boto3

Test = Callable[..., None]

_ROW = re.compile(r"^\| (\w+) \| (?:yes|no) \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$", re.MULTILINE)


class Row(NamedTuple):
    """What the table says of an operation."""

    operation: str
    real: str
    declared: str
    refused: str


# --- real


def _kinds(start: Test, get: Test) -> dict[str, tuple[Test, ...]]:
    return {f"{verb}{kind}": tests for kind in VIDEO_JOBS for verb, tests in (("Start", (start,)), ("Get", (get,)))}


REAL: dict[str, tuple[Test, ...]] = {
    "DetectFaces": (
        images.test_a_face_of_a_photograph_has_the_default_attributes,
        face_rules.test_a_hundred_faces_are_found_the_largest_first,
    ),
    "CompareFaces": (
        images.test_photographs_of_one_person_match_and_of_two_do_not,
        face_rules.test_faces_of_low_quality_are_compared_unless_they_are_filtered,
    ),
    "DetectLabels": (
        images.test_image_properties_are_measured,
        label_rules.test_so_many_dominant_colours_as_asked_for,
        label_rules.test_every_ancestor_is_a_label_and_a_parent,
        label_rules.test_a_thousand_labels_are_the_most,
        label_rules.test_inclusion_comes_before_exclusion,
    ),
    "DetectModerationLabels": (
        label_rules.test_a_threshold_of_labels_is_inclusive,
        images.test_moderation_labels_have_their_place_in_the_taxonomy,
        label_rules.test_an_adapter_is_told_until_it_has_expired,
    ),
    "DetectProtectiveEquipment": (
        label_rules.test_fifteen_persons_are_told_with_bare_parts_and_without_equipment,
        label_rules.test_a_person_wears_all_that_is_required_or_not_or_nobody_knows,
    ),
    "DetectText": (
        images.test_lines_have_words,
        label_rules.test_lines_are_told_from_top_to_bottom,
        images.test_words_are_filtered_by_confidence_size_and_region,
    ),
    "DetectCustomLabels": (
        custom_label_rules.test_a_model_answers_only_while_it_runs,
        images.test_custom_labels_have_their_assumed_threshold_unless_asked_otherwise,
    ),
    "RecognizeCelebrities": (images.test_an_enrolled_celebrity_is_recognised,),
    "GetCelebrityInfo": (images.test_an_enrolled_celebrity_is_recognised,),
    "CreateCollection": (collections.test_a_collection_is_described_as_it_was_made,),
    "DeleteCollection": (collection_rules.test_a_collection_that_is_made_again_is_empty,),
    "DescribeCollection": (collections.test_a_collection_is_described_as_it_was_made,),
    "ListCollections": (collections.test_collections_are_listed_with_their_face_models,),
    "IndexFaces": (
        collections.test_what_is_stored_of_a_face_is_listed,
        collection_rules.test_a_face_of_low_quality_is_told_and_not_stored,
        collections.test_the_same_image_again_stores_no_second_copy,
    ),
    "ListFaces": (collection_rules.test_another_name_for_the_image_stores_its_faces_again,),
    "DeleteFaces": (collections.test_deleting_faces_tells_which_were_not_there,),
    "SearchFaces": (collections.test_a_search_has_the_best_first_and_no_more_than_asked_for,),
    "SearchFacesByImage": (
        collections.test_an_indexed_face_is_found_by_another_look_at_it,
        collection_rules.test_a_quality_filter_goes_on_to_the_next_largest_face,
    ),
    "CreateUser": (collections.test_a_user_is_created_updating_and_active,),
    "DeleteUser": (user_rules.test_a_face_of_a_deleted_user_is_free,),
    "ListUsers": (user_rules.test_a_user_stays_active_while_it_has_faces,),
    "AssociateFaces": (collections.test_each_face_is_associated_or_told_why_not,),
    "DisassociateFaces": (collections.test_each_face_is_disassociated_or_told_why_not,),
    "SearchUsers": (user_rules.test_found_users_are_the_best_first_and_no_more_than_asked_for,),
    "SearchUsersByImage": (
        collections.test_users_are_found_by_a_face_an_image_and_each_other,
        collection_rules.test_a_quality_filter_goes_on_to_the_next_largest_face,
    ),
    **_kinds(videos.test_one_message_goes_to_the_topic, video_rules.test_every_page_tells_of_the_job_and_the_video),
    "GetFaceDetection": (video_rules.test_all_attributes_of_a_video_are_but_two,),
    "GetFaceSearch": (
        video_rules.test_faces_of_a_film_are_seen,
        video_rules.test_matches_are_the_best_first_and_persons_by_number,
    ),
    "GetSegmentDetection": (
        videos.test_segments_have_timecodes_and_frames,
        video_rules.test_segments_are_kind_by_kind_as_asked_for,
    ),
    "CreateProject": (custom_label_rules.test_a_project_is_described_as_it_was_made,),
    "DescribeProjects": (custom_label_rules.test_projects_are_listed_the_newest_first_with_their_datasets,),
    "DeleteProject": (custom_labels.test_a_project_with_versions_stays,),
    "CreateProjectVersion": (
        custom_label_rules.test_a_version_is_trained_with_manifests_or_with_datasets,
        custom_labels.test_a_training_that_fails_says_why,
    ),
    "DescribeProjectVersions": (custom_label_rules.test_versions_are_listed_the_newest_first,),
    "CopyProjectVersion": (
        custom_labels.test_a_copy_is_a_version_of_its_own,
        custom_label_rules.test_a_copy_is_busy_until_it_is_complete_and_then_runs,
    ),
    "StartProjectVersion": (custom_labels.test_a_version_goes_through_its_states,),
    "StopProjectVersion": (custom_labels.test_a_version_goes_through_its_states,),
    "DeleteProjectVersion": (custom_labels.test_a_version_goes_through_its_states,),
    "CreateDataset": (custom_labels.test_a_dataset_comes_from_a_manifest_or_another_dataset,),
    "DescribeDataset": (custom_label_rules.test_everything_of_a_project_goes_with_it,),
    "ListDatasetEntries": (custom_labels.test_entries_are_filtered,),
    "ListDatasetLabels": (custom_label_rules.test_labels_are_counted_by_entries_and_boxes,),
    "UpdateDatasetEntries": (custom_labels.test_a_dataset_goes_through_its_states,),
    "DistributeDatasetEntries": (custom_labels.test_a_fifth_of_the_entries_goes_to_the_tests,),
    "DeleteDataset": (custom_label_rules.test_a_dataset_that_is_deleted_makes_room_for_another,),
    "PutProjectPolicy": (custom_labels.test_a_policy_is_changed_by_its_revision,),
    "ListProjectPolicies": (custom_label_rules.test_policies_are_listed_as_they_are,),
    "DeleteProjectPolicy": (custom_labels.test_a_policy_is_changed_by_its_revision,),
    "CreateStreamProcessor": (session_rules.test_a_low_threshold_is_legal_and_everything_else_is_kept,),
    "DescribeStreamProcessor": (sessions.test_a_processor_is_described_as_it_was_made,),
    "ListStreamProcessors": (sessions.test_a_processor_is_described_as_it_was_made,),
    "StartStreamProcessor": (
        sessions.test_a_processor_goes_through_its_states,
        sessions.test_a_label_session_ends_by_itself,
    ),
    "StopStreamProcessor": (sessions.test_a_processor_goes_through_its_states,),
    "UpdateStreamProcessor": (sessions.test_label_settings_are_changed,),
    "DeleteStreamProcessor": (session_rules.test_a_name_may_be_blocked_for_a_while,),
    "CreateFaceLivenessSession": (session_rules.test_a_new_token_is_needed_when_a_session_has_expired,),
    "GetFaceLivenessSessionResults": (
        sessions.test_a_session_lives_for_three_minutes,
        session_rules.test_images_go_into_the_bucket_that_was_named,
    ),
    "StartMediaAnalysisJob": (
        session_rules.test_what_could_not_be_looked_at_is_summed_up,
        sessions.test_a_media_analysis_goes_through_its_states,
    ),
    "GetMediaAnalysisJob": (sessions.test_a_media_analysis_goes_through_its_states,),
    "ListMediaAnalysisJobs": (sessions.test_media_analyses_are_listed_newest_first,),
    "TagResource": (sessions.test_tags_are_put_changed_and_taken_away,),
    "UntagResource": (sessions.test_tags_are_put_changed_and_taken_away,),
    "ListTagsForResource": (session_rules.test_everything_that_is_made_with_tags_has_them,),
}


# --- the tests


@pytest.fixture(scope="module")
def rows(folder_of_repository: Path) -> dict[str, Row]:
    """The table, row by row."""
    document = (folder_of_repository / "docs" / "operations.md").read_text(encoding="utf-8")
    return {match[1]: Row(*match.groups()) for match in _ROW.finditer(document)}


def test_every_row_has_what_it_claims_and_claims_what_it_has(rows: dict[str, Row]) -> None:
    assert set(rows) == set(OPERATIONS)
    assert {name for name, row in rows.items() if row.real} == set(REAL)
    assert {name for name, row in rows.items() if row.declared} == set(DECLARED)
    assert {name for name, row in rows.items() if row.refused} == set(REFUSED)


@pytest.mark.parametrize("operation", REAL)
def test_what_is_real_has_a_test_that_asks_for_it(operation: str) -> None:
    for test in REAL[operation]:
        assert test.__name__.startswith("test_")
        assert _asks_for(operation, test)


def _asks_for(operation: str, test: Test) -> bool:
    """Tell whether a test names an operation, itself or in a function of its module that it calls."""
    module = inspect.getmodule(test)
    sources = [inspect.getsource(test)]
    called = (getattr(module, name, None) for name in re.findall(r"\b(\w+)\(", sources[0]))
    sources += [inspect.getsource(each) for each in called if inspect.isfunction(each)]
    names = [f'"{operation}"']
    for verb in ("Start", "Get"):
        if operation.removeprefix(verb) in VIDEO_JOBS:
            names.append(f'f"{verb}{{kind}}"')
    return any(name in source for name in names for source in sources)


@pytest.fixture
def rekognition(boto3_client: Boto3, control_api: ControlApi) -> Rekognition:
    """The emulator through boto3: what is claimed is not about clients."""
    control_api.reset()
    return Rekognition(boto3_client, control_api.url)


@pytest.mark.parametrize("claim", dict.fromkeys(DECLARED.values()))
def test_what_is_declared_comes_back(rekognition: Rekognition, control_api: ControlApi, claim: Claim) -> None:
    assert claim(rekognition, control_api)
    assert {operation for operation in DECLARED if DECLARED[operation] is claim} <= rekognition.called


@pytest.mark.parametrize("operation", REFUSED)
def test_what_is_refused_is_said_to_be(rekognition: Rekognition, control_api: ControlApi, operation: str) -> None:
    text = REFUSED[operation](rekognition, control_api)
    assert isinstance(text, str)
    assert "invents nothing" in text or "can't decode" in text or "does not decide" in text
