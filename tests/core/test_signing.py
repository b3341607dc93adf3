"""Signatures: published vectors, botocore's signer on random requests, and laws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._core.signing import (
    MAXIMUM_LIFETIME,
    UNSIGNED_HEADERS,
    Pairs,
    canonical_headers,
    canonical_path,
    canonical_query,
    content_hash,
    presign,
    sign,
    signing_key,
    timestamp,
)
from rekog._settings.endpoint import Endpoint
from rekog._values.errors import ParamValidationError
from rekog.credentials import Credentials

auth = import_module("botocore.auth")
awsrequest = import_module("botocore.awsrequest")
botocore_credentials = import_module("botocore.credentials")
botocore_session = import_module("botocore.session")

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "sigv4_vectors.json").read_text("utf-8"))
NOW = 1_700_000_000.0
CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
ENDPOINT = Endpoint(
    "https://rekognition.eu-west-1.amazonaws.com/", "rekognition.eu-west-1.amazonaws.com", "/", "eu-west-1"
)
HEADERS = (("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "RekognitionService.ListFaces"))
law = settings(derandomize=True, deadline=None, max_examples=60)

secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
moments = st.integers(0, 4_000_000_000).map(float)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
header_names = st.from_regex(r"x-[a-z0-9-]{1,12}", fullmatch=True).filter(
    lambda name: name not in UNSIGNED_HEADERS and name not in ("x-amz-date", "x-amz-security-token")
)
header_pairs = st.dictionaries(header_names, header_values, max_size=5).map(lambda headers: tuple(headers.items()))
paths = st.lists(st.sampled_from(["", ".", "..", "a", "b~c", "d e", "é", "%20"]), max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)
credentials_values = st.builds(Credentials, secrets, secrets, st.none() | secrets)
scalars = st.text(max_size=8) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


def vector_request(vector: dict[str, Any]) -> dict[str, Any]:
    return {
        "credentials": Credentials(VECTORS["access_key_id"], VECTORS["secret_access_key"], vector.get("token")),
        "endpoint": Endpoint(
            f"https://{VECTORS['host']}{vector['path']}", VECTORS["host"], vector["path"], VECTORS["region"]
        ),
        "headers": tuple((name, value) for name, value in vector.get("headers", ())),
        "method": vector["method"],
        "service": VECTORS["service"],
        "now": VECTORS["epoch_seconds"],
    }


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def authorization(headers: Sequence[tuple[bytes, bytes]]) -> str:
    return dict(headers)[b"authorization"].decode()


def at(now: float) -> AbstractContextManager[object]:
    """Set botocore's clock."""
    return mock.patch.object(auth, "get_current_datetime", return_value=datetime.fromtimestamp(now, UTC))


def botocore_signer(kind: str, credentials: Credentials, region: str, **options: object) -> Any:
    key = botocore_credentials.Credentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    return getattr(auth, kind)(key, "rekognition", region, **options)


def botocore_request(endpoint: Endpoint, headers: Pairs, body: bytes) -> Any:
    return awsrequest.AWSRequest(method="POST", url=endpoint.url, headers=dict(headers), data=body)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=name_of)
def test_published_vector_has_its_header_signature(vector: dict[str, Any]) -> None:
    query = tuple((name, value) for name, value in vector.get("query", ()))
    signed = sign(**vector_request(vector), query=query, content=[vector.get("body", "").encode()])

    assert authorization(signed).endswith(f"Signature={vector['header_signature']}")


@pytest.mark.parametrize("vector", [v for v in VECTORS["vectors"] if "query_signature" in v], ids=name_of)
def test_published_vector_has_its_url_signature(vector: dict[str, Any]) -> None:
    pairs = sorted(vector.get("query", ()))
    parameters = {name: [value for _, value in group] for name, group in groupby(pairs, lambda pair: pair[0])}
    url = presign(**vector_request(vector), parameters=parameters, expires_in=VECTORS["expires_in"])

    assert url.endswith(f"X-Amz-Signature={vector['query_signature']}")


@law
@given(credentials=credentials_values, headers=header_pairs, path=paths, body=st.binary(max_size=40), now=moments)
def test_botocore_signs_the_same(credentials: Credentials, headers: Pairs, path: str, body: bytes, now: float) -> None:
    endpoint = Endpoint(f"https://example.com:8443{path}", "example.com:8443", path, "eu-west-1")
    request = botocore_request(endpoint, headers, body)
    with at(now):
        botocore_signer("SigV4Auth", credentials, "eu-west-1").add_auth(request)

    signed = sign(credentials=credentials, endpoint=endpoint, headers=headers, content=[body], now=now)

    assert authorization(signed) == request.headers["Authorization"]
    assert dict(signed)[b"x-amz-date"].decode() == request.headers["X-Amz-Date"]


def test_the_unsigned_headers_are_those_of_botocore() -> None:
    assert set(auth.SIGNED_HEADERS_BLACKLIST) == UNSIGNED_HEADERS


def test_the_spaces_of_signed_headers_are_reduced_and_repeated_names_are_joined() -> None:
    pairs = [("X-B", "  1   2\t3 "), ("host", "a"), ("User-Agent", "x"), ("x-a", "1"), ("X-A", " 2 ")]
    assert canonical_headers(pairs) == ("host:a\nx-a:1,2\nx-b:1 2 3\n", "host;x-a;x-b")


def test_unsigned_header_is_sent_but_not_signed() -> None:
    headers = (*HEADERS, ("user-agent", "rekog"))
    signed = sign(credentials=CREDENTIALS, endpoint=ENDPOINT, headers=headers, content=[b"{}"], now=NOW)

    assert (b"user-agent", b"rekog") in signed
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-target," in authorization(signed)


@law
@given(
    credentials=credentials_values,
    parameters=st.dictionaries(st.from_regex(r"[A-Z][A-Za-z]{0,8}", fullmatch=True), scalars | st.lists(scalars)),
    expires_in=st.integers(1, MAXIMUM_LIFETIME),
    now=moments,
)
def test_botocore_builds_the_same_url(
    credentials: Credentials, parameters: dict[str, object], expires_in: int, now: float
) -> None:
    request = botocore_request(ENDPOINT, HEADERS, json.dumps(parameters).encode())
    with at(now):
        botocore_signer("SigV4QueryAuth", credentials, "eu-west-1", expires=expires_in).add_auth(request)

    url = presign(
        credentials=credentials,
        endpoint=ENDPOINT,
        headers=HEADERS,
        parameters=parameters,
        expires_in=expires_in,
        now=now,
    )

    assert url == request.url


@pytest.fixture(scope="module", params=[None, "a/session+token=="], ids=["key", "session"])
def client(request: pytest.FixtureRequest) -> Any:
    return botocore_session.Session().create_client(
        "rekognition",
        region_name="eu-west-1",
        aws_access_key_id=CREDENTIALS.access_key_id,
        aws_secret_access_key=CREDENTIALS.secret_access_key,
        aws_session_token=request.param,
    )


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("ListCollections", {}),
        ("ListFaces", {"CollectionId": "people & pets", "MaxResults": 3}),
        ("SearchFaces", {"CollectionId": "c", "FaceId": "f", "FaceMatchThreshold": 80.5}),
        ("DeleteFaces", {"CollectionId": "c", "FaceIds": ["a", "b"]}),
        ("GetFaceDetection", {"JobId": "0" * 64, "NextToken": "a/b+c=="}),
    ],
)
def test_botocore_client_builds_the_same_url_for_flat_parameters(
    client: Any, operation: str, parameters: dict[str, object]
) -> None:
    method = {name: method for method, name in client.meta.method_to_api_mapping.items()}[operation]
    with at(NOW):
        expected: str = client.generate_presigned_url(method, parameters, ExpiresIn=900)
    token = dict(parse_qsl(urlsplit(expected).query)).get("X-Amz-Security-Token")

    url = presign(
        credentials=Credentials(CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, token),
        endpoint=ENDPOINT,
        headers=(HEADERS[0], ("x-amz-target", f"RekognitionService.{operation}")),
        parameters=parameters,
        expires_in=900,
        now=NOW,
    )

    assert url == expected


def presigned_parameters(parameters: dict[str, object]) -> dict[str, str]:
    url = presign(
        credentials=CREDENTIALS, endpoint=ENDPOINT, headers=HEADERS, parameters=parameters, expires_in=60, now=NOW
    )
    return dict(parse_qsl(urlsplit(url).query))


def test_structure_in_a_url_is_json() -> None:
    image = {"S3Object": {"Bucket": "b", "Name": "n"}, "Lists": [[1, 2.5]]}

    assert json.loads(presigned_parameters({"Image": image})["Image"]) == image


def test_blob_in_a_url_is_base64() -> None:
    query = presigned_parameters({"Image": {"Bytes": b"\xff\xd8"}, "Blob": b"\xff\xd8"})

    assert (json.loads(query["Image"]), query["Blob"]) == ({"Bytes": "/9g="}, "/9g=")


@pytest.mark.parametrize("expires_in", [0, -1, MAXIMUM_LIFETIME + 1, 3600.5, True, "60"])
def test_invalid_lifetime_of_a_url_is_refused(expires_in: Any) -> None:
    with pytest.raises(ParamValidationError, match="expires_in must be a whole number of seconds, 1 to 604800"):
        presign(
            credentials=CREDENTIALS, endpoint=ENDPOINT, headers=HEADERS, parameters={}, expires_in=expires_in, now=NOW
        )


@pytest.mark.parametrize("parameters", [{"NextToken": "a\ud800"}, {"A\udfff": "a"}, {"Names": ["a", "\ud800"]}])
def test_lone_surrogate_in_a_url_is_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ParamValidationError, match=r"U\+D[8F][0F][0F], a lone surrogate, which no URL can contain"):
        presign(
            credentials=CREDENTIALS,
            endpoint=ENDPOINT,
            headers=HEADERS,
            parameters=parameters,
            expires_in=60,
            now=NOW,
        )


@pytest.mark.parametrize("method", ["FOO BAR\r\n", "post", "", 3])
def test_invalid_http_method_of_a_url_is_refused(method: Any) -> None:
    with pytest.raises(ParamValidationError, match="http_method must be one of DELETE, GET, HEAD, PATCH, POST, PUT"):
        presign(
            credentials=CREDENTIALS,
            endpoint=ENDPOINT,
            headers=HEADERS,
            parameters={},
            expires_in=60,
            now=NOW,
            method=method,
        )


@law
@given(parts=st.lists(st.binary(max_size=10)))
def test_hash_of_parts_is_the_hash_of_the_joined_body(parts: list[bytes]) -> None:
    assert content_hash(parts) == content_hash([b"".join(parts)])


@law
@given(path=paths)
def test_canonical_path_is_absolute_ascii_without_empty_parts(path: str) -> None:
    canonical = canonical_path(path)

    assert canonical.startswith("/")
    assert canonical.isascii()
    assert "" not in canonical.strip("/").split("/")[1:]


@law
@given(pairs=st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3))))
def test_canonical_query_does_not_depend_on_the_order(pairs: list[tuple[str, str]]) -> None:
    assert canonical_query(pairs) == canonical_query(pairs[::-1])


@law
@given(headers=header_pairs)
def test_signature_does_not_depend_on_the_order_of_headers(headers: Pairs) -> None:
    def signature(pairs: Pairs) -> str:
        return authorization(sign(credentials=CREDENTIALS, endpoint=ENDPOINT, headers=pairs, content=[], now=NOW))

    assert signature(headers) == signature(headers[::-1])


def test_session_token_is_sent_and_signed() -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret", "token")
    signed = sign(credentials=credentials, endpoint=ENDPOINT, headers=HEADERS, content=[b"{}"], now=NOW)

    assert (b"x-amz-security-token", b"token") in signed
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target," in authorization(signed)


def test_new_day_has_a_new_key() -> None:
    midnight = 1_699_920_000
    assert (timestamp(midnight - 0.5), timestamp(midnight)) == ("20231113T235959Z", "20231114T000000Z")

    dates = [
        authorization(sign(credentials=CREDENTIALS, endpoint=ENDPOINT, headers=HEADERS, content=[], now=now))
        for now in (midnight - 1, midnight)
    ]

    assert ["/20231113/" in dates[0], "/20231114/" in dates[1]] == [True, True]
    assert signing_key("secret", "20231113/eu-west-1/rekognition/aws4_request") != signing_key(
        "secret", "20231114/eu-west-1/rekognition/aws4_request"
    )


def test_the_cache_of_keys_is_limited() -> None:
    for number in range(100):
        signing_key(f"secret {number}", "20231113/eu-west-1/rekognition/aws4_request")
    before = signing_key.cache_info()
    signing_key("secret 99", "20231113/eu-west-1/rekognition/aws4_request")
    after = signing_key.cache_info()

    assert (after.hits - before.hits, after.currsize) == (1, 16)
