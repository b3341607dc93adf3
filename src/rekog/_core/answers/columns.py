"""Types of the columns of rows, from the annotations of the models that the rows are made of."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from .rows import LISTINGS, columns_of

if TYPE_CHECKING:
    from ..._values.model import Response


def types_of(kind: type[Response]) -> dict[str, type]:
    """Return the columns of the rows of a response, in their order, each with its type: str, float, int or bool.

    Each value may be None too. A list at the end of a path is text in a row.

    >>> from rekog.models import ListUsersResponse
    >>> types_of(ListUsersResponse)
    {'user_id': <class 'str'>, 'user_status': <class 'str'>}
    """
    name = kind.__name__
    if name == "ListCollectionsResponse":
        return dict.fromkeys(columns_of(name), str)
    types: dict[str, type] = {}
    for listing in LISTINGS[name]:
        result = _item(_at(kind, listing.field))
        part = _item(_at(result, listing.inner)) if listing.inner else None
        for column, path in listing.columns.items():
            found = _at(part, path[2:]) if path.startswith("*.") else _at(result, path)
            types[column] = str if get_origin(found) is list else found
    return types


def _at(kind: Any, path: str) -> Any:
    """Return the type at the end of a path of fields."""
    for step in path.split("."):
        kind = _item(kind)
        if not step.isupper():  # else the item of this name
            kind = _without_none(_fields(kind)[step])
    return kind


def _fields(kind: Any) -> dict[str, Any]:
    import attrs

    return {field.name: field.type for field in attrs.fields(kind)}


def _without_none(kind: Any) -> Any:
    """Return the type of a value that is there; a member of an enum is a str, and has a type beside it."""
    kinds = [each for each in get_args(kind) if each is not NoneType]
    if get_origin(kind) is list or not kinds:
        return kind
    return str if str in kinds else kinds[0]


def _item(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is list else kind
