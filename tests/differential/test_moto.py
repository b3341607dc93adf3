"""Against moto's server, a backend that nobody here wrote: its eight operations, over a real socket.

moto's answers are constants, so what is held here is the whole road: our connection, request and decoding give the same
data as botocore's client gets from the same server, in threads, under asyncio and under trio.
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
from tests.differential.fullest import least_request
from tests.differential.oracle import REGION, as_wire, typed_arguments, without_empty_lists

if TYPE_CHECKING:
    from rekog._values.model import Response
    from tests.kit.backends import Backend

OPERATIONS = (
    "CompareFaces", "DetectCustomLabels", "DetectLabels", "DetectText", "GetFaceSearch", "GetTextDetection",
    "StartFaceSearch", "StartTextDetection",
)  # fmt: skip
RANDOM = "JobId"  # what moto makes up for each call


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """One server of moto for the module, on a free port of this machine."""
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
    """Our client of the server, of the backend's kind; the end of the test closes it."""
    kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
    return backend.closing(kind(REGION, endpoint_url=moto_url, credentials=Credentials("AKIDEXAMPLE", "secret")))


def data(wire: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not the same twice: made-up ids and the metadata."""
    filled: dict[str, Any] = without_empty_lists(wire)
    return {name: value for name, value in filled.items() if name not in (RANDOM, "ResponseMetadata")}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answer_of_moto_is_the_same_as_through_botocore(
    operation: str, backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient, botocore_client: Any
) -> None:
    wire = least_request(operation)
    method: Callable[..., Response | Awaitable[Response]] = getattr(moto_client, snake(operation))
    theirs = getattr(botocore_client, snake(operation))(**wire)

    answer = backend.run(partial(method, **typed_arguments(operation, wire)))
    ours = as_wire(f"{operation}Response", answer)

    assert data(ours) == data(theirs)
    assert ours.keys() & {RANDOM} == theirs.keys() & {RANDOM}
    assert answer.response_metadata.http_status == theirs["ResponseMetadata"]["HTTPStatusCode"]


def test_moto_has_no_other_operation_of_the_service() -> None:
    handlers: Any = import_module("moto.rekognition.responses").RekognitionResponse

    assert {name for name in strategies.OPERATIONS if hasattr(handlers, snake(name))} == {*OPERATIONS}


def test_pager_ends_at_motos_empty_page_token(
    backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient, botocore_client: Any
) -> None:
    people = backend.items(partial(moto_client.paginate_get_face_search, job_id="job"))

    assert len(people) == len(botocore_client.get_face_search(JobId="job")["Persons"]) > 0


def test_waiter_sees_motos_job_as_done(
    backend: Backend, moto_client: RekognitionClient | AsyncRekognitionClient
) -> None:
    answer: Response = backend.run(partial(moto_client.wait_until_text_detection_completed, job_id="job"))

    assert answer.response_metadata.attempts == 1
