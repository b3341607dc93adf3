"""Commands of the AWS CLI with options, as users type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.clients import Cli, RefusedError
from tests.kit.request_members import NOT_A_VIDEO, STREET_CONTENT
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.service import ControlApi

pytestmark = pytest.mark.slow

PEOPLE = ("--collection-id", "people")


@pytest.fixture
def aws(cli: Cli, control_api: ControlApi) -> Cli:
    """Return the CLI with an empty emulator."""
    control_api.reset()
    return cli


def test_a_collection_from_creation_to_deletion(aws: Cli) -> None:
    created = aws.run("create-collection", *PEOPLE, "--tags", "team=red")
    assert created["StatusCode"] == 200
    indexed = aws.run("index-faces", *PEOPLE, "--image-bytes", f"fileb://{ASTRONAUT}", "--external-image-id", "a:1")
    face = indexed["FaceRecords"][0]["Face"]["FaceId"]
    result = aws.run("search-faces-by-image", *PEOPLE, "--image-bytes", f"fileb://{ASTRONAUT}")
    assert [match["Face"]["FaceId"] for match in result["FaceMatches"]] == [face]
    aws.run("create-user", *PEOPLE, "--user-id", "Ann")
    assert aws.run("associate-faces", *PEOPLE, "--user-id", "Ann", "--face-ids", face)["UserStatus"] == "UPDATING"
    assert aws.run("list-faces", *PEOPLE, "--user-id", "Ann")["Faces"][0]["UserId"] == "Ann"
    assert aws.run("list-collections")["CollectionIds"] == ["people"]
    arn = aws.run("describe-collection", *PEOPLE)["CollectionARN"]
    assert aws.run("list-tags-for-resource", "--resource-arn", arn)["Tags"] == {"team": "red"}
    assert aws.run("delete-collection", *PEOPLE) == {"StatusCode": 200}


def test_an_image_in_a_bucket_is_analysed(aws: Cli, control_api: ControlApi) -> None:
    control_api.put_object("photos", "astronaut.jpg", ASTRONAUT.read_bytes())
    control_api.declare("s3://photos/astronaut.jpg", labels=["Astronaut", ["Flag", 60]], text=["NASA"])
    image = ("--image", "S3Object={Bucket=photos,Name=astronaut.jpg}")
    labels = aws.run("detect-labels", *image, "--min-confidence", "70")["Labels"]
    assert [label["Name"] for label in labels] == ["Astronaut"]
    assert aws.run("detect-text", *image)["TextDetections"][0]["DetectedText"] == "NASA"
    (face,) = aws.run("detect-faces", *image, "--attributes", "ALL")["FaceDetails"]
    assert (face["Smile"]["Value"], len(face["Landmarks"])) == (True, 30)


def test_a_video_job_returns_labels(aws: Cli, control_api: ControlApi) -> None:
    control_api.put_object("films", "street.mp4", NOT_A_VIDEO)
    control_api.declare("s3://films/street.mp4", **STREET_CONTENT)
    video = json.dumps({"S3Object": {"Bucket": "films", "Name": "street.mp4"}})
    job = aws.run("start-label-detection", "--video", video)["JobId"]
    assert aws.run("get-label-detection", "--job-id", job)["Labels"][0]["Label"]["Name"] == "Car"


def test_an_error_shows_its_code_and_text(aws: Cli, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="ResourceNotFoundException: The collection id: people does not exist"):
        aws.run("describe-collection", *PEOPLE)
    (tmp_path / "no.jpg").write_bytes(b"GIF89a")
    with pytest.raises(RefusedError, match="InvalidImageFormatException: Request has invalid image format"):
        aws.run("detect-faces", "--image-bytes", f"fileb://{tmp_path}/no.jpg")
