"""Face liveness: sessions that live for three minutes, and end when somebody declares how.

The video of a check goes over another service's protocol, so no session here ends by itself: `declare` ends it.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ... import models
from ..._core.json_body import parse, serialise
from ..._core.wire import from_wire, to_wire
from .. import refusals
from ..refusals import RefusalError
from ..state import idempotency
from ..state.rows import liveness
from ..texts import check_texts
from ..vision import needs_extra
from .files import write_file

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from ..context import Context
    from ..state.rows.liveness import SessionRow

    Image: TypeAlias = bytes | models.AuditImage

Declared: TypeAlias = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]

MAX_IMAGE_BYTES = 204_800
"""Of an image that the answer carries itself."""
EXPIRED_LIVES = 2
"""An expired session is said to be so until it is this many times as old as it could get, then not found (assumed)."""

_CREATE = "CreateFaceLivenessSession"
_STATUS = models.LivenessSessionStatus


def create_face_liveness_session(
    context: Context, request: models.CreateFaceLivenessSessionRequest
) -> models.CreateFaceLivenessSessionResponse:
    """Make a session; a token that made one which has not expired gives that one again, whatever else is asked for."""
    settings = request.settings or models.CreateFaceLivenessSessionRequestSettings()
    _check_preferences(settings.challenge_preferences or ())
    token = {"ClientRequestToken": request.client_request_token} if request.client_request_token else {}
    now, life = context.clock(), context.limits.liveness_seconds
    with context.state.write() as connection:
        for expired in liveness.ids_until(connection, now - life):
            idempotency.forget(connection, expired)
        liveness.delete_until(connection, now - EXPIRED_LIVES * life)
        answer = idempotency.replayed(connection, context.scope, _CREATE, token)
        if answer is None:
            answer = {"SessionId": str(uuid.uuid4())}
            session_id = answer["SessionId"]
            liveness.insert(connection, context.scope, str(session_id), now, json.dumps(to_wire(settings)))
            idempotency.remember(connection, context.scope, _CREATE, token, answer, str(session_id))
    return from_wire(models.CreateFaceLivenessSessionResponse, answer)


def get_face_liveness_session_results(
    context: Context, request: models.GetFaceLivenessSessionResultsRequest
) -> models.GetFaceLivenessSessionResultsResponse:
    """Tell how a session stands and, once it has ended, how it went."""
    with context.state.read() as connection:
        row = liveness.find(connection, request.session_id)
    status = None if row is None or row.scope != context.scope else _status(context, row)
    if row is None or status is None:
        raise refusals.session_missing(request.session_id)
    if row.result is None or status == _STATUS.EXPIRED:
        return models.GetFaceLivenessSessionResultsResponse(session_id=row.session_id, status=status)
    result = cast("Mapping[str, object]", parse(row.result.encode()))  # cast: it was written below
    return from_wire(models.GetFaceLivenessSessionResultsResponse, result)


def declare(
    context: Context,
    session_id: str,
    *,
    status: Declared,
    confidence: float | None,
    reference_image: Image | None,
    audit_images: Sequence[Image],
    challenge: models.Challenge | None,
    feedback: Sequence[models.FeedbackItem],
    sdk_type: str | None,
) -> None:
    """Let a session go on or end; the context's scope does not matter, for the id says whose session it is."""
    check_texts(sdk_type=sdk_type)
    _check_declared(status, confidence, [reference_image, *audit_images])
    with context.state.read() as connection:
        row = _usable(context, connection, session_id)
    result = None
    if status != _STATUS.IN_PROGRESS:
        settings = from_wire(models.CreateFaceLivenessSessionRequestSettings, json.loads(row.settings))
        output, kept = settings.output_config, audit_images[: settings.audit_images_limit or 0]
        reference = None
        if reference_image is not None:
            reference = _stored(context, session_id, output, reference_image, "reference-image")
        response = models.GetFaceLivenessSessionResultsResponse(
            session_id=session_id,
            status=status,
            confidence=confidence,
            reference_image=reference,
            audit_images=[
                _stored(context, session_id, output, image, f"audit-image-{number}")
                for number, image in enumerate(kept, 1)
            ],
            challenge=challenge,
            feedback=list(feedback),
            metadata=models.SessionMetadata(sdk_type=sdk_type) if sdk_type else None,
        )
        result = b"".join(serialise(to_wire(response))).decode()
    with context.state.write() as connection:
        _usable(context, connection, session_id)  # it took a while
        liveness.finish(connection, session_id, status, result)


def _status(context: Context, row: SessionRow) -> str | None:
    """Return how a session stands by the clock, None when it is not remembered any longer."""
    age, life = context.clock() - row.created, context.limits.liveness_seconds
    if age >= EXPIRED_LIVES * life:
        return None
    return row.status if age < life else _STATUS.EXPIRED


def _check_preferences(preferences: Sequence[models.ChallengePreference]) -> None:
    for preference in preferences:
        least, most = (preference.versions and (preference.versions.minimum, preference.versions.maximum)) or ("", "")
        if least and most and _numbers(least) > _numbers(most):
            raise refusals.invalid_parameter("The Minimum of Versions must not be above their Maximum.")  # ours


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _check_declared(status: Declared, confidence: float | None, images: Sequence[Image | None]) -> None:
    if (confidence is None) is (status == _STATUS.SUCCEEDED):
        raise ValueError(f"confidence belongs to SUCCEEDED and to nothing else: {status} came with {confidence!r}")
    if confidence is not None and not 0 <= confidence <= 100:
        raise ValueError(f"confidence must be a percentage, 0 to 100, not {confidence!r}")
    if status != _STATUS.SUCCEEDED and any(image is not None for image in images):
        raise ValueError(f"only a session that SUCCEEDED has images, not one that is {status}")


def _usable(context: Context, connection: sqlite3.Connection, session_id: str) -> SessionRow:
    """Return a session that a check can still be made with."""
    row = liveness.find(connection, session_id)
    status = row and _status(context, row)
    if row is None or status is None:
        raise LookupError(f"there is no liveness session {session_id}")
    if status not in (_STATUS.CREATED, _STATUS.IN_PROGRESS):
        raise ValueError(f"the liveness session {session_id} is {status}: one session serves one check")
    return row


def _stored(
    context: Context, session_id: str, output: models.LivenessOutputConfig | None, image: Image, name: str
) -> models.AuditImage:
    """Return an image as the answer has it: its bytes, or where they were put."""
    found = image if isinstance(image, models.AuditImage) else _looked_at(context, image)
    if not found.bytes:
        raise ValueError(f"{name} must have bytes")
    if output is not None:
        try:
            place = write_file(context, output.s3_bucket, output.s3_key_prefix, f"{session_id}/{name}", found.bytes)
        except RefusalError as error:
            raise ValueError(f"{name} can't be written to the bucket {output.s3_bucket!r}: {error}") from error
        return models.AuditImage(s3_object=from_wire(models.S3Object, place), bounding_box=found.bounding_box)
    if len(found.bytes) > MAX_IMAGE_BYTES:
        raise ValueError(f"{name} must have at most {MAX_IMAGE_BYTES} bytes, not {len(found.bytes)}")
    return found


def _looked_at(context: Context, data: bytes) -> models.AuditImage:
    """Return a picture with the box of its largest face, if it shows one."""
    with needs_extra():
        from ..vision.images import decode
    try:
        image = decode(data)
    except RefusalError as error:
        raise ValueError(f"an image must be a picture, PNG or JPEG: {error}") from error
    with needs_extra():
        faces = context.vision.face_detector.detect(image)
    box = max((face.box for face in faces), key=lambda box: box.area, default=None)
    ratios = box and models.BoundingBox(
        width=box.width / image.width,
        height=box.height / image.height,
        left=box.left / image.width,
        top=box.top / image.height,
    )
    return models.AuditImage(bytes=data, bounding_box=ratios)
