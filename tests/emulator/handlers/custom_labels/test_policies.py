"""PutProjectPolicy, ListProjectPolicies, DeleteProjectPolicy, and CopyProjectVersion, which policies allow."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rekog import models
from rekog.emulator import Durations, Limits
from rekog.emulator.handlers.custom_labels.policy_documents import allows
from rekog.emulator.state.store import FILE_NAME
from rekog.errors import WaiterFailedError
from tests.kit.custom_labels import (
    ACCOUNT,
    OUTPUT,
    PROJECT,
    START,
    UNREACHABLE_S3,
    Bench,
    assert_invalid,
    error_code,
    label_line,
    open_bench,
    put_assets,
    refusal,
)

OTHER = "210987654321"
COPY = "rekognition:CopyProjectVersion"
COPIES = models.OutputConfig(s3_bucket="copies")
ADAPTER = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


@pytest.fixture
def two_accounts(tmp_path: Path) -> Iterator[tuple[Bench, Bench]]:
    """Two accounts in one state: the first has a trained version in `dogs`, the other an empty project `copies`."""
    with open_bench(data=tmp_path) as ours, open_bench(data=tmp_path, account=OTHER) as theirs:
        ours.train_version(ours.create_project())
        ours.describe_version(PROJECT)
        theirs.create_project("copies")
        yield ours, theirs


def document(**changes: object) -> str:
    """Return a policy that allows the other account to copy; a change to None omits a member."""
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": COPY, "Resource": "*", **changes}
    present = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [present]})


def put(bench: Bench, project: str, name: str = "copy", text: str | None = None, revision: str | None = None) -> str:
    response = bench.client.put_project_policy(
        project, name, policy_document=text or document(), policy_revision_id=revision
    )
    return str(response.policy_revision_id)


def copy(bench: Bench, source: str, destination: str, *, project: str = PROJECT, name: str = "copy") -> str:
    return bench.client.copy_project_version(
        source_project_arn=project,
        source_project_version_arn=source,
        destination_project_arn=destination,
        version_name=name,
        output_config=COPIES,
    ).project_version_arn


# --- policies


def test_a_policy_is_listed_as_it_was_put(bench: Bench) -> None:
    project = bench.create_project()
    revision = put(bench, project)
    assert bench.client.call("ListProjectPolicies", {"ProjectArn": project}) == {
        "ProjectPolicies": [
            {
                "ProjectArn": project,
                "PolicyName": "copy",
                "PolicyRevisionId": revision,
                "PolicyDocument": document(),
                "CreationTimestamp": START,
                "LastUpdatedTimestamp": START,
            }
        ]
    }


def test_a_change_requires_the_current_revision_and_creates_a_new_one(bench: Bench) -> None:
    project = bench.create_project()
    first = put(bench, project)
    bench.clock.advance(5)
    second = put(bench, project, text=document(Effect="Deny"), revision=first)
    assert second != first
    (policy,) = bench.client.list_project_policies(project).project_policies
    assert (policy.policy_revision_id, policy.policy_document) == (second, document(Effect="Deny"))
    assert policy.creation_timestamp is not None
    assert policy.last_updated_timestamp is not None
    assert (policy.creation_timestamp.timestamp(), policy.last_updated_timestamp.timestamp()) == (START, START + 5)
    assert error_code(lambda: put(bench, project, revision=first)) == "InvalidPolicyRevisionIdException"


def test_a_policy_is_not_replaced_without_a_revision(bench: Bench) -> None:
    project = bench.create_project()
    put(bench, project)
    assert error_code(lambda: put(bench, project)) == "ResourceAlreadyExistsException"


def test_a_revision_for_a_new_policy_is_refused(bench: Bench) -> None:
    project = bench.create_project()
    assert error_code(lambda: put(bench, project, revision="a1")) == "InvalidPolicyRevisionIdException"


def test_a_malformed_document_is_refused_and_not_stored(bench: Bench) -> None:
    project = bench.create_project()
    for text in ("no json", document(Effect="allow"), document(Principal=None), "[" * 1900):
        assert error_code(lambda text=text: put(bench, project, text=text)) == "MalformedPolicyDocumentException"  # type: ignore[misc]  # now
    assert bench.client.list_project_policies(project).project_policies == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Sid": "Copies"},
        {"Principal": "*"},
        {"Principal": {"Service": "rekognition.amazonaws.com", "AWS": ["*", f"arn:aws:iam::{OTHER}:root"]}},
        {"Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}},
        {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
        {"Condition": {}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o", "p"]}, "Bool": {"aws:SecureTransport": True}}},
    ],
)
def test_a_well_formed_document_is_stored(bench: Bench, changes: dict[str, Any]) -> None:
    project = bench.create_project()
    put(bench, project, text=document(**changes))
    assert [policy.policy_document for policy in bench.client.list_project_policies(project).project_policies] == [
        document(**changes)
    ]


def test_a_policy_may_have_an_id(bench: Bench) -> None:
    put(bench, bench.create_project(), text=json.dumps({**json.loads(document()), "Id": "copies"}))


def test_a_document_may_have_a_statement_outside_a_list(bench: Bench) -> None:
    statement = json.loads(document())["Statement"][0]
    put(bench, bench.create_project(), text=json.dumps({"Statement": statement}))


def test_adapter_projects_have_no_policies(bench: Bench) -> None:
    project = bench.create_project(**ADAPTER)
    assert_invalid(lambda: put(bench, project), "Only projects of CUSTOM_LABELS have policies")


def test_a_policy_over_the_quota_is_refused(bench: Bench) -> None:
    project = bench.create_project()
    for number in range(5):
        put(bench, project, f"p{number}")
    assert error_code(lambda: put(bench, project, "more")) == "ServiceQuotaExceededException"


def test_policies_come_in_pages_of_at_most_five() -> None:
    with open_bench(limits=Limits(policies_per_project=12)) as bench:
        project = bench.create_project()
        names = [f"p{number}" for number in range(12)]
        for name in names:
            put(bench, project, name)
        pages = list(bench.client.paginate_list_project_policies(project).pages())
        assert [len(page.project_policies) for page in pages] == [5, 5, 2]
        assert [policy.policy_name for page in pages for policy in page.project_policies] == names
        assert_invalid(
            lambda: bench.client.list_project_policies(project, max_results=6),
            "less than or equal to 5",
            code="ValidationException",
        )


def test_a_policy_is_deleted_without_a_revision_or_with_its_current_one(bench: Bench) -> None:
    project = bench.create_project()
    revision = put(bench, project)
    assert (
        error_code(lambda: bench.client.delete_project_policy(project, "copy", policy_revision_id="a1"))
        == "InvalidPolicyRevisionIdException"
    )
    bench.client.delete_project_policy(project, "copy", policy_revision_id=revision)
    put(bench, project)
    bench.client.delete_project_policy(project, "copy")
    assert bench.client.list_project_policies(project).project_policies == []


def test_an_unknown_policy_is_not_found(bench: Bench) -> None:
    project = bench.create_project()
    missing = ("ResourceNotFoundException", f"A policy named copy of {project} does not exist.")
    assert refusal(lambda: bench.client.delete_project_policy(project, "copy")) == missing


@pytest.mark.parametrize("operation", ["PutProjectPolicy", "ListProjectPolicies", "DeleteProjectPolicy"])
def test_policies_of_an_unknown_project_are_not_found(bench: Bench, operation: str) -> None:
    wire = {"ProjectArn": PROJECT, "PolicyName": "copy", "PolicyDocument": document()}
    count = {"ListProjectPolicies": 1, "DeleteProjectPolicy": 2}.get(operation, 3)
    assert (
        error_code(lambda: bench.client.call(operation, dict(list(wire.items())[:count])))
        == "ResourceNotFoundException"
    )


# --- copies within an account


def test_a_copy_ends_after_its_duration_and_can_be_started() -> None:
    with open_bench(durations=Durations(copying=60)) as bench:
        source = bench.train_version(bench.create_project())
        copies = bench.create_project("copies")
        version = copy(bench, source, copies)
        assert bench.version_status(copies, "copy") == "COPYING_IN_PROGRESS"
        assert (
            error_code(lambda: bench.client.start_project_version(version, min_inference_units=1))
            == "ResourceInUseException"
        )
        assert error_code(lambda: bench.client.delete_project_version(version)) == "ResourceInUseException"
        bench.client.wait_until_project_version_copied(
            copies, version_names=["copy"], delay=0, on_poll=bench.advance_on_poll
        )
        bench.client.start_project_version(version, min_inference_units=1)
        assert bench.version_status(copies, "copy") == "RUNNING"


def test_a_copy_has_the_arn_of_its_source_and_its_own_files(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    copies = bench.create_project("copies")
    bench.client.copy_project_version(
        source_project_arn=PROJECT,
        source_project_version_arn=source,
        destination_project_arn=copies,
        version_name="copy",
        output_config=COPIES,
        kms_key_id="key",
        tags={"a": "b"},
    )
    version = bench.describe_version(copies, "copy")
    assert (version.source_project_version_arn, version.output_config, version.kms_key_id) == (source, COPIES, "key")
    assert version.billable_training_time_in_seconds is None
    assert bench.client.list_tags_for_resource(str(version.project_version_arn)).tags == {"a": "b"}
    for name, original in (
        ("copies/copy/training.manifest", "dogs/v1/training.manifest"),
        ("copies/copy/testing_manifest_with_validation.json", "dogs/v1/testing_manifest_with_validation.json"),
        ("ManifestSummary-copies-copy.json", "ManifestSummary-dogs-v1.json"),
        ("EvaluationResultSummary-copies-copy.json", "EvaluationResultSummary-dogs-v1.json"),
    ):
        assert bench.emulator.get_object("copies", name) == bench.emulator.get_object("results", f"out/{original}")
    assert version.manifest_summary == models.GroundTruthManifest(
        s3_object=models.S3Object(bucket="copies", name="ManifestSummary-copies-copy.json")
    )


def test_files_larger_than_a_manifest_may_be_are_copied_whole() -> None:
    parts = [[label_line(f"{part}-{number}.jpg") for number in range(5)] for part in range(3)]
    size = max(len("\n".join(lines)) for lines in parts)
    with open_bench(limits=Limits(manifest_bytes=size)) as bench:
        project, copies = bench.create_project(), bench.create_project("copies")
        assets = [put_assets(bench.emulator, f"{number}", *lines)[0] for number, lines in enumerate(parts)]
        source = bench.client.create_project_version(
            project,
            version_name="v1",
            output_config=OUTPUT,
            training_data=models.TrainingData(assets=assets),
            testing_data=models.TestingData(assets=assets[:1]),
        ).project_version_arn
        bench.describe_version(project)
        copy(bench, source, copies)
        original = bench.emulator.get_object("results", "out/dogs/v1/training.manifest")
        assert len(original) > size
        assert bench.emulator.get_object("copies", "copies/copy/training.manifest") == original


def test_a_copy_has_the_declared_f1_score(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    bench.emulator.declare_version(source, f1_score=0.5)
    copies = bench.create_project("copies")
    copy(bench, source, copies)
    evaluation = bench.describe_version(copies, "copy").evaluation_result
    assert evaluation is not None
    assert evaluation.f1_score == 0.5


def test_a_version_can_be_copied_within_its_project_under_another_name(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    copy(bench, source, PROJECT)
    assert error_code(lambda: copy(bench, source, PROJECT)) == "ResourceInUseException"


def test_a_copy_that_is_declared_to_fail_ends_its_waiter(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    copies = bench.create_project("copies")
    bench.emulator.declare_version(copy(bench, source, copies), status="FAILED")
    with pytest.raises(WaiterFailedError):
        bench.client.wait_until_project_version_copied(copies, version_names=["copy"], delay=0)
    assert bench.version_status(copies, "copy") == "COPYING_FAILED"


def test_an_untrained_version_is_not_copied(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    bench.emulator.declare_version(source, status="FAILED")
    copies = bench.create_project("copies")
    assert refusal(lambda: copy(bench, source, copies)) == ("ResourceInUseException", f"{source} is TRAINING_FAILED.")


def test_a_version_of_another_project_is_not_copied(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    copies = bench.create_project("copies")
    assert_invalid(lambda: copy(bench, source, copies, project=copies), f"is not a version of {copies}")


def test_adapters_are_not_copied(bench: Bench) -> None:
    source = bench.train_version(bench.create_project(**ADAPTER))
    copies = bench.create_project("copies")
    assert_invalid(lambda: copy(bench, source, copies), "Only versions of CUSTOM_LABELS projects are copied")


def test_a_version_is_not_copied_to_another_region(bench: Bench) -> None:
    source = bench.train_version(bench.create_project())
    elsewhere = PROJECT.replace("us-east-1", "eu-west-1")
    assert_invalid(lambda: copy(bench, source, PROJECT, project=elsewhere), "must be in the same region")


@pytest.mark.parametrize("missing", ["source", "version", "destination"])
def test_copies_with_an_unknown_resource_are_refused(bench: Bench, missing: str) -> None:
    source = bench.train_version(bench.create_project())
    unknown = PROJECT.replace("dogs", "none")
    project = unknown if missing == "source" else PROJECT
    version = source.replace("/v1/", "/v2/") if missing == "version" else source
    destination = unknown if missing == "destination" else PROJECT
    assert error_code(lambda: copy(bench, version, destination, project=project)) == "ResourceNotFoundException"


# --- copies between accounts


def source_of(ours: Bench) -> str:
    return str(ours.describe_version(PROJECT).project_version_arn)


COPIED = PROJECT.replace(ACCOUNT, OTHER).replace("dogs", "copies")


def test_another_account_can_copy_if_a_policy_allows_it(two_accounts: tuple[Bench, Bench]) -> None:
    ours, theirs = two_accounts
    source = source_of(ours)
    assert refusal(lambda: copy(theirs, source, COPIED)) == (
        "AccessDeniedException",
        f"Account {OTHER} is not authorized to perform: {COPY} on resource: {source}",
    )
    put(ours, PROJECT)
    copy(theirs, source, COPIED)
    assert theirs.describe_version(COPIED, "copy").source_project_version_arn == source


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["111111111111", OTHER]}},
        {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}},
        {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/copier"}},
        {"Action": "*"},
        {"Action": ["rekognition:Detect*", "REKOGNITION:copy*"]},
        {"Resource": PROJECT.replace(f"/{START}", "/version/*")},
        {"Resource": [PROJECT, PROJECT.replace(f"/{START}", "/version/v?/*")]},
    ],
)
def test_a_matching_statement_allows_a_copy(two_accounts: tuple[Bench, Bench], changes: dict[str, Any]) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT, text=document(**changes))
    copy(theirs, source_of(ours), COPIED)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": ACCOUNT}},
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
        {"Principal": {"Service": "*"}},
        {"Action": "rekognition:copyprojectversion*s"},
        {"Resource": PROJECT},
        {"Resource": "arn:aws:rekognition:us-east-1:*:project/cats/*"},
        {"Resource": "arn.aws.*"},
        {"Principal": {"AWS": ACCOUNT}, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}}},
    ],
)
def test_a_statement_that_does_not_match_allows_no_copy(
    two_accounts: tuple[Bench, Bench], changes: dict[str, Any]
) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT, text=document(**changes))
    source = source_of(ours)
    assert error_code(lambda: copy(theirs, source, COPIED)) == "AccessDeniedException"


@pytest.mark.parametrize("pattern", ["*" * 1500 + "!", "*a" * 700 + "!", "*?" * 700 + "!", "*" + "a?" * 700 + "!*"])
def test_no_pattern_is_slow(pattern: str) -> None:
    start = time.process_time()
    assert not allows([document(Resource=pattern)], OTHER, COPY, "a" * 2048)
    assert time.process_time() - start < 10  # it takes hundredths of a second; nested backtracking would take hours


def test_a_policy_that_denies_overrides_those_that_allow(two_accounts: tuple[Bench, Bench]) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT)
    put(ours, PROJECT, "deny", document(Effect="Deny"))
    source = source_of(ours)
    assert error_code(lambda: copy(theirs, source, COPIED)) == "AccessDeniedException"


@pytest.mark.parametrize(
    "changes",
    [
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}}},
        {"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}},
        {"Action": None, "NotAction": "s3:*"},
        {"Resource": None, "NotResource": "*", "Condition": {"Bool": {"aws:SecureTransport": True}}},
    ],
)
def test_a_request_that_depends_on_unsupported_elements_is_refused(
    two_accounts: tuple[Bench, Bench], changes: dict[str, Any]
) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT, text=document(**changes))
    source = source_of(ours)
    names = ", ".join(name for name in ("Condition", "NotPrincipal", "NotAction", "NotResource") if name in changes)
    assert refusal(lambda: copy(theirs, source, COPIED)) == (
        "NotServedByEmulator",
        f"This emulator does not evaluate {names} of a project policy.",
    )


def test_another_account_can_do_nothing_else(two_accounts: tuple[Bench, Bench]) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT)
    source = source_of(ours)
    assert error_code(lambda: theirs.client.describe_project_versions(PROJECT)) == "ResourceNotFoundException"
    assert (
        error_code(lambda: theirs.client.start_project_version(source, min_inference_units=1))
        == "ResourceNotFoundException"
    )
    assert error_code(lambda: theirs.client.list_project_policies(PROJECT)) == "ResourceNotFoundException"


def test_a_copy_keeps_the_locations_of_lost_files(two_accounts: tuple[Bench, Bench], tmp_path: Path) -> None:
    ours, theirs = two_accounts
    put(ours, PROJECT)
    source = source_of(ours)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("DELETE FROM object")
    copy(theirs, source, COPIED)
    assert theirs.describe_version(COPIED, "copy").manifest_summary == ours.describe_version(PROJECT).manifest_summary


def test_a_copy_whose_files_cannot_be_written_fails(two_accounts: tuple[Bench, Bench], tmp_path: Path) -> None:
    source = source_of(two_accounts[0])
    with open_bench(data=tmp_path, s3_endpoint=UNREACHABLE_S3) as bench:
        copy(bench, source, PROJECT)
        version = bench.describe_version(PROJECT, "copy")
    assert (version.status, version.status_message) == ("COPYING_FAILED", "The output can't be written to the bucket.")
