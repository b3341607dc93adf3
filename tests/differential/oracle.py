"""botocore beside our client: its serializer, signer, parser and validator, and a service that records our calls."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
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
from tests.differential.strategies import MODEL, Wire, shape

if TYPE_CHECKING:
    from rekog._values.model import Model, Response

auth: Any = import_module("botocore.auth")
awsrequest: Any = import_module("botocore.awsrequest")
_session: Any = import_module("botocore.session")

REGION = "eu-west-1"
HOST = f"rekognition.{REGION}.amazonaws.com"
CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+==")
THEIR_CREDENTIALS: Any = import_module("botocore.credentials").Credentials(
    CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, CREDENTIALS.session_token
)
SERIALIZER: Any = import_module("botocore.serialize").create_serializer("json", include_validation=False)
PARSER: Any = import_module("botocore.parsers").create_parser("json")
VALIDATOR: Any = import_module("botocore.validate").ParamValidator()
REFUSAL = {"__type": "InvalidParameterException", "Message": "recorded, not answered"}


class Recorder:
    """The service's end of a transport: keeps each request and answers with what it was told, first a refusal."""

    def __init__(self, status: int = 400, body: bytes = json.dumps(REFUSAL).encode()) -> None:
        self.requests: list[httpx.Request] = []
        self.headers: Mapping[str, str] = {}
        self.status = status
        self.body = body

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers=dict(self.headers), content=self.body)

    def answer(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer like this from now on."""
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


def opened(service: Callable[[httpx.Request], httpx.Response], *, strict: bool = False) -> RekognitionClient:
    """Return our client with a function as the service; it tries once."""
    return RekognitionClient(
        REGION,
        credentials=CREDENTIALS,
        transport=httpx.MockTransport(service),
        retry=RetryPolicy(mode="off"),
        strict=strict,
    )


def recorded(send: Callable[[], object], recorder: Recorder) -> httpx.Request:
    """Return the request that a call sends to a recorder that refuses it."""
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


def their_request(operation: str, wire: Wire) -> Any:
    """Return what botocore's serializer makes of the arguments."""
    return SERIALIZER.serialize_to_request(wire, MODEL.operation_model(operation))


def their_authorization(operation: str, wire: Wire, body: bytes, date: str) -> str:
    """Sign botocore's own request for the arguments, but with this body (its JSON has other spaces) and date."""
    made = their_request(operation, wire)
    request = awsrequest.AWSRequest(
        method=made["method"], url=f"https://{HOST}{made['url_path']}", headers=made["headers"], data=body
    )
    with their_clock(date):
        auth.SigV4Auth(THEIR_CREDENTIALS, "rekognition", REGION).add_auth(request)
    found: str = request.headers["Authorization"]
    return found


def their_clock(date: str) -> AbstractContextManager[object]:
    """Stop botocore's clock at a date in the form of X-Amz-Date."""
    moment = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return mock.patch.object(auth, "get_current_datetime", return_value=moment)


def their_answer(operation: str, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Wire:
    """Return what botocore's parser makes of an answer."""
    response = {"status_code": status, "headers": dict(headers or {}), "body": body}
    parsed: Wire = PARSER.parse(response, MODEL.operation_model(operation).output_shape)
    return parsed


def their_problems(operation: str, wire: object) -> str:
    """Return botocore's account of what is wrong with arguments; empty when it would send them."""
    report: str = VALIDATOR.validate(wire, MODEL.operation_model(operation).input_shape).generate_report()
    return report


@cache
def their_client() -> Any:
    """Return a botocore client with our region and credentials, to be used without a network."""
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
    """Leave out what may be an empty list or absent: our answers do not tell these apart, botocore's do."""
    if is_mapping(value):
        return {name: without_empty_lists(item) for name, item in value.items() if item != []}
    return [without_empty_lists(item) for item in value] if is_sequence(value) else value


def as_wire(name: str, value: Any) -> Any:
    """Return a model as the dict that botocore gives, read field by field by botocore's shape, without our codecs."""
    found = shape(name)
    if value is None:
        return None
    if found.type_name == "structure":
        items = {wire: as_wire(member.name, getattr(value, snake(wire))) for wire, member in found.members.items()}
        return {wire: item for wire, item in items.items() if item is not None}
    if found.type_name == "list":
        return [as_wire(found.member.name, item) for item in value]
    return dict(value) if found.type_name == "map" else value
