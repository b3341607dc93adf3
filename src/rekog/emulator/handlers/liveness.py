"""Face liveness: sessions that expire after three minutes, and end when a test declares their result.

A client sends the video of a check to another service, Amazon Rekognition Streaming (`StartFaceLivenessSession`), which
the emulator does not have. So a session never ends by itself: `declare_liveness` ends it.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ... import models
from ..._core.json_body import parse, serialise
from ..._core.wire import from_wire, to_wire
from .. import refusals
from ..content.faces import largest_face_box
from ..content.images import ImageSource
from ..refusals import RefusalError
from ..state import idempotency
from ..state.rows import liveness
from ..texts import check_texts
from .files import write_file

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from ..context import Context
    from ..state.rows.liveness import SessionRow

    Image: TypeAlias = bytes | models.AuditImage

LivenessStatus: TypeAlias = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]

MAX_IMAGE_BYTES = 204_800
"""Limit of an image in the response; images in a bucket have none."""
EXPIRED_LIFETIMES = 2
"""A session has the status EXPIRED until its age is this multiple of its lifetime; then it is unknown (assumed)."""

_CREATE = "CreateFaceLivenessSession"
_STATUS = models.LivenessSessionStatus


def create_face_liveness_session(
    context: Context, request: models.CreateFaceLivenessSessionRequest
) -> models.CreateFaceLivenessSessionResponse:
    """Create a session, or return an unexpired one with the same token, even if other parameters differ."""
    settings = request.settings or models.CreateFaceLivenessSessionRequestSettings()
    _check_preferences(settings.challenge_preferences or ())
    # only the token, so that a request with other parameters counts as a repetition too
    token_only = {"ClientRequestToken": request.client_request_token} if request.client_request_token else {}
    now, lifetime = context.clock(), context.limits.liveness_seconds
    with context.state.write() as connection:
        for expired in liveness.ids_until(connection, now - lifetime):
            idempotency.delete(connection, expired)
        liveness.delete_until(connection, now - EXPIRED_LIFETIMES * lifetime)
        response = idempotency.replayed(connection, context.scope, _CREATE, token_only)
        if response is None:
            session_id = str(uuid.uuid4())
            response = {"SessionId": session_id}
            liveness.insert(connection, context.scope, session_id, now, json.dumps(to_wire(settings)))
            idempotency.store(connection, context.scope, _CREATE, token_only, response, session_id)
    return from_wire(models.CreateFaceLivenessSessionResponse, response)


def get_face_liveness_session_results(
    context: Context, request: models.GetFaceLivenessSessionResultsRequest
) -> models.GetFaceLivenessSessionResultsResponse:
    """Return the status of a session and, once it has ended, its result."""
    with context.state.read() as connection:
        row = liveness.find(connection, request.session_id)
    status = None if row is None or row.scope != context.scope else _status(context, row)
    if row is None or status is None:
        raise refusals.session_missing(request.session_id)
    if row.result is None or status == _STATUS.EXPIRED:
        return models.GetFaceLivenessSessionResultsResponse(session_id=row.session_id, status=status)
    result = cast("Mapping[str, object]", parse(row.result.encode()))  # cast: declare_liveness wrote it
    return from_wire(models.GetFaceLivenessSessionResultsResponse, result)


def declare_liveness(
    context: Context,
    session_id: str,
    *,
    status: LivenessStatus,
    confidence: float | None,
    reference_image: Image | None,
    audit_images: Sequence[Image],
    challenge: models.Challenge | None,
    feedback: Sequence[models.FeedbackItem],
    sdk_type: str | None,
) -> None:
    """Set the status and result of a session, which is found by its id alone: the context's scope does not matter."""
    check_texts(sdk_type=sdk_type)
    _check_result(status, confidence, [reference_image, *audit_images])
    with context.state.read() as connection:
        row = _find_open_session(context, connection, session_id)
    result = None
    if status != _STATUS.IN_PROGRESS:
        settings = from_wire(models.CreateFaceLivenessSessionRequestSettings, json.loads(row.settings))
        output, returned = settings.output_config, audit_images[: settings.audit_images_limit or 0]
        reference = None
        if reference_image is not None:
            reference = _response_image(context, session_id, output, reference_image, "reference-image")
        response = models.GetFaceLivenessSessionResultsResponse(
            session_id=session_id,
            status=status,
            confidence=confidence,
            reference_image=reference,
            audit_images=[
                _response_image(context, session_id, output, image, f"audit-image-{number}")
                for number, image in enumerate(returned, 1)
            ],
            challenge=challenge,
            feedback=list(feedback),
            metadata=models.SessionMetadata(sdk_type=sdk_type) if sdk_type else None,
        )
        result = b"".join(serialise(to_wire(response))).decode()
    with context.state.write() as connection:
        _find_open_session(context, connection, session_id)  # it may have expired or ended meanwhile
        liveness.finish(connection, session_id, status, result)


def _status(context: Context, row: SessionRow) -> str | None:
    """Return the status of a session at the present time, None if it is so old that it counts as unknown."""
    age, lifetime = context.clock() - row.created, context.limits.liveness_seconds
    if age >= EXPIRED_LIFETIMES * lifetime:
        return None
    return row.status if age < lifetime else _STATUS.EXPIRED


def _check_preferences(preferences: Sequence[models.ChallengePreference]) -> None:
    for preference in preferences:
        versions = preference.versions or models.Versions()
        minimum, maximum = versions.minimum, versions.maximum
        if minimum and maximum and _version_numbers(minimum) > _version_numbers(maximum):
            raise refusals.invalid_parameter(
                "The Minimum of Versions must not be greater than the Maximum."
            )  # our wording


def _version_numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _check_result(status: LivenessStatus, confidence: float | None, images: Sequence[Image | None]) -> None:
    if (confidence is None) is (status == _STATUS.SUCCEEDED):
        raise ValueError(
            "confidence must be given with status SUCCEEDED, and with no other status;"
            f" status is {status}, confidence is {confidence!r}"
        )
    if confidence is not None and not 0 <= confidence <= 100:
        raise ValueError(f"confidence must be a percentage, 0 to 100, not {confidence!r}")
    if status != _STATUS.SUCCEEDED and any(image is not None for image in images):
        raise ValueError(
            f"reference_image and audit_images must be given with status SUCCEEDED only, not with {status}"
        )


def _find_open_session(context: Context, connection: sqlite3.Connection, session_id: str) -> SessionRow:
    """Return a session that has no result yet and has not expired; raise an exception for any other."""
    row = liveness.find(connection, session_id)
    status = row and _status(context, row)
    if row is None or status is None:
        raise LookupError(f"there is no liveness session {session_id}")
    if status not in (_STATUS.CREATED, _STATUS.IN_PROGRESS):
        raise ValueError(
            f"the liveness session {session_id} is {status} and accepts no further result: create a new session"
        )
    return row


def _response_image(
    context: Context, session_id: str, output: models.LivenessOutputConfig | None, image: Image, name: str
) -> models.AuditImage:
    """Return an image for the response: with its bytes, or with the S3 object into which they were written."""
    audit_image = image if isinstance(image, models.AuditImage) else _with_face_box(context, image, name)
    data = audit_image.bytes
    if not data:
        raise ValueError(f"{name} must have bytes")
    if output is not None:
        try:
            written = write_file(context, output.s3_bucket, output.s3_key_prefix, f"{session_id}/{name}", data)
        except RefusalError as error:
            raise ValueError(f"{name} can't be written to the bucket {output.s3_bucket!r}: {error}") from error
        return models.AuditImage(s3_object=from_wire(models.S3Object, written), bounding_box=audit_image.bounding_box)
    if len(data) > MAX_IMAGE_BYTES:
        raise ValueError(
            f"{name} must have at most {MAX_IMAGE_BYTES} bytes, not {len(data)}, in a session without an OutputConfig"
        )
    return audit_image


def _with_face_box(context: Context, data: bytes, name: str) -> models.AuditImage:
    """Return an image with the bounding box of its largest face, if it shows one."""
    try:
        box = largest_face_box(context, ImageSource(data), "declare_liveness")
    except RefusalError as error:
        if error.code == refusals.NOT_SERVED:
            raise
        raise ValueError(f"{name} must be a PNG or JPEG image: {error}") from error
    return models.AuditImage(bytes=data, bounding_box=box)
