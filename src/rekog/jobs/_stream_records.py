"""Records that a face search stream processor writes to a Kinesis data stream: one for each analysed frame.

The form is that of recorded records. `FaceSearchResponse` has an entry for each detected face of the frame.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from .._values.errors import ConfigError, DecodeError
from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.public import publish
from ._envelopes import Envelopes, member, moment, number, text, time_of

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")

_ENVELOPES = Envelopes(
    function="parse_stream_records",
    expected="a record of a stream processor",
    keys=("InputInformation", "StreamProcessorInformation", "FaceSearchResponse"),
    lists=("Records", "records"),  # of Kinesis and of a Lambda function; of a function of Firehose
    inner=("kinesis", "Data", "data"),  # of a Lambda function; of GetRecords; of a Lambda function and of Firehose
    base64=True,
)


class StreamFace(Frozen, kw_only=True, public="rekog.jobs"):
    """A face of a frame, and the faces of the collection that it matches, the most similar first."""

    detected_face: models.ComparedFace
    matched_faces: tuple[models.FaceMatch, ...]


class StreamRecord(Frozen, kw_only=True, public="rekog.jobs"):
    """The result of a face search in a frame of a Kinesis video stream.

    The timestamps are those of the fragment that contains the frame, at the server and at the producer of the stream.
    `frame_offset_in_seconds` is the place of the frame within the fragment. `status` is the state of the processor,
    such as RUNNING. A member that the record does not have is None.
    """

    stream_arn: str | None
    fragment_number: str | None
    server_timestamp: datetime | None
    producer_timestamp: datetime | None
    frame_offset_in_seconds: float | None
    status: str | None
    faces: tuple[StreamFace, ...]

    @property
    def time(self) -> datetime | None:
        """The time of the frame, by the clock of the stream's producer, else by that of the server."""
        offset = timedelta(seconds=self.frame_offset_in_seconds or 0)
        return time_of(self.producer_timestamp, self.server_timestamp, offset)

    def to_dict(self, *, names: Literal["python", "wire"] = "python") -> dict[str, Any]:
        """Return the fields as plain Python values; with `names="wire"`, the record as the service writes it.

        A member that is None is left out. Timestamps are aware `datetime`, and epoch seconds in a wire dict.
        """
        if not _is_wire(names):
            faces: list[object] = [
                {
                    "detected_face": face.detected_face.to_dict(),
                    "matched_faces": [match.to_dict() for match in face.matched_faces],
                }
                for face in self.faces
            ]
            return _present({**self.__dict__, "faces": faces})
        video = {
            "StreamArn": self.stream_arn,
            "FragmentNumber": self.fragment_number,
            "ServerTimestamp": _seconds(self.server_timestamp),
            "ProducerTimestamp": _seconds(self.producer_timestamp),
            "FrameOffsetInSeconds": self.frame_offset_in_seconds,
        }
        return {
            "InputInformation": {"KinesisVideo": _present(video)},
            "StreamProcessorInformation": _present({"Status": self.status}),
            "FaceSearchResponse": [
                {
                    "DetectedFace": face.detected_face.to_dict(names="wire"),
                    "MatchedFaces": [match.to_dict(names="wire") for match in face.matched_faces],
                }
                for face in self.faces
            ],
        }

    def to_json(self) -> str:
        """Return the record as JSON text, as the service writes it."""
        return json.dumps(self.to_dict(names="wire"))

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Return the record of a dict that the service or `to_dict` made; unknown members are ignored.

        Raise `ParamValidationError` if the faces have another form.
        """
        if "faces" in values:
            return cls(
                stream_arn=text(values.get("stream_arn")),
                fragment_number=text(values.get("fragment_number")),
                server_timestamp=moment(values.get("server_timestamp")),
                producer_timestamp=moment(values.get("producer_timestamp")),
                frame_offset_in_seconds=number(values.get("frame_offset_in_seconds")),
                status=text(values.get("status")),
                faces=_faces(values, "faces", "detected_face", "matched_faces"),
            )
        video = member(values, "InputInformation", "KinesisVideo")
        return cls(
            stream_arn=text(video.get("StreamArn")),
            fragment_number=text(video.get("FragmentNumber")),
            server_timestamp=moment(video.get("ServerTimestamp")),
            producer_timestamp=moment(video.get("ProducerTimestamp")),
            frame_offset_in_seconds=number(video.get("FrameOffsetInSeconds")),
            status=text(member(values, "StreamProcessorInformation").get("Status")),
            faces=_faces(values, "FaceSearchResponse", "DetectedFace", "MatchedFaces"),
        )

    @classmethod
    def from_json(cls, content: str | bytes) -> Self:
        """Return the record of JSON text, as `from_dict` does; an envelope must have one record."""
        found = list(_ENVELOPES.messages(content))
        if len(found) != 1:
            raise _ENVELOPES.malformed(f"one record was expected, not {len(found)}: parse_stream_records reads many")
        return cls.from_dict(found[0])


def parse_stream_records(
    event: str | bytes | bytearray | memoryview | Mapping[str, object],
) -> list[StreamRecord]:
    """Return the records of a face search stream processor in an event of a Lambda function, in their order.

    The forms are the event of a function that reads a Kinesis data stream or transforms records of Firehose, a response
    of Kinesis GetRecords or a record of it, and the content of a record, as JSON, as base64 of it, or as a mapping.
    Unknown members are ignored. Raise `ParamValidationError` for another form.

    >>> event = {"Records": [{"kinesis": {"data": "eyJGYWNlU2VhcmNoUmVzcG9uc2UiOiBbXX0="}}]}
    >>> parse_stream_records(event)[0].faces
    ()
    """
    return [StreamRecord.from_dict(record) for record in _ENVELOPES.messages(event)]


def _faces(values: Mapping[str, object], name: str, detected: str, matched: str) -> tuple[StreamFace, ...]:
    from .. import models as types

    faces: list[StreamFace] = []
    for index, entry in enumerate(_ENVELOPES.list_at(name, values.get(name))):
        place = f"{name}[{index}]"
        face = _ENVELOPES.object_at(place, entry)
        found = _ENVELOPES.object_at(f"{place}.{detected}", face.get(detected))
        matches = [
            _ENVELOPES.object_at(f"{place}.{matched}[{rank}]", match)
            for rank, match in enumerate(_ENVELOPES.list_at(f"{place}.{matched}", face.get(matched)))
        ]
        try:
            faces.append(
                StreamFace(
                    detected_face=types.ComparedFace.from_dict(found),
                    matched_faces=tuple(map(types.FaceMatch.from_dict, matches)),
                )
            )
        except DecodeError as error:
            raise _ENVELOPES.malformed(f"{place}: {error}") from error
    return tuple(faces)


def _is_wire(names: str) -> bool:
    if names not in ("python", "wire"):
        raise ConfigError(f"names must be 'python' or 'wire', not {names!r}")
    return names == "wire"


def _present(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()


publish("rekog.jobs", parse_stream_records)
