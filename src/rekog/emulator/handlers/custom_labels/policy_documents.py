"""Policy documents in the form of IAM: whether they are well formed, and what they allow.

Of the policy language this reads what a project policy needs: Effect, Principal, Action and Resource, with wildcards.
An account's users and roles are taken for the account itself, for the emulator knows a caller by its account only. A
statement that would decide a request by a Condition or by a Not... element is refused, not guessed at.
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
_NOT_READ = ("Condition", "NotPrincipal", "NotAction", "NotResource")
_PRINCIPALS = ("AWS", "CanonicalUser", "Federated", "Service")
_ACCOUNT = re.compile(r"\*|\d{12}|arn:.+|A[A-Z0-9]{15,127}", re.ASCII)
"""Whom `AWS` can name: everybody, an account, a user or role by its ARN or by its unique id."""
_PRINCIPAL = re.compile(r"arn:[a-z\d-]+:(?:iam|sts)::(\d{12}):.+")


class _Element(NamedTuple):
    """What an element of a statement must be."""

    holds: Callable[[object], object]
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
    """Tell whether policies let an account do something: one statement must allow it, and none deny it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _statements(document)
        if _applies(statement, account, action, resource)
    }
    return effects == {"Allow"}


def _statements(text: str) -> list[Statement]:
    """Return the statements of a document, none of one that is no policy."""
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not is_mapping(document) or not _MEMBERS.issuperset(document):
        return []
    statement = document.get("Statement")
    found = statement if is_sequence(statement) else [statement]
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS or not all(map(is_mapping, found)):
        return []
    return cast("list[Statement]", found)  # cast: looked at just now


def _broken_rules(statement: Statement) -> Iterator[str]:
    for names in _ONE_OF:
        if sum(name in statement for name in names) != 1:
            yield f"each statement must have one of {' and '.join(names)}"
    if "Effect" not in statement:
        yield "each statement must have an Effect"
    for name, value in statement.items():
        if name not in _ELEMENTS:
            yield f"{name} is no element of a statement; there are {', '.join(_ELEMENTS)}"
        elif not _ELEMENTS[name].holds(value):
            yield f"{name} must be {_ELEMENTS[name].form}"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_effect(value: object) -> bool:
    return value in ("Allow", "Deny")


def _is_principal(value: object) -> bool:
    if value == "*":
        return True
    if not is_mapping(value):
        return False
    known = bool(value) and all(kind in _PRINCIPALS and _texts(named) for kind, named in value.items())
    return known and all(_ACCOUNT.fullmatch(text) for text in _texts(value.get("AWS", "*")))


def _is_condition(value: object) -> bool:
    if not is_mapping(value):
        return False
    items = [item for tests in value.values() for item in (tests.values() if is_mapping(tests) else [None])]
    return all(isinstance(one, str | int | float) for item in items for one in (item if is_sequence(item) else [item]))


def _applies(statement: Statement, account: str, action: str, resource: str) -> bool:
    """Tell whether a statement speaks of a request, as far as it can be told."""
    said = {name: statement[name] for name in ("Principal", "Action", "Resource") if name in statement}
    matches = (
        _names_account(said.get("Principal", "*"), account)
        and any(_like(pattern.lower(), action.lower()) for pattern in _texts(said.get("Action", "*")))
        and any(_like(pattern, resource) for pattern in _texts(said.get("Resource", "*")))
    )
    unread = [name for name in _NOT_READ if name in statement]
    if matches and unread:
        raise refusals.not_served(f"This emulator does not decide by {', '.join(unread)} of a project policy.")
    return matches


def _names_account(principal: object, account: str) -> bool:
    if is_mapping(principal):
        principal = principal.get("AWS")
    found = [match[1] if (match := _PRINCIPAL.fullmatch(text)) else text for text in _texts(principal)]
    return "*" in found or account in found


def _texts(value: object) -> list[str]:
    """Return one text or a list of texts as a list, anything else as an empty one; an empty text is none."""
    values = value if is_sequence(value) else [value]
    return [str(item) for item in values] if all(isinstance(item, str) and item for item in values) else []


def _like(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern in which `*` is any text and `?` any character.

    What stands between two `*` is looked for once, at the first place where it can be; to go on from a later one would
    never help. So the time is bounded by the product of the lengths, whatever somebody's policy says.
    """
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.fullmatch(f"{first}{middle}{last}", text, re.DOTALL) is not None


_TEXTS = _Element(_texts, "a text or a list of texts, none of them empty")
_WHO = _Element(_is_principal, f"* or an object that names principals by their kind ({', '.join(_PRINCIPALS)})")
_ELEMENTS: Mapping[str, _Element] = {
    "Sid": _Element(_is_text, "a text"),
    "Effect": _Element(_is_effect, "Allow or Deny"),
    **dict.fromkeys(_ONE_OF[0], _WHO),
    **dict.fromkeys((*_ONE_OF[1], *_ONE_OF[2]), _TEXTS),
    "Condition": _Element(_is_condition, "an object of operators, each an object of keys with their values"),
}
