"""Result of a function that serves an operation: a model, or a response that is already in wire form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .._values.model import Response

Result_co = TypeVar("Result_co", bound="Response", covariant=True)


class InWireForm(NamedTuple, Generic[Result_co]):
    """A response that is already a wire dict, such as a stored page of results; no model is built for it."""

    wire: dict[str, object]


HandlerResult: TypeAlias = Result_co | InWireForm[Result_co]
"""Return type of the function that serves an operation, in the protocols of `_generated.service`."""
