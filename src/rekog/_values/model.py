"""Base classes of all models.

A model is an attrs class whose `__init__` was written by the generator: running attrs's own code generation for 300
classes costs more than the rest of a cold start together. attrs creates its view of a class (`attrs.fields`, `asdict`,
`evolve`, cattrs) on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeAlias, TypeVar

from .frozen import Frozen
from .lazy import LazyAttribute, LazyDict
from .narrow import is_bytes, is_iterable, is_mapping, is_sequence

if TYPE_CHECKING:
    import attrs

    from .._core.answers import printing

T = TypeVar("T")
Blob: TypeAlias = bytes
"""Raw bytes. A name of its own, because `Image` has a field called `bytes`."""
Items: TypeAlias = list[T] | None
"""A list argument for which None means the empty list; the field itself is never None."""


_NO_HEADERS: Mapping[str, str] = {}


class ResponseMetadata(Frozen, kw_only=True, public="rekog"):
    """Facts about a response that are not in its body. Header names are lowercase."""

    request_id: str | None = None
    status_code: int = 200
    headers: Mapping[str, str] = _NO_HEADERS
    attempts: int = 1

    def __hash__(self) -> int:
        return hash((self.request_id, self.status_code, self.attempts))  # headers are a dict


def received_metadata(
    request_id: str | None, status_code: int, headers: Mapping[str, str], attempts: int
) -> ResponseMetadata:
    """Return the metadata of a response; each call does, so it sets the fields without the work of `__init__`."""
    metadata = object.__new__(ResponseMetadata)
    fields = metadata.__dict__
    fields["request_id"] = request_id
    fields["status_code"] = status_code
    fields["headers"] = headers
    fields["attempts"] = attempts
    return metadata


def field_names(kind: type) -> tuple[str, ...]:
    """Return the names of a model's fields: its slots and those of its parents, except private ones."""
    names = (name for cls in reversed(kind.__mro__) for name in cls.__dict__.get("__slots__", ()))
    return tuple(name for name in names if not name.startswith("_"))


def as_list(value: Any) -> Any:
    """Return any iterable as a list, except texts, bytes and mappings, which the validator reports.

    `Any`, because the values of untyped callers pass through here on their way to the validator.
    """
    return list(value) if value.__class__ is not list and is_iterable(value) else value


def as_model(name: str, value: Any) -> Any:
    """Return a dict with the fields of a model as that model; the validator reports any other value."""
    if value is None or isinstance(value, Model) or not is_mapping(value):
        return value
    from .. import models

    model: type[Any] = getattr(models, name)
    absent = dict.fromkeys(field_names(model))
    return model(**{**absent, **value}) if value.keys() <= absent.keys() else value


def as_models(name: str, values: Any) -> Any:
    """Return any iterable of models and dicts as a list of models."""
    listed = as_list(values)
    return [as_model(name, value) for value in listed] if is_sequence(listed) else listed


def _view(owner: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
    """Return attrs's view of a model: types of all families resolved, `Items` as lists that are never None."""
    import re
    from inspect import signature
    from types import SimpleNamespace
    from typing import get_args, get_type_hints

    import attrs

    from .. import models

    fields: dict[str, object] = {}
    parameters = signature(owner).parameters
    # Arguments may also be dicts and iterables; the fields are models and sequences.
    texts = {n: re.sub(r" \| dicts\.\w+Dict\b", "", str(p.annotation)) for n, p in parameters.items()}
    texts = {name: text.replace("Iterable[", "Sequence[") for name, text in texts.items()}
    hints = get_type_hints(SimpleNamespace(__annotations__=texts), localns=models.namespace())
    for name in field_names(owner):
        parameter = parameters[name]
        kind, default = hints[name], parameter.default
        if str(parameter.annotation).startswith("Items["):
            kind, default = get_args(kind)[0], attrs.Factory(list[object])
        elif default is parameter.empty:
            default = attrs.NOTHING
        keyword = parameter.kind is parameter.KEYWORD_ONLY
        shown = bytes not in (kind, *get_args(kind))  # printers such as rich's show the fields of this view
        fields[name] = attrs.field(type=kind, kw_only=keyword, default=default, repr=shown)
    view: tuple[attrs.Attribute[Any], ...] = attrs.fields(attrs.make_class(owner.__name__, fields))
    return view


def _types(kind: type[Any]) -> Mapping[str, object]:
    return {field.name: field.type for field in kind.__attrs_attrs__}


class Model:
    """A value of the service that compares and prints by its typed fields; `repr` shows no bytes."""

    __slots__ = ()
    if TYPE_CHECKING:
        __annotations__: dict[str, Any]
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[object], ...]]
        __hash__: ClassVar[None]  # type: ignore[assignment]  # mutable, so not hashable; typeshed declares it so
    else:
        __attrs_attrs__ = LazyAttribute(_view)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__module__.startswith("rekog.models."):
            cls.__annotations__ = LazyDict(partial(_types, cls))  # its fields are annotated in `__init__` only

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in field_names(type(self)))

    def __replace__(self, /, **changes: object) -> Self:
        """Return a copy with some fields changed; `copy.replace` calls this from Python 3.13 on."""
        build: Callable[..., Self] = type(self)
        return build(**{name: getattr(self, name) for name in field_names(type(self))} | changes)

    def to_dict(self, *, names: Literal["python", "wire"] = "python") -> dict[str, Any]:
        """Return the fields as a dict of plain Python values, nested ones included, without those that are None.

        Enums become text; blobs are `bytes` and timestamps aware `datetime`. `names="wire"` has the service's names, as
        the dicts of boto3. Raise `ParamValidationError` for a value of the wrong kind.

        >>> from rekog.models import Point
        >>> Point(x=0.5, y=0.25).to_dict(), Point(x=0.5, y=0.25).to_dict(names="wire")
        ({'x': 0.5, 'y': 0.25}, {'X': 0.5, 'Y': 0.25})
        """
        from .._core.answers import forms  # a call needs none of these methods

        return forms.to_dict(self, names)

    def to_json(self, *, names: Literal["python", "wire"] = "python") -> str:
        """Return the fields as JSON text, with base64 text for blobs, without fields that are None.

        Timestamps are ISO 8601 text; with `names="wire"` they are epoch seconds, as in a body of the service.
        """
        from .._core.answers import forms

        return forms.to_json(self, names)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the model of a dict with Python's names, the service's, or both; unknown keys are ignored.

        It reads what `to_dict`, `to_wire` and boto3 return. A missing member is None or an empty list, and the logger
        `rekog` names one that the service always sends. Raise `DecodeError` for a value of the wrong kind.

        >>> from rekog.models import Label
        >>> Label.from_dict({"name": "Cat", "confidence": 99.1}) == Label.from_dict({"Name": "Cat", "Confidence": 99.1})
        True
        """
        from .._core.answers import forms

        return forms.from_dict(cls, values)

    @classmethod
    def from_json(cls, text: str | bytes | bytearray) -> Self:
        """Return the model of JSON text, as `from_dict` does: of `to_json`, the AWS CLI or a body of the service."""
        from .._core.answers import forms

        return forms.from_json(cls, text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Any) -> dict[str, Any]:
        """Return pydantic's schema: an instance, or a dict with Python's names; bytes in JSON are base64 text.

        Members that are always present are required in a dict, and unknown keys ignored. Pydantic converts values by
        its lax rules, "5" to 5 for example; `model_validate(..., strict=True)` does not. Enums stay open.
        """
        from .pydantic_schema import model_schema  # pydantic alone needs it

        return model_schema(cls, handler.generate_schema)

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={_shown(getattr(self, name))}"
            for name in field_names(type(self))
            if getattr(self, name) is not None
        )
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        """Yield the fields that rich prints, numbers rounded; `repr` has all digits."""
        from .._core.answers import printing

        return printing.fields(self)

    def _repr_pretty_(self, printer: printing.Printer, cycle: bool) -> None:  # noqa: FBT001 (as IPython calls it)
        """Print the model as IPython and Jupyter show it, numbers rounded; `repr` has all digits."""
        from .._core.answers import printing

        printing.pretty(self, printer, is_cycle=cycle)


class Response(Model):
    """A response of an operation: its fields, and `response_metadata`, which equality ignores."""

    __slots__ = ("_response_metadata",)

    @property
    def response_metadata(self) -> ResponseMetadata:
        """Request id, HTTP status, headers and number of attempts; empty on a response that was not received."""
        try:
            return self._response_metadata
        except AttributeError:
            return ResponseMetadata()

    @response_metadata.setter
    def response_metadata(self, value: ResponseMetadata) -> None:
        self._response_metadata = value

    def to_rows(self, **constant: object) -> list[dict[str, Any]]:
        """Return the results as flat rows, for tables and CSV files; each row has all columns.

        docs/answers.md lists the columns of each operation. `constant` adds columns with the same value in each row,
        the name of the image for example. Raise `ParamValidationError` for a response that lists no results.

        >>> from rekog.models import CustomLabel, DetectCustomLabelsResponse
        >>> answer = DetectCustomLabelsResponse(custom_labels=[CustomLabel(name="Lid", confidence=97.5)])
        >>> [(row["image"], row["name"], row["left"]) for row in answer.to_rows(image="cup.jpg")]
        [('cup.jpg', 'Lid', None)]
        """
        from .._core.answers import rows

        return rows.to_rows(self, constant)

    def _repr_html_(self) -> str:
        """Return the answer as a table; Jupyter shows it."""
        from .._core.answers import tables

        return tables.to_html(self)


class WireResponse(dict[str, object]):
    """A response of `call`: a dict with the service's names, and `response_metadata`, which equality ignores."""

    __slots__ = ("response_metadata",)

    def __init__(self, wire: Mapping[str, object], response_metadata: ResponseMetadata) -> None:
        super().__init__(wire)
        self.response_metadata: ResponseMetadata = response_metadata
        """Request id, HTTP status, headers and number of attempts."""

    def copy(self) -> WireResponse:
        """Return a shallow copy with the same metadata."""
        return type(self)(self, self.response_metadata)


def _shown(value: object) -> str:
    return f"<{len(value)} bytes>" if is_bytes(value) else repr(value)


for _kind in (Model, Response, WireResponse):
    _kind.__module__ = "rekog"  # the public module, for pickles and reprs
