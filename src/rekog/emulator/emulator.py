"""The emulator as a value: opened with its settings, reached through its transport, closed at the end."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from .app import App
from .objects import Objects
from .settings import Durations, Limits
from .state import State
from .vision import Vision

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from .transport import EmulatorTransport
    from .validate import ValidationCode
    from .vision.faces import FaceDetector


class Emulator:
    """Amazon Rekognition in this process: no network, no credentials, and its answers come from the pixels.

    `account` and `region` own what is made, and see nothing of another account's or region's. Without a region it
    plays all of them: a request counts for the one that it is signed for, an unsigned one for us-east-1. `data` is a
    folder that keeps the state from run to run; without it the state is gone at the end. `s3_root` is a folder that S3
    objects are read from, one subfolder a bucket. `validation_code` is the name of the error for a broken constraint.
    `face_detector` replaces the built-in one, `clock` gives the time in epoch seconds (a `ManualClock` is yours to move).
    `durations` says how long asynchronous steps take, `limits` how much there may be of a thing.

    What it can't do is refused with the error `NotServedByEmulator`, never made up.

    >>> import httpx
    >>> with Emulator() as emulator, httpx.Client(transport=emulator.transport()) as http:
    ...     headers = {"x-amz-target": "RekognitionService.CreateCollection",
    ...                "content-type": "application/x-amz-json-1.1"}
    ...     http.post("http://rekog/", headers=headers, content='{"CollectionId": "people"}').json()["CollectionArn"]
    'aws:rekognition:us-east-1:123456789012:collection/people'
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        account: str = "123456789012",
        data: str | os.PathLike[str] | None = None,
        s3_root: str | os.PathLike[str] | None = None,
        validation_code: ValidationCode = "InvalidParameterException",
        face_detector: FaceDetector | None = None,
        clock: Callable[[], float] = time.time,
        limits: Limits = Limits(),  # noqa: B008 (immutable)
        durations: Durations = Durations(),  # noqa: B008 (immutable)
    ) -> None:
        if not re.fullmatch(r"\d{12}", account):
            raise ValueError(f"account must be 12 digits, not {account!r}")
        self._objects = Objects(s3_root)
        self._state = State(data)
        vision = Vision(face_detector=face_detector)
        self._app = App(account, region, self._state, self._objects, vision, validation_code, clock, limits, durations)

    def transport(self) -> EmulatorTransport:
        """Return an httpx transport, for sync and async clients alike, that leads to this emulator."""
        from .transport import EmulatorTransport

        return EmulatorTransport(self._app)

    def put_object(self, bucket: str, key: str, data: bytes) -> str:
        """Make an S3 object that requests can name, and return its version id. It is kept in memory.

        >>> with Emulator() as emulator:
        ...     version = emulator.put_object("photos", "2026/group.jpg", b"...")
        """
        return self._objects.put(bucket, key, data)

    def close(self) -> None:
        """Let go of the state; a second time does nothing."""
        self._state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Emulator {self._app.account} {self._app.region or 'of all regions'}>"
