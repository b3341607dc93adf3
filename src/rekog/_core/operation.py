"""Records of operations and shapes; the types and codecs of an operation are loaded on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

from .codecs import codec_of
from .names import snake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._values.model import Model, Response

In = TypeVar("In", bound="Model")
Out = TypeVar("Out", bound="Response")

TARGET_PREFIX = "RekognitionService"
CONTENT_TYPE = "application/x-amz-json-1.1"


class Operation(NamedTuple, Generic[In, Out]):
    """An operation of the service: its names, its input and output, and the errors that it can raise."""

    name: str
    family: str
    errors: tuple[str, ...] = ()
    """Names of its modelled errors, without the five that every operation can raise."""
    media: tuple[str, ...] = ()
    """Fields that take an image or a video in any form of `rekog.images`."""
    idempotency_token: str | None = None
    """Wire name of the field that is filled in when absent."""

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"

    @property
    def method_name(self) -> str:
        """The name of its method."""
        return snake(self.name)

    @property
    def input_type(self) -> type[In]:
        """The class of its arguments."""
        return cast("type[In]", _model(self.family, f"{self.name}Request"))  # cast: the generator pairs them

    @property
    def output_type(self) -> type[Out]:
        """The class of its response."""
        return cast("type[Out]", _model(self.family, f"{self.name}Response"))  # cast: the generator pairs them

    @property
    def encode_input(self) -> Callable[[In], dict[str, object]]:
        """The function from arguments to a wire dict."""
        return cast("Callable[[In], dict[str, object]]", self._codec("encode", "Request"))  # cast: as above

    @property
    def decode_input(self) -> Callable[[dict[str, object]], In]:
        """The function from a wire dict to arguments."""
        return cast("Callable[[dict[str, object]], In]", self._codec("decode", "Request"))  # cast: as above

    @property
    def encode_output(self) -> Callable[[Out], dict[str, object]]:
        """The function from a response to a wire dict."""
        return cast("Callable[[Out], dict[str, object]]", self._codec("encode", "Response"))  # cast: as above

    @property
    def decode_output(self) -> Callable[[dict[str, object]], Out]:
        """The function from a wire dict to a response."""
        return cast("Callable[[dict[str, object]], Out]", self._codec("decode", "Response"))  # cast: as above

    def _codec(self, direction: str, side: str) -> object:
        return codec_of(self.family, f"{direction}_{self.name}{side}")


@cache
def _model(family: str, name: str) -> object:
    return getattr(import_module(f"rekog.models.{family}"), name)


class Shape(NamedTuple):
    """Constraints of a shape of the service model.

    `min` and `max` limit a number's value, a text's characters, a blob's bytes, or the length of a list or map.
    """

    kind: str
    min: float | None = None
    max: float | None = None
    pattern: str = ""
    enum: tuple[str, ...] = ()
    members: Mapping[str, str] = {}
    required: tuple[str, ...] = ()
    item: str = ""
    key: str = ""
    sensitive: bool = False
