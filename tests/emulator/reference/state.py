"""State of the reference model, and rules about images, faces and searches that need no state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import attrs

from tests.kit.drawn_faces import HIGH_CONFIDENCE, IDENTITIES, SCENE_IMAGES, SCENES, DrawnFace
from tests.kit.similarity import Vector, mean_direction, similarity

Json: TypeAlias = dict[str, Any]

VERSION = "7.0"
NOT_AN_IMAGE = b"not an image"


class ExpectedError(Exception):
    """The expected response is this error."""


@attrs.define
class Face:
    """A stored face. `number` counts the faces of a collection in the order of indexing."""

    face_id: str
    image_id: str
    external: str | None
    drawn: DrawnFace
    number: int
    user: str | None = None

    @property
    def vector(self) -> Vector:
        """The embedding."""
        return IDENTITIES[self.drawn.identity]


@attrs.define
class User:
    """A user. Until `due` it is UPDATING, and searches use the former vector. `key` is unique and never reused."""

    user_id: str
    key: int
    vector: Vector | None = None
    former: Vector | None = None
    due: float = 0.0


@attrs.define
class Collection:
    """A collection. `key` is unique and never reused."""

    key: int
    created: float
    faces: dict[str, Face] = attrs.field(factory=dict[str, Face])
    users: dict[str, User] = attrs.field(factory=dict[str, User])
    images: dict[bytes, str] = attrs.field(factory=dict[bytes, str])
    indexed: int = 0


class UsedToken(NamedTuple):
    """The request and response of a ClientRequestToken. The token is valid as long as the user or collection `key`."""

    request: Json
    response: Json
    key: int


def faces_in_image(data: bytes) -> list[DrawnFace]:
    """Return the faces of an image, largest first. Raise `ExpectedError` if it is not an image."""
    if data == NOT_AN_IMAGE:
        raise ExpectedError("InvalidImageFormatException")
    return sorted(SCENES[SCENE_IMAGES.index(data)], key=lambda face: -face.side)


def passes_filters(face: DrawnFace) -> bool:
    """Return whether a face passes every quality filter. Only the confidence of drawn faces can be low."""
    return face.confidence == HIGH_CONFIDENCE


def face_wire(face: Face) -> Json:
    """Return the wire dict of a stored face in lists and searches."""
    return {**indexed_wire(face), "IndexFacesModelVersion": VERSION}


def indexed_wire(face: Face) -> Json:
    """Return the wire dict of a stored face in the response of IndexFaces."""
    optional = {"ExternalImageId": face.external, "UserId": face.user}
    return {
        "FaceId": face.face_id,
        "ImageId": face.image_id,
        **face_detail(face.drawn),
        **{name: value for name, value in optional.items() if value is not None},
    }


def face_detail(face: DrawnFace) -> Json:
    """Return the predictable members of a detected face. The response has further members."""
    left, top, width, height = face.box
    box = {"Left": left, "Top": top, "Width": width, "Height": height}
    return {"BoundingBox": box, "Confidence": 100 * face.confidence}


def searched_face(wire: Json) -> DrawnFace | None:
    """Return the largest face of an image that passes the quality filter of a search, if there is one."""
    filtered = wire.get("QualityFilter", "NONE") != "NONE"
    return next((face for face in faces_in_image(wire["Image"]["Bytes"]) if passes_filters(face) or not filtered), None)


def is_similar(vector: Vector, others: Sequence[Vector], threshold: float) -> bool:
    """Return whether a face is similar enough to the other faces of a user."""
    return not others or similarity(vector, mean_direction(others)) >= threshold


def face_matches(vector: Vector, among: Iterable[Face], wire: Json, given: Json) -> list[Json]:
    """Return the expected matches of a face, with the threshold and limit of the request."""
    result = [(similarity(vector, face.vector), {"Face": face_wire(face)}) for face in among]
    first = [match["Face"]["FaceId"] for match in given.get("FaceMatches", ())]
    threshold, maximum = wire.get("FaceMatchThreshold", 80), wire.get("MaxFaces", 4096)
    return best_matches(result, threshold, maximum, lambda match: str(match["Face"]["FaceId"]), first)


def best_matches(
    result: Iterable[tuple[float, Json]],
    threshold: float,
    maximum: int,
    name: Callable[[Json], str],
    first: Sequence[str],
) -> list[Json]:
    """Return the most similar entries. Entries of equal similarity have the order of the response."""
    locations = {given: location for location, given in enumerate(first)}
    matches = [{"Similarity": similarity, **match} for similarity, match in result if similarity >= threshold]
    matches.sort(key=lambda match: (-round(match["Similarity"], 2), locations.get(name(match), len(locations))))
    return matches[:maximum]


def check(condition: bool, error: str) -> None:
    """Raise `ExpectedError` unless a condition holds."""
    if not condition:
        raise ExpectedError(error)
