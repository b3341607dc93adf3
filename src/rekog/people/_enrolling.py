"""Enroll a person: create the user, index the images, associate their faces, wait until the user is ACTIVE.

The steps keep their results in an `Enrolling`, so that the error of a later step has them. A face that was just
indexed may be unknown to AssociateFaces for a moment: such a face is associated again, with a pause before.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from .._core.flow import sleep
from .._core.waiting_rules import wait
from .._generated import operations as ops
from .._generated.errors import (
    ConflictException,
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidS3ObjectException,
)
from .._generated.waiting import USER_ACTIVE
from .._values.errors import ParamValidationError, RekogError
from .._values.narrow import is_bytes, is_mapping
from ._results import Enrollment, RejectedFace, UnfinishedError

if TYPE_CHECKING:
    from .. import images, models
    from .._core.call import Caller
    from .._core.flow import Flow

MOST_FACES = 100
"""Faces of one AssociateFaces request, by the service model."""
LAG_ATTEMPTS = 5
"""Requests for a face, or a user, whose last change the service may not show yet."""
LAG_PAUSE = 1.0
_OUTLIVED = 10
"""Polls in succession that may fail during the wait for the user."""
_UNUSABLE = (ImageTooLargeException, InvalidImageFormatException, InvalidS3ObjectException)
_NOT_FOUND = "FACE_NOT_FOUND"


def listed(given: Iterable[images.ImageInput]) -> list[images.ImageInput]:
    """Return the images of an argument, which must be at least one, and not an image itself."""
    _check(given)
    found = list(given)
    if not found:
        raise _invalid("must have at least one image")
    return found


def _check(value: object) -> None:
    if _is_single(value) or not isinstance(value, Iterable):
        raise _invalid(f"must be an iterable of images, not {type(value).__name__}: put a single image into a list")


def _is_single(value: object) -> bool:
    """Tell whether a value is one image; many of its forms can be iterated too."""
    return isinstance(value, str | os.PathLike) or is_bytes(value) or is_mapping(value) or hasattr(value, "read")


def _invalid(text: str) -> ParamValidationError:
    problem = f"images: {text}"
    return ParamValidationError(f"enroll: {problem}", problems=[problem])


def enroll(
    caller: Caller,
    collection_id: str,
    user_id: str,
    sources: list[images.ImageInput],
    quality_filter: models.QualityFilterValue | None,
    timeout: float | None,
) -> Flow[Enrollment]:
    """Enroll a person from images."""
    with suppress(ConflictException):  # the user exists
        yield from caller.call(ops.CREATE_USER, collection_id=collection_id, user_id=user_id)
    enrolling = Enrolling(caller, collection_id, user_id, timeout)
    try:
        for source in sources:
            yield from enrolling.index(source, quality_filter)
        yield from enrolling.associate_all()
    except RekogError as error:
        raise enrolling.unfinished(error) from error
    return enrolling.enrollment()


class Enrolling:
    """The state of one enrollment: faces by id with their images, those that belong to the user, and rejected ones."""

    def __init__(self, caller: Caller, collection_id: str, user_id: str, timeout: float | None) -> None:
        self._caller = caller
        self._timeout = timeout
        self._user = {"collection_id": collection_id, "user_id": user_id}
        self._sources: dict[str, images.ImageInput] = {}
        self._details: dict[str, models.FaceDetail] = {}
        self._rejected: list[RejectedFace] = []
        self.indexed: dict[str, models.Face] = {}
        self.associated: dict[str, models.Face] = {}

    def enrollment(self) -> Enrollment:
        """Return the enrollment as far as it went."""
        faces, rejected = list(self.associated.values()), list(self._rejected)
        return Enrollment(user_id=self._user["user_id"], faces=faces, rejected=rejected)

    def unfinished(self, error: RekogError) -> UnfinishedError:
        """Return the error of an enrollment that ends here."""
        settled = {*self.associated, *(each.face_id for each in self._rejected)}
        rest = [face for face_id, face in self.indexed.items() if face_id not in settled]
        done = f"{len(self.associated)} faces associated, {len(rest)} indexed only, {len(self._rejected)} rejected"
        text = f"enroll: the user {self._user['user_id']!r} was not finished ({done}): {error}"
        return UnfinishedError(text, enrollment=self.enrollment(), faces=rest)

    def index(self, source: images.ImageInput, quality_filter: models.QualityFilterValue | None) -> Flow[None]:
        """Index one face of an image, or reject the image."""
        arguments = {"collection_id": self._user["collection_id"], "max_faces": 1, "quality_filter": quality_filter}
        response, reasons = yield from index_image(self._caller, source, arguments)
        if response is None:
            self._rejected.append(RejectedFace(source=source, reasons=reasons))
            return
        for record in response.face_records:
            self.take(record.face, source, record.face_detail)
        if not response.face_records:
            self._rejected += _unindexed(source, response.unindexed_faces)

    def take(self, face: models.Face, source: images.ImageInput, detail: models.FaceDetail) -> None:
        """Add a face of the collection to those that are to be associated with the user."""
        self.indexed[face.face_id] = face
        self._sources[face.face_id], self._details[face.face_id] = source, detail

    def associate_all(self) -> Flow[None]:
        """Associate all faces that were indexed with the user, and wait until it is ACTIVE."""
        face_ids = list(self.indexed)
        for start in range(0, len(face_ids), MOST_FACES):
            yield from self.associate(face_ids[start : start + MOST_FACES])
            if self.associated:
                yield from self.until_active()

    def associate(self, face_ids: list[str]) -> Flow[None]:
        """Associate faces with the user, or reject those that the service does not associate."""
        refused = yield from self._associate(face_ids)
        for _ in range(LAG_ATTEMPTS - 1):
            unknown = [face_id for face_id, each in refused.items() if _NOT_FOUND in each.reasons]
            if not unknown:
                break
            yield from sleep(LAG_PAUSE)
            for face_id in unknown:
                del refused[face_id]
            refused |= yield from self._associate(unknown)
        for face_id, each in refused.items():
            self._reject(face_id, each)

    def _associate(self, face_ids: list[str]) -> Flow[dict[str, models.UnsuccessfulFaceAssociation]]:
        """Associate faces with the user, and return those that the service did not associate."""
        request = partial(self._caller.call, ops.ASSOCIATE_FACES, **self._user, face_ids=face_ids)
        try:
            response = yield from request()
        except ConflictException:  # the user is being updated by an earlier request
            yield from self.until_active()
            response = yield from request()
        refused = {str(each.face_id): each for each in response.unsuccessful_face_associations}
        # A face that belonged to the user before is in neither list of the response.
        self.associated |= {face_id: self.indexed[face_id] for face_id in face_ids if face_id not in refused}
        return refused

    def _reject(self, face_id: str, refused: models.UnsuccessfulFaceAssociation) -> None:
        # The service has no reason for a user that has its 100 faces.
        reasons = [str(reason) for reason in refused.reasons] or ["NO_REASON"]
        source, detail = self._sources[face_id], self._details[face_id]
        self._rejected.append(RejectedFace(source=source, reasons=reasons, face_detail=detail, face_id=face_id))

    def until_active(self) -> Flow[None]:
        """Wait until the user is ACTIVE."""
        rule = USER_ACTIVE._replace(outlives=_OUTLIVED)
        yield from wait(self._caller, rule, None, None, None, self._timeout, None, **self._user)


def index_image(
    caller: Caller, source: images.ImageInput, arguments: Mapping[str, object]
) -> Flow[tuple[models.IndexFacesResponse | None, list[str]]]:
    """Index the faces of an image; None with the reasons if the image cannot be used."""
    try:
        return (yield from caller.call(ops.INDEX_FACES, image=source, **arguments)), []
    except _UNUSABLE as error:
        return None, [f"{error.code}: {error.message}"]
    except ParamValidationError as error:
        if not all(problem.startswith("image:") for problem in error.problems):
            raise
        return None, list(error.problems)


def _unindexed(source: images.ImageInput, unindexed: list[models.UnindexedFace]) -> list[RejectedFace]:
    """Return the rejected faces of an image of which none was indexed."""
    if not unindexed:
        return [RejectedFace(source=source, reasons=["NO_FACE"])]
    return [
        RejectedFace(source=source, reasons=[str(reason) for reason in face.reasons], face_detail=face.face_detail)
        for face in unindexed
    ]
