"""The public class `Emulator`: its settings, transports, objects, faults, state and lifetime."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import attrs

from .._values.clocks import real_time
from .._values.lazy import LazyModule
from .._values.public import publish
from .arguments import check_arguments
from .background.worker import Worker
from .context import Context
from .declarations import Declarations
from .front.app import DEFAULT_REGION, App
from .front.calls import Calls  # noqa: TC001 (for tools that evaluate annotations)
from .front.constraints import ValidationCode  # noqa: TC001 (as above)
from .front.faults import Faults  # noqa: TC001 (as above)
from .front.signatures import Verifier
from .handlers import perform
from .refusals import RefusalError
from .scope import Scope
from .services.objects import ObjectContent, Objects, check_object_name, read_content
from .services.sns import Notification, Notifications, NotificationSink
from .settings import Durations, Limits
from .state import State
from .vision import Vision

if TYPE_CHECKING:
    from .. import credentials
    from .serving import asgi as apps
    from .serving import boto3_patch as patches
    from .serving import transport as transports
    from .vision import embeddings, faces, labels, moderation, persons, video
    from .vision import text as texts
    from .vision.faces import face_attributes
else:  # for tools that evaluate annotations; most of these modules load NumPy or httpx
    credentials = LazyModule("rekog.credentials")
    apps, transports = LazyModule("rekog.emulator.serving.asgi"), LazyModule("rekog.emulator.serving.transport")
    patches = LazyModule("rekog.emulator.serving.boto3_patch")
    embeddings, faces = LazyModule("rekog.emulator.vision.embeddings"), LazyModule("rekog.emulator.vision.faces")
    labels, texts = LazyModule("rekog.emulator.vision.labels"), LazyModule("rekog.emulator.vision.text")
    moderation, persons = LazyModule("rekog.emulator.vision.moderation"), LazyModule("rekog.emulator.vision.persons")
    face_attributes = LazyModule("rekog.emulator.vision.faces.face_attributes")
    video = LazyModule("rekog.emulator.vision.video")


class Emulator(Declarations):
    """Amazon Rekognition in this process, without a network: real state, results from pixels or declared content.

    Use it as a context manager, or call `close`. All arguments are optional:

    - `region` and `account` own all resources. Without `region`, each request uses the region of its signature, and an
      unsigned one us-east-1. Requests see no resources of other accounts and regions.
    - `data` is a folder for the state; without it the state is in memory and is lost at the end. Several emulators may
      share a folder.
    - `s3_root` is a folder with S3 objects as files, one subfolder per bucket. `s3_endpoint` is the URL of an S3 server
      for all other objects, with `s3_credentials`.
    - `durations` are the seconds that asynchronous steps take: `Durations`, a mapping by name, or a number for all; the
      default is 0. `limits` are the limits of the account: `Limits`, or a mapping by name.
    - `clock` returns epoch seconds; a `ManualClock` stands still until a test advances it.
    - `notify` receives the messages to SNS topics at the end of video jobs: a function that is called with a
      `Notification`, the URL of an SNS endpoint, or the path of a file.
    - `validation_code` is the name of the error for a broken constraint, "ValidationException" or
      "InvalidParameterException".
    - `verify_signatures` has secrets by access key id. With it, only requests signed with these keys are accepted.
    - `vision` "off" leaves the networks of the package `rekog-weights` unused: all content but faces is then declared,
      or refused.
    - `face_detector`, `face_embedder`, `face_analyser`, `label_detector`, `text_detector`, `moderation_detector`,
      `person_detector` and `video_reader` replace the built-in ones.

    An invalid argument raises `ValueError`, before any file is opened; a folder or a database that can't be used raises
    `ValueError` or `StateError`. A request that the emulator can't serve gets the error `NotServedByEmulator`; no
    result is invented.

    >>> from rekog import RekognitionClient
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     client.create_collection("people").collection_arn
    'aws:rekognition:us-east-1:123456789012:collection/people'
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        account: str = "123456789012",
        data: str | os.PathLike[str] | None = None,
        s3_root: str | os.PathLike[str] | None = None,
        validation_code: ValidationCode = "ValidationException",
        vision: Literal["on", "off"] = "on",
        face_detector: faces.FaceDetector | None = None,
        face_embedder: embeddings.FaceEmbedder | None = None,
        face_analyser: face_attributes.FaceAnalyser | None = None,
        label_detector: labels.LabelDetector | None = None,
        text_detector: texts.TextDetector | None = None,
        moderation_detector: moderation.ModerationDetector | None = None,
        person_detector: persons.PersonDetector | None = None,
        video_reader: video.VideoReader | None = None,
        notify: NotificationSink | None = None,
        s3_endpoint: str | None = None,
        s3_credentials: credentials.Credentials | None = None,
        verify_signatures: Mapping[str, str] | None = None,
        clock: Callable[[], float] = real_time,
        limits: Limits | Mapping[str, int] = Limits(),  # noqa: B008 (immutable)
        durations: Durations | Mapping[str, float] | float = Durations(),  # noqa: B008 (immutable)
    ) -> None:
        check_arguments(
            region=region,
            account=account,
            data=data,
            s3_root=s3_root,
            validation_code=validation_code,
            vision=vision,
            face_detector=face_detector,
            face_embedder=face_embedder,
            label_detector=label_detector,
            text_detector=text_detector,
            moderation_detector=moderation_detector,
            person_detector=person_detector,
            face_analyser=face_analyser,
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
            vision=Vision(
                switch=vision,
                face_detector=face_detector,
                face_embedder=face_embedder,
                label_detector=label_detector,
                text_detector=text_detector,
                video_reader=video_reader,
                moderation_detector=moderation_detector,
                person_detector=person_detector,
                face_analyser=face_analyser,
            ),
            clock=clock,
            limits=checked_limits,
            durations=checked_durations,
            notifications=self._notifications,
            worker=self._worker,
            perform=perform,
        )
        super().__init__(App(region=region, context=context, validation_code=validation_code, verifier=verifier))
        self._worker.resume()

    def transport(self) -> transports.EmulatorTransport:
        """Return a transport to this emulator, for sync and async clients of httpx and of httpx2."""
        from .serving.transport import EmulatorTransport

        return EmulatorTransport(self, self._app)

    def asgi(self, *, cors: Sequence[str] = (), allow_hosts: Sequence[str] = ()) -> apps.AsgiApp:
        """Return an ASGI application for any ASGI server: the service at `/`, the control API under `/_rekog/`.

        It may be mounted below a path. Web pages of this machine (`http://localhost:3000` and the like) may call the
        service; `cors` has the origins of other pages that may. On a loopback address the server must be addressed as
        localhost, by an address, or by a name without a dot; `allow_hosts` has other names.
        """
        from .serving.asgi import AsgiApp

        return AsgiApp(self, self._app, cors=cors, allow_hosts=allow_hosts)

    def serve(
        self, host: str = "127.0.0.1", port: int = 0, *, cors: Sequence[str] = (), allow_hosts: Sequence[str] = ()
    ) -> AbstractContextManager[str]:
        """Serve this emulator over HTTP from a thread until the end of the context, whose value is the URL.

        `port` 0 takes a free port. `asgi` describes `cors` and `allow_hosts`. The end of the context waits for requests
        in progress, unless an exception ends it. `OSError`: the address can't be used. Requires the extra `emulator`.

        >>> import httpx
        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator, emulator.serve() as url:
        ...     httpx.get(url + "/_rekog/health").json()["status"]
        'ok'
        """
        from .serving.access import is_host_name
        from .serving.server import serving

        names = [*allow_hosts, host] if is_host_name(host) else allow_hosts
        return serving(self.asgi(cors=cors, allow_hosts=names), host, port)

    def patch_boto3(self) -> patches.Patch:
        """Return a patch that passes the requests of boto3's Rekognition clients to this emulator, without a socket.

        It is a context manager, and a decorator of functions and coroutine functions. It holds for the whole process,
        for clients of boto3 and botocore created before or during it, at any endpoint; they need no credentials, and
        us-east-1 is their Region without another one. Clients of other services are untouched: `put_object` stores the
        S3 objects that requests name. Clients of aiobotocore are not covered; `serve` is for them.

        >>> import boto3
        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator, emulator.patch_boto3():
        ...     boto3.client("rekognition").create_collection(CollectionId="people")["StatusCode"]
        200
        """
        from .serving.boto3_patch import Patch

        return Patch(self._app)

    def put_object(self, bucket: str, key: str, data: ObjectContent) -> str:
        """Store bytes, or the content of a file, as an S3 object in the state, and return its version id.

        Earlier versions stay readable under their ids. `ValueError`: bucket or key is empty or no text. `StateError`:
        the object is larger than one gigabyte.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     version = emulator.put_object("photos", "2026/group.jpg", b"...")
        """
        check_object_name(bucket=bucket, key=key)
        return self._objects.put(bucket, key, read_content(data))

    def get_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return the bytes of an S3 object, as requests see it; without a version id, of the newest version.

        The emulator looks in the state, in `s3_root` and on the S3 server, in this order. The state also has the files
        that the service writes if there is no S3 server. `LookupError`: there is no readable object.
        """
        try:
            with self._objects.open(bucket, key, version) as file:
                return file.read()
        except RefusalError as error:
            raise LookupError(f"there is no object {key!r} in bucket {bucket!r}") from error

    @property
    def faults(self) -> Faults:
        """The injected faults; a new emulator has none."""
        return self._app.faults

    @property
    def calls(self) -> Calls:
        """The last 10,000 calls, the oldest first."""
        return self._app.calls

    @property
    def clock(self) -> Callable[[], float]:
        """The clock that was passed to the constructor; it returns epoch seconds."""
        return self._context.clock

    @property
    def durations(self) -> Durations:
        """The durations of asynchronous steps. Setting them applies to steps that begin later."""
        return self._context.durations

    @durations.setter
    def durations(self, durations: Durations | Mapping[str, float] | float) -> None:
        self._app.context = attrs.evolve(self._context, durations=Durations.of(durations))

    def reset(self, *, account: str | None = None, region: str | None = None) -> None:
        """Delete all state: resources, uploaded objects, declarations, recorded calls, notifications and faults.

        With `region`, delete the resources in this region only; `account` is the emulator's own unless it is given.
        Files of `s3_root` and objects of an S3 server stay. `ValueError`: an account without a region.
        """
        if region is not None:
            if self._state.clear(Scope(account or self._context.scope.account, region)):
                self._worker.wake()
            return
        if account is not None:
            raise ValueError("account requires a region; without both, reset deletes everything")
        if self._state.clear():
            self._worker.wake()
        self.calls.clear()
        self.faults.clear()
        self._notifications.clear()

    def snapshot(self, path: str | os.PathLike[str]) -> None:
        """Write the whole state (resources, uploaded objects, declarations) into one file.

        Requests that arrive meanwhile wait only if the state is in memory. The file appears when it is complete.
        `StateError`: it can't be written.
        """
        self._state.snapshot(path)

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Replace the whole state by a snapshot. `StateError`: it can't be read, and the state has not changed."""
        self._state.restore(path)
        self._worker.resume()

    @property
    def notifications(self) -> Sequence[Notification]:
        """The last 10,000 messages to SNS topics, the oldest first.

        Reading it waits for jobs that are due, for at most 20 seconds.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     [notification.message["JobId"] for notification in emulator.notifications]
        []
        """
        self._worker.wait()
        return self._notifications.recorded

    def _context_for(self, scope: Scope) -> Context:
        return self._app.context.within(scope)

    def close(self) -> None:
        """Stop the background worker and close the state; a second call does nothing."""
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


publish("rekog.emulator", Emulator)
