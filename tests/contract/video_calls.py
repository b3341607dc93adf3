"""Calls of stored-video jobs that several test modules make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.request_members import VIDEO, VIDEO_JOBS

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import Rekognition


STREET_OBJECT = "s3://films/street.mp4"


def start_job(rekognition: Rekognition, kind: str, **members: object) -> str:
    return str(rekognition(f"Start{kind}", **{"Video": VIDEO, **VIDEO_JOBS[kind][1], **members})["JobId"])


def run_job(rekognition: Rekognition, kind: str, get: Json | None = None, **members: object) -> Json:
    return rekognition(f"Get{kind}", JobId=start_job(rekognition, kind, **members), **(get or {}))


def timestamps(response: Json, kind: str) -> list[int]:
    return [entry["Timestamp"] for entry in response[VIDEO_JOBS[kind][0]]]
