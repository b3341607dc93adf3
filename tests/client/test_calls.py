"""Calls: the request, the response, and the options of one call."""

from __future__ import annotations

import json
import pickle
import platform
import re
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest

from rekog import CallOptions, Image, ResponseMetadata, RetryPolicy, S3Object, Timeout, __version__
from rekog._core import json_body
from rekog._generated.operations import METHODS, OPERATIONS
from rekog._values.model import Model, field_names
from rekog.errors import ConfigError, DecodeError, ParamValidationError, ServiceError, ThrottlingException
from rekog.models import (
    BoundingBox,
    DetectLabelsResponse,
    DetectLabelsSettings,
    GeneralLabelsSettings,
    Label,
)
from tests.kit.backends import KEYS, PNG, Backend, Reply, Scripted, Unused, json_reply
from tests.kit.samples import arguments, sample

LABELS = {"Labels": [{"Name": "Cat", "Confidence": 99.5}], "LabelModelVersion": "3.0"}


def test_a_response_is_typed(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply(LABELS)))
    response = backend.run(lambda: client.detect_labels(PNG))
    assert response == DetectLabelsResponse(labels=[Label(name="Cat", confidence=99.5)], label_model_version="3.0")


def test_arguments_are_sent_under_the_services_names(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    settings = DetectLabelsSettings(general_labels=GeneralLabelsSettings(label_inclusion_filters=["Cat"]))

    backend.run(lambda: client.detect_labels("s3://bucket/a/key.jpg", max_labels=3, settings=settings))

    assert transport.sent[0].wire == {
        "Image": {"S3Object": {"Bucket": "bucket", "Name": "a/key.jpg"}},
        "MaxLabels": 3,
        "Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}},
    }


def test_a_request_has_the_headers_of_the_protocol(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)

    backend.run(client.list_collections)

    headers = transport.sent[0].headers
    assert headers["x-amz-target"] == "RekognitionService.ListCollections"
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["host"] == "rekognition.eu-west-1.amazonaws.com"
    assert headers["content-length"] == "2"
    assert headers["user-agent"] == f"rekog/{__version__} python/{platform.python_version()}"
    assert headers["x-amz-security-token"] == KEYS.session_token


def test_bytes_are_base64_encoded_once(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)

    backend.run(lambda: client.compare_faces(Image(bytes=b"\xff\xd8\xff one"), memoryview(b"\xff\xd8\xff two")))

    assert transport.sent[0].wire == {
        "SourceImage": {"Bytes": "/9j/IG9uZQ=="},
        "TargetImage": {"Bytes": "/9j/IHR3bw=="},
    }


def test_a_map_accepts_any_mapping(backend: Backend) -> None:
    transport = Scripted(json_reply(sample("CreateCollectionResponse")))
    client = backend.client(transport)

    backend.run(lambda: client.create_collection("people", tags=MappingProxyType({"team": "a"})))

    assert transport.sent[0].wire["Tags"] == {"team": "a"}


@pytest.mark.parametrize("content", [b"", b" \n", b"{}"])
def test_an_empty_body_is_an_empty_response(backend: Backend, content: bytes) -> None:
    client = backend.client(Scripted(Reply(200, content, {})))
    assert backend.run(lambda: client.delete_user("people", "ann")) == METHODS["delete_user"].output_type()


def test_null_is_decoded_as_absent(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"Labels": None, "LabelModelVersion": None})))
    assert backend.run(lambda: client.detect_labels(PNG)) == DetectLabelsResponse()


def test_unknown_members_are_ignored(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({**LABELS, "Novelty": {"Deep": [1]}})))
    assert backend.run(lambda: client.detect_labels(PNG)).labels[0].name == "Cat"


@pytest.mark.parametrize("name", ["start_person_tracking", "get_person_tracking", "paginate_get_person_tracking"])
def test_the_warning_of_a_deprecated_method_names_the_replacement(name: str) -> None:
    client: Any = Backend("sync", None).client(Scripted(json_reply({"JobId": "job"})))
    with pytest.warns(DeprecationWarning, match=r"31 October 2025: start_label_detection returns"):
        getattr(client, name)(**{"video": "s3://bucket/key"} if name.startswith("start") else {"job_id": "job"})


@pytest.mark.filterwarnings("ignore:the service has announced the end of people pathing:DeprecationWarning")
@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_sends_its_operation(name: str) -> None:
    transport = Scripted(lambda sent: json_reply(sample(f"{sent.operation}Response")))
    client = Backend("sync", None).client(transport)
    wire = sent_arguments(METHODS[name].name)
    request: Model = METHODS[name].decode_input(wire)
    fields = {field: getattr(request, field) for field in field_names(type(request))}

    response: object = getattr(client, name)(**fields)

    assert transport.sent[0].operation == METHODS[name].name
    assert transport.sent[0].wire == wire
    assert type(response) is METHODS[name].output_type


def sent_arguments(operation: str) -> dict[str, Any]:
    """Return arguments in their JSON form."""
    wire = arguments(operation, 7)
    if "Changes" in wire:
        wire["Changes"]["GroundTruth"] = "AAEC"
    return wire


# --- Metadata ----------------------------------------------------------------------------------------------------


def metadata_of(backend: Backend, *script: Any) -> Any:
    client = backend.client(Scripted(*script))
    return backend.run(lambda: client.detect_labels(PNG)).response_metadata


def test_metadata_has_the_request_id(backend: Backend) -> None:
    assert metadata_of(backend, json_reply(LABELS)).request_id == "request-1"


def test_metadata_has_the_status(backend: Backend) -> None:
    assert metadata_of(backend, json_reply(LABELS, status=201)).status_code == 201


def test_metadata_has_lowercase_header_names(backend: Backend) -> None:
    assert metadata_of(backend, json_reply(LABELS, headers={"X-Custom": "Value"})).headers["x-custom"] == "Value"


def test_metadata_counts_the_attempts(backend: Backend) -> None:
    throttled = json_reply({"__type": "ThrottlingException"}, status=400)
    assert metadata_of(backend, throttled, throttled, json_reply(LABELS)).attempts == 3


def test_metadata_has_no_request_id_when_the_service_sent_none(backend: Backend) -> None:
    assert metadata_of(backend, Reply(200, b"{}", {})).request_id is None


def response_with_id(request_id: str) -> DetectLabelsResponse:
    transport = Scripted(json_reply(LABELS, headers={"x-amzn-RequestId": request_id}))
    return Backend("sync", None).client(transport).detect_labels(PNG)


def test_metadata_does_not_affect_equality() -> None:
    assert response_with_id("one") == response_with_id("two")


def test_metadata_is_not_in_the_repr() -> None:
    assert "request-x" not in repr(response_with_id("request-x"))


def test_metadata_survives_a_pickle() -> None:
    response = response_with_id("one")
    assert pickle.loads(pickle.dumps(response)).response_metadata == response.response_metadata


def test_metadata_that_was_received_equals_metadata_that_was_built(backend: Backend) -> None:
    received: ResponseMetadata = metadata_of(backend, json_reply(LABELS, status=201))
    built = ResponseMetadata(
        request_id="request-1", status_code=201, headers=received.headers, attempts=received.attempts
    )
    assert (received, repr(received), list(vars(received))) == (built, repr(built), list(vars(built)))


def test_a_response_made_by_hand_has_empty_metadata() -> None:
    assert DetectLabelsResponse().response_metadata == ResponseMetadata()


# --- Options of one call -----------------------------------------------------------------------------------------


def test_headers_of_a_call_are_sent(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.list_collections(options=CallOptions(headers={"X-Trace": "abc"})))
    assert transport.sent[0].headers["x-trace"] == "abc"


def test_headers_of_a_call_are_signed(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.list_collections(options=CallOptions(headers={"X-Trace": "abc"})))
    signed = re.search("SignedHeaders=([^,]*)", transport.sent[0].headers["authorization"])
    assert signed is not None
    assert "x-trace" in signed[1].split(";")


def test_headers_of_a_call_are_not_in_the_next_call(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.list_collections(options=CallOptions(headers={"X-Trace": "abc"})))
    backend.run(client.list_collections)
    assert "x-trace" not in transport.sent[1].headers


def test_a_user_agent_of_a_call_replaces_the_default(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.list_collections(options=CallOptions(headers={"User-Agent": "mine/1"})))
    assert transport.sent[0].headers["user-agent"] == "mine/1"


def test_the_timeout_of_a_call_includes_its_retries(backend: Backend) -> None:
    transport = Scripted(json_reply({"__type": "ThrottlingException"}, status=400, headers={"Retry-After": "9"}))
    client = backend.client(transport)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(lambda: client.list_collections(options=CallOptions(timeout=0.5)))
    assert "but the call's total timeout of 0.5 s ends before that" in caught.value.__notes__[0]
    assert len(transport.sent) == 1


def test_the_clients_timeout_applies_to_a_call_without_its_own(backend: Backend) -> None:
    transport = Scripted(json_reply({"__type": "ThrottlingException"}, status=400, headers={"Retry-After": "9"}))
    client = backend.client(transport, timeout=Timeout(total=0.25))
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert "total timeout of 0.25 s" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (2, "CallOptions(timeout=2)"),
        (Timeout(3), "CallOptions(timeout=...)"),
        (RetryPolicy(), "CallOptions(retry=...)"),
        ("off", "CallOptions(timeout=..., retry=..., headers=...)"),
    ],
    ids=str,
)
def test_the_error_of_other_options_names_the_way(backend: Backend, options: Any, remedy: str) -> None:
    client = backend.client(Unused())
    for send in (client.list_collections, partial(client.call, "ListCollections")):
        with pytest.raises(ConfigError, match="options must be CallOptions or a dict of its fields, not") as caught:
            backend.run(partial(send, options=options))
        assert str(caught.value).endswith(f": write {remedy}")


def test_options_may_be_a_dict(backend: Backend) -> None:
    transport = Scripted(json_reply({"__type": "ThrottlingException"}, status=400, headers={"Retry-After": "9"}))
    client = backend.client(transport)
    with pytest.raises(ThrottlingException):
        backend.run(lambda: client.list_collections(options={"headers": {"X-Trace": "abc"}, "timeout": 0.5}))
    assert [sent.headers["x-trace"] for sent in transport.sent] == ["abc"]


def test_a_dict_of_options_is_checked(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(ConfigError, match=r"^options has no field 'tiemout': there are timeout, retry, headers$"):
        backend.run(lambda: client.list_collections(options={"tiemout": None}))
    with pytest.raises(ConfigError, match=r"^CallOptions\.retry must be a RetryPolicy, not 5 \(int\): write Retry"):
        backend.run(lambda: client.list_collections(options={"retry": 5}))


# --- Wire-shaped calls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["DetectLabels", "detect_labels"])
def test_call_takes_and_returns_wire_dicts(backend: Backend, name: str) -> None:
    transport = Scripted(json_reply(LABELS))
    client = backend.client(transport)
    response = backend.run(lambda: client.call(name, {"Image": {"Bytes": b"\x00\x01"}}))
    assert (response, transport.sent[0].wire) == (LABELS, {"Image": {"Bytes": "AAE="}})


def test_call_without_parameters(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"CollectionIds": ["a"]})))
    assert backend.run(lambda: client.call("ListCollections")) == {"CollectionIds": ["a"]}


def test_call_returns_blobs_as_bytes(backend: Backend) -> None:
    image = {"Bytes": "AAEC", "BoundingBox": {"Width": 1}}
    wire = {"SessionId": "s", "Status": "SUCCEEDED", "ReferenceImage": image, "AuditImages": [image], "New": [1]}
    client = backend.client(Scripted(json_reply(wire)))

    response = backend.run(lambda: client.call("GetFaceLivenessSessionResults", {"SessionId": "s" * 36}))

    decoded = {"Bytes": b"\x00\x01\x02", "BoundingBox": {"Width": 1}}
    assert response == {**wire, "ReferenceImage": decoded, "AuditImages": [decoded]}


def test_call_raises_decode_error_for_a_blob_that_is_not_base64(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"ReferenceImage": {"Bytes": "?"}})))
    with pytest.raises(DecodeError, match="GetFaceLivenessSessionResults: a blob is not base64 text") as caught:
        backend.run(lambda: client.call("GetFaceLivenessSessionResults", {"SessionId": "s" * 36}))
    assert caught.value.request_id == "request-1"


def test_call_sends_no_none_at_any_depth(backend: Backend) -> None:
    transport = Scripted(json_reply({"StatusCode": 200}))
    client = backend.client(transport)
    params = {
        "Image": {"S3Object": {"Bucket": "photos", "Name": "k", "Version": None}, "Bytes": None},
        "Filters": {
            "RegionsOfInterest": [{"Polygon": [{"X": 0.5, "Y": None}, {"Y": 0.5}] * 2, "BoundingBox": None}],
            "WordFilter": None,
        },
    }
    backend.run(lambda: client.call("DetectText", params))
    assert transport.sent[0].wire == {
        "Image": {"S3Object": {"Bucket": "photos", "Name": "k"}},
        "Filters": {"RegionsOfInterest": [{"Polygon": [{"X": 0.5}, {"Y": 0.5}] * 2}]},
    }


def test_call_takes_options(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.call("ListCollections", options=CallOptions(headers={"X-Trace": "abc"})))
    assert transport.sent[0].headers["x-trace"] == "abc"


def test_the_error_for_an_unknown_operation_suggests_the_nearest_one(backend: Backend) -> None:
    client = backend.client(Scripted())
    with pytest.raises(ParamValidationError, match="no operation 'detect_lables': did you mean 'detect_labels'"):
        backend.run(lambda: client.call("detect_lables"))


def test_the_error_for_an_operation_without_a_similar_one_lists_all(backend: Backend) -> None:
    client = backend.client(Scripted())
    with pytest.raises(ParamValidationError, match=r"there is no operation '\.\.\.': there are associate_faces, comp"):
        backend.run(lambda: client.call("..."))


# --- Responses that contradict the model --------------------------------------------------------------------------


INVALID = {
    "not JSON": (b"<html>", "DetectLabels: the body is not JSON"),
    "truncated JSON": (b'{"Labels": [', "DetectLabels: the body is not JSON"),
    "deep JSON": (b"[" * 100_000, "DetectLabels: the body is not JSON"),
    "not an object": (b"[1]", "DetectLabels: the body must be a JSON object, not list"),
    "structure member": (
        b'{"Labels":[{"Name":"a","Confidence":1}],"ImageProperties":{"Quality":7}}',
        r"DetectLabels: ImageProperties\.Quality must be an object, not int",
    ),
    "not a list": (b'{"Labels":7}', "DetectLabels: Labels must be a list, not int"),
    "list of numbers": (b'{"Labels":[7]}', r"DetectLabels: Labels\[0\] must be an object, not int"),
}


@pytest.mark.parametrize(("content", "message"), INVALID.values(), ids=INVALID)
def test_an_invalid_response_is_a_decode_error(backend: Backend, content: bytes, message: str) -> None:
    client = backend.client(Scripted(Reply(200, content, {"x-amzn-RequestId": "request-9"})))
    with pytest.raises(DecodeError, match=message) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    assert (caught.value.operation, caught.value.request_id) == ("DetectLabels", "request-9")


def test_deep_json_is_a_decode_error_without_orjson(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_body, "_chosen", [json.loads])
    client = backend.client(Scripted(Reply(200, b"[" * 100_000, {})))
    with pytest.raises(DecodeError, match="DetectLabels: the body is not JSON"):
        backend.run(lambda: client.detect_labels(PNG))


def test_deep_json_of_an_error_is_a_service_error_without_orjson(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_body, "_chosen", [json.loads])
    client = backend.client(Scripted(Reply(404, b"[" * 100_000, {})))
    with pytest.raises(ServiceError) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    assert (caught.value.code, caught.value.message[:3]) == ("HTTP404", "[[[")


def test_the_error_for_a_page_in_place_of_json_shows_its_beginning(backend: Backend) -> None:
    page = b"<html>\n<title>Sign in to the guest network</title></html>" + b"." * 1000
    client = backend.client(Scripted(Reply(200, page, {"content-type": "text/html"})))
    with pytest.raises(DecodeError) as caught:
        backend.run(client.list_collections)
    begin = "it begins with '<html> <title>Sign in to the guest network</title></html>..."
    assert begin in str(caught.value)
    assert str(caught.value).endswith("...'; check endpoint_url")
    assert len(str(caught.value)) < 500


def test_a_decode_error_has_the_path(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply({"Labels": [{"Parents": 7}]})))
    with pytest.raises(DecodeError) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    assert caught.value.path == "Labels[0].Parents"


@pytest.mark.parametrize("timestamp", [1e18, 1e20, 1_700_000_000_000_000, "soon"])
def test_an_invalid_timestamp_is_a_decode_error(backend: Backend, timestamp: object) -> None:
    client = backend.client(Scripted(json_reply({"FaceCount": 0, "CreationTimestamp": timestamp})))
    with pytest.raises(DecodeError, match="DescribeCollection: CreationTimestamp can't be read"):
        backend.run(lambda: client.describe_collection("people"))


def test_an_invalid_response_is_not_retried(backend: Backend) -> None:
    transport = Scripted(Reply(200, b"<html>", {}))
    client = backend.client(transport)
    with pytest.raises(DecodeError):
        backend.run(client.list_collections)
    assert len(transport.sent) == 1


def test_a_bounding_box_keeps_the_wire_numbers(backend: Backend) -> None:
    box = {"Width": 0.1, "Height": 0.2, "Left": -0.3, "Top": 1.5}
    wire = {"Labels": [{"Name": "Cat", "Confidence": 1, "Instances": [{"BoundingBox": box, "Confidence": 2}]}]}
    client = backend.client(Scripted(json_reply(wire)))
    response = backend.run(lambda: client.detect_labels(S3Object(bucket="bucket", name="key")))
    assert response.labels[0].instances[0].bounding_box == BoundingBox(width=0.1, height=0.2, left=-0.3, top=1.5)


def test_the_repr_of_an_operation_has_its_name() -> None:
    assert repr(OPERATIONS["DetectLabels"]) == "<Operation DetectLabels>"
