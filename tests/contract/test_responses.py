"""Every answer as it goes over the wire, and every error that there can be.

The walk through all operations is done by hand here, and each answer is held against the service model: no member that
the model lacks, all that it requires, types, ranges, patterns, enum values; nothing null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from botocore.session import Session

from rekog._core.validate import problems
from rekog._core.wire import blobs_from_text
from rekog._generated.operations import OPERATIONS
from rekog._generated.shapes import SHAPES
from tests.kit.clients import Json, RefusedError
from tests.kit.every_operation import EVERY_OPERATION
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.service import ControlApi, Rekognition
from tests.kit.wire import json_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STATUSES = {"InternalServerError": 500, "ThrottlingException": 500, "HumanLoopQuotaExceededException": 402}
"""HTTP statuses of errors that don't have 400."""
HEAD = {"Content-Type": "application/x-amz-json-1.1"}


class ByHand:
    """Calls operations with nothing but HTTP, and keeps what is wrong with the answers."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers=HEAD, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)
        self.wrong: list[tuple[str, str]] = []
        self.empty: set[str] = set()

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation, and look at its answer."""
        head = {"X-Amz-Target": f"RekognitionService.{operation}"}
        response = self.http.post("/", headers=head, content=json.dumps(json_ready(dict(members))))
        answer: Json = response.json()
        if response.status_code != 200:
            raise RefusedError(answer["__type"], answer["Message"], response.status_code)
        shape = f"{operation}Response"
        if not SHAPES[shape].members:
            self.empty.add(response.text)
        if None in _leaves(answer):
            self.wrong.append((operation, "null"))
        wire = cast("Json", blobs_from_text(shape, answer))  # cast: a dict stays one
        self.wrong += [(operation, str(problem)) for problem in problems(shape, wire, full=True)]
        return wire


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict | list):
        inner = cast("dict[str, object] | list[object]", value)  # cast: JSON
        for item in inner.values() if isinstance(inner, dict) else inner:
            yield from _leaves(item)
    else:
        yield value


@pytest.fixture
def by_hand(control_api: ControlApi) -> Iterator[ByHand]:
    control_api.reset()
    driver = ByHand(control_api.url)
    yield driver
    driver.http.close()


def test_every_answer_is_as_the_model_has_it(by_hand: ByHand, control_api: ControlApi) -> None:
    rekognition = Rekognition(by_hand, control_api.url)
    for part in EVERY_OPERATION:
        part(rekognition, control_api)
    assert rekognition.called == set(OPERATIONS)
    assert by_hand.wrong == []
    assert by_hand.empty == {"{}"}


@pytest.fixture(scope="module")
def model() -> Any:
    """The service model as botocore has it."""
    return Session().get_service_model("rekognition")  # pyright: ignore[reportUnknownMemberType]  # no types


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_of_every_operation_comes_on_purpose(
    by_hand: ByHand, control_api: ControlApi, model: Any, operation: str
) -> None:
    *_, listed = (error.name for error in model.operation_model(operation).error_shapes)
    control_api.request("POST", "/faults", {"operation": operation, "error": listed})
    with pytest.raises(RefusedError) as refused:
        by_hand.call(operation, {})
    assert (refused.value.code, refused.value.status) == (listed, STATUSES.get(listed, 400))


def test_every_error_comes_on_purpose(by_hand: ByHand, control_api: ControlApi, model: Any) -> None:
    found: dict[str, int | None] = {}
    for number, error in enumerate(model.error_shapes, 1):
        control_api.request("POST", "/faults", {"operation": "ListCollections", "error": error.name, "calls": [1]})
        with pytest.raises(RefusedError) as refused:
            by_hand.call("ListCollections", {})
        found[refused.value.code] = refused.value.status
        assert len(found) == number
    assert found == {error.name: STATUSES.get(error.name, 400) for error in model.error_shapes}
