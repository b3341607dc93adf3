"""Each cell *real*, *declared* and *refused* of the tables in docs/operations.md has a check.

The check of a cell *real* is a list of contract tests that call the operation. The check of a cell *declared* declares
content and expects it in the response. The check of a cell *refused* makes a request and expects its refusal. A cell
without a check and a check without a cell are failures.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from rekog._generated.operations import OPERATIONS
from tests.contract import (
    test_celebrities,
    test_collections,
    test_custom_label_detection,
    test_datasets,
    test_equipment,
    test_face_searches,
    test_faces,
    test_labels,
    test_liveness,
    test_media_analysis,
    test_moderation,
    test_policies,
    test_projects,
    test_stored_faces,
    test_streams,
    test_tags,
    test_text,
    test_users,
    test_versions,
    test_video_results,
    test_video_segments,
    test_videos,
)
from tests.contract.claims import DECLARED, REFUSED, Claim
from tests.kit.request_members import VIDEO_JOBS
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.clients import Boto3

Test = Callable[..., None]

_ROW = re.compile(r"^\| (\w+) \| (?:yes|no) \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$", re.MULTILINE)


class Row(NamedTuple):
    """A row of the tables."""

    operation: str
    real: str
    declared: str
    refused: str


# --- real


def _kinds(start: Test, get: Test) -> dict[str, tuple[Test, ...]]:
    return {f"{verb}{kind}": tests for kind in VIDEO_JOBS for verb, tests in (("Start", (start,)), ("Get", (get,)))}


REAL: dict[str, tuple[Test, ...]] = {
    "DetectFaces": (
        test_faces.test_a_face_of_a_photograph_has_the_default_attributes,
        test_faces.test_at_most_a_hundred_faces_are_detected_largest_first,
        test_faces.test_the_attributes_of_a_photograph_are_seen,
    ),
    "CompareFaces": (
        test_faces.test_photographs_of_one_person_match_and_of_two_do_not,
        test_faces.test_faces_of_low_quality_are_compared_unless_they_are_filtered,
        test_faces.test_a_compared_photograph_has_emotions_and_a_smile,
    ),
    "DetectLabels": (
        test_labels.test_a_photograph_has_labels_with_ancestors_and_boxes,
        test_labels.test_image_properties_are_measured,
        test_labels.test_the_number_of_dominant_colours_is_limited,
        test_labels.test_every_ancestor_is_a_label_and_a_parent,
        test_labels.test_at_most_a_thousand_labels_are_returned,
        test_labels.test_inclusion_comes_before_exclusion,
    ),
    "DetectModerationLabels": (
        test_labels.test_a_threshold_of_labels_is_inclusive,
        test_moderation.test_a_photograph_of_a_person_has_no_moderation_labels,
        test_moderation.test_moderation_labels_have_parents_and_levels_of_the_taxonomy,
        test_moderation.test_an_adapter_is_named_until_it_has_expired,
    ),
    "DetectProtectiveEquipment": (
        test_equipment.test_persons_and_their_parts_are_detected,
        test_equipment.test_at_most_fifteen_persons_are_returned_with_uncovered_parts,
        test_equipment.test_a_person_is_with_without_or_indeterminate,
    ),
    "DetectText": (
        test_text.test_printed_text_is_seen,
        test_text.test_lines_have_words,
        test_text.test_lines_are_ordered_from_top_to_bottom,
        test_text.test_words_are_filtered_by_confidence_size_and_area,
    ),
    "DetectCustomLabels": (
        test_custom_label_detection.test_custom_labels_need_a_running_model,
        test_custom_label_detection.test_custom_labels_use_their_assumed_threshold_by_default,
        test_custom_label_detection.test_a_model_is_trained_run_and_deleted_without_a_declaration,
    ),
    "RecognizeCelebrities": (test_celebrities.test_an_enrolled_celebrity_is_recognised,),
    "GetCelebrityInfo": (test_celebrities.test_an_enrolled_celebrity_is_recognised,),
    "CreateCollection": (test_collections.test_a_collection_is_described_as_created,),
    "DeleteCollection": (test_collections.test_a_recreated_collection_is_empty,),
    "DescribeCollection": (test_collections.test_a_collection_is_described_as_created,),
    "ListCollections": (test_collections.test_collections_are_listed_with_their_face_models,),
    "IndexFaces": (
        test_stored_faces.test_an_indexed_face_is_listed_with_its_stored_members,
        test_stored_faces.test_a_face_of_low_quality_is_reported_and_not_stored,
        test_stored_faces.test_indexing_an_image_again_stores_no_second_copy,
    ),
    "ListFaces": (test_stored_faces.test_another_external_image_id_stores_the_faces_again,),
    "DeleteFaces": (test_stored_faces.test_deleting_faces_reports_unknown_ids,),
    "SearchFaces": (test_face_searches.test_matches_are_ordered_by_similarity_and_limited,),
    "SearchFacesByImage": (
        test_face_searches.test_an_indexed_face_matches_its_photograph,
        test_face_searches.test_a_quality_filter_selects_the_next_largest_face,
    ),
    "CreateUser": (test_users.test_a_user_changes_from_created_to_updating_to_active,),
    "DeleteUser": (test_users.test_deleting_a_user_frees_its_faces,),
    "ListUsers": (test_users.test_a_user_stays_active_while_it_has_faces,),
    "AssociateFaces": (test_users.test_each_face_is_associated_or_has_a_reason,),
    "DisassociateFaces": (test_users.test_each_face_is_disassociated_or_has_a_reason,),
    "SearchUsers": (test_users.test_matching_users_are_ordered_by_similarity_and_limited,),
    "SearchUsersByImage": (
        test_users.test_users_are_searched_by_face_image_and_user,
        test_face_searches.test_a_quality_filter_selects_the_next_largest_face,
    ),
    **_kinds(
        test_videos.test_one_message_goes_to_the_topic, test_videos.test_every_page_describes_the_job_and_the_video
    ),
    "GetLabelDetection": (
        test_videos.test_labels_of_a_video_file_are_detected,
        test_video_results.test_labels_of_a_video_are_filtered,
        test_video_results.test_label_segments_have_a_start_and_an_end,
    ),
    "GetFaceDetection": (test_video_results.test_faces_of_a_video_have_all_attributes_but_two,),
    "GetFaceSearch": (
        test_videos.test_faces_of_a_video_file_are_detected,
        test_video_results.test_matches_are_ordered_by_similarity_and_persons_by_index,
    ),
    "GetCelebrityRecognition": (
        test_video_results.test_an_enrolled_celebrity_of_a_video_file_is_recognised,
        test_video_results.test_celebrities_are_sorted_by_time_or_id,
    ),
    "GetPersonTracking": (
        test_video_results.test_persons_of_a_video_file_keep_their_index,
        test_video_results.test_persons_sorted_by_index_have_the_highest_confidence_first,
    ),
    "GetSegmentDetection": (
        test_video_segments.test_shots_and_black_frames_of_a_video_file_are_detected,
        test_video_segments.test_segments_have_timecodes_and_frames,
        test_video_segments.test_segments_are_grouped_by_type_in_the_requested_order,
    ),
    "CreateProject": (test_projects.test_a_project_is_described_as_created,),
    "DescribeProjects": (test_projects.test_projects_are_listed_newest_first_with_their_datasets,),
    "DeleteProject": (test_projects.test_a_project_with_versions_cannot_be_deleted,),
    "CreateProjectVersion": (
        test_versions.test_a_version_is_trained_with_manifests_or_with_datasets,
        test_versions.test_a_failed_training_has_a_status_message,
        test_custom_label_detection.test_a_model_is_trained_run_and_deleted_without_a_declaration,
    ),
    "DescribeProjectVersions": (test_versions.test_versions_are_listed_newest_first,),
    "CopyProjectVersion": (
        test_versions.test_a_copy_is_a_separate_version,
        test_versions.test_a_copy_starts_only_when_it_is_complete,
    ),
    "StartProjectVersion": (test_versions.test_a_version_goes_through_its_states,),
    "StopProjectVersion": (test_versions.test_a_version_goes_through_its_states,),
    "DeleteProjectVersion": (test_versions.test_a_version_goes_through_its_states,),
    "CreateDataset": (test_datasets.test_a_dataset_is_created_from_a_manifest_or_another_dataset,),
    "DescribeDataset": (test_projects.test_deleting_a_project_deletes_its_datasets_and_policies,),
    "ListDatasetEntries": (test_datasets.test_entries_are_filtered,),
    "ListDatasetLabels": (test_datasets.test_labels_are_counted_by_entries_and_boxes,),
    "UpdateDatasetEntries": (test_datasets.test_a_dataset_goes_through_its_states,),
    "DistributeDatasetEntries": (test_datasets.test_a_fifth_of_the_entries_moves_to_the_test_dataset,),
    "DeleteDataset": (test_datasets.test_a_deleted_dataset_can_be_replaced,),
    "PutProjectPolicy": (test_policies.test_a_policy_is_changed_by_its_revision,),
    "ListProjectPolicies": (test_policies.test_policies_are_listed_with_revisions_and_documents,),
    "DeleteProjectPolicy": (test_policies.test_a_policy_is_changed_by_its_revision,),
    "CreateStreamProcessor": (test_streams.test_a_low_threshold_is_valid_and_optional_members_are_kept,),
    "DescribeStreamProcessor": (test_streams.test_a_processor_is_described_as_created,),
    "ListStreamProcessors": (test_streams.test_a_processor_is_described_as_created,),
    "StartStreamProcessor": (
        test_streams.test_a_processor_goes_through_its_states,
        test_streams.test_a_label_session_ends_by_itself,
    ),
    "StopStreamProcessor": (test_streams.test_a_processor_goes_through_its_states,),
    "UpdateStreamProcessor": (test_streams.test_label_settings_are_updated,),
    "DeleteStreamProcessor": (test_streams.test_a_deleted_name_may_be_blocked_for_a_while,),
    "CreateFaceLivenessSession": (test_liveness.test_the_token_of_an_expired_session_creates_a_new_session,),
    "GetFaceLivenessSessionResults": (
        test_liveness.test_a_session_expires_after_three_minutes,
        test_liveness.test_images_are_written_to_the_output_bucket,
    ),
    "StartMediaAnalysisJob": (
        test_media_analysis.test_lines_without_a_result_are_in_the_manifest_summary,
        test_media_analysis.test_a_media_analysis_goes_through_its_states,
        test_media_analysis.test_undeclared_images_are_analysed,
    ),
    "GetMediaAnalysisJob": (test_media_analysis.test_a_media_analysis_goes_through_its_states,),
    "ListMediaAnalysisJobs": (test_media_analysis.test_media_analyses_are_listed_newest_first,),
    "TagResource": (test_tags.test_tags_are_added_changed_and_removed,),
    "UntagResource": (test_tags.test_tags_are_added_changed_and_removed,),
    "ListTagsForResource": (test_tags.test_every_taggable_resource_is_created_with_tags,),
}


# --- the tests


@pytest.fixture(scope="module")
def rows(folder_of_repository: Path) -> dict[str, Row]:
    """Return the rows of the tables by operation."""
    document = (folder_of_repository / "docs" / "operations.md").read_text(encoding="utf-8")
    return {match[1]: Row(*match.groups()) for match in _ROW.finditer(document)}


def test_each_cell_has_a_check_and_each_check_a_cell(rows: dict[str, Row]) -> None:
    assert set(rows) == set(OPERATIONS)
    assert {name for name, row in rows.items() if row.real} == set(REAL)
    assert {name for name, row in rows.items() if row.declared} == set(DECLARED)
    assert {name for name, row in rows.items() if row.refused} == set(REFUSED)


@pytest.mark.parametrize("operation", REAL)
def test_a_real_cell_has_tests_that_call_the_operation(operation: str) -> None:
    for test in REAL[operation]:
        assert test.__name__.startswith("test_")
        assert _calls(operation, test)


def _calls(operation: str, test: Test) -> bool:
    """Return whether a test names an operation, or calls a function that names it."""
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
    """Return the emulator through boto3, because the claims do not depend on clients."""
    control_api.reset()
    return Rekognition(boto3_client, control_api.url)


@pytest.mark.parametrize("claim", dict.fromkeys(DECLARED.values()))
def test_declared_content_is_returned(rekognition: Rekognition, control_api: ControlApi, claim: Claim) -> None:
    assert claim(rekognition, control_api)
    assert {operation for operation in DECLARED if DECLARED[operation] is claim} <= rekognition.called


@pytest.mark.parametrize("operation", REFUSED)
def test_a_refused_request_gets_a_refusal(rekognition: Rekognition, control_api: ControlApi, operation: str) -> None:
    text = REFUSED[operation](rekognition, control_api)
    assert isinstance(text, str)
    assert "does not make up values" in text or "can't decode" in text or "does not evaluate" in text
