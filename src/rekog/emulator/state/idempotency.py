"""Which request tokens were used, for what, and what was answered."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, cast

from ..._values.narrow import is_mapping, is_sequence
from ..refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..scope import Scope

TABLES = (
    """CREATE TABLE request_token (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        operation TEXT NOT NULL,
        token TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        answer TEXT NOT NULL,
        owner TEXT NOT NULL,
        PRIMARY KEY (account, region, operation, token)
    ) WITHOUT ROWID""",
    "CREATE INDEX request_token_owner ON request_token (owner)",
)


def replayed(
    connection: sqlite3.Connection, scope: Scope, operation: str, request: Mapping[str, object]
) -> dict[str, object] | None:
    """Return the first answer (as a wire dict) to a request whose token was used before; None for a fresh or no token.

    Refuses a token that came with other parameters. To be asked before anything else is looked at.
    """
    token = request.get("ClientRequestToken")
    if token is None:
        return None
    row = connection.execute(
        "SELECT fingerprint, answer FROM request_token"
        " WHERE account = ? AND region = ? AND operation = ? AND token = ?",
        (*scope, operation, token),
    ).fetchone()
    if row is None:
        return None
    if row[0] != _fingerprint(request):
        raise RefusalError(
            "IdempotentParameterMismatchException",
            f"The ClientRequestToken: {token} you have supplied is already in use.",
        )
    return cast("dict[str, object]", json.loads(row[1]))  # cast: it was written below


def store(
    connection: sqlite3.Connection,
    scope: Scope,
    operation: str,
    request: Mapping[str, object],
    answer: Mapping[str, object],
    owner: str,
) -> None:
    """Keep the answer to a request with a token, for as long as its owner (an ARN or an id) lives."""
    token = request.get("ClientRequestToken")
    if token is not None:
        connection.execute(
            "INSERT INTO request_token VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*scope, operation, token, _fingerprint(request), json.dumps(answer), owner),
        )


def delete(connection: sqlite3.Connection, owner: str) -> None:
    """Forget the tokens of something that is gone."""
    connection.execute("DELETE FROM request_token WHERE owner = ?", (owner,))


def _fingerprint(request: Mapping[str, object]) -> str:
    text = json.dumps(_with_one_form(request), sort_keys=True, default=lambda value: hashlib.sha256(value).hexdigest())
    return hashlib.sha256(text.encode()).hexdigest()


def _with_one_form(value: object) -> object:
    """Return a wire value in which equal numbers are written alike: clients send 50 or 50.0 for the same."""
    if is_mapping(value):
        return {name: _with_one_form(item) for name, item in value.items()}
    if is_sequence(value):
        return [_with_one_form(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
