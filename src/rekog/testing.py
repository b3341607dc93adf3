"""Helpers for tests in any framework: recordings, and partial models for test doubles.

`record` writes the answers that a client receives into a file of declarations, which an emulator loads.

A model requires the members that the service always sends. A test double often needs one or two of them only:
`answer_of` and `partial_model` build it.

The pytest plugin is `rekog.pytest_plugin`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ._core.codecs import generated_class
from ._core.recording.sessions import AsyncRecording, Recording
from ._core.rejected.incomplete import decode_incomplete, empty_model
from ._core.validate import described, dotted, problems
from ._generated.operations import METHODS, OPERATIONS
from ._values.errors import DecodeError, ParamValidationError
from ._values.model import Model, Response, field_names

if TYPE_CHECKING:
    from . import AsyncRekognitionClient as AsyncClient
    from . import RekognitionClient as Client

__all__ = ["AsyncRecording", "Recording", "answer_of", "partial_model", "record"]

M = TypeVar("M", bound=Model)
R = TypeVar("R", bound=Response)
C = TypeVar("C", bound="Client")
A = TypeVar("A", bound="AsyncClient")


@overload
def answer_of(operation: type[R], wire: Mapping[str, object]) -> R: ...
@overload
def answer_of(operation: str, wire: Mapping[str, object]) -> Any: ...
def answer_of(operation: str | type[Response], wire: Mapping[str, object]) -> Response:
    """Return a response as a typed model from a wire dict, in which any member may be missing.

    `operation` is `"DetectLabels"`, `"detect_labels"` or the class of the response, from which type checkers know the
    type of the result. A missing member is None, a missing list is empty. `DecodeError`: a member is unknown or has a
    wrong type. `ValueError`: there is no such operation.

    >>> from rekog.models import DetectLabelsResponse
    >>> answer = answer_of(DetectLabelsResponse, {"Labels": [{"Name": "Cat"}]})
    >>> answer.labels[0].name, answer.labels[0].instances
    ('Cat', [])
    """
    name = _response_name(operation)
    for problem in problems(name, wire, full=False):
        if problem.rule != "required" and problem.shape.kind != "blob":  # base64 text is a blob, too
            path = dotted(problem.path, python_names=False)
            raise DecodeError(f"{name}: {described(problem, python_names=False)}", path=path)
    built: Response = decode_incomplete(name, wire, quiet=True)
    return built


def partial_model(model: type[M], /, **members: object) -> M:
    """Return a model with the given members, by their Python names. A missing member is None, a missing list is empty.

    `TypeError`: the model has no such member.

    >>> from rekog.models import FaceDetail
    >>> partial_model(FaceDetail, confidence=9.0)
    FaceDetail(emotions=[], landmarks=[], confidence=9.0)
    """
    names = field_names(model)
    if unknown := [name for name in members if name not in names]:
        raise TypeError(f"{model.__name__} has no member {unknown[0]!r}; there are {', '.join(names)}")
    partial = empty_model(model)
    for name, value in members.items():
        setattr(partial, name, value)
    return partial


@overload
def record(client: C, path: str | os.PathLike[str], *, redact: bool = False) -> Recording[C]: ...
@overload
def record(client: A, path: str | os.PathLike[str], *, redact: bool = False) -> AsyncRecording[A]: ...
def record(client: Any, path: str | os.PathLike[str], *, redact: bool = False) -> Any:
    """Return a context manager, whose value is a client like the given one, that records its answers as declarations.

    Its end writes them into a JSON file, which `Emulator.declare_file` loads: there the same images have the same
    content. An image is named by the hash of its bytes, one in S3 and a video by bucket and key. The file has neither
    images nor credentials, headers, request ids or collection ids. If it exists, content that is recorded again is
    replaced, and the rest is kept.

    The results of face searches in videos and image properties are not recorded, with a `RekogWarning`: declare the
    faces of a video with `Identity`; the emulator measures the properties. Other calls without content of an image or a
    video, such as listings, aggregated results and jobs of which no page or not every page was read, are counted in
    `skipped`.

    Faces that the service has matched with each other, or associated with a user, get a common `Identity`: the user id,
    and with `redact=True` a number, as faces without a user. `redact=True` also leaves out the ARNs of project
    versions. docs/testing.md has the operations. Any number of threads or tasks may use the client.

    `ParamValidationError`, before anything is sent: the path does not end in .json, its folder does not exist, or the
    file has no declarations. `OSError`, at the end: the file cannot be written, and an earlier one is unchanged.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from rekog import RekognitionClient
    >>> from rekog.emulator import Emulator
    >>> with TemporaryDirectory() as folder, RekognitionClient.local() as client:
    ...     client.emulator.declare("examples/images/astronaut.jpg", text=["NASA"])
    ...     with record(client, Path(folder, "recorded.json")) as recorded:
    ...         answer = recorded.detect_text("examples/images/astronaut.jpg")
    ...     with Emulator() as emulator:
    ...         emulator.declare_file(Path(folder, "recorded.json"))
    ...         RekognitionClient.local(emulator).detect_text("examples/images/astronaut.jpg") == answer
    True
    """
    from . import AsyncRekognitionClient, RekognitionClient

    if isinstance(client, AsyncRekognitionClient):
        return AsyncRecording(client, path, redact=redact)
    if not isinstance(client, RekognitionClient):
        kinds = "a RekognitionClient or an AsyncRekognitionClient"
        problem = f"client: must be {kinds}, not {type(client).__name__}"
        raise ParamValidationError(f"record: {problem}", problems=[problem])
    return Recording(client, path, redact=redact)


def _response_name(operation: str | type[Response]) -> str:
    if isinstance(operation, type):
        return generated_class(operation).__name__
    found = METHODS.get(operation) or OPERATIONS.get(operation)
    if found is None:
        raise ValueError(f"operation must be one of the service's, like 'DetectLabels', not {operation!r}")
    return f"{found.name}Response"


def __dir__() -> list[str]:
    return sorted(__all__)
