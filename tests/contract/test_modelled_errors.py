"""Each operation returns each error that the service model lists for it, except those of `UNCAUSED`."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from tests.contract.error_causes import CAUSES
from tests.contract.error_resources import COMMON, HUMAN, LIMITS, UNCAUSED
from tests.kit.clients import REGION, Boto3, Client, Rekog, open_javascript
from tests.kit.process import running_server
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def limited_url() -> Iterator[str]:
    """Run an emulator with low limits, and return its URL."""
    with running_server("--clock", "manual", "--limits", json.dumps(LIMITS)) as server:
        yield server.url


@pytest.fixture(scope="module")
def control(limited_url: str) -> Iterator[ControlApi]:
    opened = ControlApi(limited_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["boto3", "rekog", pytest.param("javascript", marks=pytest.mark.slow)])
def client(request: pytest.FixtureRequest, limited_url: str) -> Iterator[Client]:
    if request.param == "javascript":
        folder: Path = request.getfixturevalue("javascript_folder")
        with open_javascript(folder, REGION, limited_url) as opened:
            yield opened
        return
    opened_client = Boto3(REGION, limited_url) if request.param == "boto3" else Rekog(REGION, limited_url)
    yield opened_client
    opened_client.close()


@pytest.fixture
def rekognition(client: Client, control: ControlApi) -> Rekognition:
    control.reset()
    return Rekognition(client, control.url)


@cache
def operations_by_error() -> dict[str, set[str]]:
    """Return the operations that list each error in the service model, without errors of all operations."""
    model: Any = Session().get_service_model("rekognition")  # pyright: ignore[reportUnknownMemberType]  # no types
    operations: dict[str, set[str]] = {}
    for name in model.operation_names:
        for error in model.operation_model(name).error_shapes:
            if error.name not in COMMON:
                operations.setdefault(error.name, set()).add(name)
    return operations


@pytest.mark.parametrize("code", CAUSES)
def test_each_operation_that_lists_an_error_returns_it(
    rekognition: Rekognition, control: ControlApi, code: str
) -> None:
    calls = CAUSES[code](rekognition, control)
    for operation, members in calls:
        refusal = rekognition.refusal(operation, **members)
        assert (operation, refusal.code, refusal.status) == (operation, code, 400)
        assert refusal.message
    assert {operation for operation, _ in calls} | set(UNCAUSED.get(code, ())) == operations_by_error()[code]


def test_each_modelled_error_has_a_cause() -> None:
    assert {*CAUSES, HUMAN} == set(operations_by_error())
