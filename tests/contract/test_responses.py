"""Each response and each modelled error over plain HTTP.

The calls of all operations are sent with httpx. Each response is checked against the service model: no unknown member,
all required members, types, ranges, patterns and enum values, and no null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from botocore.session import Session

from rekog._core.json_body import blobs_from_text
from rekog._core.validate import problems
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
"""HTTP statuses of errors, if they are not 400."""
HEADERS = {"Content-Type": "application/x-amz-json-1.1"}


class PlainClient:
    """A client over plain HTTP that collects the problems of responses."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers=HEADERS, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)
        self.problems: list[tuple[str, str]] = []
        self.empty_bodies: set[str] = set()

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation, and check its response against the model."""
        headers = {"X-Amz-Target": f"RekognitionService.{operation}"}
        response = self.http.post("/", headers=headers, content=json.dumps(json_ready(dict(members))))
        answer: Json = response.json()
        if response.status_code != 200:
            raise RefusedError(answer["__type"], answer["Message"], response.status_code)
        shape = f"{operation}Response"
        if not SHAPES[shape].members:
            self.empty_bodies.add(response.text)
        if None in _leaves(answer):
            self.problems.append((operation, "null"))
        wire = cast("Json", blobs_from_text(shape, answer))  # cast: a dict stays one
        self.problems += [(operation, str(problem)) for problem in problems(shape, wire, full=True)]
        return wire


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict | list):
        inner = cast("dict[str, object] | list[object]", value)  # cast: JSON
        for item in inner.values() if isinstance(inner, dict) else inner:
            yield from _leaves(item)
    else:
        yield value


@pytest.fixture
def plain_client(control_api: ControlApi) -> Iterator[PlainClient]:
    control_api.reset()
    client = PlainClient(control_api.url)
    yield client
    client.http.close()


def test_each_response_conforms_to_the_model(plain_client: PlainClient, control_api: ControlApi) -> None:
    rekognition = Rekognition(plain_client, control_api.url)
    for call_operations in EVERY_OPERATION:
        call_operations(rekognition, control_api)
    assert rekognition.called == set(OPERATIONS)
    assert plain_client.problems == []
    assert plain_client.empty_bodies == {"{}"}


@pytest.fixture(scope="module")
def model() -> Any:
    """Return the service model of botocore."""
    return Session().get_service_model("rekognition")  # pyright: ignore[reportUnknownMemberType]  # no types


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_of_each_operation_is_injected(
    plain_client: PlainClient, control_api: ControlApi, model: Any, operation: str
) -> None:
    *_, listed = (error.name for error in model.operation_model(operation).error_shapes)
    control_api.request("POST", "/faults", {"operation": operation, "error": listed})
    with pytest.raises(RefusedError) as refused:
        plain_client.call(operation, {})
    assert (refused.value.code, refused.value.status) == (listed, STATUSES.get(listed, 400))


def test_each_error_is_injected(plain_client: PlainClient, control_api: ControlApi, model: Any) -> None:
    result: dict[str, int | None] = {}
    for number, error in enumerate(model.error_shapes, 1):
        control_api.request("POST", "/faults", {"operation": "ListCollections", "error": error.name, "calls": [1]})
        with pytest.raises(RefusedError) as refused:
            plain_client.call("ListCollections", {})
        result[refused.value.code] = refused.value.status
        assert len(result) == number
    assert result == {error.name: STATUSES.get(error.name, 400) for error in model.error_shapes}
