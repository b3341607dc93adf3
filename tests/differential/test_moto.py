"""moto's server, an independent backend: its eight operations of the service, over a real socket.

moto's responses are constants, so these tests compare the whole call: our connection, request and decoding give the
same data as botocore's client of the same server, in threads, under asyncio and under trio.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient
from rekog._core.names import snake
from tests.differential import strategies
from tests.differential.examples import minimal_request
from tests.differential.oracle import REGION, as_wire, typed_arguments, without_empty_lists

if TYPE_CHECKING:
    from rekog._values.model import Response
    from tests.kit.backends import Backend

OPERATIONS = (
    "CompareFaces", "DetectCustomLabels", "DetectLabels", "DetectText", "GetFaceSearch", "GetTextDetection",
    "StartFaceSearch", "StartTextDetection",
)  # fmt: skip
RANDOM = "JobId"  # moto makes a new one for each call


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """A moto server for the module, on a free local port."""
    server: Any = import_module("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def botocore_client(moto_url: str) -> Iterator[Any]:
    """botocore's client of the same server."""
    session: Any = import_module("botocore.session").Session()
    client: Any = session.create_client(
        "rekognition", REGION, endpoint_url=moto_url, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret"
    )
    yield client
    client.close()


@pytest.fixture
def moto_client(backend: Backend, moto_url: str) -> RekognitionClient | AsyncRekognitionClient:
    """Our client of the server, sync or async like the backend; it is closed at the end of the test."""
    kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
    return backend.closing(kind(REGION, endpoint_url=moto_url, credentials=Credentials("AKIDEXAMPLE", "secret")))


def comparable(wire: dict[str, Any]) -> dict[str, Any]:
    """Leave out the random ids and the metadata, which differ between calls."""
    filled: dict[str, Any] = without_empty_lists(wire)
    return {name: value for name, value in filled.items() if name not in (RANDOM, "ResponseMetadata")}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_response_of_moto_has_the_same_data_as_through_botocore(
    operation: str, backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient, botocore_client: Any
) -> None:
    wire = minimal_request(operation)
    method: Callable[..., Response | Awaitable[Response]] = getattr(moto_client, snake(operation))
    theirs = getattr(botocore_client, snake(operation))(**wire)

    response = backend.run(partial(method, **typed_arguments(operation, wire)))
    ours = as_wire(f"{operation}Response", response)

    assert comparable(ours) == comparable(theirs)
    assert ours.keys() & {RANDOM} == theirs.keys() & {RANDOM}
    assert response.response_metadata.status_code == theirs["ResponseMetadata"]["HTTPStatusCode"]


def test_moto_serves_exactly_these_operations() -> None:
    handlers: Any = import_module("moto.rekognition.responses").RekognitionResponse

    assert {name for name in strategies.OPERATIONS if hasattr(handlers, snake(name))} == {*OPERATIONS}


def test_a_pager_ends_at_motos_empty_page_token(
    backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient, botocore_client: Any
) -> None:
    people = backend.items(partial(moto_client.paginate_get_face_search, job_id="job"))

    assert len(people) == len(botocore_client.get_face_search(JobId="job")["Persons"]) > 0


def test_a_waiter_ends_at_motos_finished_job(
    backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient
) -> None:
    response: Response = backend.run(partial(moto_client.wait_until_text_detection_completed, job_id="job"))

    assert response.response_metadata.attempts == 1
