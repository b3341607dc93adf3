"""Analysis of pictures: nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .faces import check_attributes, detect
from .pictures import load_picture

if TYPE_CHECKING:
    from ..context import Context


def detect_faces(context: Context, request: models.DetectFacesRequest) -> models.DetectFacesResponse:
    """Find the faces of a picture; none is an empty list."""
    check_attributes("DetectFaces", request.attributes or ())
    return models.DetectFacesResponse(face_details=detect(context, load_picture(context, request.image)))
