"""A refusal of content that is neither declared nor seen names the operation that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import NOT_SERVED, Emulator
from tests.kit.drawn_faces import SCENE_IMAGES, DrawnFaceDetector
from tests.kit.people import People
from tests.kit.request_members import VIDEO_JOBS
from tests.kit.videos import VIDEO, put_video, run_job
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = image_file(plain_image(200, 200))
DETECTED = SCENE_IMAGES[1]
"""An image with a face that the detector finds, of which it sees no attributes."""


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    """An emulator without networks."""
    with Emulator(vision="off", face_detector=DrawnFaceDetector()) as emulator:
        yield People(emulator)


def refused(people: People, operation: str, image: bytes, **members: Any) -> str:
    """Return the text of a refusal without the name of the operation, with which it begins."""
    response = people.wire(operation, Image={"Bytes": image}, **members)
    code, message = response.refusal
    assert (operation, response.status, code) == (operation, 501, NOT_SERVED)
    name, _, text = message.partition(": ")
    assert name == operation
    return text


def test_content_that_no_network_sees_is_refused_with_the_name_of_the_operation(people: People) -> None:
    texts = {
        operation: refused(people, operation, PLAIN)
        for operation in ("DetectLabels", "DetectModerationLabels", "DetectProtectiveEquipment", "DetectText")
    }
    capabilities = ("labels", "moderation", "ppe", "text")
    assert texts == {
        operation: (
            f"this emulator can't detect the {capability} of an image and does not make up values. Declare them with"
            f" client.emulator.declare(image, {capability}=[...]) of an embedded emulator,"
            f" else Emulator.declare(image, {capability}=[...]); an empty list says that there are none."
        )
        for operation, capability in zip(texts, capabilities, strict=True)
    }


def test_attributes_of_faces_are_refused_with_the_name_of_the_operation(people: People) -> None:
    missing = "a face was declared without BEARD, and the emulator does not make up values."
    unseen = "this emulator can't detect these face attributes and does not make up values: BEARD."
    indexing: dict[str, Any] = {"CollectionId": people.collection, "DetectionAttributes": ["BEARD"]}
    for operation, members in (("DetectFaces", {"Attributes": ["BEARD"]}), ("IndexFaces", indexing)):
        assert refused(people, operation, people.image("Ann"), **members).startswith(missing)
        assert refused(people, operation, DETECTED, **members).startswith(unseen)


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_job_over_an_undecodable_video_fails_with_the_name_of_its_start(people: People, kind: str) -> None:
    people.emulator.forget()
    put_video(people.emulator)
    starts: list[dict[str, Any]] = [VIDEO_JOBS[kind][1]]
    starts += [{"FaceAttributes": "ALL"}] if kind == "FaceDetection" else []
    for members in starts:
        response = run_job(people.wire, kind, **members)
        assert (response["JobStatus"], response["StatusMessage"].partition(": ")[0]) == ("FAILED", f"Start{kind}")


def test_a_job_over_faces_declared_without_attributes_fails_with_the_name_of_its_start(people: People) -> None:
    put_video(people.emulator, faces=[{"Timestamp": 0, "BoundingBox": [0, 0, 1, 1]}])
    message = run_job(people.wire, "FaceDetection", FaceAttributes="ALL")["StatusMessage"]
    assert message.startswith("StartFaceDetection: a face was declared without AGE_RANGE, BEARD, ")
    assert message.endswith("or request fewer attributes.")
    # neither of these two is an attribute of faces in videos
    assert "FACE_OCCLUDED" not in message
    assert "EYE_DIRECTION" not in message


def test_an_analysis_that_is_no_part_of_the_job_asks_for_nothing(people: People) -> None:
    """A face search needs no attributes, so faces declared without them are searched."""
    put_video(people.emulator, faces=[{"Timestamp": 0, "BoundingBox": [0, 0, 1, 1]}])
    response = WireClient(people.emulator)("StartFaceSearch", Video=VIDEO, CollectionId=people.collection).body
    assert people.wire("GetFaceSearch", **response).body["JobStatus"] == "SUCCEEDED"
