"""What all models share.

A model is an attrs class whose `__init__` the generator wrote ahead of time: running attrs's own code generation for
325 classes costs more than the rest of a cold start together. attrs's view of a class (`attrs.fields`, `asdict`,
`evolve`, cattrs) is made by attrs itself when somebody first asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias, TypeVar

from ._core.narrow import is_bytes

if TYPE_CHECKING:
    import attrs

T = TypeVar("T")
Blob: TypeAlias = bytes
"""Raw bytes. A name of its own, because `Image` has a field called `bytes`."""
Items: TypeAlias = list[T] | None
"""A list argument for which None means the empty list; the field itself is never None."""


class ResponseMetadata(NamedTuple):
    """What came with an answer beside its data. Header names are lower-case."""

    request_id: str | None = None
    http_status: int = 200
    headers: Mapping[str, str] = {}
    attempts: int = 1


class _AttrsView:
    """Make a class's `__attrs_attrs__` when it is first looked up."""

    def __get__(self, instance: object, owner: type[Model]) -> tuple[attrs.Attribute[object], ...]:
        import inspect
        from typing import get_args, get_type_hints

        import attrs

        from . import models

        hints = get_type_hints(owner.__init__, vars(sys.modules[owner.__module__]), models.namespace())
        parameters = inspect.signature(owner.__init__).parameters
        fields: dict[str, Any] = {}
        for name in field_names(owner):
            default = parameters[name].default
            if default is inspect.Parameter.empty:
                default = attrs.NOTHING
            kind = hints[name]
            if str(owner.__init__.__annotations__[name]).startswith("Items["):
                default, kind = attrs.Factory(_empty), get_args(kind)[0]
            fields[name] = attrs.field(default=default, type=kind, kw_only=True)
        view: tuple[attrs.Attribute[object], ...] = attrs.fields(attrs.make_class(owner.__name__, fields))
        owner.__attrs_attrs__ = view
        return view


def _empty() -> list[object]:
    return []


class Model:
    """A value of the service: typed fields, compared and shown by them; bytes are never shown."""

    __slots__ = ()
    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[object], ...]]
    else:
        __attrs_attrs__ = _AttrsView()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in field_names(type(self)))

    __hash__: ClassVar[None]  # type: ignore[assignment]  # models are mutable, so not hashable; typeshed says it thus

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={_shown(getattr(self, name))}"
            for name in field_names(type(self))
            if getattr(self, name) is not None
        )
        return f"{type(self).__name__}({shown})"


class Response(Model):
    """An operation's answer: its fields, and `response_metadata` outside of equality."""

    __slots__ = ("_response_metadata",)

    @property
    def response_metadata(self) -> ResponseMetadata:
        """Request id, HTTP status, headers and number of attempts; empty on a response made by hand."""
        try:
            return self._response_metadata
        except AttributeError:
            return ResponseMetadata()

    @response_metadata.setter
    def response_metadata(self, value: ResponseMetadata) -> None:
        self._response_metadata = value


def field_names(model: type[Model]) -> tuple[str, ...]:
    """Return the names of a model's fields, in the order of the service model."""
    names = (name for cls in reversed(model.__mro__) for name in cls.__dict__.get("__slots__", ()))
    return tuple(name for name in names if not name.startswith("_"))


def _shown(value: object) -> str:
    return f"<{len(value)} bytes>" if is_bytes(value) else repr(value)
