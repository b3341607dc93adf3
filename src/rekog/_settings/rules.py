"""Rules of settings: each is a function that checks one argument.

A rule takes the name of a field, for the error message, and the given value. It returns the value to store, or raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast

from .._values.errors import ConfigError, CredentialsError
from .._values.frozen import Frozen
from .._values.narrow import is_mapping, is_sequence

if TYPE_CHECKING:
    from types import UnionType

T = TypeVar("T")
Rule: TypeAlias = Callable[[str, Any], object]

RESERVED_HEADERS = frozenset(
    "authorization connection content-length content-type host transfer-encoding x-amz-date x-amz-security-token"
    " x-amz-target".split()
)
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, section 5.6.2


class Checked(Frozen):
    """An immutable value that applies a rule to each argument; a field without a rule accepts any value."""

    _rules: ClassVar[Mapping[str, Rule]] = {}
    _messages_name_class: ClassVar[bool] = True  # `Timeout.read` in error messages instead of `read`

    def _checked(self, name: str, value: Any) -> object:
        rule = self._rules.get(name)
        if rule is None:
            return value
        return rule(f"{type(self).__name__}.{name}" if self._messages_name_class else name, value)


def rule_error(name: str, rule: str, value: object, remedy: str = "") -> ConfigError:
    """Return the error for a value that breaks a rule; `remedy` is the code to write instead."""
    text = f"{name} must be {rule}, not {value!r} ({type(value).__name__})"
    return ConfigError(f"{text}: write {remedy}" if remedy else text)


def rule(text: str, holds: Callable[[Any], bool]) -> Rule:
    """Return a rule that keeps a value as it is; `text` completes the message "NAME must be ..."."""

    def check(name: str, value: Any) -> object:
        if not holds(value):
            raise rule_error(name, text, value)
        return value

    return check


def optional(inner: Rule) -> Rule:
    """Return a rule that also accepts None."""
    return lambda name, value: None if value is None else inner(name, value)


def instance_of(kind: type) -> Rule:
    """Return a rule that accepts the instances of a class."""
    return rule(f"a {kind.__name__}", lambda value: isinstance(value, kind))


def one_of(*values: str) -> Rule:
    """Return a rule that accepts two or more texts."""
    *first, last = map(repr, values)
    return rule(f"{', '.join(first)} or {last}", lambda value: value in values)


def several_of(*values: str) -> Rule:
    """Return a rule that accepts True for all of these texts, False for none, or a collection of some of them.

    It returns a tuple in the order of `values`.
    """

    def check(name: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, bool):
            return values if value else ()
        choice = f"True, False or a collection of {', '.join(map(repr, values))}"
        if isinstance(value, str):
            raise rule_error(name, choice, value, f"[{value!r}]" if value in values else "")
        if not isinstance(value, Collection):
            raise rule_error(name, choice, value)
        given = list(cast("Collection[object]", value))  # cast: untyped callers may pass anything
        if unknown := [item for item in given if item not in values]:
            raise ConfigError(f"{name} has no check {unknown[0]!r}: there are {', '.join(map(repr, values))}")
        return tuple(item for item in values if item in given)

    return check


def _is_number(value: object, kind: type | UnionType) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_plain_function(value: object) -> bool:
    from inspect import iscoroutinefunction  # few policies have functions

    called = getattr(value, "__call__", None)  # noqa: B004 (an object with an async `__call__` is refused too)
    return called is not None and not iscoroutinefunction(value) and not iscoroutinefunction(called)


POSITIVE_SECONDS = rule(
    "a number of seconds above 0", lambda value: _is_number(value, int | float) and 0 < value < math.inf
)
POSITIVE_COUNT = rule("a whole number, 1 or more", lambda value: _is_number(value, int) and value >= 1)
BOOL, TEXT = instance_of(bool), instance_of(str)
PLAIN_FUNCTION = rule("a plain function, which is not awaited", _is_plain_function)


def _is_meter(value: object) -> bool:
    return hasattr(type(value), "_follow")  # importing `rekog.cost` is slow


def one_or_several(text: str, holds: Callable[[Any], bool]) -> Rule:
    """Return a rule that accepts one such value or a list or tuple of them; it returns a tuple without repetitions."""
    check = rule(text, holds)

    def checked(name: str, value: Any) -> tuple[object, ...]:
        given = value if is_sequence(value) else (value,)
        return distinct(check(name, each) for each in given)

    return checked


def distinct(values: Iterable[T]) -> tuple[T, ...]:
    """Return the values without repetitions; the values need no hash."""
    return tuple({id(value): value for value in values}.values())


PLAIN_FUNCTIONS = one_or_several("a plain function, which is not awaited, or several of them", _is_plain_function)
METERS = one_or_several("a rekog.cost.Meter or Budget, or several of them", _is_meter)


def headers(name: str, value: Any) -> Mapping[str, str]:
    """Rule of additional headers: a mapping, of which the names are stored in lowercase; None is an empty one."""
    if value is None:
        return {}
    if not is_mapping(value):
        raise rule_error(name, "a mapping of names to values", value)
    lowercase: dict[str, str] = {}
    for key, text in cast("Mapping[object, object]", value).items():  # cast: untyped callers may pass anything
        if not isinstance(key, str) or not key or not _TOKEN.issuperset(key.lower()):
            raise ConfigError(f"{name}: {key!r} is not a header name")
        if key.lower() in RESERVED_HEADERS:
            raise ConfigError(f"{name}: {key!r} is set by the client itself")
        # The message does not contain the value: it may be a secret for a proxy.
        if not isinstance(text, str) or not text.isascii() or not text.isprintable():
            raise ConfigError(f"{name}: the value of {key!r} must be one line of printable ASCII text")
        lowercase[key.lower()] = text
    return lowercase


def user_agent(name: str, value: Any) -> str:
    """Rule of the text that follows ours in the header User-Agent."""
    if not isinstance(value, str) or not value.strip() or not value.isascii() or not value.isprintable():
        raise rule_error(name, "one line of printable ASCII text, like 'my-app/1.0'", value)
    return value.strip()


def proxy(name: str, value: Any) -> str:
    """Rule of the URL of a proxy; the error does not contain the value, which may have a password."""
    kind = type(value).__name__ if not isinstance(value, str) else "another text"
    if not isinstance(value, str) or not re.match(r"(https?|socks5h?)://[^/]", value, re.IGNORECASE):
        raise ConfigError(f"{name} must be an http, https or socks5 URL, like 'http://localhost:3128', not {kind}")
    return value


def _is_verify(value: object) -> bool:
    return isinstance(value, bool | str | PathLike) or hasattr(value, "wrap_socket")  # importing ssl is slow


verify = rule("True, False, the path of a CA bundle or an ssl.SSLContext", _is_verify)


def moment(name: str, value: Any) -> object:
    """Rule of a point in time: a datetime with a time zone."""
    from datetime import datetime  # few credentials have a time

    if not isinstance(value, datetime) or value.tzinfo is None:
        raise CredentialsError(f"{name} must be a datetime with a time zone, like datetime.now(UTC), not {value!r}")
    return value


def credential(name: str, value: object) -> str:
    """Rule of the parts of credentials; the error does not contain the value.

    A newline at the end of a secret would otherwise appear as a signature that does not match.
    """
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        kind = type(value).__name__ if not isinstance(value, str) else "empty" if not value else "other text"
        raise CredentialsError(f"{name} must be ASCII text without spaces and line ends, not {kind}")
    return value
