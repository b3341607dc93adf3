"""Identify each face of an image.

SearchUsersByImage searches with the largest face of an image only. So DetectFaces returns the boxes of all faces, and
each is searched by a crop of its own. IndexFaces with SearchUsers would need no crops, but it writes the faces of
strangers into the collection, where other searches match them until they are deleted, and an interruption leaves them.

A neighbour can be the largest face of a crop. The result counts only if the face that the service searched is at the
place of the detected one; if it is not, a narrower crop is searched.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .._core.call import timeout_of
from .._core.deadline import Deadline
from .._core.flow import run_blocking
from .._core.media import MAX_BYTES, load_media
from .._generated import operations as ops
from .._settings.values import CallOptions
from .._values.errors import ParamValidationError
from ._results import IdentifiedFace

if TYPE_CHECKING:
    from PIL import Image as pillow  # noqa: N813 (a module)

    from .. import images, models
    from .._core.call import Caller
    from .._core.flow import Flow

MARGINS = (0.5, 0.1)
"""Parts of a face's box that a crop adds on each side: the first one, and the one in a crowd."""
SMALLEST = 160
"""Pixels of a crop's smaller side, to which a smaller crop is enlarged. The service refuses images under 80."""
MOST_FACES = 100
"""Faces that DetectFaces returns."""


def identify(
    caller: Caller,
    collection_id: str,
    image: images.ImageInput,
    user_match_threshold: float | None,
    max_faces: int,
) -> Flow[list[IdentifiedFace]]:
    """Return the largest faces of an image with the users that they match."""
    _check(max_faces)
    content = yield from _content(caller, image)
    detected = yield from caller.call(ops.DETECT_FACES, image=content)
    search = _Search(caller, collection_id, user_match_threshold)
    faces = detected.face_details
    if not faces:
        return []
    if len(faces) == 1:
        return [_identified(faces[0], (yield from search.whole(content)))]
    found: list[IdentifiedFace] = []
    photograph = yield from run_blocking(partial(_opened, content))
    for face in faces[:max_faces]:
        response = yield from search.part(photograph, _box_of(face))
        found.append(_identified(face, response))
    return found


def _check(max_faces: object) -> None:
    if isinstance(max_faces, bool) or not isinstance(max_faces, int) or not 1 <= max_faces <= MOST_FACES:
        raise _invalid(f"max_faces: must be a whole number from 1 to {MOST_FACES}, not {max_faces!r}")


def _invalid(text: str) -> ParamValidationError:
    return ParamValidationError(f"identify: {text}", problems=[text])


def _content(caller: Caller, image: images.ImageInput) -> Flow[bytes]:
    """Return the bytes of a local image, which is read once."""
    deadline = Deadline(timeout_of(CallOptions(), caller.config).total)
    loaded = yield from load_media(ops.DETECT_FACES, "image", {"image": image}, deadline)
    content: bytes | None = getattr(loaded, "bytes", None)
    if content is None:
        raise _invalid("image: must be a local image: an object in S3 cannot be cropped here, so load it before")
    return content


class _Search:
    """Searches for the users of one collection."""

    def __init__(self, caller: Caller, collection_id: str, threshold: float | None) -> None:
        self._caller = caller
        self._arguments = {"collection_id": collection_id, "user_match_threshold": threshold, "max_users": 1}

    def whole(self, content: bytes) -> Flow[models.SearchUsersByImageResponse]:
        """Search with the largest face of an image."""
        return (yield from self._caller.call(ops.SEARCH_USERS_BY_IMAGE, image=content, **self._arguments))

    def part(self, photograph: pillow.Image, box: models.BoundingBox) -> Flow[models.SearchUsersByImageResponse | None]:
        """Search with a face of an image; None when the service does not find it in its crops."""
        for margin in MARGINS:
            response = yield from self.whole((yield from run_blocking(partial(_crop_of, photograph, box, margin))))
            searched = _searched(response)
            if searched is not None and _is_at(searched.bounding_box, box, margin):
                return response
        return None


def _searched(response: models.SearchUsersByImageResponse | None) -> models.FaceDetail | None:
    """Return the face that the service searched with."""
    if response is None or response.searched_face is None:
        return None
    return response.searched_face.face_detail


def _is_at(found: models.BoundingBox, box: models.BoundingBox, margin: float) -> bool:
    """Tell whether the centre of a face found in the crop of a box is inside that box."""
    return all(
        start <= low + (found_start + found_side / 2) * (high - low) <= start + side
        for found_start, found_side, start, side, low, high in (
            (found.left, found.width, box.left, box.width, *_span(box.left, box.width, margin)),
            (found.top, found.height, box.top, box.height, *_span(box.top, box.height, margin)),
        )
    )


def _span(start: float, side: float, margin: float) -> tuple[float, float]:
    """Return the start and end of a crop in the whole image."""
    return max(0.0, start - margin * side), min(1.0, start + side * (1 + margin))


def _identified(face: models.FaceDetail, response: models.SearchUsersByImageResponse | None) -> IdentifiedFace:
    match = response.user_matches[0] if response is not None and response.user_matches else None
    user = None if match is None else match.user
    return IdentifiedFace(
        bounding_box=face.bounding_box,
        user_id=None if user is None else user.user_id,
        similarity=None if match is None else match.similarity,
        face_detail=face,
        searched=_searched(response) is not None,
    )


def _opened(content: bytes) -> pillow.Image:
    from ..images import opened

    return opened(content)


def _crop_of(photograph: pillow.Image, box: models.BoundingBox, margin: float) -> bytes:
    """Return the part of an image around a face as a JPEG file, enlarged if it is small."""
    from .._core.image_files.fitting import fit_image
    from ..images import crop

    return fit_image(_enlarged(crop(photograph, box, margin=margin)), MAX_BYTES, None).data


def _enlarged(part: pillow.Image) -> pillow.Image:
    scale = SMALLEST / min(part.size)
    if scale <= 1:
        return part
    return part.convert("RGB").resize((round(part.width * scale), round(part.height * scale)))


def _box_of(face: models.FaceDetail) -> models.BoundingBox:
    """Return the box of a face, cut at the edges of the image, as a crop is."""
    from ..models import BoundingBox

    box = face.bounding_box
    left, top = max(0.0, box.left), max(0.0, box.top)
    right, bottom = min(1.0, box.left + box.width), min(1.0, box.top + box.height)
    return BoundingBox(left=left, top=top, width=right - left, height=bottom - top)
