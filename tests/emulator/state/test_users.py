"""Rows of users: each change of a user's faces leaves only the embeddings that are in use."""

from __future__ import annotations

from contextlib import closing

import pytest

from rekog.emulator.state import State
from rekog.emulator.state.rows import collections, users
from rekog.emulator.vision.embeddings import declared_embedding
from tests.kit.contexts import SCOPE


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ([("a", 0.0)], ["a"]),
        ([("a", 0.0), ("b", 0.0)], ["b"]),
        ([("a", 0.0), ("b", 9.0)], ["a", "b"]),
        ([("a", 0.0), ("b", 9.0), ("c", 19.0)], ["b", "c"]),
        ([("a", 0.0), ("b", 9.0), ("c", 0.0)], ["c"]),
        ([("a", 0.0), ("", 0.0)], []),
        ([("a", 0.0), ("", 9.0)], ["a"]),
    ],
)
def test_only_embeddings_in_use_are_stored(changes: list[tuple[str, float]], kept: list[str]) -> None:
    with closing(State()) as state, state.write() as connection:
        collections.insert(
            connection, SCOPE, collection_id="people", arn="arn", face_model_version="7.0", created=1.0, tags={}
        )
        users.insert(connection, 1, "ada")
        for name, due in changes:
            row = users.find(connection, 1, "ada")
            assert row is not None
            users.change(connection, row, declared_embedding(name, name) if name else None, due)
        stored = [embedding for (embedding,) in connection.execute("SELECT embedding FROM vector ORDER BY key")]
    assert stored == [declared_embedding(name, name) for name in kept]
