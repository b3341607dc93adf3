"""Handle the records of a face search stream processor in a Lambda function.

    python examples/stream_records.py

No credentials and no network. A stream processor analyses live video at the service; here `event_of` makes its records
from searches in a collection of an emulator, and the handler gets them as Lambda passes them on.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

from rekog import RekognitionClient
from rekog.jobs import StreamFace, StreamRecord, parse_stream_records
from rekog.models import ComparedFace

IMAGES = Path(__file__).resolve().parent / "images"
START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def handler(event: dict[str, object], _context: object = None) -> list[str]:
    """Return a line for each face that was seen."""
    lines: list[str] = []
    for record in parse_stream_records(event):
        for face in record.faces:
            best = max(face.matched_faces, key=lambda match: match.similarity or 0, default=None)
            name = "a stranger" if best is None else best.face.external_image_id
            lines.append(f"{record.time:%H:%M:%S} {name} at {face.detected_face.bounding_box.left:.2f}")
    return lines


def event_of(client: RekognitionClient, frames: list[Path]) -> dict[str, object]:
    """Return the event of a Lambda function with a record for each frame."""
    records: list[object] = []
    for number, frame in enumerate(frames):
        detail = client.detect_faces(frame).face_details[0]
        seen = ComparedFace(bounding_box=detail.bounding_box, confidence=detail.confidence, pose=detail.pose)
        matches = client.search_faces_by_image("staff", frame).face_matches
        record = StreamRecord(
            stream_arn="arn:aws:kinesisvideo:eu-west-1:123456789012:stream/door/1790000000000",
            fragment_number="91343852333181432392682062622220590765191907307",
            server_timestamp=START,
            producer_timestamp=START,
            frame_offset_in_seconds=number,
            status="RUNNING",
            faces=(StreamFace(detected_face=seen, matched_faces=tuple(matches)),),
        )
        records.append({"kinesis": {"data": base64.b64encode(record.to_json().encode()).decode()}})
    return {"Records": records}


if __name__ == "__main__":
    with RekognitionClient.local() as local:
        local.create_collection("staff")
        local.index_faces("staff", IMAGES / "astronaut.jpg", external_image_id="ann")
        event = event_of(local, [IMAGES / "astronaut.jpg", IMAGES / "grace_hopper.jpg"])
    print(*handler(event), sep="\n")
