"""CreateFaceLivenessSession, GetFaceLivenessSessionResults, and what ends a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rekog import Credentials, RekognitionClient, models
from rekog.emulator import Limits
from rekog.errors import JobFailedError
from tests.kit.custom_labels import NOWHERE, Lab, code, lab, refusal
from tests.kit.wire import ASTRONAUT, Wire, encoded, plain

BLANK = encoded(plain())
BOX = models.BoundingBox(width=0.5, height=0.5, left=0.25, top=0.25)
IMAGE = models.AuditImage(bytes=b"image", bounding_box=BOX)
CREDENTIALS = Credentials("AKID", "secret")
UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def room() -> Iterator[Lab]:
    with lab() as opened:
        yield opened


def begin(room: Lab, token: str | None = None, **settings: Any) -> str:
    chosen = models.CreateFaceLivenessSessionRequestSettings(**settings) if settings else None
    return room.client.create_face_liveness_session(settings=chosen, client_request_token=token).session_id


def results(room: Lab, session: str) -> dict[str, object]:
    """Return the answer about a session without its id."""
    answer = room.client.call("GetFaceLivenessSessionResults", {"SessionId": session})
    assert answer.pop("SessionId") == session
    return answer


def test_a_new_session_is_created_and_has_no_more_to_say(room: Lab) -> None:
    session = begin(room)
    assert len(session) == 36
    assert results(room, session) == {"Status": "CREATED"}


def test_an_unknown_session_is_not_found(room: Lab) -> None:
    assert refusal(lambda: results(room, UNKNOWN)) == (
        "SessionNotFoundException",
        f"The session id: {UNKNOWN} does not exist",
    )


def test_a_session_of_another_region_is_not_found(room: Lab) -> None:
    session = begin(room)
    with RekognitionClient("eu-west-1", transport=room.emulator.transport(), credentials=CREDENTIALS) as abroad:
        assert code(lambda: abroad.get_face_liveness_session_results(session)) == "SessionNotFoundException"


# --- tokens


def test_the_same_token_gives_the_same_session_whatever_else_is_asked_for(room: Lab) -> None:
    session = begin(room, "token")
    assert begin(room, "token") == session
    assert begin(room, "token", audit_images_limit=4) == session


def test_other_tokens_and_none_give_other_sessions(room: Lab) -> None:
    assert len({begin(room, "one"), begin(room, "two"), begin(room), begin(room)}) == 4


def test_a_token_is_fresh_again_when_its_session_has_expired(room: Lab) -> None:
    session = begin(room, "token")
    room.clock.advance(179)
    assert begin(room, "token") == session
    room.clock.advance(1)
    assert begin(room, "token") != session


# --- time


def test_a_session_expires_after_three_minutes_and_is_gone_after_six(room: Lab) -> None:
    session = begin(room)
    seen: list[object] = []
    for seconds in (179, 1, 179):
        room.clock.advance(seconds)
        seen.append(results(room, session))
    assert seen == [{"Status": "CREATED"}, {"Status": "EXPIRED"}, {"Status": "EXPIRED"}]
    room.clock.advance(1)
    assert code(lambda: results(room, session)) == "SessionNotFoundException"
    begin(room)  # which clears away what is gone
    assert code(lambda: results(room, session)) == "SessionNotFoundException"


def test_results_expire_with_their_session(room: Lab) -> None:
    session = begin(room)
    room.emulator.declare_liveness(session, confidence=99, reference_image=IMAGE)
    room.clock.advance(180)
    assert results(room, session) == {"Status": "EXPIRED"}


def test_how_long_a_session_lives_can_be_set() -> None:
    with lab(limits=Limits(liveness_seconds=10)) as room:
        session = begin(room)
        room.clock.advance(10)
        assert results(room, session) == {"Status": "EXPIRED"}


def test_a_session_that_expires_ends_its_waiter(room: Lab) -> None:
    session = begin(room)
    with pytest.raises(JobFailedError, match="EXPIRED"):
        room.client.wait_until_face_liveness_session_completed(session, delay=0, on_poll=room.tick)


# --- results


def test_a_session_goes_on_and_ends_as_declared(room: Lab) -> None:
    session = begin(room)
    room.emulator.declare_liveness(session, status="IN_PROGRESS")
    assert results(room, session) == {"Status": "IN_PROGRESS"}

    def finish(poll: Any) -> None:
        if poll.attempt == 2:
            room.emulator.declare_liveness(session, confidence=98.5)

    room.client.wait_until_face_liveness_session_completed(session, delay=0, on_poll=finish)
    assert results(room, session) == {"Status": "SUCCEEDED", "Confidence": 98.5}


def test_a_result_has_images_challenge_feedback_and_client(room: Lab) -> None:
    session = begin(room, audit_images_limit=1)
    room.emulator.declare_liveness(
        session,
        confidence=97,
        reference_image=IMAGE,
        audit_images=[IMAGE, IMAGE],
        challenge=models.Challenge(type="FaceMovementChallenge", version="1.0.0"),
        feedback=[models.FeedbackItem(code="EYES_CLOSED_DETECTED", message="Open your eyes")],
        sdk_type="Web",
    )
    image = {"Bytes": b"image", "BoundingBox": {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}}
    assert results(room, session) == {
        "Status": "SUCCEEDED",
        "Confidence": 97,
        "ReferenceImage": image,
        "AuditImages": [image],
        "Challenge": {"Type": "FaceMovementChallenge", "Version": "1.0.0"},
        "Feedback": [{"Code": "EYES_CLOSED_DETECTED", "Message": "Open your eyes"}],
        "Metadata": {"SDKType": "Web"},
    }


@pytest.mark.parametrize(("limit", "given"), [(None, 0), (0, 0), (2, 2), (4, 3)])
def test_there_are_as_many_audit_images_as_were_asked_for(room: Lab, limit: int | None, given: int) -> None:
    session = begin(room, audit_images_limit=limit)
    room.emulator.declare_liveness(session, confidence=97, audit_images=[IMAGE] * 3)
    assert len(room.client.get_face_liveness_session_results(session).audit_images) == given


def test_a_failed_session_has_no_confidence_and_no_images(room: Lab) -> None:
    session = begin(room)
    feedback = [models.FeedbackItem(code="FACE_NOT_VISIBLE", message="Show your face")]
    room.emulator.declare_liveness(session, status="FAILED", feedback=feedback)
    assert results(room, session) == {
        "Status": "FAILED",
        "Feedback": [{"Code": "FACE_NOT_VISIBLE", "Message": "Show your face"}],
    }


def test_images_go_to_the_bucket_of_the_session(room: Lab) -> None:
    output = models.LivenessOutputConfig(s3_bucket="sessions", s3_key_prefix="web")
    session = begin(room, output_config=output, audit_images_limit=2)
    room.emulator.declare_liveness(session, confidence=97, reference_image=IMAGE, audit_images=[IMAGE])
    found = room.client.get_face_liveness_session_results(session)
    assert found.reference_image == models.AuditImage(
        s3_object=models.S3Object(bucket="sessions", name=f"web/{session}/reference-image"), bounding_box=BOX
    )
    assert [image.s3_object for image in found.audit_images] == [
        models.S3Object(bucket="sessions", name=f"web/{session}/audit-image-1")
    ]
    assert room.emulator.get_object("sessions", f"web/{session}/reference-image") == b"image"


def test_the_largest_face_of_an_image_is_looked_for(room: Lab) -> None:
    session = begin(room)
    data = ASTRONAUT.read_bytes()
    room.emulator.declare_liveness(session, confidence=97, reference_image=data)
    image = room.client.get_face_liveness_session_results(session).reference_image
    assert image is not None
    assert image.bytes == data
    (face,) = room.client.detect_faces(data).face_details
    assert image.bounding_box == face.bounding_box


def test_an_image_without_a_face_has_no_box(room: Lab) -> None:
    session = begin(room)
    room.emulator.declare_liveness(session, confidence=97, reference_image=BLANK)
    assert results(room, session)["ReferenceImage"] == {"Bytes": BLANK}


def test_the_image_in_the_bucket_can_be_looked_at(room: Lab) -> None:
    output = models.LivenessOutputConfig(s3_bucket="sessions")
    session = begin(room, output_config=output)
    room.emulator.declare_liveness(session, confidence=97, reference_image=ASTRONAUT.read_bytes())
    image = room.client.get_face_liveness_session_results(session).reference_image
    assert image is not None
    assert len(room.client.detect_faces(models.Image(s3_object=image.s3_object)).face_details) == 1


# --- what is not declared


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ({}, "confidence belongs to SUCCEEDED and to nothing else: SUCCEEDED came with None"),
        ({"status": "FAILED", "confidence": 3}, "confidence belongs to SUCCEEDED"),
        ({"confidence": 100.5}, "confidence must be a percentage, 0 to 100, not 100.5"),
        ({"status": "FAILED", "reference_image": IMAGE}, "only a session that SUCCEEDED has images, not one that is"),
        ({"status": "IN_PROGRESS", "audit_images": [IMAGE]}, "only a session that SUCCEEDED has images"),
        ({"confidence": 9, "reference_image": b"text"}, "an image must be a picture, PNG or JPEG"),
        ({"confidence": 9, "reference_image": models.AuditImage()}, "reference-image must have bytes"),
        (
            {"confidence": 9, "audit_images": [IMAGE, models.AuditImage(bytes=bytes(204_801))]},
            "audit-image-2 must have at most 204800 bytes, not 204801",
        ),
    ],
)
def test_a_result_that_can_not_be_is_not_declared(room: Lab, declared: dict[str, Any], text: str) -> None:
    session = begin(room, audit_images_limit=4)
    with pytest.raises(ValueError, match=text):
        room.emulator.declare_liveness(session, **declared)
    assert results(room, session) == {"Status": "CREATED"}


def test_an_image_that_can_not_be_written_is_not_declared() -> None:
    with lab(s3_endpoint=NOWHERE) as room:
        session = begin(room, output_config=models.LivenessOutputConfig(s3_bucket="sessions"))
        with pytest.raises(ValueError, match="reference-image can't be written to the bucket 'sessions'"):
            room.emulator.declare_liveness(session, confidence=97, reference_image=IMAGE)
        assert results(room, session) == {"Status": "CREATED"}


def test_one_session_serves_one_check(room: Lab) -> None:
    session = begin(room)
    room.emulator.declare_liveness(session, status="FAILED")
    with pytest.raises(ValueError, match=f"the liveness session {session} is FAILED: one session serves one check"):
        room.emulator.declare_liveness(session, confidence=99)


def test_a_session_that_has_expired_gets_no_result(room: Lab) -> None:
    session = begin(room)
    room.clock.advance(180)
    with pytest.raises(ValueError, match="is EXPIRED"):
        room.emulator.declare_liveness(session, confidence=99)


def test_a_session_that_nobody_made_gets_no_result(room: Lab) -> None:
    with pytest.raises(LookupError, match=f"there is no liveness session {UNKNOWN}"):
        room.emulator.declare_liveness(UNKNOWN, confidence=99)


# --- settings


@pytest.mark.parametrize("limit", [-1, 5])
def test_a_number_of_audit_images_out_of_bounds_is_refused(room: Lab, limit: int) -> None:
    answer = Wire(room.emulator)("CreateFaceLivenessSession", Settings={"AuditImagesLimit": limit})
    assert answer.refusal[0] == "InvalidParameterException"


def test_challenge_preferences_are_taken(room: Lab) -> None:
    versions = models.Versions(minimum="1.9.0", maximum="1.10.0")
    preference = models.ChallengePreference(type="FaceMovementChallenge", versions=versions)
    other = models.ChallengePreference(type="FaceMovementAndLightChallenge")
    assert results(room, begin(room, challenge_preferences=[preference, other])) == {"Status": "CREATED"}


def test_versions_of_a_challenge_go_upwards(room: Lab) -> None:
    versions = models.Versions(minimum="1.10.0", maximum="1.9.0")
    preference = models.ChallengePreference(type="FaceMovementChallenge", versions=versions)
    assert code(lambda: begin(room, challenge_preferences=[preference])) == "InvalidParameterException"
