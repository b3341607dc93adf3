"""Policies of projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.contract.custom_label_calls import ADAPTER, copy_members
from tests.kit.request_members import (
    copy_policy,
    create_trained_version,
)
from tests.kit.service import open_accounts

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition


def test_a_policy_is_changed_by_its_revision(rekognition: Rekognition, project: str) -> None:
    members = {"ProjectArn": project, "PolicyName": "copy", "PolicyDocument": copy_policy()}
    first = rekognition("PutProjectPolicy", **members)["PolicyRevisionId"]
    assert rekognition.error_code("PutProjectPolicy", **members) == "ResourceAlreadyExistsException"
    second = rekognition("PutProjectPolicy", **members, PolicyRevisionId=first)["PolicyRevisionId"]
    assert second != first
    named = {"ProjectArn": project, "PolicyName": "copy"}
    assert rekognition.error_code("DeleteProjectPolicy", **named, PolicyRevisionId=first) == (
        "InvalidPolicyRevisionIdException"
    )
    rekognition("DeleteProjectPolicy", **named, PolicyRevisionId=second)
    assert rekognition.error_code("DeleteProjectPolicy", **named) == "ResourceNotFoundException"


def test_a_policy_is_deleted_without_a_revision(rekognition: Rekognition, project: str) -> None:
    named = {"ProjectArn": project, "PolicyName": "p"}
    rekognition("PutProjectPolicy", **named, PolicyDocument=copy_policy())
    assert rekognition("DeleteProjectPolicy", **named) == {}
    assert rekognition("ListProjectPolicies", ProjectArn=project)["ProjectPolicies"] == []


def test_policies_are_listed_with_revisions_and_documents(
    rekognition: Rekognition, control: ControlApi, project: str
) -> None:
    revisions: list[str] = []
    for number in range(5):
        control.advance_clock(1)
        created = rekognition(
            "PutProjectPolicy", ProjectArn=project, PolicyName=f"p{number}", PolicyDocument=copy_policy()
        )
        revisions.append(created["PolicyRevisionId"])
    result = rekognition("ListProjectPolicies", ProjectArn=project)["ProjectPolicies"]
    assert [each["PolicyRevisionId"] for each in result] == revisions
    assert all(re.fullmatch("[0-9A-Fa-f]{1,64}", revision) for revision in revisions)
    assert result[0]["PolicyDocument"] == copy_policy()
    assert result[0]["ProjectArn"] == project
    assert result[0]["CreationTimestamp"] == result[0]["LastUpdatedTimestamp"] < result[1]["CreationTimestamp"]
    code = rekognition.error_code("PutProjectPolicy", ProjectArn=project, PolicyName="p5", PolicyDocument=copy_policy())
    assert code == "ServiceQuotaExceededException"


def test_an_adapter_cannot_have_a_policy(rekognition: Rekognition, control: ControlApi) -> None:
    adapter = rekognition("CreateProject", ProjectName="adapter", **ADAPTER)["ProjectArn"]
    members = {"ProjectArn": adapter, "PolicyName": "p", "PolicyDocument": copy_policy()}
    assert rekognition.error_code("PutProjectPolicy", **members) == "InvalidParameterException"


def test_a_policy_allows_another_account_to_copy() -> None:
    other_account = "222222222222"
    with open_accounts("111111111111", other_account) as (owner, other):
        source = owner("CreateProject", ProjectName="dogs")["ProjectArn"]
        members = copy_members(
            source, create_trained_version(owner, source), other("CreateProject", ProjectName="x")["ProjectArn"]
        )
        assert other.error_code("CopyProjectVersion", **members) == "AccessDeniedException"
        owner("PutProjectPolicy", ProjectArn=source, PolicyName="p", PolicyDocument=copy_policy("333333333333"))
        assert other.error_code("CopyProjectVersion", **members) == "AccessDeniedException"
        owner("PutProjectPolicy", ProjectArn=source, PolicyName="q", PolicyDocument=copy_policy(other_account))
        arn = other("CopyProjectVersion", **members)["ProjectVersionArn"]
        assert f":{other_account}:" in arn
        assert other.error_code("DescribeProjectVersions", ProjectArn=source) == "ResourceNotFoundException"
