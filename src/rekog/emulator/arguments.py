"""Rules for the arguments of `Emulator`, checked before any file is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, get_args

from ..credentials import Credentials
from .front.constraints import ValidationCode
from .services.objects import is_path
from .settings import is_number
from .vision import SWITCHES


class _Rule(NamedTuple):
    """A rule for an argument, as words and as a function. None is valid unless a value is `required`."""

    words: str
    is_valid: Callable[[object], bool]
    required: bool = False
    secret: bool = False


def check_arguments(**arguments: object) -> None:
    """Raise `ValueError` for the first invalid argument. The message never contains a secret.

    >>> check_arguments(account="12")
    Traceback (most recent call last):
    ValueError: account must be 12 digits, as text, not '12'
    """
    for name, rule in _RULES.items():
        value = arguments.get(name)
        if not rule.is_valid(value) and (value is not None or rule.required):
            raise ValueError(f"{name} must be {rule.words}, not {type(value).__name__ if rule.secret else repr(value)}")


def _is_account(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{12}", value) is not None


def _is_region(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z0-9-]{1,32}", value) is not None


def _is_code(value: object) -> bool:
    return value in _CODES


def _is_switch(value: object) -> bool:
    return value in SWITCHES


def _is_sink(value: object) -> bool:
    return callable(value) or is_path(value)


def _is_clock(value: object) -> bool:
    return callable(value) and is_number(value())


def _is(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _has(*methods: str) -> Callable[[object], bool]:
    """Return a check for objects with these methods; classes are invalid, instances are required."""
    return lambda value: not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in methods)


_CODES = get_args(ValidationCode)
_RULES: Mapping[str, _Rule] = {
    "account": _Rule("12 digits, as text", _is_account, required=True),
    "region": _Rule("1 to 32 lowercase letters, digits and hyphens, like 'eu-west-1'", _is_region),
    "data": _Rule("the path of a folder", is_path),
    "s3_root": _Rule("the path of a folder", is_path),
    "validation_code": _Rule(" or ".join(map(repr, _CODES)), _is_code, required=True),
    "vision": _Rule(" or ".join(map(repr, SWITCHES)), _is_switch, required=True),
    "face_detector": _Rule("an object with the method detect", _has("detect")),
    "face_embedder": _Rule("an object with the method embed", _has("embed")),
    "person_detector": _Rule("an object with the method detect", _has("detect")),
    "video_reader": _Rule("an object with the methods facts and frames", _has("facts", "frames")),
    "notify": _Rule("a function, a URL or the path of a file", _is_sink),
    "s3_endpoint": _Rule("an http or https URL", _is(str)),
    "s3_credentials": _Rule("rekog.Credentials", _is(Credentials), secret=True),
    "verify_signatures": _Rule("a mapping from access key ids to secrets", _is(Mapping), secret=True),
    "clock": _Rule("a function that returns epoch seconds, or a ManualClock()", _is_clock, required=True),
}
