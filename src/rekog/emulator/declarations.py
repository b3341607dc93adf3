"""Methods of `Emulator` that declare content of images and videos, and results of asynchronous work."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .. import models  # noqa: TC001 (for tools that evaluate annotations)
from .._values.errors import RekogWarning
from .._values.lazy import LazyModule
from .._values.model import Model  # noqa: TC001 (for tools that evaluate annotations)
from .._values.narrow import is_bytes
from .truth import names
from .truth.declaring import checked, declare, forget
from .truth.percentages import is_ratio, percent_remedy, ratio_warning

if TYPE_CHECKING:
    from .context import Context
    from .front.app import App
    from .handlers import liveness
    from .handlers.celebrities import folders
    from .handlers.collections import folders as face_folders
    from .handlers.custom_labels import declared as versions
    from .handlers.streams import processors
else:  # for tools that evaluate annotations
    folders = LazyModule("rekog.emulator.handlers.celebrities.folders")
    face_folders = LazyModule("rekog.emulator.handlers.collections.folders")
    liveness = LazyModule("rekog.emulator.handlers.liveness")
    versions = LazyModule("rekog.emulator.handlers.custom_labels.declared")
    processors = LazyModule("rekog.emulator.handlers.streams.processors")


class Declarations:
    """Base class of `Emulator` with its declaring methods. They need the application only."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def _context(self) -> Context:
        """The context of the application. Resources that an ARN or id names may belong to another scope."""
        return self._app.context

    def declare(
        self,
        image: names.DeclaredSource,
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
        """Declare the content of an image or a video; operations return it instead of analysing pixels.

        `image` is an image or a video: its bytes, the path of its file, `s3://BUCKET/KEY`, `sha256:HEX`, or an `Image`,
        a `Video` or an `S3Object` of `rekog.models`. The other arguments are the capabilities. None leaves a capability
        as it is, a list replaces it, and an empty list means that the image contains nothing of the kind.

        An entry is a model of `rekog.models`, its wire form, or a short form such as `"Cat"` or `("Cat", 91.5)`.
        Confidences are percentages from 0 to 100 (100 if omitted); boxes are `[left, top, width, height]` as ratios of
        the image's width and height. Each entry of a video has a `Timestamp` in milliseconds. `custom_labels` may be a
        mapping from ARNs of project versions to lists. docs/emulator-truth.md describes all forms.

        `TruthError` lists all problems of the declaration; then nothing of it is stored. A confidence above 0 and up to
        1 gets a `RekogWarning`: 0.9 is 0.9 percent.

        >>> from rekog.emulator import Emulator
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
        name, entries = names.name_of(image), checked(content)
        if text := ratio_warning(entries):
            warnings.warn(text, RekogWarning, stacklevel=2)
        declare(self._context.state, [(name, entries)])

    def declare_file(self, path: str | os.PathLike[str]) -> None:
        """Declare the content of a `.json` or `.toml` file, described in docs/emulator-truth.md.

        Relative paths in it start at its folder. `TruthError` lists all problems of the file; then nothing of it is
        stored. `OSError`: the file itself can't be read.
        """
        from .truth.files import read_file

        declarations, recorded = read_file(path)
        if not recorded and (text := ratio_warning({"declare": [entries for _, entries in declarations]})):
            warnings.warn(f"{os.fspath(path)}: {text}", RekogWarning, stacklevel=2)
        declare(self._context.state, declarations)

    def declare_document(self, document: object) -> None:
        """Declare the content of a document: the value that a JSON or TOML parser returns for such a file.

        A document names S3 objects and hashes only, no files. `TruthError` lists all its problems; then nothing of it
        is stored.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     emulator.declare_document({"declare": [{"of": "s3://photos/cat.jpg", "labels": ["Cat"]}]})
        """
        from .truth.files import is_recorded, read_document

        declarations, recorded = read_document(document), is_recorded(document)
        if not recorded and (text := ratio_warning({"declare": [entries for _, entries in declarations]})):
            warnings.warn(text, RekogWarning, stacklevel=2)
        declare(self._context.state, declarations)

    def forget(self, image: names.DeclaredSource | None = None, *capabilities: str) -> None:
        """Remove declarations: the named capabilities of an image or a video, all of it, or (without it) everything.

        A capability that was never declared is no error; an unknown name raises `TruthError`.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     emulator.declare("s3://photos/cat.jpg", labels=["Cat"], text=[])
        ...     emulator.forget("s3://photos/cat.jpg", "text")
        """
        forget(self._context.state, image, capabilities)

    def declare_liveness(
        self,
        session_id: str,
        *,
        status: liveness.LivenessStatus = "SUCCEEDED",
        confidence: float | None = None,
        reference_image: bytes | models.AuditImage | None = None,
        audit_images: Sequence[bytes | models.AuditImage] = (),
        challenge: models.Challenge | None = None,
        feedback: Sequence[models.FeedbackItem] = (),
        sdk_type: str | None = None,
    ) -> None:
        """Declare the progress or the result of a face liveness session.

        `confidence`, a percentage from 0 to 100, is required for `SUCCEEDED` and invalid for any other status; images
        are for `SUCCEEDED` only. The emulator detects the largest face of an image given as bytes; an `AuditImage` has
        a bounding box of its own. The response has at most as many audit images as the session's settings request.

        `LookupError`: there is no such session, or it has expired. `ValueError`: the session can't have this result.

        >>> from rekog import RekognitionClient
        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        ...     session = client.create_face_liveness_session().session_id
        ...     emulator.declare_liveness(session, confidence=98.5)
        ...     client.get_face_liveness_session_results(session).confidence
        98.5
        """
        from .handlers.liveness import declare_liveness

        if confidence is not None and is_ratio(confidence):
            warnings.warn(percent_remedy("confidence", confidence), RekogWarning, stacklevel=2)
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
        status: versions.VersionStatus | None = None,
        message: str | None = None,
    ) -> None:
        """Declare the score of a project version, the failure of its present step, or its ageing.

        `f1_score`, from 0 to 1, appears in the evaluation result of a trained version. `status="FAILED"` ends a
        training, a copy, a start or a run at once. `"DEPRECATED"` and `"EXPIRED"` are for trained adapters. `message`
        becomes the `StatusMessage`.

        `LookupError`: there is no such version. `ValueError`: `f1_score` is out of range, or a version in its present
        status can't change to `status`.
        """
        from .handlers.custom_labels.declared import declare_version

        declare_version(self._context, project_version_arn, f1_score=f1_score, status=status, message=message)

    def declare_stream_processor(
        self, stream_processor_arn: str, *, status: processors.StreamStatus, message: str | None = None
    ) -> None:
        """Let a starting or running stream processor fail; `message` becomes its `StatusMessage`.

        `LookupError`: there is no such stream processor. `ValueError`: it is neither starting nor running.
        """
        from .handlers.streams.processors import declare_stream_processor

        declare_stream_processor(self._context, stream_processor_arn, status=status, message=message)

    def add_celebrity(
        self,
        name: str,
        images: names.ImageFile | Sequence[names.ImageFile],
        *,
        id: str | None = None,  # noqa: A002 (the service's own name)
        urls: Sequence[str] = (),
        gender: str | None = None,
    ) -> str:
        """Add a celebrity to the gallery, by the largest face of each image, and return its id.

        `images` is one image or several: bytes, paths or `s3://BUCKET/KEY`. The `id` has letters and digits; without
        one it is derived from the name. A celebrity with the same id is replaced. At most 255 `urls` are possible.
        `gender` is a `KnownGenderType`. All accounts and regions share the gallery.

        `ValueError`: an argument is invalid, or an image has no face.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     emulator.add_celebrity("Grace Hopper", "examples/images/grace_hopper.jpg", gender="Female")
        '06R4Tqcz'
        """
        from .handlers.celebrities.enrolment import add_celebrity

        given = bytes(images) if is_bytes(images) else images
        several = [given] if isinstance(given, str | bytes | os.PathLike) else given
        return add_celebrity(self._context, name, several, celebrity_id=id, urls=urls, gender=gender)

    def add_celebrities(self, folder: str | os.PathLike[str]) -> folders.AddedCelebrities:
        """Add the celebrities whose images a folder contains to the gallery, by the largest face of each image.

        A subfolder has the images of one celebrity, and its name: `Grace Hopper/portrait.jpg`. An image directly in
        the folder has the name of its celebrity without a number at the end: `Ada Lovelace 2.png`. Underscores count as
        spaces, and hidden files are ignored. A celebrity with the same name is replaced. An image that can't be used
        is in `rejected` of the result, with the reason; a celebrity without a usable image is not added.

        `OSError`: the folder can't be read.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     emulator.add_celebrities("examples/images").ids["grace hopper"]
        'zcnqOpjH'
        """
        from .handlers.celebrities.folders import add_folder

        return add_folder(self._context, folder)

    def add_faces(self, collection_id: str, folder: str | os.PathLike[str]) -> face_folders.AddedFaces:
        """Index the images of a folder and its subfolders as IndexFaces does; create the collection if there is none.

        The collection belongs to the emulator's account and Region (us-east-1 without `region`). The external image id
        of a face is the path of its file with `:` between folders and `_` for other invalid characters: `ann:1.jpg`.
        Hidden files are ignored. An image without a face that is good enough, or that can't be used, is in `rejected`
        of the result, with the reason. An image that the collection already has adds no further faces.

        `OSError`: the folder can't be read. `ValueError`: the id is invalid, or there are too many collections.

        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     len(emulator.add_faces("people", "examples/images").faces["astronaut.jpg"])
        1
        """
        from .handlers.collections.folders import add_folder

        return add_folder(self._context, collection_id, folder)
