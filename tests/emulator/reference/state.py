"""What the reference model keeps, and what it says of a picture, a face or a search by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import attrs

from tests.kit.drawn_faces import HIGH_CONFIDENCE, IDENTITIES, SCENE_IMAGES, SCENES, DrawnFace
from tests.kit.similarity import Vector, mean_direction, similarity

Json: TypeAlias = dict[str, Any]

VERSION = "7.0"
NO_IMAGE = b"no picture"


class RefusedError(Exception):
    """The answer should be this error."""


@attrs.define
class Face:
    """A stored face. `number` counts the faces of a collection in the order in which they came."""

    face_id: str
    image_id: str
    external: str | None
    seen: DrawnFace
    number: int
    user: str | None = None

    @property
    def vector(self) -> Vector:
        """Its embedding."""
        return IDENTITIES[self.seen.identity]


@attrs.define
class User:
    """A user. Until `due` it is updated, and stands for what it stood for before. `key` is no other user's, ever."""

    user_id: str
    key: int
    vector: Vector | None = None
    former: Vector | None = None
    due: float = 0.0


@attrs.define
class Collection:
    """A collection. `key` is no other collection's, ever."""

    key: int
    created: float
    faces: dict[str, Face] = attrs.field(factory=dict[str, Face])
    users: dict[str, User] = attrs.field(factory=dict[str, User])
    images: dict[bytes, str] = attrs.field(factory=dict[bytes, str])
    came: int = 0


class Used(NamedTuple):
    """What a ClientRequestToken was used for, and the key of the user or collection that it lives as long as."""

    request: Json
    answer: Json
    key: int


def in_image(data: bytes) -> list[DrawnFace]:
    """Return the faces of a picture, the largest first, or refuse."""
    if data == NO_IMAGE:
        raise RefusedError("InvalidImageFormatException")
    return sorted(SCENES[SCENE_IMAGES.index(data)], key=lambda face: -face.side)


def sure(face: DrawnFace) -> bool:
    """Tell whether a face passes every quality filter; it is nothing but its confidence that may be low."""
    return face.confidence == HIGH_CONFIDENCE


def face_wire(face: Face) -> Json:
    """Return a stored face as the service describes it."""
    optional = {"ExternalImageId": face.external, "UserId": face.user}
    return {
        "FaceId": face.face_id,
        "ImageId": face.image_id,
        **detail(face.seen),
        "IndexFacesModelVersion": VERSION,
        **{name: value for name, value in optional.items() if value is not None},
    }


def detail(face: DrawnFace) -> Json:
    """Return what is known of a face that was seen; the answer tells more."""
    left, top, width, height = face.box
    box = {"Left": left, "Top": top, "Width": width, "Height": height}
    return {"BoundingBox": box, "Confidence": 100 * face.confidence}


def largest(wire: Json) -> DrawnFace | None:
    """Return the face that a search by a picture is for, if one is good enough."""
    filtered = wire.get("QualityFilter", "NONE") != "NONE"
    return next((face for face in in_image(wire["Image"]["Bytes"]) if sure(face) or not filtered), None)


def alike(vector: Vector, others: Sequence[Vector], threshold: float) -> bool:
    """Tell whether a face may be given to a user who has others."""
    return not others or similarity(vector, mean_direction(others)) >= threshold


def face_matches(vector: Vector, among: Iterable[Face], wire: Json, given: Json) -> list[Json]:
    """Return the faces that are like one, as a call asks for them."""
    result = [(similarity(vector, face.vector), {"Face": face_wire(face)}) for face in among]
    first = [match["Face"]["FaceId"] for match in given.get("FaceMatches", ())]
    threshold, maximum = wire.get("FaceMatchThreshold", 80), wire.get("MaxFaces", 4096)
    return best(result, threshold, maximum, lambda match: str(match["Face"]["FaceId"]), first)


def best(
    result: Iterable[tuple[float, Json]],
    threshold: float,
    maximum: int,
    name: Callable[[Json], str],
    first: Sequence[str],
) -> list[Json]:
    """Return the most similar; which of equals come first is free, so they come as they are given."""
    locations = {given: location for location, given in enumerate(first)}
    matches = [{"Similarity": similarity, **match} for similarity, match in result if similarity >= threshold]
    matches.sort(key=lambda match: (-round(match["Similarity"], 2), locations.get(name(match), len(locations))))
    return matches[:maximum]


def check(fine: bool, error: str) -> None:
    """Refuse what is not fine."""
    if not fine:
        raise RefusedError(error)
