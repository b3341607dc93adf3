"""Render the methods of `client.bulk`, for threads and for tasks: one for each operation on images."""

from __future__ import annotations

from rekog._core.names import snake

from .clients import ASYNC, SYNC, Kind
from .load import Operation, Service
from .text import arguments, banner, docstring, filled, packed, qualified, wrapped

INDENT = " " * 8
EACH = {"IndexFaces": ("external_image_id",)}
"""Arguments that differ between images, so that a function makes them from the source."""
FUNCTION = "Callable[[S], str] | None"
CHECKPOINT = "checkpoint: str | os.PathLike[str] | None = None"
OWN = [
    f"key: {FUNCTION} = None", CHECKPOINT, "concurrency: int | None = None", "fit: bool = False",
    "max_failures: int | None = None", "on_progress: OnProgress | None = None",
    "options: CallOptions | CallOptionsDict | None = None",
]  # fmt: skip
CLUSTERS = "from ..bulk._clusters import Cluster\n"
CLUSTER = "cluster: Cluster | None = None"


def render(service: Service) -> dict[str, str]:
    """Return both modules by path."""
    return {"_generated/bulk.py": _module(service, SYNC), "_generated/async_bulk.py": _module(service, ASYNC)}


def operations(service: Service) -> list[Operation]:
    """Return the operations that take an image."""
    return [each for each in service.operations.values() if source_of(service, each)]


def source_of(service: Service, operation: Operation) -> str:
    """Return the wire name of the image that differs between the calls: the last one; empty without an image."""
    members = service.shapes[f"{operation.name}Request"].members
    return next((wire for wire in reversed(list(members)) if members[wire] == "Image"), "")


def _module(service: Service, kind: Kind) -> str:
    p = kind.prefix
    body = "\n".join(_method(service, operation, kind) for operation in operations(service))
    iterables = "AsyncIterable, Callable, Iterable" if p else "Callable, Iterable"
    doc = f"Runs over many images, for {kind.callers}: a method for each operation on images."
    return (
        f"{banner(service, doc)}\nimport os\nfrom collections.abc import {iterables}\n"
        "from typing import TYPE_CHECKING, TypeVar\n\n"
        f"from ..bulk._calls import {p}MappedBulk, Special\n{'' if p else CLUSTERS}from ..bulk._runs import Settings\n"
        f"from ..bulk.{'_tasks' if p else '_threads'} import {p}BulkRun\n"
        "from .._values.lazy import LazyModule\nfrom .._values.public import publish\n"
        "from ..bulk._outcomes import OnProgress\nfrom ..config import CallOptions, CallOptionsDict\n"
        "from . import operations as ops\n\n"
        "if TYPE_CHECKING:\n    from .. import images, models\n"
        "else:  # loaded on first use, or by a tool that evaluates annotations\n"
        '    images, models = LazyModule("rekog.images"), LazyModule("rekog.models")\n\n'
        f'__all__ = ["{p}Bulk"]\n\nS = TypeVar("S", bound="images.ImageInput")\n\n\n'
        f"class {p}Bulk({p}MappedBulk):\n"
        f'    """Runs over many images, for {kind.callers}; `rekog.bulk` describes the arguments that all share."""\n\n'
        f'{body}\n\npublish("rekog.bulk", {p}Bulk)\n'
    )


def _method(service: Service, operation: Operation, kind: Kind) -> str:
    name, source = snake(operation.name), source_of(service, operation)
    each = EACH.get(operation.name, ())
    passed = [(n, qualified(service, text)) for n, text, wire in arguments(service, operation) if wire != source]
    passed = [(n, FUNCTION if n in each else text) for n, text in passed]
    parameters = [f"{n}: {text}{' = None' * text.endswith(' | None')}" for n, text in passed]
    sources = "Iterable[S] | AsyncIterable[S]" if kind.prefix else "Iterable[S]"
    parts = ["self", f"sources: {sources}", "*", *parameters, *OWN[:-1], *([] if kind.prefix else [CLUSTER]), OWN[-1]]
    result = f"{kind.prefix}BulkRun[S, models.{operation.name}Response]"
    words = f"The arguments and errors are those of the client's method `{name}`."
    if source != "Image":
        words += f" Each source is a `{snake(source)}`."
    if each:
        words += f" `{each[0]}` is a function from a source to its value."
    doc = [f"Call {operation.name} for each source, several at once.", "", *wrapped(words, INDENT)]
    table = f"{{{', '.join(f'{chr(34)}{n}{chr(34)}: {n}' for n in each)}}}"
    special = (
        f"Special(checkpoint, fit, options{f', {table}' if each else ''}{'' if kind.prefix else ', cluster=cluster'})"
    )
    settings = "Settings(key, concurrency, max_failures, on_progress)"
    values = [f"ops.{name.upper()}", f'"{snake(source)}"', "sources", settings, special]
    values += [f"{n}={n}" for n, _ in passed if n not in each]
    lines = [filled(f"def {name}(", parts, f") -> {result}:", "    "), *docstring(doc, INDENT)]
    return "\n".join([*lines, packed("return self._run(", values, ")", INDENT)]) + "\n"
