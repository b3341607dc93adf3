"""Paginators, waiters and presigned URLs of boto3, with the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore import xform_name  # pyright: ignore[reportUnknownVariableType]  # botocore has no types
from botocore.exceptions import WaiterError

from tests.kit.paged_listings import COUNT, LISTINGS
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.request_members import create_trained_version
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from tests.kit.clients import Boto3

PAGEABLE = [name for name in LISTINGS if not name.startswith("Get") and name != "ListMediaAnalysisJobs"]


@pytest.fixture
def rekognition(boto3_client: Boto3, control_api: ControlApi) -> Rekognition:
    """Return the emulator through boto3."""
    control_api.reset()
    return Rekognition(boto3_client, control_api.url)


@pytest.fixture
def client(boto3_client: Boto3) -> Any:
    return boto3_client.client


@pytest.mark.parametrize("operation", PAGEABLE)
def test_a_paginator_gives_every_item(
    rekognition: Rekognition, control_api: ControlApi, client: Any, operation: str
) -> None:
    items, members = LISTINGS[operation](rekognition, control_api)
    pages = list(client.get_paginator(xform_name(operation)).paginate(**members, PaginationConfig={"PageSize": 2}))
    assert [len(page[items]) for page in pages] == [2, 2, COUNT - 4]


def test_the_waiters_return_when_a_version_is_trained_and_running(
    rekognition: Rekognition, control_api: ControlApi, client: Any
) -> None:
    project = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    arn = create_trained_version(rekognition, project)
    quickly = {"WaiterConfig": {"Delay": 0, "MaxAttempts": 3}}
    client.get_waiter("project_version_training_completed").wait(ProjectArn=project, **quickly)
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    client.get_waiter("project_version_running").wait(ProjectArn=project, **quickly)


def test_a_waiter_ends_when_a_training_fails(rekognition: Rekognition, control_api: ControlApi, client: Any) -> None:
    control_api.set_durations({"training": 60})
    project = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    arn = create_trained_version(rekognition, project)
    control_api.request("POST", "/versions", {"project_version_arn": arn, "status": "FAILED"})
    with pytest.raises(WaiterError, match="TRAINING_FAILED"):
        client.get_waiter("project_version_training_completed").wait(ProjectArn=project)


def test_a_presigned_url_is_accepted(rekognition: Rekognition, client: Any) -> None:
    rekognition("CreateCollection", CollectionId="people")
    url = client.generate_presigned_url("describe_collection", {"CollectionId": "people"})
    head = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "RekognitionService.DescribeCollection"}
    response = httpx.post(url, headers=head, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)
    assert response.json()["CollectionARN"] == "arn:aws:rekognition:us-east-1:123456789012:collection/people"
