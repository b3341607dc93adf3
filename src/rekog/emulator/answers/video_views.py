"""Results of a video job, computed from the content of the video: thresholds, filters, orders and stretches.

A stretch is a period in which a label is continuously visible. The service's word in `AggregateBy` is `SEGMENTS`; the
segments of StartSegmentDetection are something else.

There is one view of the results for each way to request them (`TIMESTAMP TIMESTAMPS`, `NAME SEGMENTS` ...), so a page
is a slice of a stored list. Everything here is a function of its arguments.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from ... import models
from ..._core.wire import to_wire
from . import labels, moderation, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..._values.model import Model

MIN_CONFIDENCE = 50.0
"""Default of labels and moderation labels in a video."""
CONTINUOUS_MILLIS = 1000
"""Maximum gap between two sightings of a label in one stretch (assumed)."""

TIMESTAMPS, SEGMENTS = "TIMESTAMPS", "SEGMENTS"

Views: TypeAlias = "Mapping[str, Sequence[Model]]"
LabelT = TypeVar("LabelT", models.Label, models.ModerationLabel)
Detection = TypeVar("Detection", models.LabelDetection, models.ContentModerationDetection)
Timed = TypeVar(
    "Timed",
    models.FaceDetection,
    models.PersonMatch,
    models.PersonDetection,
    models.CelebrityRecognition,
    models.TextDetectionResult,
)


class Sighting(NamedTuple, Generic[LabelT]):
    """A label at one time or during a period; times are in milliseconds."""

    start: int
    end: int
    label: LabelT
    content_types: Sequence[models.ContentType] = ()


def view_name(sort_by: str, aggregate_by: str = "") -> str:
    """Return the name of the requested view."""
    return f"{sort_by} {aggregate_by}".strip()


def in_wire_form(views: Views) -> dict[str, list[dict[str, object]]]:
    """Return views in the form in which they are stored.

    The label of a stretch has no list of instances. A person of a face search without a match has an empty list of
    matches, as in the service's published response.
    """
    return {view: [_in_wire_form(entry) for entry in entries] for view, entries in views.items()}


def _in_wire_form(entry: Model) -> dict[str, object]:
    wire = to_wire(entry)
    label = wire.get("Label")
    if isinstance(label, dict) and "DurationMillis" in wire:
        del label["Instances"]
    if isinstance(entry, models.PersonMatch):
        wire.setdefault("FaceMatches", [])
    return wire


def label_views(
    detections: Sequence[models.LabelDetection],
    min_confidence: float | None = None,
    filters: models.GeneralLabelsSettings | None = None,
) -> Views:
    """Return the views of labels. The labels of each period are those of an image: with ancestors, and filtered."""
    minimum = MIN_CONFIDENCE if min_confidence is None else min_confidence
    sightings = [
        Sighting(*period, label)
        for period, entries in _by_period(detections)
        for label in labels.selected([entry.label for entry in entries], minimum, None, filters)
    ]
    return _label_views(sightings, _label_detection)


def moderation_views(
    detections: Sequence[models.ContentModerationDetection], min_confidence: float | None = None
) -> Views:
    """Return the views of moderation labels, with the content types of each period."""
    minimum = MIN_CONFIDENCE if min_confidence is None else min_confidence
    sightings: list[Sighting[models.ModerationLabel]] = []
    for period, entries in _by_period(detections):
        kinds = list({kind.name: kind for entry in entries for kind in entry.content_types}.values())
        given = [entry.moderation_label for entry in entries]
        sightings += [Sighting(*period, label, kinds) for label in moderation.selected(given, minimum)]
    return _label_views(sightings, _moderation_detection)


def _by_period(detections: Iterable[Detection]) -> Iterator[tuple[tuple[int, int], list[Detection]]]:
    """Group detections by start and end; a detection without a duration starts and ends at its timestamp."""

    def period(entry: Detection) -> tuple[int, int]:
        time = entry.timestamp
        start = time if entry.start_timestamp_millis is None else entry.start_timestamp_millis
        end_by_duration = None if entry.duration_millis is None else start + entry.duration_millis
        end = entry.end_timestamp_millis if entry.end_timestamp_millis is not None else end_by_duration
        return start, max(start, time if end is None else end)

    for key, entries in groupby(sorted(detections, key=period), key=period):
        yield key, list(entries)


def _label_views(sightings: Sequence[Sighting[LabelT]], build: Callable[[Sighting[LabelT], str], Model]) -> Views:
    lists = {TIMESTAMPS: _deduplicated(sightings), SEGMENTS: stretches(sightings)}
    return {
        view_name(sort_by, aggregate_by): [build(sighting, aggregate_by) for sighting in sorted(listed, key=order)]
        for aggregate_by, listed in lists.items()
        for sort_by, order in (("TIMESTAMP", _by_time), ("NAME", _by_name))
    }


def _by_time(sighting: Sighting[LabelT]) -> tuple[int, str, float]:
    # within one moment by name, unlike in an image: so in all recorded responses of the service
    return (sighting.start, sighting.label.name, -sighting.label.confidence)


def _by_name(sighting: Sighting[LabelT]) -> tuple[str, float, int]:
    return (sighting.label.name, -sighting.label.confidence, sighting.start)


def _deduplicated(sightings: Iterable[Sighting[LabelT]]) -> list[Sighting[LabelT]]:
    """Keep the sighting of highest confidence for each label and start time.

    Periods with the same start and different ends may have the same ancestor label.
    """
    kept: dict[tuple[int, str], Sighting[LabelT]] = {}
    for sighting in sorted(sightings, key=_by_time):
        kept.setdefault((sighting.start, sighting.label.name), sighting)
    return list(kept.values())


def stretches(sightings: Iterable[Sighting[LabelT]]) -> list[Sighting[LabelT]]:
    """Join sightings of one label that are at most CONTINUOUS_MILLIS apart.

    Each stretch keeps the label of its most confident sighting (assumed).
    """
    joined: list[Sighting[LabelT]] = []
    for sighting in sorted(sightings, key=lambda each: (each.label.name, each.start)):
        last = joined[-1] if joined else None
        if last and last.label.name == sighting.label.name and sighting.start <= last.end + CONTINUOUS_MILLIS:
            best = sighting if sighting.label.confidence > last.label.confidence else last
            joined[-1] = best._replace(start=last.start, end=max(last.end, sighting.end))
        else:
            joined.append(sighting)
    return joined


def _time_fields(sighting: Sighting[LabelT], aggregate_by: str) -> dict[str, int]:
    if aggregate_by == TIMESTAMPS:
        return {"timestamp": sighting.start}  # without the fields of a stretch (assumed)
    return {
        "timestamp": sighting.start,
        "start_timestamp_millis": sighting.start,
        "end_timestamp_millis": sighting.end,
        "duration_millis": sighting.end - sighting.start,
    }


def _label_detection(sighting: Sighting[models.Label], aggregate_by: str) -> models.LabelDetection:
    label = sighting.label
    shown = models.Label(
        name=label.name,
        confidence=label.confidence,
        parents=label.parents,
        aliases=label.aliases,
        categories=label.categories,
        instances=[_without_colours(instance) for instance in label.instances] if aggregate_by == TIMESTAMPS else [],
    )
    return models.LabelDetection(label=shown, **_time_fields(sighting, aggregate_by))


def _without_colours(instance: models.Instance) -> models.Instance:
    return models.Instance(bounding_box=instance.bounding_box, confidence=instance.confidence)


def _moderation_detection(
    sighting: Sighting[models.ModerationLabel], aggregate_by: str
) -> models.ContentModerationDetection:
    return models.ContentModerationDetection(
        moderation_label=sighting.label,
        content_types=list(sighting.content_types),
        **_time_fields(sighting, aggregate_by),
    )


def text_views(
    detections: Sequence[models.TextDetectionResult], filters: models.StartTextDetectionFilters | None = None
) -> Views:
    """Return the text of each timestamp as for an image: filtered, and numbered from 0."""
    words = filters.word_filter if filters else None
    regions = filters.regions_of_interest if filters else None
    results: list[models.TextDetectionResult] = []
    for time, entries in groupby(sorted(detections, key=time_of), key=time_of):
        lines = text.laid_out([entry.text_detection for entry in entries])
        results += [
            models.TextDetectionResult(timestamp=time, text_detection=detection)
            for detection in text.numbered(text.filtered(lines, words, regions))
        ]
    return {view_name("TIMESTAMP"): results}


def celebrity_views(detections: Sequence[models.CelebrityRecognition]) -> Views:
    """Return celebrities by time, and by id."""

    def by_id(entry: models.CelebrityRecognition) -> tuple[str, int]:
        return (entry.celebrity.id or "", time_of(entry))

    return {view_name("TIMESTAMP"): sorted(detections, key=time_of), view_name("ID"): sorted(detections, key=by_id)}


def person_views(detections: Sequence[models.PersonDetection]) -> Views:
    """Return persons by time, and by index: the entries of each person in descending order of the face's confidence."""

    def by_index(entry: models.PersonDetection) -> tuple[int, float, int]:
        face = entry.person.face
        return (entry.person.index, -(face.confidence if face else 0.0), time_of(entry))

    return {
        view_name("TIMESTAMP"): sorted(detections, key=time_of),
        view_name("INDEX"): sorted(detections, key=by_index),
    }


def match_views(matches: Sequence[models.PersonMatch]) -> Views:
    """Return the persons of a face search by time, and by index."""

    def by_index(entry: models.PersonMatch) -> tuple[int, int]:
        return (entry.person.index, time_of(entry))

    return {view_name("TIMESTAMP"): sorted(matches, key=time_of), view_name("INDEX"): sorted(matches, key=by_index)}


def face_views(detections: Sequence[models.FaceDetection]) -> Views:
    """Return faces by time."""
    return {view_name("TIMESTAMP"): sorted(detections, key=time_of)}


def time_of(entry: Timed) -> int:
    """Return the timestamp of a detection, in milliseconds from the video's start."""
    return entry.timestamp
