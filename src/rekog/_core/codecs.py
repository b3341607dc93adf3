"""Lookup of a model's generated codecs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, cast

from .._values.errors import ParamValidationError
from .._values.model import Model

Codec = Callable[[Any], Any]

FAILURES = (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError)
"""Exceptions of a codec for a value of the wrong form."""


def generated_class(model: type[Model]) -> type[Model]:
    """Return the generated class of a model, which may be a user's subclass of it."""
    parents: tuple[type, ...] = getattr(model, "__mro__", ())  # an untyped caller may pass anything
    for cls in parents:
        if cls.__module__.startswith("rekog.models.") and issubclass(cls, Model):
            return cls
    raise ParamValidationError(f"{getattr(model, '__name__', model)!s} is not a model of the service")


@cache
def codec_of(family: str, name: str) -> Codec:
    """Return a codec by the family of its model and its name."""
    from .._generated.codec import load  # the generator imports this module without it

    return cast("Codec", getattr(load(family), name))  # cast: the module contains codecs only


def find_codec(direction: Literal["encode", "decode"], model: type[Model]) -> Codec:
    """Return the function that encodes or decodes a model."""
    cls = generated_class(model)
    return codec_of(cls.__module__.removeprefix("rekog.models."), f"{direction}_{cls.__name__}")
