"""Policy documents in the form of IAM: whether they are well formed, and what they allow.

Of the policy language this reads what a project policy needs: Effect, Principal, Action and Resource, with wildcards.
An account's users and roles are taken for the account itself, for the emulator knows a caller by its account only [I].
A statement that would decide a request by a Condition or by a Not... element is refused, not guessed at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from .. import refusals

if TYPE_CHECKING:
    Statement: TypeAlias = Mapping[str, object]

_VERSIONS = ("2012-10-17", "2008-10-17")
_ONE_OF = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_NOT_READ = ("Condition", "NotPrincipal", "NotAction", "NotResource")
_PRINCIPAL = re.compile(r"arn:[a-z\d-]+:(?:iam|sts)::(\d{12}):.+")


def check_document(text: str) -> None:
    """Refuse a policy document that is not well formed."""
    statements = _statements(text)
    if not statements:
        raise refusals.policy_malformed("it must be a JSON object with a Statement, and the Version of the language")
    for statement in statements:
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise refusals.policy_malformed("Effect must be Allow or Deny")
        for names in _ONE_OF:
            if sum(name in statement for name in names) != 1:
                raise refusals.policy_malformed(f"each statement must have one of {' and '.join(names)}")
        if not all(_texts(statement[name]) for names in _ONE_OF[1:] for name in names if name in statement):
            raise refusals.policy_malformed("actions and resources must be texts")


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
    if not isinstance(document, Mapping):
        return []
    policy = cast("Mapping[str, object]", document)  # cast: of a JSON object
    statement = policy.get("Statement")
    found = cast("list[object]", statement) if isinstance(statement, list) else [statement]  # cast: of a JSON array
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS or not all(isinstance(item, Mapping) for item in found):
        return []
    return cast("list[Statement]", found)  # cast: looked at just now


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
    if isinstance(principal, Mapping):
        named = cast("Mapping[str, object]", principal)  # cast: of a JSON object
        principal = named.get("AWS")
    found = [match[1] if (match := _PRINCIPAL.fullmatch(text)) else text for text in _texts(principal)]
    return "*" in found or account in found


def _texts(value: object) -> list[str]:
    """Return one text or a list of texts as a list, anything else as an empty one."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]  # cast: of a JSON array
    return [str(item) for item in values] if all(isinstance(item, str) for item in values) else []


def _like(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern in which `*` is any text and `?` any character."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text) is not None
