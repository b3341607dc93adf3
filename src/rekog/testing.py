"""Helpers for tests in any framework: partial models for test doubles. The pytest plugin is `rekog.pytest_plugin`.

A model requires the members that the service always sends. A test double often needs one or two of them only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, overload

from ._core.codecs import generated_class
from ._core.incomplete import decode_incomplete, empty_model
from ._core.validate import described, dotted, problems
from ._generated.operations import METHODS, OPERATIONS
from ._values.errors import DecodeError
from ._values.model import Model, Response, field_names

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


def _response_name(operation: str | type[Response]) -> str:
    if isinstance(operation, type):
        return generated_class(operation).__name__
    record = METHODS.get(operation) or OPERATIONS.get(operation)
    if record is None:
        raise ValueError(f"operation must be one of the service's, like 'DetectLabels', not {operation!r}")
    return f"{record.name}Response"


def __dir__() -> list[str]:
    return sorted(__all__)
