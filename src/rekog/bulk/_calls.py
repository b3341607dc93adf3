"""The calls of a run: one operation of the service with the same arguments for each source."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from .._core.codecs import FAILURES, find_codec
from .._core.deadline import Deadline
from .._core.flow import run_blocking
from .._core.media import load_media, quick_wire
from .._core.names import snake
from .._core.validate import suspicions
from .._core.wire import encode_input
from .._generated.errors import ResourceNotFoundException, ResourceNotReadyException
from .._settings.values import as_options
from .._values.lazy import LazyModule
from .._values.model import as_model, field_names
from .._values.narrow import is_mapping
from ._checkpoints import Checkpoint
from ._keys import invalid
from ._outcomes import Received
from ._runs import ENDING, MOST_WORKERS, Settings
from ._tasks import AsyncBulkRun
from ._threads import BulkRun

if TYPE_CHECKING:
    from .. import models
    from .._core.call import Caller
    from .._core.flow import Flow
    from .._core.operation import In, Operation, Out
    from .._drivers.aio import AsyncDriver  # noqa: F401 (in quotes below)
    from .._drivers.sync import SyncDriver  # noqa: F401 (as above)
    from .._generated.async_client import AsyncRekognitionClient  # noqa: F401 (as above)
    from .._generated.client import RekognitionClient
    from .._settings.values import AnyCallOptions
    from ._clusters import Cluster
    from ._outcomes import OnProgress
else:
    models = LazyModule("rekog.models")
    In, Out = TypeVar("In"), TypeVar("Out")

AnyClient = TypeVar("AnyClient")
Driver = TypeVar("Driver")
S = TypeVar("S")
A = TypeVar("A")

CALLS_END = (*ENDING, ResourceNotFoundException, ResourceNotReadyException)
"""Errors that end a run of an operation: the arguments name the resource, not the source."""
_PLACEHOLDER = b"\x89PNG\r\n\x1a\n"


class Special(NamedTuple, Generic[S]):
    """The arguments of runs of operations, beside those of all runs."""

    checkpoint: str | os.PathLike[str] | None
    fit: bool
    options: AnyCallOptions | None
    each: Mapping[str, Callable[[S], object] | None] = {}
    """Arguments of the operation that a function makes from the source."""
    cluster: Cluster | None = None


class Calls(Generic[Out, S]):
    """Makes the Flow of the call for a source; all other arguments are checked when it is made."""

    def __init__(
        self,
        caller: Caller,
        operation: Operation[In, Out],
        media: str,
        special: Special[S],
        arguments: Mapping[str, object],
    ) -> None:
        self._caller = caller
        self._operation = operation
        self._media = media
        self._fit = _flag("fit", special.fit)
        self._options = as_options(special.options)
        self._each = {name: _function(name, value) for name, value in special.each.items() if value is not None}
        self._others = [name for name in operation.media if name != media]
        given: dict[str, Any] = {**arguments, **dict.fromkeys(operation.media, models.Image(bytes=_PLACEHOLDER))}
        request = operation.input_type(**given)
        wire = encode_input(operation, request, full="requests" in caller.config.strict)
        # Fields instead of arguments: an iterable may give its items only once.
        self._fields = {name: getattr(request, name) for name in field_names(type(request)) if name != media}
        self._fields |= {name: arguments[name] for name in self._others}
        self._member = next(wire_name for wire_name in wire if snake(wire_name) == media)
        self._wire: dict[str, object] | None = None  # of all calls, without their images
        self._encode_image = find_codec("encode", models.Image)
        self._parameters = {snake(name): value for name, value in wire.items() if value != {"Bytes": _PLACEHOLDER}}
        self.checkpoint = None if special.checkpoint is None else Checkpoint(special.checkpoint, operation)

    def prepare(self) -> Flow[None]:
        """Load the images that all calls send, and open the checkpoint."""
        parameters = dict(self._parameters)
        for name in self._others:
            image = yield from load_media(self._operation, name, self._fields, Deadline(None))
            self._fields[name] = image
            parameters[name] = image.to_dict(names="wire")
        if not self._each:
            self._wire = self._checked_wire()
        checkpoint = self.checkpoint
        if checkpoint is not None:
            yield from run_blocking(lambda: checkpoint.open(parameters))

    def _checked_wire(self) -> dict[str, object]:
        """Return the wire dict of a call with any image."""
        arguments: dict[str, Any] = {**self._fields, self._media: models.Image(bytes=_PLACEHOLDER)}
        request = self._operation.input_type(**arguments)
        return encode_input(self._operation, request, full="requests" in self._caller.config.strict)

    def call(self, source: S) -> Flow[Received]:
        """Call the operation for a source."""
        image: object = source
        if self._fit:
            image = yield from _fitted(source)
        fields = self._fields | {self._media: image}
        for name, function in self._each.items():
            fields[name] = function(source)
        encode = partial(self._encoded, fields)
        return Received(*(yield from self._caller.call_for_body(self._operation, self._options, encode)))

    def decoded(self, received: Received) -> Out:
        """Return the answer of a response."""
        return self._caller.decoded(self._operation, received.body, received.metadata)

    def _encoded(self, fields: Mapping[str, object], deadline: Deadline) -> Flow[dict[str, object]]:
        """Return the wire dict of a call, of which all but the image was checked before the first one."""
        operation, strict, others = self._operation, self._caller.config.strict, self._wire
        if others is not None and not strict and (part := quick_wire(fields[self._media])) is not None:
            return others | {self._member: part}
        full = "requests" in strict
        image: Any = yield from load_media(operation, self._media, fields, deadline, strict="images" in strict)
        if others is not None:
            with suppress(*FAILURES):
                part = self._encode_image(image)
                if not suspicions("Image", part, full=full):
                    return others | {self._member: part}
        arguments: dict[str, Any] = {**fields, self._media: image}
        return encode_input(operation, operation.input_type(**arguments), full=full)

    def detached(self) -> Calls[Out, S]:
        """Return these calls without a client and a checkpoint, to be pickled."""
        calls = copy(self)
        calls._caller = cast("Caller", None)  # cast: `bound_to` gives one
        calls.checkpoint = None
        return calls

    def bound_to(self, client: RekognitionClient) -> Callable[[S], Received]:
        """Return the function from a source to the response that another client gets for it."""
        calls = copy(self)
        driver = client._driver  # pyright: ignore[reportPrivateUsage]  # the part of a client that its features use
        calls._caller = client._caller  # pyright: ignore[reportPrivateUsage]  # as above
        return lambda source: driver.run(calls.call(source))


def _fitted(source: object) -> Flow[object]:
    """Return a local image as `rekog.images.fit` does; one in S3 as it is."""
    from .. import images
    from ..models import Image, S3Object

    local: Any = source
    if is_mapping(local):
        local = as_model("S3Object", as_model("Image", local))
    if isinstance(local, Image):
        local = local.s3_object if local.bytes is None else local.bytes
    if local is None or isinstance(local, S3Object) or (isinstance(local, str) and local.startswith("s3://")):
        return source
    return (yield from run_blocking(partial(images.fit, local)))


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise invalid(f"{name}: must be True or False, not {value!r}")
    return value


def _function(name: str, value: Callable[[S], object]) -> Callable[[S], object]:
    if not callable(value):
        raise invalid(f"{name}: must be a function of a source, not {value!r}: each image has its own")
    return value


class _Owner(Generic[AnyClient, Driver]):
    """A client, its driver and its calls."""

    def __init__(self, client: AnyClient, driver: Driver, caller: Caller) -> None:
        self._client = client
        self._driver = driver
        self._caller = caller

    @property
    def _workers(self) -> int:
        return min(self._caller.config.max_connections, MOST_WORKERS)


class MappedBulk(_Owner["RekognitionClient", "SyncDriver"]):
    """The methods of `Bulk` that are the same for each operation."""

    def map(
        self,
        function: Callable[[S], A],
        sources: Iterable[S],
        *,
        key: Callable[[S], str] | None = None,
        concurrency: int | None = None,
        max_failures: int | None = None,
        on_progress: OnProgress | None = None,
        cluster: Cluster | None = None,
    ) -> BulkRun[S, A]:
        """Call a function for each source, in threads; the answer of an outcome is the value that it returns.

        `concurrency`, `key`, `max_failures`, `on_progress` and `cluster` are those of the operations. A `RekogError` is
        the error of its source; another exception ends the run. There is no checkpoint: a value of the program has no
        fixed form. The workers of a cluster call a method of this client with a client of their own.
        """
        settings = Settings(key, concurrency, max_failures, on_progress)
        _function("function", function)
        if cluster is None:
            return BulkRun(function, sources, settings, self._workers)
        from ._clusters import ClusterRun, work_of_function

        work = partial(work_of_function, function, type(self._client))
        return ClusterRun(cluster, work, function, sources, settings, self._workers)

    def _run(
        self,
        operation: Operation[Any, Out],
        media: str,
        sources: Iterable[S],
        settings: Settings[S],
        special: Special[S],
        /,
        **arguments: object,
    ) -> BulkRun[S, Out]:
        calls: Calls[Out, S] = Calls(self._caller, operation, media, special, arguments)
        other: dict[str, Any] = {
            "prepare": lambda: self._driver.run(calls.prepare()),
            "checkpoint": calls.checkpoint,
            "ending": CALLS_END,
            "answers": operation.output_type,
            "decode": calls.decoded,
        }

        def function(source: S) -> Received:
            return self._driver.run(calls.call(source))

        if special.cluster is None:
            return BulkRun(function, sources, settings, self._workers, **other)
        from ._clusters import ClusterRun, work_of_calls

        work = partial(work_of_calls, calls, self._client)
        return ClusterRun(special.cluster, work, function, sources, settings, self._workers, **other)


class AsyncMappedBulk(_Owner["AsyncRekognitionClient", "AsyncDriver"]):
    """The methods of `AsyncBulk` that are the same for each operation."""

    def map(
        self,
        function: Callable[[S], Awaitable[A]],
        sources: Iterable[S] | AsyncIterable[S],
        *,
        key: Callable[[S], str] | None = None,
        concurrency: int | None = None,
        max_failures: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> AsyncBulkRun[S, A]:
        """Call a coroutine function for each source, in tasks; the answer of an outcome is the value that it returns.

        `concurrency`, `key`, `max_failures` and `on_progress` are those of the operations. A `RekogError` is the error
        of its source; another exception ends the run. There is no checkpoint: a value of the program has no fixed form.
        """
        settings = Settings(key, concurrency, max_failures, on_progress)
        return AsyncBulkRun(_function("function", function), sources, settings, self._workers)  # type: ignore[arg-type]  # checked

    def _run(
        self,
        operation: Operation[Any, Out],
        media: str,
        sources: Iterable[S] | AsyncIterable[S],
        settings: Settings[S],
        special: Special[S],
        /,
        **arguments: object,
    ) -> AsyncBulkRun[S, Out]:
        calls: Calls[Out, S] = Calls(self._caller, operation, media, special, arguments)
        return AsyncBulkRun(
            lambda source: self._driver.run(calls.call(source)),
            sources,
            settings,
            self._workers,
            prepare=lambda: self._driver.run(calls.prepare()),
            checkpoint=calls.checkpoint,
            ending=CALLS_END,
            answers=operation.output_type,
            decode=calls.decoded,
        )
