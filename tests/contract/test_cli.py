"""The AWS CLI, used as somebody types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.drivers import Cli, RefusedError
from tests.kit.tour import NO_VIDEO, STREET
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.service import Control

pytestmark = pytest.mark.slow

PEOPLE = ("--collection-id", "people")


@pytest.fixture
def aws(cli: Cli, told: Control) -> Cli:
    """The CLI with an emulator that has forgotten everything."""
    told.reset()
    return cli


def test_a_collection_from_its_making_to_its_end(aws: Cli) -> None:
    made = aws.run("create-collection", *PEOPLE, "--tags", "team=red")
    assert made["StatusCode"] == 200
    indexed = aws.run("index-faces", *PEOPLE, "--image-bytes", f"fileb://{ASTRONAUT}", "--external-image-id", "a:1")
    face = indexed["FaceRecords"][0]["Face"]["FaceId"]
    found = aws.run("search-faces-by-image", *PEOPLE, "--image-bytes", f"fileb://{ASTRONAUT}")
    assert [match["Face"]["FaceId"] for match in found["FaceMatches"]] == [face]
    aws.run("create-user", *PEOPLE, "--user-id", "Ann")
    assert aws.run("associate-faces", *PEOPLE, "--user-id", "Ann", "--face-ids", face)["UserStatus"] == "UPDATING"
    assert aws.run("list-faces", *PEOPLE, "--user-id", "Ann")["Faces"][0]["UserId"] == "Ann"
    assert aws.run("list-collections")["CollectionIds"] == ["people"]
    arn = aws.run("describe-collection", *PEOPLE)["CollectionARN"]
    assert aws.run("list-tags-for-resource", "--resource-arn", arn)["Tags"] == {"team": "red"}
    assert aws.run("delete-collection", *PEOPLE) == {"StatusCode": 200}


def test_what_an_image_in_a_bucket_shows(aws: Cli, told: Control) -> None:
    told.put("photos", "astronaut.jpg", ASTRONAUT.read_bytes())
    told.declare("s3://photos/astronaut.jpg", labels=["Astronaut", ["Flag", 60]], text=["NASA"])
    image = ("--image", "S3Object={Bucket=photos,Name=astronaut.jpg}")
    labels = aws.run("detect-labels", *image, "--min-confidence", "70")["Labels"]
    assert [label["Name"] for label in labels] == ["Astronaut"]
    assert aws.run("detect-text", *image)["TextDetections"][0]["DetectedText"] == "NASA"
    assert len(aws.run("detect-faces", *image)["FaceDetails"]) == 1


def test_a_job_over_a_video(aws: Cli, told: Control) -> None:
    told.put("films", "street.mp4", NO_VIDEO)
    told.declare("s3://films/street.mp4", **STREET)
    video = json.dumps({"S3Object": {"Bucket": "films", "Name": "street.mp4"}})
    job = aws.run("start-label-detection", "--video", video)["JobId"]
    assert aws.run("get-label-detection", "--job-id", job)["Labels"][0]["Label"]["Name"] == "Car"


def test_an_error_is_told_by_its_name(aws: Cli, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="ResourceNotFoundException: The collection id: people does not exist"):
        aws.run("describe-collection", *PEOPLE)
    (tmp_path / "no.jpg").write_bytes(b"GIF89a")
    with pytest.raises(RefusedError, match="InvalidImageFormatException: Request has invalid image format"):
        aws.run("detect-faces", "--image-bytes", f"fileb://{tmp_path}/no.jpg")
