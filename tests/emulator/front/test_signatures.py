"""Checks of signatures: those of botocore and rekog are accepted, altered ones get the service's errors."""

from __future__ import annotations

import calendar
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from rekog import Credentials, RekognitionClient, RetryPolicy, errors
from rekog._core.signing import timestamp
from rekog.emulator import Emulator
from rekog.emulator.front.exchange import Request
from rekog.emulator.front.signatures import Verifier
from rekog.emulator.refusals import RefusalError
from tests.kit.wire import CONTENT_TYPE

KEY, SECRET = "AKIDEXAMPLE", "secret"
STAMP = "20260101T120000Z"
NOON = calendar.timegm((2026, 1, 1, 12, 0, 0))
HEAD = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": CONTENT_TYPE}
HEAD_NAMES = {name.lower(): value for name, value in HEAD.items()}
WRONG = (
    "InvalidSignatureException",
    (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details."
    ),
)


def signed(
    key: str = KEY, secret: str = SECRET, *, token: str | None = None, service: str = "rekognition", body: bytes = b"{}"
) -> Request:
    """Return a request signed by botocore."""
    aws_request = AWSRequest("POST", "http://rekog.test/", headers=dict(HEAD), data=body)
    signer: Any = SigV4Auth(BotoCredentials(key, secret, token), service, "us-east-1")
    signer.add_auth(aws_request)
    return as_request(aws_request, body)


def presigned(body: bytes = b"", expires: int = 60, **members: str) -> Request:
    """Return a request with a URL signed by botocore."""
    aws_request = AWSRequest("POST", "http://rekog.test/", headers=dict(HEAD), data=body, params=members)
    signer: Any = SigV4QueryAuth(BotoCredentials(KEY, SECRET), "rekognition", "us-east-1", expires=expires)
    signer.add_auth(aws_request)
    return as_request(aws_request, body)


def as_request(aws_request: Any, body: bytes) -> Request:
    url = httpx.URL(aws_request.prepare().url)
    headers = {str(name).lower(): str(value) for name, value in aws_request.headers.items()}
    path, _, query = url.raw_path.decode().partition("?")
    return Request("POST", path, {"host": "rekog.test", **headers}, body, query)


def refusal(request: Request, *, after: float = 0, keys: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    try:
        Verifier(keys or {KEY: SECRET}, lambda: time.time() + after).check(request)
    except RefusalError as error:
        return error.code, error.message
    return None


def altered(request: Request, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request._replace(headers={**request.headers, **named})


@pytest.mark.parametrize("token", [None, "token"])
def test_a_signature_of_botocore_is_accepted(token: str | None) -> None:
    assert refusal(signed(token=token)) is None


def test_a_presigned_url_of_botocore_is_accepted() -> None:
    assert refusal(presigned(CollectionId="people é/+", MaxResults="3")) is None


def test_each_of_several_keys_is_accepted() -> None:
    keys = {KEY: SECRET, "AKIDOTHER": "other"}
    assert [refusal(signed(*pair), keys=keys) for pair in keys.items()] == [None, None]


@pytest.mark.parametrize(
    "make_request",
    [
        lambda: signed(secret="wrong"),
        lambda: signed()._replace(body=b'{"MaxResults": 1}'),
        lambda: signed()._replace(query="a=b"),
        lambda: signed()._replace(method="PUT"),
        lambda: signed()._replace(path="/other"),
        lambda: altered(signed(), x_amz_target="RekognitionService.DeleteCollection"),
        lambda: altered(signed(), host="other.test"),
        lambda: presigned(CollectionId="people")._replace(body=b"{}"),
    ],
    ids=["secret", "body", "query", "method", "path", "target", "host", "presigned body"],
)
def test_an_altered_request_or_another_secret_is_refused(make_request: Callable[[], Request]) -> None:
    assert refusal(make_request()) == WRONG


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-301, "InvalidSignatureException"), (-300, None), (0, None), (300, None), (301, "InvalidSignatureException"),
    ],
)  # fmt: skip
def test_the_time_of_a_signature_may_differ_by_exactly_five_minutes(seconds: float, code: str | None) -> None:
    request = signed()
    signed_at = calendar.timegm(time.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ"))
    verifier = Verifier({KEY: SECRET}, lambda: signed_at + seconds)
    if code is None:
        verifier.check(request)
    else:
        with pytest.raises(RefusalError, match=code):
            verifier.check(request)


def test_an_altered_member_of_a_signed_url_is_refused() -> None:
    request = presigned(CollectionId="people")
    assert refusal(request._replace(query=request.query.replace("people", "others"))) == WRONG


def test_an_unknown_key_is_refused() -> None:
    assert refusal(signed("AKIDUNKNOWN")) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


def test_a_request_without_a_signature_is_refused() -> None:
    request = signed()
    bare = request._replace(headers={name: value for name, value in request.headers.items() if name != "authorization"})
    assert refusal(bare) == ("MissingAuthenticationTokenException", "Request is missing Authentication Token")


ALGORITHM = "AWS4-HMAC-SHA256"
PARTS = {"Credential": "a", "SignedHeaders": "host", "Signature": "0"}
BEGIN = f"Authorization header must begin with {ALGORITHM}."
DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
FORM = "Credential must be KEY/DATE/REGION/SERVICE/aws4_request."


def requires(name: str) -> str:
    return f"Authorization header requires '{name}' parameter."


def header_of(**parts: str) -> str:
    return f"{ALGORITHM} {', '.join(f'{name}={text}' for name, text in parts.items())}"


def test_half_a_signature_is_refused_with_each_missing_part() -> None:
    request = signed()
    every = " ".join(requires(name) for name in ("Credential", "Signature", "SignedHeaders"))
    given = [{name: text for name, text in PARTS.items() if name != left} for left in PARTS]
    cases = [(header_of(**parts), requires(left)) for left, parts in zip(PARTS, given, strict=True)]
    cases += [(ALGORITHM, every), ("Bearer token", BEGIN), (header_of(**PARTS).lower(), BEGIN)]
    end = "rekognition/aws4_request"
    scopes = (
        "a", f"{KEY}/2026010/r/{end}", f"{KEY}/20260101/r/rekognition/aws4", f"{KEY}/20260101/r/aws4_request",
        f"{KEY}/20260101/r/{end}/x", f"/20260101/r/{end}",
    )  # fmt: skip
    cases += [(header_of(**{**PARTS, "Credential": scope}), FORM) for scope in scopes]
    for header, text in cases:
        assert refusal(altered(request, authorization=header)) == ("IncompleteSignatureException", text), header
    both = altered(request, authorization=ALGORITHM, x_amz_date="")
    assert refusal(both) == ("IncompleteSignatureException", f"{every} {DATE}")
    empty = altered(request, authorization="")
    assert refusal(empty) == ("MissingAuthenticationTokenException", "Request is missing Authentication Token")


@pytest.mark.parametrize("stamp", ["", "yesterday", "2015-08-30", "20150830T123600", "20151330T123600Z"])
def test_a_signature_without_a_date_is_refused(stamp: str) -> None:
    assert refusal(altered(signed(), x_amz_date=stamp)) == ("IncompleteSignatureException", DATE)


QUERY = {
    "X-Amz-Algorithm": ALGORITHM, "X-Amz-Credential": f"{KEY}/20260101/us-east-1/rekognition/aws4_request",
    "X-Amz-SignedHeaders": "host", "X-Amz-Date": "20260101T120000Z", "X-Amz-Expires": "60",
}  # fmt: skip
FORMS = f"X-Amz-Algorithm must be {ALGORITHM}, X-Amz-Date like 20150830T123600Z."
LIFE = "X-Amz-Expires must be 1 to 604800."


def test_half_a_signature_in_a_url_is_refused_with_each_missing_part() -> None:
    def text_of(**parts: str) -> tuple[str, str]:
        query = "&".join(f"{name}={text}" for name, text in {**parts, "X-Amz-Signature": "0"}.items())
        return refusal(Request("POST", "/", {"host": "rekog.test"}, b"", query)) or ("", "")

    def without(*names: str) -> dict[str, str]:
        return {name: text for name, text in QUERY.items() if name not in names}

    cases = [(without(name), f"AWS query-string parameters must include '{name}'.") for name in QUERY]
    cases.append(({}, " ".join(text for _, text in cases)))
    cases += [({**QUERY, **wrong}, FORMS) for wrong in (
        {"X-Amz-Algorithm": "other"}, {"X-Amz-Date": "other"}, {"X-Amz-Algorithm": "a", "X-Amz-Date": "b"},
        {"X-Amz-Date": "other", "X-Amz-Expires": "0"},
    )]  # fmt: skip
    cases += [({**QUERY, "X-Amz-Expires": life}, LIFE) for life in ("0", "604801", "-1", "x", "1e3", "", "0000001")]
    cases.append(({**QUERY, "X-Amz-Credential": "a"}, FORM))
    for parts, text in cases:
        assert text_of(**parts) == ("IncompleteSignatureException", text), parts


def test_a_signature_for_another_service_is_refused() -> None:
    code, message = refusal(signed(service="s3")) or ("", "")
    assert (code, message) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'rekognition'. ",
    )


@pytest.mark.parametrize("stamp", ["20150830T123600Z", "20990830T123600Z"])
def test_a_signature_of_another_day_is_refused(stamp: str) -> None:
    request = signed()
    today = request.headers["x-amz-date"][:8]
    text = (
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
        f" '{today}' != '{stamp[:8]}', from '{stamp}'."
    )
    assert refusal(altered(request, x_amz_date=stamp)) == ("InvalidSignatureException", text)


@pytest.mark.parametrize(
    ("after", "text"),
    [(290, None), (310, "Signature expired: "), (-290, None), (-310, "Signature not yet current: ")],
)
def test_a_signature_is_valid_for_five_minutes_before_and_after(after: float, text: str | None) -> None:
    error = refusal(signed(), after=after)
    assert (error is None) if text is None else (error is not None and error[1].startswith(text))


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (301, "Signature expired: {} is now earlier than 20260101T120001Z (20260101T120501Z - 5 min.)"),
        (-301, "Signature not yet current: {} is still later than 20260101T115959Z (20260101T115459Z + 5 min.)"),
    ],
)
def test_the_error_of_a_signature_of_another_time_has_both_times_and_the_limit(seconds: float, message: str) -> None:
    credential = f"Credential={KEY}/20260101/us-east-1/rekognition/aws4_request"
    header = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
    request = Request("POST", "/", {"host": "rekog.test", "authorization": header, "x-amz-date": STAMP}, b"")
    with pytest.raises(RefusalError) as caught:
        Verifier({KEY: SECRET}, lambda: NOON + seconds).check(request)
    assert caught.value.message == message.format(STAMP)


def test_the_error_of_an_expired_url_has_the_end_of_its_life_and_the_time() -> None:
    credential = f"{KEY}/20260101/us-east-1/rekognition/aws4_request"
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={STAMP}&X-Amz-Expires=60"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
    )
    with pytest.raises(RefusalError) as caught:
        Verifier({KEY: SECRET}, lambda: NOON + 61).check(Request("POST", "/", {"host": "rekog.test"}, b"", query))
    assert caught.value.message == "Signature expired: 20260101T120100Z is now earlier than 20260101T120101Z"


@pytest.mark.parametrize(("after", "passes"), [(0, True), (590, True), (610, False), (-310, False)])
def test_a_signed_url_is_valid_for_its_own_duration(after: float, passes: bool) -> None:
    assert (refusal(presigned(expires=600), after=after) is None) is passes


@pytest.mark.parametrize("life", [1, 60, 604_800])
def test_a_signed_url_is_valid_from_five_minutes_before_its_date_to_the_last_second_of_its_life(life: int) -> None:
    parts = {**QUERY, "X-Amz-Expires": f"{life}", "X-Amz-Signature": "0"}
    query = "&".join(f"{name}={text}" for name, text in parts.items())
    texts: list[str] = []
    for seconds in (-301, -300, life, life + 1):
        with pytest.raises(RefusalError) as caught:
            Verifier({KEY: SECRET}, partial(float, NOON + seconds)).check(
                Request("POST", "/", {"host": "rekog.test"}, b"", query)
            )
        texts.append(caught.value.message)
    end, late = (timestamp(NOON + life + more) for more in (0, 1))
    assert texts == [
        f"Signature not yet current: {STAMP} is still later than 20260101T115959Z (20260101T115459Z + 5 min.)",
        WRONG[1],  # only the signature itself is wrong
        WRONG[1],
        f"Signature expired: {end} is now earlier than {late}",
    ]


def test_a_signed_url_may_be_valid_for_a_week() -> None:
    assert refusal(presigned(expires=604_800), after=604_700) is None


def test_spaces_within_a_signed_header_count_once() -> None:
    aws_request = AWSRequest("POST", "http://rekog.test/", headers={**HEAD, "X-Note": " a   b  c "}, data=b"{}")
    signer: Any = SigV4Auth(BotoCredentials(KEY, SECRET), "rekognition", "us-east-1")
    signer.add_auth(aws_request)
    assert "x-note" in aws_request.headers["Authorization"]
    assert refusal(as_request(aws_request, b"{}")) is None


@pytest.mark.parametrize("signature", ["0", "\xe9", "g" * 64])
def test_a_signature_of_any_characters_is_compared(signature: str) -> None:
    header, _, _ = signed().headers["authorization"].rpartition("=")
    assert refusal(altered(signed(), authorization=f"{header}={signature}")) == WRONG


def test_the_host_must_be_signed() -> None:
    request = signed()
    header = request.headers["authorization"].replace("content-type;host;", "content-type;")
    unsigned = ("InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization.")
    assert refusal(altered(request, authorization=header)) == unsigned


def test_secrets_are_not_in_a_verifiers_repr() -> None:
    assert repr(Verifier({KEY: "do not print", "B": "neither"})) == f"<Verifier of {KEY}, B>"


@pytest.mark.parametrize("keys", [{}, {KEY: ""}, {"": SECRET}, {KEY: 5}, {5: SECRET}, {KEY: SECRET, "B": None}, [KEY]])
def test_keys_without_secrets_are_refused(keys: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        Verifier(keys)
    assert str(caught.value) == "verify_signatures must have a secret for each access key id, both as text"


# --- Signatures checked by an emulator ----------------------------------------------------------------------------


def client(emulator: Emulator, key: str, secret: str, token: str | None = None) -> RekognitionClient:
    credentials = Credentials(key, secret, token)
    return RekognitionClient(
        "eu-west-1", credentials=credentials, transport=emulator.transport(), retry=RetryPolicy(mode="off")
    )


@pytest.mark.parametrize("token", [None, "token"])
def test_a_signature_of_rekog_is_accepted(token: str | None) -> None:
    with Emulator(verify_signatures={KEY: SECRET}) as emulator, client(emulator, KEY, SECRET, token) as opened:
        assert opened.create_collection("people").collection_arn.endswith(":eu-west-1:123456789012:collection/people")


def test_a_client_decodes_the_error_of_a_wrong_secret() -> None:
    caught: errors.ServiceError | None = None
    with Emulator(verify_signatures={KEY: SECRET}) as emulator, client(emulator, KEY, "wrong") as opened:
        try:
            opened.list_collections()
        except errors.ServiceError as error:
            caught = error
    assert caught is not None
    assert (caught.code, caught.message, caught.status_code) == (*WRONG, 400)


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: signed()._replace(headers={**HEAD_NAMES}),
        lambda: altered(signed(), authorization="Bearer token"),
        lambda: signed(secret="wrong"),
        lambda: signed("AKIDUNKNOWN"),
    ],
    ids=["no signature", "incomplete", "wrong", "unknown key"],
)
def test_an_error_of_a_signature_has_the_form_of_the_aws_front_end(request_of: Callable[[], Request]) -> None:
    refused = request_of()
    sent = httpx.Request("POST", "http://rekog.test/", headers=refused.headers, content=refused.body)
    with Emulator(verify_signatures={KEY: SECRET}) as emulator, httpx.Client(transport=emulator.transport()) as http:
        response = http.send(sent)
    assert (response.status_code, set(response.json())) == (400, {"__type", "message"})


def test_signatures_are_not_checked_by_default(emulator: Emulator) -> None:
    with client(emulator, "any-key", "any-secret") as opened:
        assert opened.list_collections().collection_ids == []


@pytest.mark.parametrize("verify", [None, {KEY: SECRET}])
def test_a_presigned_url_of_rekog_is_accepted(verify: dict[str, str] | None) -> None:
    with Emulator(verify_signatures=verify) as emulator, client(emulator, KEY, SECRET) as opened:
        for name in ("a", "b", "c"):
            opened.create_collection(name)
        url = opened.generate_presigned_url("list_collections", {"MaxResults": 2})
        with httpx.Client(transport=emulator.transport()) as http:
            assert http.post(url, headers=HEAD).json()["CollectionIds"] == ["a", "b"]


def test_nested_arguments_of_a_signed_url_are_json(emulator: Emulator) -> None:
    emulator.declare("s3://photos/cat.jpg", labels=["Cat"])
    emulator.declare("s3://photos/cat.jpg", text=[])
    with client(emulator, KEY, SECRET) as opened, httpx.Client(transport=emulator.transport()) as http:
        image = {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}
        url = opened.generate_presigned_url("detect_labels", {"Image": image, "MaxLabels": 1})
        http.post(url, headers={**HEAD, "X-Amz-Target": "RekognitionService.DetectLabels"})
    assert emulator.calls[0].request == {"Image": image, "MaxLabels": 1}


def test_an_argument_of_a_signed_url_that_is_not_json_is_refused(emulator: Emulator) -> None:
    with httpx.Client(transport=emulator.transport()) as http:
        response = http.post("http://rekog/?MaxResults=two&X-Amz-Signature=0", headers=HEAD)
    assert json.loads(response.content)["__type"] == "SerializationException"
