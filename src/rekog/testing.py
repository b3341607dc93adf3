"""Helpers for tests in any framework: partial models for test doubles. The pytest plugin is `rekog.pytest_plugin`.

A model requires the members that the service always sends. A test double often needs one or two of them only.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import models
from ._core.codecs import generated_class
from ._core.names import snake
from ._core.scalars import blob, moment, new
from ._core.validate import described, dotted, problems
from ._generated.operations import METHODS, OPERATIONS
from ._generated.shapes import SHAPES
from ._values.errors import DecodeError
from ._values.model import Model, Response, field_names

if TYPE_CHECKING:
    from ._core.operation import Shape

__all__ = ["answer_of", "partial_model"]

M = TypeVar("M", bound=Model)
R = TypeVar("R", bound=Response)


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
    built: Response = _built(name, wire)
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
    partial = new(model)
    for name, default in _absent(model).items():
        setattr(partial, name, members.get(name, default() if callable(default) else default))
    return partial


def _response_name(operation: str | type[Response]) -> str:
    if isinstance(operation, type):
        return generated_class(operation).__name__
    record = METHODS.get(operation) or OPERATIONS.get(operation)
    if record is None:
        raise ValueError(f"operation must be one of the service's, like 'DetectLabels', not {operation!r}")
    return f"{record.name}Response"


def _absent(model: type[Model]) -> Mapping[str, object]:
    """Return the value of each absent field of a model; `list` for an empty list."""
    parameters = signature(model).parameters
    return {name: _absent_value(parameters[name]) for name in field_names(model)}


def _absent_value(parameter: Parameter) -> object:
    text = str(parameter.annotation)
    required = parameter.default is parameter.empty
    if text.startswith("Items[") or (required and text.startswith(("list[", "Sequence["))):
        return list
    return None if required else parameter.default


def _built(name: str, wire: Mapping[str, object]) -> Any:
    members = SHAPES[name].members
    given = {snake(member): _value(members[member], item) for member, item in wire.items() if item is not None}
    return partial_model(getattr(models, name), **given)


def _value(name: str, item: Any) -> object:
    shape: Shape = SHAPES[name]
    if shape.kind == "structure":
        return _built(name, item)
    if shape.kind == "list":
        return [_value(shape.item, each) for each in item]
    if shape.kind == "map":
        return dict(item)
    if shape.kind in ("blob", "timestamp"):
        return blob(item) if shape.kind == "blob" else moment(item)
    return next((member for member in getattr(models, name) if member == item), item) if shape.enum else item


def __dir__() -> list[str]:
    return sorted(__all__)
