"""Every error comes from every operation for which the service model lists it, but for those of `UNCAUSED`."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from tests.contract.error_causes import COMMON, HUMAN, LIMITS, SCENES, UNCAUSED
from tests.kit.clients import REGION, Boto3, Client, Rekog, open_javascript
from tests.kit.process import running_server
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def cramped() -> Iterator[str]:
    """An emulator in which there is little room."""
    with running_server("--clock", "manual", "--limits", json.dumps(LIMITS)) as server:
        yield server.url


@pytest.fixture(scope="module")
def control(cramped: str) -> Iterator[ControlApi]:
    control_api = ControlApi(cramped)
    yield control_api
    control_api.close()


@pytest.fixture(scope="module", params=["boto3", "rekog", pytest.param("javascript", marks=pytest.mark.slow)])
def driver(request: pytest.FixtureRequest, cramped: str) -> Iterator[Client]:
    if request.param == "javascript":
        folder: Path = request.getfixturevalue("javascript_folder")
        with open_javascript(folder, REGION, cramped) as node:
            yield node
        return
    made = Boto3(REGION, cramped) if request.param == "boto3" else Rekog(REGION, cramped)
    yield made
    made.close()


@pytest.fixture
def rekognition(driver: Client, control: ControlApi) -> Rekognition:
    control.reset()
    return Rekognition(driver, control.url)


@cache
def modelled() -> dict[str, set[str]]:
    """Return which operations the service model lists for each error that is not one of all operations."""
    model: Any = Session().get_service_model("rekognition")  # pyright: ignore[reportUnknownMemberType]  # no types
    found: dict[str, set[str]] = {}
    for name in model.operation_names:
        for error in model.operation_model(name).error_shapes:
            if error.name not in COMMON:
                found.setdefault(error.name, set()).add(name)
    return found


@pytest.mark.parametrize("code", SCENES)
def test_an_error_comes_from_every_operation_that_lists_it(
    rekognition: Rekognition, control: ControlApi, code: str
) -> None:
    calls = SCENES[code](rekognition, control)
    for operation, members in calls:
        refusal = rekognition.refusal(operation, **members)
        assert (operation, refusal.code, refusal.status) == (operation, code, 400)
        assert refusal.message
    assert {operation for operation, _ in calls} | set(UNCAUSED.get(code, ())) == modelled()[code]


def test_there_is_a_scene_for_every_modelled_error() -> None:
    assert {*SCENES, HUMAN} == set(modelled())
