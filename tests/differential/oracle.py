"""botocore's serializer, signer, parser and validator as the reference, and a service that records our requests."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx
from hypothesis import HealthCheck, Phase, settings

from rekog import Credentials, RekognitionClient, RetryPolicy, ServiceError, from_wire, models
from rekog._core.names import snake
from rekog._values.narrow import is_mapping, is_sequence
from tests.differential.strategies import MODEL, Wire, shape_of

if TYPE_CHECKING:
    from rekog._values.model import Model, Response
    from rekog.config import StrictCheck

auth: Any = import_module("botocore.auth")
awsrequest: Any = import_module("botocore.awsrequest")
_session: Any = import_module("botocore.session")

REGION = "eu-west-1"
HOST = f"rekognition.{REGION}.amazonaws.com"
CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+==")
BOTOCORE_CREDENTIALS: Any = import_module("botocore.credentials").Credentials(
    CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, CREDENTIALS.session_token
)
SERIALIZER: Any = import_module("botocore.serialize").create_serializer("json", include_validation=False)
PARSER: Any = import_module("botocore.parsers").create_parser("json")
VALIDATOR: Any = import_module("botocore.validate").ParamValidator()
RECORDED = {"__type": "InvalidParameterException", "Message": "the request was recorded"}


class Recorder:
    """A service for `httpx.MockTransport`: records requests and returns a set response, at first an error."""

    def __init__(self, status: int = 400, body: bytes = json.dumps(RECORDED).encode()) -> None:
        self.requests: list[httpx.Request] = []
        self.headers: Mapping[str, str] = {}
        self.status = status
        self.body = body

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers=dict(self.headers), content=self.body)

    def set_response(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Set the response to later requests."""
        self.status, self.body, self.headers = status, body, headers or {}


def law(examples: int) -> settings:
    """Return the settings of a property test: the same examples in every run of the same code."""
    return settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
    )


def open_client(
    service: Callable[[httpx.Request], httpx.Response], *, strict: bool | Collection[StrictCheck] = False
) -> RekognitionClient:
    """Return our client of a function that acts as the service; the client makes one attempt per call."""
    return RekognitionClient(
        REGION,
        credentials=CREDENTIALS,
        transport=httpx.MockTransport(service),
        retry=RetryPolicy(mode="off"),
        strict=strict,
    )


def record_request(send: Callable[[], object], recorder: Recorder) -> httpx.Request:
    """Make a call to a recorder that returns an error, and return the request."""
    with suppress(ServiceError):
        send()
    return recorder.requests.pop()


def typed_arguments(operation: str, wire: Wire) -> dict[str, object]:
    """Return a wire dict as arguments of the operation's method."""
    kind: type[Model] = getattr(models, f"{operation}Request")
    request = from_wire(kind, wire)
    return {snake(name): getattr(request, snake(name)) for name in wire}


def call_typed(client: RekognitionClient, operation: str, wire: Wire) -> Response:
    """Call the method of an operation with typed arguments made from a wire dict."""
    method: Callable[..., Response] = getattr(client, snake(operation))
    return method(**typed_arguments(operation, wire))


def botocore_request(operation: str, wire: Wire) -> Any:
    """Return the request that botocore's serializer makes from the arguments."""
    return SERIALIZER.serialize_to_request(wire, MODEL.operation_model(operation))


def botocore_authorization(operation: str, wire: Wire, body: bytes, date: str) -> str:
    """Sign botocore's request for the arguments with this date and body: botocore's JSON has other spaces."""
    serialized = botocore_request(operation, wire)
    request = awsrequest.AWSRequest(
        method=serialized["method"],
        url=f"https://{HOST}{serialized['url_path']}",
        headers=serialized["headers"],
        data=body,
    )
    with botocore_clock(date):
        auth.SigV4Auth(BOTOCORE_CREDENTIALS, "rekognition", REGION).add_auth(request)
    authorization: str = request.headers["Authorization"]
    return authorization


def botocore_clock(date: str) -> AbstractContextManager[object]:
    """Stop botocore's clock at a date in the format of X-Amz-Date."""
    now = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return mock.patch.object(auth, "get_current_datetime", return_value=now)


def botocore_response(operation: str, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Wire:
    """Return the response as botocore's parser reads it."""
    response = {"status_code": status, "headers": dict(headers or {}), "body": body}
    parsed: Wire = PARSER.parse(response, MODEL.operation_model(operation).output_shape)
    return parsed


def botocore_report(operation: str, wire: object) -> str:
    """Return botocore's validation report on arguments; it is empty when botocore would send them."""
    report: str = VALIDATOR.validate(wire, MODEL.operation_model(operation).input_shape).generate_report()
    return report


@cache
def botocore_client() -> Any:
    """Return a botocore client with our Region and credentials; tests use it without a network."""
    return _session.Session().create_client(
        "rekognition",
        region_name=REGION,
        aws_access_key_id=CREDENTIALS.access_key_id,
        aws_secret_access_key=CREDENTIALS.secret_access_key,
        aws_session_token=CREDENTIALS.session_token,
    )


def as_body(wire: object) -> bytes:
    """Return a wire dict as the service sends it."""
    return json.dumps(wire, default=lambda blob: b64encode(blob).decode()).encode()


def without_empty_lists(value: Any) -> Any:
    """Leave out empty lists: our responses do not distinguish them from absent lists, botocore's do."""
    if is_mapping(value):
        return {name: without_empty_lists(item) for name, item in value.items() if item != []}
    return [without_empty_lists(item) for item in value] if is_sequence(value) else value


def as_wire(name: str, value: Any) -> Any:
    """Return a model as botocore's dict: read its fields by botocore's shape, without our codecs."""
    shape = shape_of(name)
    if value is None:
        return None
    if shape.type_name == "structure":
        items = {wire: as_wire(member.name, getattr(value, snake(wire))) for wire, member in shape.members.items()}
        return {wire: item for wire, item in items.items() if item is not None}
    if shape.type_name == "list":
        return [as_wire(shape.member.name, item) for item in value]
    return dict(value) if shape.type_name == "map" else value
