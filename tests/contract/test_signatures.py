"""Signatures of requests and presigned URLs, with an emulator that verifies them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.kit.clients import KEYS, REGION, Boto3, Rekog
from tests.kit.process import RESPONSE_TIMEOUT, running_server
from tests.kit.service import ControlApi, blank_png
from tests.kit.wire import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATASET = "arn:aws:rekognition:us-east-1:123456789012:project/dogs/dataset/train/1"
WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}


@pytest.fixture(scope="module")
def verifying_url() -> Iterator[str]:
    """Run an emulator that accepts two keys, one of which no test signs with, and return its URL."""
    with running_server("--verify-signatures", ":".join(KEYS), "--verify-signatures", "OTHER:unguessed") as server:
        yield server.url


@pytest.mark.parametrize("client_type", [Boto3, Rekog])
def test_a_signed_request_is_accepted(
    verifying_url: str, control: ControlApi, client_type: Callable[[str, str], Boto3 | Rekog]
) -> None:
    with closing(client_type(REGION, verifying_url)) as client:
        assert client.call("ListCollections", {})["CollectionIds"] == []
        client.call("CreateCollection", {"CollectionId": "people", "Tags": {"Größe": "1 + 1 = 2/4"}})


@pytest.fixture
def create_client(verifying_url: str) -> Iterator[Callable[..., Any]]:
    """Return a function that creates clients of boto3 with their own validation and a single attempt."""
    with ExitStack() as opened:

        def make(key: str = KEYS[0], secret: str = KEYS[1]) -> Any:
            new: Any = boto3
            keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
            config = Config(retries={"total_max_attempts": 1})
            client = new.client("rekognition", REGION, endpoint_url=verifying_url, config=config, **keys)
            opened.callback(client.close)
            return client

        yield make


@pytest.fixture
def control(verifying_url: str) -> Iterator[ControlApi]:
    opened = ControlApi(verifying_url)
    opened.reset()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        (KEYS[0], "wrong", "InvalidSignatureException"),
        ("OTHER", KEYS[1], "InvalidSignatureException"),
        ("NOBODY", KEYS[1], "UnrecognizedClientException"),
    ],
)
def test_a_request_signed_with_another_key_is_refused(
    create_client: Callable[..., Any], key: str, secret: str, code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        create_client(key, secret).list_collections()
    response = cast("Any", refused.value).response  # cast: botocore has no types
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
    assert secret not in str(refused.value)


def post(url: str, operation: str) -> httpx.Response:
    head = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": f"RekognitionService.{operation}"}
    return httpx.post(url, headers=head, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)


def test_a_presigned_url_is_accepted_and_an_altered_one_refused(
    create_client: Callable[..., Any], control: ControlApi
) -> None:
    client = create_client()
    client.create_collection(CollectionId="people")
    url = client.generate_presigned_url("list_faces", {"CollectionId": "people", "MaxResults": 3})
    assert post(url, "ListFaces").json()["Faces"] == []
    altered = post(url.replace("MaxResults=3", "MaxResults=4"), "ListFaces")
    assert (altered.status_code, altered.json()["__type"]) == (400, "InvalidSignatureException")
    assert post(url, "ListUsers").json()["__type"] == "InvalidSignatureException"


def test_a_presigned_url_accepts_structures_in_the_form_of_boto3(
    create_client: Callable[..., Any], control: ControlApi
) -> None:
    location = control.put_object("photos", 'it\'s "one".png', blank_png())
    control.declare(blank_png(), text=["EXIT"])
    client = create_client()
    for image in (location, {"Bytes": blank_png()}):
        filters = {"WordFilter": {"MinConfidence": 0.5}, "RegionsOfInterest": [{"BoundingBox": WHOLE}]}
        url = client.generate_presigned_url("detect_text", {"Image": image, "Filters": filters})
        assert post(url, "DetectText").json()["TextDetections"][0]["DetectedText"] == "EXIT"
    url = client.generate_presigned_url("list_dataset_entries", {"DatasetArn": DATASET, "Labeled": True})
    assert post(url, "ListDatasetEntries").json()["__type"] == "ResourceNotFoundException"
    url = client.generate_presigned_url("create_collection", {"CollectionId": "people", "Tags": {"a": "1 + 1"}})
    arn = post(url, "CreateCollection").json()["CollectionArn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "1 + 1"}


@pytest.mark.parametrize("value", ["{", "print(1)", "{'Bytes': b'x'}", "{1, 2}", "(" * 1000, "[" * 100_00, "1e", ""])
def test_an_invalid_value_in_a_url_is_refused_with_its_name(url: str, value: str) -> None:
    query = urlencode({"Image": value, "X-Amz-Signature": "0"})
    response = post(f"{url}/?{query}", "DetectFaces")
    assert (response.status_code, response.json()["__type"]) == (400, "SerializationException")
    assert response.json()["Message"] == "Image in the URL must be JSON or a Python literal"


def test_a_presigned_url_accepts_lists_and_numbers(create_client: Callable[..., Any], control: ControlApi) -> None:
    client = create_client()
    result = post(client.generate_presigned_url("describe_projects", {"ProjectNames": ["a", "b"]}), "DescribeProjects")
    assert result.json() == {"ProjectDescriptions": []}
    url = client.generate_presigned_url("list_collections", {"MaxResults": 4097})
    assert "less than or equal to 4096" in post(url, "ListCollections").json()["message"]
