"""The emulator as a value: opened with its settings, reached through its transport, closed at the end."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import attrs

from .._values.narrow import is_bytes
from .arguments import check_arguments
from .background.worker import Worker
from .context import Context
from .front.app import DEFAULT_REGION, App
from .front.signatures import Verifier
from .handlers import perform
from .refusals import RefusalError
from .scope import Scope
from .services.objects import Objects, check_object_name, read_content
from .services.sns import Notifications
from .settings import Durations, Limits
from .state import State
from .truth.declaring import checked, declare, forget, name_of
from .vision import Vision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Self

    from .._values.model import Model
    from ..credentials import Credentials
    from ..models import AuditImage, Challenge, FeedbackItem
    from .front.calls import Calls
    from .front.constraints import ValidationCode
    from .front.faults import Faults
    from .handlers.custom_labels.declared import VersionStatus
    from .handlers.liveness import LivenessStatus
    from .handlers.streams.processors import StreamStatus
    from .services.objects import Content
    from .services.sns import Notification, Sink
    from .serving.asgi import Asgi
    from .serving.transport import EmulatorTransport
    from .truth.declaring import File, Source
    from .vision.embeddings import FaceEmbedder
    from .vision.faces import FaceDetector
    from .vision.video import VideoReader


class Emulator:
    """Amazon Rekognition in this process: no network, no credentials, and its answers come from the pixels.

    `account` and `region` own what is made, and see nothing of another account's or region's. Without a region it
    plays all of them: a request counts for the one that it is signed for, an unsigned one for us-east-1. `data` is a
    folder that keeps the state from run to run; without it the state is gone at the end. `s3_root` is a folder that S3
    objects are read from, one subfolder a bucket. `validation_code` is the name of the error for a broken constraint.
    `face_detector`, `face_embedder` and `video_reader` replace the built-in ones, `clock` gives epoch seconds (a
    `ManualClock` is yours to move). `durations` says how long asynchronous steps take (seconds for all, or by name),
    `limits` how much there may be of a thing. `notify` gets what goes to SNS topics when video jobs end: a function,
    the URL of an SNS endpoint, or the path of a file. `s3_endpoint` is the URL of an S3 server for what is neither put
    nor in `s3_root`. `verify_signatures` has secrets by access key id; with it, only what they sign is answered.

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
        face_embedder: FaceEmbedder | None = None,
        video_reader: VideoReader | None = None,
        notify: Sink | None = None,
        s3_endpoint: str | None = None,
        s3_credentials: Credentials | None = None,
        verify_signatures: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        limits: Limits | Mapping[str, int] = Limits(),  # noqa: B008 (immutable)
        durations: Durations | Mapping[str, float] | float = Durations(),  # noqa: B008 (immutable)
    ) -> None:
        check_arguments(
            region=region,
            account=account,
            data=data,
            s3_root=s3_root,
            validation_code=validation_code,
            face_detector=face_detector,
            face_embedder=face_embedder,
            video_reader=video_reader,
            notify=notify,
            s3_endpoint=s3_endpoint,
            s3_credentials=s3_credentials,
            verify_signatures=verify_signatures,
            clock=clock,
        )
        checked_limits, checked_durations = Limits.of(limits), Durations.of(durations)
        verifier = None if verify_signatures is None else Verifier(verify_signatures)
        self._notifications = Notifications(notify)
        self._state = State(data)
        self._objects = Objects(s3_root, self._state, endpoint=s3_endpoint, credentials=s3_credentials)
        self._worker = Worker(self._state, self._context_for, clock)
        context = Context(
            scope=Scope(account, region or DEFAULT_REGION),
            state=self._state,
            objects=self._objects,
            vision=Vision(face_detector=face_detector, face_embedder=face_embedder, video_reader=video_reader),
            clock=clock,
            limits=checked_limits,
            durations=checked_durations,
            notifications=self._notifications,
            worker=self._worker,
            perform=perform,
        )
        self._app = App(region=region, context=context, validation_code=validation_code, verifier=verifier)
        self._worker.resume()

    def transport(self) -> EmulatorTransport:
        """Return an httpx transport, for sync and async clients alike, that leads to this emulator."""
        from .serving.transport import EmulatorTransport

        return EmulatorTransport(self._app)

    def asgi(self) -> Asgi:
        """Return an ASGI application that serves this emulator and its control API, for any ASGI server."""
        from .serving.asgi import Asgi

        return Asgi(self, self._app)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> AbstractContextManager[str]:
        """Serve this emulator over HTTP from a thread, for clients in any language; the context is its URL.

        >>> import httpx
        >>> with Emulator() as emulator, emulator.serve() as url:
        ...     httpx.get(url + "/_rekog/health").json()["status"]
        'ok'
        """
        from .serving.server import serving

        return serving(self.asgi(), host, port)

    def put_object(self, bucket: str, key: str, data: Content) -> str:
        """Make an S3 object of bytes or a file, for requests to name, and return its version id. The state keeps it.

        >>> with Emulator() as emulator:
        ...     version = emulator.put_object("photos", "2026/group.jpg", b"...")
        """
        check_object_name(bucket=bucket, key=key)
        return self._objects.put(bucket, key, read_content(data))

    def get_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an S3 object as requests see it, what the service wrote included; `LookupError` if there is none."""
        try:
            with self._objects.open(bucket, key, version) as file:
                return file.read()
        except RefusalError as error:
            raise LookupError(f"there is no object {key!r} in bucket {bucket!r}") from error

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose; none to begin with."""
        return self._app.faults

    @property
    def calls(self) -> Calls:
        """What was asked so far, the oldest first."""
        return self._app.calls

    @property
    def clock(self) -> Callable[[], float]:
        """The clock that it was given; it returns epoch seconds."""
        return self._context.clock

    @property
    def durations(self) -> Durations:
        """How long asynchronous steps take that begin from now on; may be set."""
        return self._context.durations

    @durations.setter
    def durations(self, durations: Durations | Mapping[str, float] | float) -> None:
        self._app.context = attrs.evolve(self._context, durations=Durations.of(durations))

    def reset(self, *, account: str | None = None, region: str | None = None) -> None:
        """Forget everything: resources, objects that were put, truth, calls, notifications, faults.

        With a region, and perhaps another account than the emulator's own, only the resources there. Files of
        `s3_root` and objects of an S3 server stay.
        """
        if region is not None:
            self._state.clear(Scope(account or self._context.scope.account, region))
            return
        if account is not None:
            raise ValueError("account goes with a region; without both everything is forgotten")
        self._state.clear()
        self.calls.clear()
        self.faults.clear()
        self._notifications.clear()

    def snapshot(self, path: str | os.PathLike[str]) -> None:
        """Write the whole state (resources, objects that were put, truth) into one file. Raises `StateError`.

        Requests that come meanwhile wait. The file is there when it is complete, and not before.
        """
        self._state.snapshot(path)

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Put what a snapshot holds in place of the whole state; after a `StateError` nothing has changed."""
        self._state.restore(path)
        self._worker.resume()

    def declare(
        self,
        image: Source,
        *,
        faces: Sequence[object] | None = None,
        labels: Sequence[object] | None = None,
        text: Sequence[object] | None = None,
        moderation: Sequence[object] | None = None,
        content_types: Sequence[object] | None = None,
        ppe: Sequence[object] | None = None,
        celebrities: Sequence[object] | None = None,
        custom_labels: Sequence[object] | Mapping[str, Sequence[object]] | None = None,
        persons: Sequence[object] | None = None,
        segments: Sequence[object] | None = None,
        video: Mapping[str, object] | Model | None = None,
        audio: Sequence[object] | None = None,
    ) -> None:
        """Say what a picture or a video contains; operations answer with that and don't look.

        `image` is its bytes, its file, `s3://BUCKET/KEY` or `sha256:HEX`, or an `Image`, a `Video` or an `S3Object`. An
        entry is a model of `rekog.models`, its wire form, or a short form of it (`"Cat"`, `("Cat", 91.5)`); an entry of
        a video has a `Timestamp` in milliseconds. An empty list says that there is nothing, None says nothing; declared
        again, a capability is replaced. docs/emulator-truth.md has all forms. Raises `TruthError`.

        >>> with Emulator() as emulator:
        ...     emulator.declare("s3://photos/cat.jpg", labels=["Cat", ("Sofa", 71)], text=[])
        """
        content: dict[str, object] = {
            "faces": faces,
            "labels": labels,
            "text": text,
            "moderation": moderation,
            "content_types": content_types,
            "ppe": ppe,
            "celebrities": celebrities,
            "custom_labels": custom_labels,
            "persons": persons,
            "segments": segments,
            "video": video,
            "audio": audio,
        }
        declare(self._state, [(name_of(image), checked(content))])

    def declare_file(self, path: str | os.PathLike[str]) -> None:
        """Declare all that a `.json` or `.toml` file says, or after an error nothing of it. Raises `TruthError`."""
        from .truth.files import read_file

        declare(self._state, read_file(path))

    def declare_document(self, document: object) -> None:
        """Declare what such a file holds, as JSON or TOML read it; it can name objects and hashes, but no files."""
        from .truth.files import read_document

        declare(self._state, read_document(document))

    def forget(self, image: Source | None = None, *capabilities: str) -> None:
        """Take back what was declared: some capabilities of a picture or video, all of one, or everything.

        >>> with Emulator() as emulator:
        ...     emulator.declare("s3://photos/cat.jpg", labels=["Cat"], text=[])
        ...     emulator.forget("s3://photos/cat.jpg", "text")
        """
        forget(self._state, image, capabilities)

    @property
    def notifications(self) -> Sequence[Notification]:
        """What went to SNS topics so far, the oldest first.

        >>> with Emulator() as emulator:
        ...     [notification.message["JobId"] for notification in emulator.notifications]
        []
        """
        self._worker.wait()
        return self._notifications.recorded

    def declare_liveness(
        self,
        session_id: str,
        *,
        status: LivenessStatus = "SUCCEEDED",
        confidence: float | None = None,
        reference_image: bytes | AuditImage | None = None,
        audit_images: Sequence[bytes | AuditImage] = (),
        challenge: Challenge | None = None,
        feedback: Sequence[FeedbackItem] = (),
        sdk_type: str | None = None,
    ) -> None:
        """Say how a liveness check goes: that it is in progress, or its result.

        `confidence` (0–100) and images belong to a check that succeeded. In an image given as bytes the largest face
        is looked for; an `AuditImage` brings its own box. The answer has as many audit images as the session asked for.
        `LookupError` when there is no such session, `ValueError` when it can't have this result (any more).

        >>> from rekog import RekognitionClient
        >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        ...     session = client.create_face_liveness_session().session_id
        ...     emulator.declare_liveness(session, confidence=98.5)
        ...     client.get_face_liveness_session_results(session).confidence
        98.5
        """
        from .handlers.liveness import declare_liveness

        declare_liveness(
            self._context,
            session_id,
            status=status,
            confidence=confidence,
            reference_image=reference_image,
            audit_images=audit_images,
            challenge=challenge,
            feedback=feedback,
            sdk_type=sdk_type,
        )

    def declare_version(
        self,
        project_version_arn: str,
        *,
        f1_score: float | None = None,
        status: VersionStatus | None = None,
        message: str | None = None,
    ) -> None:
        """Say what nothing here finds out of a project version: how well it does, that its step fails, that it ages.

        `f1_score` (0–1) stands in the evaluation of a trained version. `status="FAILED"` ends a training, copy, start
        or run at once; `"DEPRECATED"` and `"EXPIRED"` are for trained adapters. `message` is the StatusMessage then.
        `LookupError` when there is no such version, `ValueError` when it can't come to this.
        """
        from .handlers.custom_labels.declared import declare_version

        declare_version(self._context, project_version_arn, f1_score=f1_score, status=status, message=message)

    def declare_stream_processor(
        self, stream_processor_arn: str, *, status: StreamStatus, message: str | None = None
    ) -> None:
        """Let a stream processor fail that is starting or running; `message` is its StatusMessage then.

        `LookupError` when there is no such processor, `ValueError` when it does not run.
        """
        from .handlers.streams.processors import declare_stream_processor

        declare_stream_processor(self._context, stream_processor_arn, status=status, message=message)

    def enrol_celebrity(
        self,
        name: str,
        pictures: File | Sequence[File],
        *,
        id: str | None = None,  # noqa: A002 (the service's own name)
        urls: Sequence[str] = (),
        gender: str | None = None,
    ) -> str:
        """Make a celebrity known, by the largest face of one picture or more, and return its id.

        A picture is its bytes, its file or `s3://BUCKET/KEY`. Without an id it gets one that is made from its name; who
        had the id before is replaced. `gender` is a `KnownGenderType`. All accounts and regions know the same
        celebrities. Raises `ValueError` when there is no face in a picture.

        >>> with Emulator() as emulator:
        ...     emulator.enrol_celebrity("Grace Hopper", "examples/images/grace_hopper.jpg", gender="Female")
        '06R4Tqcz'
        """
        from .handlers.celebrities.enrolment import enrol

        one = bytes(pictures) if is_bytes(pictures) else pictures
        several = [one] if isinstance(one, str | bytes | os.PathLike) else one
        return enrol(self._context, name, several, celebrity_id=id, urls=urls, gender=gender)

    @property
    def _context(self) -> Context:
        """The context for resources that are named by an ARN or id, which say themselves to which scope they belong."""
        return self._app.context

    def _context_for(self, scope: Scope) -> Context:
        return self._app.context.within(scope)

    def close(self) -> None:
        """Stop the work on jobs and let go of the state; a second time does nothing."""
        self._worker.close()
        self._state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Emulator {self._context.scope.account} {self._app.region or 'of all regions'}>"
