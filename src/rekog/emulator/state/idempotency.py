"""Idempotency tokens of requests: the fingerprint of each first request, and its response."""

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
    """Return the stored response (as a wire dict) to the first request with this token; None for a new or no token.

    Raise a `RefusalError` if the first request had other parameters. Call it before any other check of the request.
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
    return cast("dict[str, object]", json.loads(row[1]))  # cast: `store` wrote it


def store(
    connection: sqlite3.Connection,
    scope: Scope,
    operation: str,
    request: Mapping[str, object],
    response: Mapping[str, object],
    owner: str,
) -> None:
    """Store the response to a request with a token, until its owner (named by ARN or id) is deleted."""
    token = request.get("ClientRequestToken")
    if token is not None:
        connection.execute(
            "INSERT INTO request_token VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*scope, operation, token, _fingerprint(request), json.dumps(response), owner),
        )


def delete(connection: sqlite3.Connection, owner: str) -> None:
    """Delete the tokens of a resource or job that is deleted."""
    connection.execute("DELETE FROM request_token WHERE owner = ?", (owner,))


def _fingerprint(request: Mapping[str, object]) -> str:
    text = json.dumps(_normalized(request), sort_keys=True, default=lambda value: hashlib.sha256(value).hexdigest())
    return hashlib.sha256(text.encode()).hexdigest()


def _normalized(value: object) -> object:
    """Return a wire value with equal numbers in one form: clients send both 50 and 50.0 for one value."""
    if is_mapping(value):
        return {name: _normalized(item) for name, item in value.items()}
    if is_sequence(value):
        return [_normalized(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
