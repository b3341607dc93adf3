"""Requests to an emulator that looks at signatures, and arguments in a URL."""

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATASET = "arn:aws:rekognition:us-east-1:123456789012:project/dogs/dataset/train/1"
WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}
JSON = "application/x-amz-json-1.1"


@pytest.fixture(scope="module")
def strict() -> Iterator[str]:
    """An emulator that answers what is signed with the one key, or with one that only it knows."""
    with running_server("--verify-signatures", ":".join(KEYS), "--verify-signatures", "OTHER:unguessed") as server:
        yield server.url


@pytest.mark.parametrize("driver", [Boto3, Rekog])
def test_what_is_signed_is_answered(
    strict: str, control: ControlApi, driver: Callable[[str, str], Boto3 | Rekog]
) -> None:
    with closing(driver(REGION, strict)) as client:
        assert client.call("ListCollections", {})["CollectionIds"] == []
        client.call("CreateCollection", {"CollectionId": "people", "Tags": {"Größe": "1 + 1 = 2/4"}})


@pytest.fixture
def made(strict: str) -> Iterator[Callable[..., Any]]:
    """Make clients of boto3 that try once and check what they are given, as they do unless told otherwise."""
    with ExitStack() as opened:

        def make(key: str = KEYS[0], secret: str = KEYS[1]) -> Any:
            new: Any = boto3
            keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
            config = Config(retries={"total_max_attempts": 1})
            client = new.client("rekognition", REGION, endpoint_url=strict, config=config, **keys)
            opened.callback(client.close)
            return client

        yield make


@pytest.fixture
def control(strict: str) -> Iterator[ControlApi]:
    control_api = ControlApi(strict)
    control_api.reset()
    yield control_api
    control_api.close()


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        (KEYS[0], "wrong", "InvalidSignatureException"),
        ("OTHER", KEYS[1], "InvalidSignatureException"),
        ("NOBODY", KEYS[1], "UnrecognizedClientException"),
    ],
)
def test_what_is_signed_with_another_key_is_not(made: Callable[..., Any], key: str, secret: str, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        made(key, secret).list_collections()
    said = cast("Any", refused.value).response  # cast: botocore has no types
    assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
    assert secret not in str(refused.value)


def post(url: str, operation: str) -> httpx.Response:
    head = {"Content-Type": JSON, "X-Amz-Target": f"RekognitionService.{operation}"}
    return httpx.post(url, headers=head, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)


def test_a_presigned_url_is_answered_and_an_altered_one_is_not(made: Callable[..., Any], control: ControlApi) -> None:
    client = made()
    client.create_collection(CollectionId="people")
    url = client.generate_presigned_url("list_faces", {"CollectionId": "people", "MaxResults": 3})
    assert post(url, "ListFaces").json()["Faces"] == []
    altered = post(url.replace("MaxResults=3", "MaxResults=4"), "ListFaces")
    assert (altered.status_code, altered.json()["__type"]) == (400, "InvalidSignatureException")
    assert post(url, "ListUsers").json()["__type"] == "InvalidSignatureException"


def test_a_presigned_url_takes_structures_as_boto3_writes_them(made: Callable[..., Any], control: ControlApi) -> None:
    place = control.put_object("photos", 'it\'s "one".png', blank_png())
    control.declare(blank_png(), text=["EXIT"])
    client = made()
    for image in (place, {"Bytes": blank_png()}):
        filters = {"WordFilter": {"MinConfidence": 0.5}, "RegionsOfInterest": [{"BoundingBox": WHOLE}]}
        url = client.generate_presigned_url("detect_text", {"Image": image, "Filters": filters})
        assert post(url, "DetectText").json()["TextDetections"][0]["DetectedText"] == "EXIT"
    url = client.generate_presigned_url("list_dataset_entries", {"DatasetArn": DATASET, "Labeled": True})
    assert post(url, "ListDatasetEntries").json()["__type"] == "ResourceNotFoundException"
    url = client.generate_presigned_url("create_collection", {"CollectionId": "people", "Tags": {"a": "1 + 1"}})
    arn = post(url, "CreateCollection").json()["CollectionArn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "1 + 1"}


@pytest.mark.parametrize("said", ["{", "print(1)", "{'Bytes': b'x'}", "{1, 2}", "(" * 1000, "[" * 100_00, "1e", ""])
def test_what_is_no_value_in_a_url_is_refused_by_its_name(url: str, said: str) -> None:
    query = urlencode({"Image": said, "X-Amz-Signature": "0"})
    answer = post(f"{url}/?{query}", "DetectFaces")
    assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException")
    assert answer.json()["Message"] == "Image in the URL must be JSON or a Python literal"


def test_a_presigned_url_takes_lists_and_numbers(made: Callable[..., Any], control: ControlApi) -> None:
    client = made()
    found = post(client.generate_presigned_url("describe_projects", {"ProjectNames": ["a", "b"]}), "DescribeProjects")
    assert found.json() == {"ProjectDescriptions": []}
    url = client.generate_presigned_url("list_collections", {"MaxResults": 4097})
    assert "less than or equal to 4096" in post(url, "ListCollections").json()["Message"]
