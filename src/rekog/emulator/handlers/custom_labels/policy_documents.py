"""Policy documents in the form of IAM: check their form, and decide requests.

This module reads the part of the policy language that project policies need: Effect, Principal, Action and Resource,
with wildcards. A user or role counts as its account, because the emulator knows only the account of a caller. If the
decision on a request depends on a Condition or a Not... element, the request is refused: the emulator does not guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from ...._values.narrow import is_mapping, is_sequence
from ... import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Statement: TypeAlias = Mapping[str, object]

_MEMBERS = frozenset(("Version", "Id", "Statement"))
_VERSIONS = ("2012-10-17", "2008-10-17")
_ONE_OF = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_UNSUPPORTED = ("Condition", "NotPrincipal", "NotAction", "NotResource")
_PRINCIPALS = ("AWS", "CanonicalUser", "Federated", "Service")
_ACCOUNT = re.compile(r"\*|\d{12}|arn:.+|A[A-Z0-9]{15,127}", re.ASCII)
"""Values of the principal `AWS`: all accounts, one account, or the ARN or unique id of a user or role."""
_PRINCIPAL = re.compile(r"arn:[a-z\d-]+:(?:iam|sts)::(\d{12}):.+")


class _Element(NamedTuple):
    """Rule for an element of a statement: `is_valid` checks a value, `form` describes the valid ones."""

    is_valid: Callable[[object], object]
    form: str


def check_document(text: str) -> None:
    """Refuse a policy document that is not well formed."""
    statements = _statements(text)
    if not statements:
        raise refusals.policy_malformed(
            "it must be a JSON object with a Statement, and may have an Id and the Version of the language"
        )
    for statement in statements:
        rule = next(_broken_rules(statement), None)
        if rule is not None:
            raise refusals.policy_malformed(rule)


def allows(documents: Sequence[str], account: str, action: str, resource: str) -> bool:
    """Return whether policies allow an account an action: a statement must allow it, and none may deny it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _statements(document)
        if _applies(statement, account, action, resource)
    }
    return effects == {"Allow"}


def _statements(text: str) -> list[Statement]:
    """Return the statements of a document; an empty list if the text is not a policy."""
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not is_mapping(document) or not _MEMBERS.issuperset(document):
        return []
    statement = document.get("Statement")
    statements = statement if is_sequence(statement) else [statement]
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS or not all(map(is_mapping, statements)):
        return []
    return cast("list[Statement]", statements)  # cast: checked in the condition above


def _broken_rules(statement: Statement) -> Iterator[str]:
    for names in _ONE_OF:
        if sum(name in statement for name in names) != 1:
            yield f"each statement must have one of {' and '.join(names)}"
    if "Effect" not in statement:
        yield "each statement must have an Effect"
    for name, value in statement.items():
        if name not in _ELEMENTS:
            yield f"{name} is not an element of a statement; the elements are {', '.join(_ELEMENTS)}"
        elif not _ELEMENTS[name].is_valid(value):
            yield f"{name} must be {_ELEMENTS[name].form}"


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_effect(value: object) -> bool:
    return value in ("Allow", "Deny")


def _is_principal(value: object) -> bool:
    if value == "*":
        return True
    if not is_mapping(value):
        return False
    valid = bool(value) and all(kind in _PRINCIPALS and _strings(names) for kind, names in value.items())
    return valid and all(_ACCOUNT.fullmatch(account) for account in _strings(value.get("AWS", "*")))


def _is_condition(value: object) -> bool:
    if not is_mapping(value):
        return False
    items = [item for keys in value.values() for item in (keys.values() if is_mapping(keys) else [None])]
    values = [each for item in items for each in (item if is_sequence(item) else [item])]
    return all(isinstance(each, str | int | float) for each in values)


def _applies(statement: Statement, account: str, action: str, resource: str) -> bool:
    """Return whether a statement applies to a request; refuse the request if an unsupported element decides it."""
    elements = {name: statement[name] for name in ("Principal", "Action", "Resource") if name in statement}
    matches = (
        _includes_account(elements.get("Principal", "*"), account)
        and any(_like(pattern.lower(), action.lower()) for pattern in _strings(elements.get("Action", "*")))
        and any(_like(pattern, resource) for pattern in _strings(elements.get("Resource", "*")))
    )
    unsupported = [name for name in _UNSUPPORTED if name in statement]
    if matches and unsupported:
        raise refusals.not_served(f"This emulator does not evaluate {', '.join(unsupported)} of a project policy.")
    return matches


def _includes_account(principal: object, account: str) -> bool:
    if is_mapping(principal):
        principal = principal.get("AWS")
    accounts = [match[1] if (match := _PRINCIPAL.fullmatch(text)) else text for text in _strings(principal)]
    return "*" in accounts or account in accounts


def _strings(value: object) -> list[str]:
    """Return a string or a list of strings as a list; an empty list for any other value or if a string is empty."""
    values = value if is_sequence(value) else [value]
    return [str(item) for item in values] if all(isinstance(item, str) and item for item in values) else []


def _like(pattern: str, text: str) -> bool:
    """Return whether a text matches a pattern in which `*` is any text and `?` any character.

    A part between two `*` is searched once and matched at its first position: a later position never gives a match
    that the first does not. So the time is at most proportional to the product of the lengths, for any policy.
    """
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.fullmatch(f"{first}{middle}{last}", text, re.DOTALL) is not None


_STRINGS = _Element(_strings, "a string or a list of strings, none of them empty")
_PRINCIPAL_ELEMENT = _Element(
    _is_principal, f"* or an object that names principals by their kind ({', '.join(_PRINCIPALS)})"
)
_ELEMENTS: Mapping[str, _Element] = {
    "Sid": _Element(_is_string, "a string"),
    "Effect": _Element(_is_effect, "Allow or Deny"),
    **dict.fromkeys(_ONE_OF[0], _PRINCIPAL_ELEMENT),
    **dict.fromkeys((*_ONE_OF[1], *_ONE_OF[2]), _STRINGS),
    "Condition": _Element(_is_condition, "an object of operators, each an object of keys with their values"),
}
