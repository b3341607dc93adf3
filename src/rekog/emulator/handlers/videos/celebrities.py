"""Celebrities of a video: declared, or recognised among the faces of its frames.

The faces are detected from the job's start on, and compared with the enrolled celebrities at its end, so that those who
were enrolled meanwhile are recognised, too.
"""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import from_wire
from ...content.celebrities import MAX_FACES, known_gender, recognise
from . import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...content.found_face import FoundFace
    from ...content.neighbours import Match
    from ...content.videos import VideoContent
    from ...state.rows.celebrities import CelebrityRow

_OPERATION = "StartCelebrityRecognition"


def analyse(content: VideoContent) -> list[dict[str, object]] | None:
    """Return the faces detected in a video in a form that can be stored; None if celebrities are declared."""
    if content.declared("celebrities") is not None:
        return None
    return faces.stored(_largest(faces.detect(content, _OPERATION)), embedded=True)


def recognised(content: VideoContent) -> Sequence[models.CelebrityRecognition]:
    """Return the declared celebrities, or the enrolled ones among the largest faces of each frame."""
    given = content.declared("celebrities")
    entries = _matches_of_an_earlier_version(content) if given is None else given
    if entries is not None:
        return [from_wire(models.CelebrityRecognition, entry) for entry in entries]
    results: list[models.CelebrityRecognition] = []
    for timestamp, face in _largest(faces.detect(content, _OPERATION)):
        content.context.worker.raise_if_closed()
        match = recognise(content.context, face)
        if match is not None:
            results.append(models.CelebrityRecognition(timestamp=timestamp, celebrity=_detail(match, face)))
    return results


def _matches_of_an_earlier_version(content: VideoContent) -> Sequence[Mapping[str, object]] | None:
    """Return the detections of a job that began in a version which stored matches instead of faces."""
    stored = content.detections
    return stored if stored and "Celebrity" in stored[0] else None


def _largest(timed: Iterator[faces.TimedFace]) -> Iterator[faces.TimedFace]:
    """Yield the first faces of each frame; the largest come first."""
    for _, group in groupby(timed, key=lambda each: each.timestamp):
        yield from islice(group, MAX_FACES)


def _detail(match: Match[CelebrityRow], face: FoundFace) -> models.CelebrityDetail:
    row = match.row
    return models.CelebrityDetail(
        id=row.celebrity_id,
        name=row.name,
        urls=row.urls,
        confidence=match.similarity,
        bounding_box=face.detail.bounding_box,
        face=face.detail,
        known_gender=known_gender(row.gender),
    )
