"""Answers as flat rows: the columns of each response that lists results, and a reader of them.

A column is a path of fields through a result. On its way through a list, a step in capitals is the item of that name,
and any other step belongs to the item of the highest confidence. A path that begins with `*` belongs to the inner list
of a listing, which gives a row for each of its items. A list at the end of a path becomes text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from ..._values.errors import ParamValidationError
from ..._values.narrow import is_sequence
from ..codecs import generated_class

if TYPE_CHECKING:
    from ..._values.model import Response

Columns = Mapping[str, str]

SEPARATOR = "; "


class Listing(NamedTuple):
    """A list of a response, the columns of its rows, and the list in each result that has rows of its own."""

    field: str
    columns: Columns
    inner: str = ""


def _at(path: str, *columns: Columns) -> dict[str, str]:
    return {name: f"{path}.{field}" for each in columns for name, field in each.items()}


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def _judged(names: str) -> dict[str, str]:
    """Return the columns of fields with a value and a confidence."""
    return {
        column: path
        for name in names.split()
        for column, path in ((name, f"{name}.value"), (f"{name}_confidence", f"{name}.confidence"))
    }


_BOX = {side: f"bounding_box.{side}" for side in ("left", "top", "width", "height")}
_FACE_BOX = {f"face_{side}": f"face.{path}" for side, path in _BOX.items()}
_EMOTION = {"emotion": "emotions.type", "emotion_confidence": "emotions.confidence"}
_SEEN = {"confidence": "confidence", **_BOX, **_at("pose", _same("roll yaw pitch"))} | _at(
    "quality", _same("brightness sharpness")
)
_COMPARED = _SEEN | _judged("smile") | _EMOTION
_FACE = (
    _SEEN
    | {"age_low": "age_range.low", "age_high": "age_range.high"}
    | _judged("gender smile eyeglasses sunglasses beard mustache eyes_open mouth_open face_occluded")
    | {"eye_yaw": "eye_direction.yaw", "eye_pitch": "eye_direction.pitch"}
    | _EMOTION
)
_STORED_IDS = _same("face_id image_id external_image_id user_id")
_STORED = _STORED_IDS | {"confidence": "confidence"} | _BOX | _same("index_faces_model_version")
_USER = _at("user", _same("user_id user_status"))
_INSTANCE = _at("*", {"instance_confidence": "confidence"}, _BOX)
_LABEL = _same("name confidence parents categories aliases")
_TEXT = {"text": "detected_text"} | _same("type id parent_id confidence") | _at("geometry", _BOX)
_MODERATION = _same("name parent_name taxonomy_level confidence")
_CELEBRITY = _same("name id match_confidence urls") | {"known_gender": "known_gender.type"}
_PERSON = _same("index") | _BOX | _FACE_BOX | {"face_confidence": "face.confidence"}
_SPAN = _same("timestamp start_timestamp_millis end_timestamp_millis duration_millis")
_PARTS = {part.lower(): f"body_parts.{part}" for part in ("FACE", "HEAD", "LEFT_HAND", "RIGHT_HAND")}
_EQUIPMENT = {
    column: f"{path}.{field}"
    for part, path in _PARTS.items()
    for column, field in (
        (part, "confidence"),
        (f"{part}_equipment", "equipment_detections.type"),
        (f"{part}_covered", "equipment_detections.covers_body_part.value"),
        (f"{part}_covered_confidence", "equipment_detections.covers_body_part.confidence"),
    )
}
_MATCHES = (Listing("face_matches", _same("similarity") | _at("face", _STORED)),)
_USER_MATCHES = (Listing("user_matches", _same("similarity") | _USER),)
_REASONS = _same("reasons")

LISTINGS: Mapping[str, tuple[Listing, ...]] = {
    "CompareFacesResponse": (
        Listing("face_matches", _same("similarity") | _at("face", _COMPARED)),
        Listing("unmatched_faces", _COMPARED),
    ),
    "DetectCustomLabelsResponse": (Listing("custom_labels", _same("name confidence") | _at("geometry", _BOX)),),
    "DetectFacesResponse": (Listing("face_details", _FACE),),
    "DetectLabelsResponse": (Listing("labels", _LABEL | _INSTANCE, inner="instances"),),
    "DetectModerationLabelsResponse": (Listing("moderation_labels", _MODERATION),),
    "DetectProtectiveEquipmentResponse": (Listing("persons", _same("id confidence") | _BOX | _EQUIPMENT),),
    "DetectTextResponse": (Listing("text_detections", _TEXT),),
    "GetCelebrityRecognitionResponse": (
        Listing(
            "celebrities",
            _same("timestamp")
            | _at("celebrity", _same("name id confidence urls"), {"known_gender": "known_gender.type"})
            | _at("celebrity", _BOX, _FACE_BOX),
        ),
    ),
    "GetContentModerationResponse": (Listing("moderation_labels", _SPAN | _at("moderation_label", _MODERATION)),),
    "GetFaceDetectionResponse": (Listing("faces", _same("timestamp") | _at("face", _FACE)),),
    "GetFaceSearchResponse": (
        Listing(
            "persons",
            _same("timestamp") | _at("person", _PERSON) | {"similarity": "*.similarity"} | _at("*.face", _STORED_IDS),
            inner="face_matches",
        ),
    ),
    "GetLabelDetectionResponse": (
        Listing("labels", _SPAN | _at("label", _LABEL) | _INSTANCE, inner="label.instances"),
    ),
    "GetPersonTrackingResponse": (Listing("persons", _same("timestamp") | _at("person", _PERSON)),),
    "GetSegmentDetectionResponse": (
        Listing(
            "segments",
            _same("type start_timestamp_millis end_timestamp_millis duration_millis")
            | _same("start_timecode_smpte end_timecode_smpte duration_smpte")
            | _same("start_frame_number end_frame_number duration_frames")
            | {"shot_index": "shot_segment.index", "shot_confidence": "shot_segment.confidence"}
            | {"cue_type": "technical_cue_segment.type", "cue_confidence": "technical_cue_segment.confidence"},
        ),
    ),
    "GetTextDetectionResponse": (Listing("text_detections", _same("timestamp") | _at("text_detection", _TEXT)),),
    "IndexFacesResponse": (
        Listing("face_records", _at("face", _STORED) | _at("face_detail", _FACE)),
        Listing("unindexed_faces", _at("face_detail", _FACE) | _REASONS),
    ),
    "ListFacesResponse": (Listing("faces", _STORED),),
    "ListUsersResponse": (Listing("users", _same("user_id user_status")),),
    "RecognizeCelebritiesResponse": (
        Listing("celebrity_faces", _CELEBRITY | _at("face", _COMPARED)),
        Listing("unrecognized_faces", _COMPARED),
    ),
    "SearchFacesByImageResponse": _MATCHES,
    "SearchFacesResponse": _MATCHES,
    "SearchUsersByImageResponse": _USER_MATCHES,
    "SearchUsersResponse": _USER_MATCHES,
}


def columns_of(name: str) -> list[str]:
    """Return the columns of a response's rows, in their order."""
    if name == "ListCollectionsResponse":
        return ["collection_id", "face_model_version"]
    return list(dict.fromkeys(column for listing in LISTINGS[name] for column in listing.columns))


def has_rows(answer: Response) -> bool:
    """Tell whether a response has a list of results."""
    name = generated_class(type(answer)).__name__
    return name in LISTINGS or name == "ListCollectionsResponse"


def to_rows(answer: Response, constant: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the results of a response as rows, each with the constant columns first."""
    name = generated_class(type(answer)).__name__
    if not has_rows(answer):
        raise ParamValidationError(f"to_rows: {name} has no list of results; to_dict() has all its fields")
    columns = columns_of(name)
    if taken := sorted(constant.keys() & set(columns)):
        raise ParamValidationError(f"to_rows: {taken[0]}: is a column of {name}; give the constant another name")
    empty = {**constant, **dict.fromkeys(columns)}
    return [{**empty, **row} for row in _rows(name, answer)]


def _rows(name: str, answer: Any) -> Iterator[dict[str, object]]:
    if name == "ListCollectionsResponse":  # one list with the ids, one with the versions
        for collection_id, version in zip_longest(answer.collection_ids, answer.face_model_versions):
            yield {"collection_id": collection_id, "face_model_version": version}
        return
    for listing in LISTINGS[name]:
        for result in getattr(answer, listing.field):
            inner = _follow(result, listing.inner.split(".")) if listing.inner else None
            for part in inner or [None]:
                yield {column: _cell(result, part, path.split(".")) for column, path in listing.columns.items()}


def _cell(result: object, part: object, steps: list[str]) -> object:
    value = _follow(part, steps[1:]) if steps[0] == "*" else _follow(result, steps)
    if is_sequence(value):
        return SEPARATOR.join(str(getattr(item, "name", item)) for item in value)
    return str(value) if isinstance(value, str) else value  # a member of an enum is plain text in a row


def _follow(value: Any, steps: list[str]) -> Any:
    """Return the value at the end of a path; None if a part of it is missing."""
    for step in steps:
        value = _item(value, step) if is_sequence(value) else getattr(value, step, None)
    return value


def _item(items: Any, step: str) -> Any:
    if step.isupper():
        return next((item for item in items if item.name == step), None)
    return getattr(max(items, key=_confidence, default=None), step, None)


def _confidence(item: Any) -> float:
    confidence: float | None = item.confidence
    return confidence or 0.0
