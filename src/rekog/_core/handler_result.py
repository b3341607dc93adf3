"""Result of a function that serves an operation: a response object, or a response that is already in wire form.

Only the emulator produces these results. They are defined here because the generated protocols of its handlers
(`_generated/service.py`) need them, and no module of the SDK may import the emulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .._values.model import Response

Result_co = TypeVar("Result_co", bound="Response", covariant=True)


class InWireForm(NamedTuple, Generic[Result_co]):
    """A response that is already a wire dict, such as a stored page of results; no object is built for it."""

    wire: dict[str, object]


HandlerResult: TypeAlias = Result_co | InWireForm[Result_co]
"""Return type of the function that serves an operation, in the protocols of `_generated.service`."""
