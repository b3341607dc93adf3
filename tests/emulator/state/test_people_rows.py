"""Rows of collections, faces, users and celebrities: every column, and rows of other scopes and collections."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from rekog.emulator.scope import Scope
from rekog.emulator.state import State, idempotency, vectors
from rekog.emulator.state.rows import celebrities, collections, faces, tags, users
from rekog.emulator.vision.embeddings import declared_embedding
from tests.kit.contexts import SCOPE

OTHERS = [Scope(SCOPE.account, "eu-west-1"), Scope("210987654321", SCOPE.region)]
"""Scopes that differ in the Region or in the account only."""
EMBEDDINGS = {name: declared_embedding(name, name) for name in "abcdef"}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


def add(
    connection: sqlite3.Connection, name: str, scope: Scope = SCOPE, findable: float = 0.0
) -> collections.CollectionRow:
    assert collections.insert(
        connection, scope, collection_id=name, arn=f"arn:{scope.account}:{scope.region}:{name}",
        face_model_version="7.0", created=1.5, tags={"team": name}, findable=findable,
    )  # fmt: skip
    row = collections.find(connection, scope, name)
    assert row is not None
    return row


def ids(rows: list[collections.CollectionRow]) -> list[str]:
    return [row.collection_id for row in rows]


# collections


def test_a_collection_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    first = add(connection, "a")
    row = add(connection, "b", findable=2.5)
    arn = f"arn:{SCOPE.account}:{SCOPE.region}:b"
    assert row == (row.key, "b", arn, "7.0", 1.5, 2.5)
    assert tags.read(connection, arn) == {"team": "b"}
    assert [collections.find(connection, scope, "b") for scope in OTHERS] == [None, None]
    assert [collections.find_key(connection, key) for key in (first.key, row.key, 99)] == [first, row, None]


def test_collections_of_a_scope_are_listed_by_name_and_counted(connection: sqlite3.Connection) -> None:
    for name in "cab":
        add(connection, name)
    add(connection, "bb", findable=5.0)
    for scope in OTHERS:
        add(connection, "d", scope)
    assert ids(collections.after(connection, SCOPE, "", 9, 4.9)) == ["a", "b", "c"]
    assert ids(collections.after(connection, SCOPE, "a", 2, 5.0)) == ["b", "bb"]
    assert [collections.count(connection, scope) for scope in (SCOPE, *OTHERS)] == [4, 1, 1]
    assert collections.regions(connection, SCOPE.account) == ["eu-west-1", SCOPE.region]
    assert collections.regions(connection, OTHERS[1].account) == [OTHERS[1].region]
    assert collections.regions(connection, "") == []


def filled(connection: sqlite3.Connection, name: str, scope: Scope = SCOPE) -> collections.CollectionRow:
    """Add a collection with two faces, a user that has the first, and a request token of each."""
    row = add(connection, name, scope)
    for each in "ab":
        faces.insert(connection, row.key, new_face(each), EMBEDDINGS[each])
    user = users.insert(connection, row.key, "ada")
    found = users.find(connection, row.key, "ada")
    assert found is not None
    users.change(connection, found, EMBEDDINGS["c"], 0.0)
    faces.assign(connection, [faces.by_id(connection, row.key, ["a"])["a"].key], user)
    idempotency.store(connection, scope, "Create", {"ClientRequestToken": name}, {}, row.arn)
    idempotency.store(connection, scope, "User", {"ClientRequestToken": name}, {}, users.owner(user))
    return row


def numbers(connection: sqlite3.Connection) -> dict[str, int]:
    tables = ("collection", "face", "user", "vector", "tag", "request_token")
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


FILLED = {"collection": 1, "face": 2, "user": 1, "vector": 3, "tag": 1, "request_token": 2}


def test_a_deleted_collection_leaves_the_rows_of_others(connection: sqlite3.Connection) -> None:
    row = filled(connection, "a")
    kept = filled(connection, "a", OTHERS[0])
    assert not collections.delete(connection, row)
    assert numbers(connection) == FILLED
    assert (collections.find(connection, SCOPE, "a"), collections.find_key(connection, row.key)) == (None, None)
    assert collections.find(connection, OTHERS[0], "a") == kept
    assert tags.read(connection, kept.arn) == {"team": "a"}
    replayed = [
        idempotency.replayed(connection, OTHERS[0], name, {"ClientRequestToken": "a"}) for name in ("Create", "User")
    ]
    assert replayed == [{}, {}]


@pytest.mark.parametrize(("scope", "left"), [(None, 0), (SCOPE, 2), (OTHERS[0], 2), (Scope("0", "us-east-1"), 3)])
def test_all_collections_of_a_scope_are_deleted_but_not_their_tags_and_tokens(
    connection: sqlite3.Connection, scope: Scope | None, left: int
) -> None:
    for each in (SCOPE, *OTHERS):
        filled(connection, "a", each)
    assert not collections.delete_all(connection, scope)
    expected = {table: number * left for table, number in FILLED.items()}
    assert numbers(connection) == {**expected, "tag": 3, "request_token": 6}
    assert not collections.has_hidden(connection)


@pytest.mark.parametrize("part", [1, 2, 3, 4, 6, 7])
def test_a_deletion_in_parts_hides_the_collection_at_once(
    connection: sqlite3.Connection, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "PART_ROWS", part)
    row, kept = filled(connection, "a"), filled(connection, "b")
    total = sum(number for table, number in FILLED.items() if table not in ("tag", "request_token"))
    more = collections.delete(connection, row)
    assert (more, collections.has_hidden(connection)) == (part <= total, part < total)
    assert (collections.find(connection, SCOPE, "a"), collections.find_key(connection, row.key)) == (None, None)
    assert ids(collections.after(connection, Scope("", ""), "", 9, 9.0)) == (["1"] if total - part > 0 else [])
    left = total - part
    while more:
        before = sum(numbers(connection)[table] for table in collections.DELETED_IN_PARTS)
        assert before == total + max(0, left)
        more = collections.delete_part(connection)
        left -= part
    assert (numbers(connection), collections.find(connection, SCOPE, "b")) == (FILLED, kept)


# faces


def new_face(name: str, findable: float = 0.0) -> faces.NewFace:
    return faces.NewFace(name, f"image {name}", f"file {name}", (0.1, 0.2, 0.3, 0.4), 99.5, findable)


@pytest.fixture
def two(connection: sqlite3.Connection) -> tuple[int, int]:
    """Keys of two collections, with the faces a to d, and a and b."""
    keys = add(connection, "one").key, add(connection, "two").key
    for key, names in zip(keys, ("abcd", "ab"), strict=True):
        for name in names:
            faces.insert(connection, key, new_face(name, findable=ord(name)), EMBEDDINGS[name])
    return keys


def face_ids(rows: list[faces.FaceRow]) -> list[str]:
    return [row.face_id for row in rows]


def test_a_face_is_found_with_all_columns_and_its_embedding(
    connection: sqlite3.Connection, two: tuple[int, int]
) -> None:
    rows = faces.by_id(connection, two[0], iter(["b", "none"]))
    (row,) = rows.values()
    assert row[1:] == ("b", "image b", "file b", 0.1, 0.2, 0.3, 0.4, 99.5, 98.0, None, None)
    assert list(rows) == ["b"]
    assert vectors.read(connection, row.key) == EMBEDDINGS["b"]
    assert faces.by_key(connection, iter([row.key, 99])) == {row.key: row}
    stored = connection.execute("SELECT gallery FROM vector WHERE key = ?", (row.key,)).fetchone()
    assert stored == (faces.gallery(two[0]),)


def test_faces_of_a_collection_are_listed_after_a_key_of_a_user_or_by_id(
    connection: sqlite3.Connection, two: tuple[int, int]
) -> None:
    one, other = two
    keys = {name: row.key for name, row in faces.by_id(connection, one, "abcd").items()}
    ada, bob = (users.insert(connection, one, name) for name in ("ada", "bob"))
    users.insert(connection, other, "cy")
    faces.assign(connection, [keys["c"], keys["a"]], ada)
    faces.assign(connection, [keys["d"]], bob)
    assert face_ids(faces.after(connection, one, 0, 9)) == ["a", "b", "c", "d"]
    assert face_ids(faces.after(connection, one, keys["a"], 2)) == ["b", "c"]
    assert face_ids(faces.after(connection, other, 0, 9)) == ["a", "b"]
    assert face_ids(faces.after(connection, one, 0, 9, user_id="ada")) == ["a", "c"]
    assert face_ids(faces.after(connection, one, keys["a"], 9, user_id="ada")) == ["c"]
    assert face_ids(faces.after(connection, one, 0, 9, user_id="cy")) == []
    assert face_ids(faces.after(connection, one, 0, 9, face_ids=["d", "b", "none"])) == ["b", "d"]
    assert face_ids(faces.after(connection, one, keys["b"], 9, face_ids=["d", "b"])) == ["d"]
    assert face_ids(faces.after(connection, one, 0, 1, face_ids=["d", "b"])) == ["b"]
    assert face_ids(faces.after(connection, one, 0, 9, face_ids=[])) == []
    assert face_ids(faces.after(connection, one, 0, 9, user_id="ada", face_ids=["a", "d"])) == ["a"]
    assert face_ids(faces.of_user(connection, ada)) == ["a", "c"]
    found = faces.by_id(connection, one, ["a"])["a"]
    assert (found.user, found.user_id) == (ada, "ada")
    faces.assign(connection, [keys["a"]], None)
    assert face_ids(faces.of_user(connection, ada)) == ["c"]


def test_the_order_of_a_search_by_id_comes_from_the_index_of_ids(
    connection: sqlite3.Connection, two: tuple[int, int]
) -> None:
    plans: list[str] = []
    connection.set_trace_callback(plans.append)
    faces.after(connection, two[0], 0, 9, face_ids=["a"])
    faces.after(connection, two[0], 0, 9)
    connection.set_trace_callback(None)
    by_id, by_key = (
        " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {plan}"))
        for plan in plans
        if plan.lstrip().startswith("SELECT face.key")
    )
    assert "sqlite_autoindex_face_1 (collection=? AND face_id=?)" in by_id
    assert "face_order (collection=? AND key>?)" in by_key


def test_deleted_faces_are_removed_with_their_embeddings(connection: sqlite3.Connection, two: tuple[int, int]) -> None:
    keys = {name: row.key for name, row in faces.by_id(connection, two[0], "abcd").items()}
    faces.delete(connection, [keys["b"], keys["d"]])
    assert face_ids(faces.after(connection, two[0], 0, 9)) == ["a", "c"]
    assert face_ids(faces.after(connection, two[1], 0, 9)) == ["a", "b"]
    assert [faces.count(connection, key) for key in two] == [2, 2]
    left = [row[0] for row in connection.execute("SELECT key FROM vector ORDER BY key")]
    assert left == [keys["a"], keys["c"], *faces.by_key(connection, range(5, 9))]


def test_a_collection_has_room_up_to_its_limit(connection: sqlite3.Connection, two: tuple[int, int]) -> None:
    one, other = two
    empty = add(connection, "empty").key
    keys = [row.key for row in faces.after(connection, one, 0, 9)]
    assert [faces.has_capacity(connection, one, new, 6) for new in (0, 2, 3)] == [True, True, False]
    assert [faces.has_capacity(connection, other, new, 6) for new in (4, 5)] == [True, False]
    assert [faces.has_capacity(connection, empty, new, 6) for new in (6, 7)] == [True, False]
    faces.delete(connection, keys[1:3])  # the range of keys stays
    assert [faces.has_capacity(connection, one, new, 6) for new in (2, 4, 5)] == [True, True, False]
    assert [faces.count(connection, key) for key in (one, other, empty)] == [2, 2, 0]


# users


def user(connection: sqlite3.Connection, collection: int, name: str) -> users.UserRow:
    row = users.find(connection, collection, name)
    assert row is not None
    return row


def test_a_user_is_found_in_its_collection_with_all_columns(
    connection: sqlite3.Connection, two: tuple[int, int]
) -> None:
    keys = [users.insert(connection, two[0], name) for name in ("ada", "bob")]
    other = users.insert(connection, two[1], "ada")
    assert len({*keys, other}) == 3
    assert all(0 <= key < 2**63 for key in (*keys, other))
    assert user(connection, two[0], "ada") == (keys[0], two[0], "ada", None, None, 0)
    assert users.find(connection, two[1], "bob") is None
    assert [users.count(connection, key) for key in two] == [2, 1]
    listed = users.after(connection, two[0], 0, 9)
    assert [row.key for row in listed] == sorted(keys)
    assert users.after(connection, two[0], listed[0].key, 9) == listed[1:]
    assert users.after(connection, two[0], 0, 1) == listed[:1]
    assert users.owner(7) == "user 7"


def test_the_key_of_a_user_is_the_same_in_every_state(connection: sqlite3.Connection, two: tuple[int, int]) -> None:
    assert users.insert(connection, two[0], "ada") == 4_630_114_403_829_388_855


def test_the_former_embedding_of_a_user_is_in_use_until_the_change(
    connection: sqlite3.Connection, two: tuple[int, int]
) -> None:
    for name in ("ada", "bob"):
        users.insert(connection, two[0], name)
        users.change(connection, user(connection, two[0], name), EMBEDDINGS["a"], 0.0)
    before = user(connection, two[0], "ada")
    other = user(connection, two[0], "bob")
    users.change(connection, before, EMBEDDINGS["b"], 5.0)
    after = user(connection, two[0], "ada")
    assert after == before._replace(vector=after.vector, former=before.vector, due=5.0)
    assert [after.vector_at(now) for now in (4.9, 5.0, 5.1)] == [before.vector, after.vector, after.vector]
    keys = [key for key in (before.vector, after.vector, other.vector) if key is not None]
    assert users.by_vector(connection, iter(keys), 4.9) == {keys[0]: after, keys[2]: other}
    assert users.by_vector(connection, iter(keys), 5.0) == {keys[1]: after, keys[2]: other}
    assert users.by_vector(connection, [keys[1]], 4.9) == {keys[0]: after}
    stored = connection.execute("SELECT gallery FROM vector WHERE key = ?", (after.vector,)).fetchone()
    assert stored == (users.gallery(two[0]),)
    assert vectors.read(connection, keys[1]) == EMBEDDINGS["b"]


def test_a_deleted_user_leaves_its_faces_and_other_users(connection: sqlite3.Connection, two: tuple[int, int]) -> None:
    for name in ("ada", "bob"):
        key = users.insert(connection, two[0], name)
        for due in (0.0, 5.0):
            users.change(connection, user(connection, two[0], name), EMBEDDINGS["a"], due)
        idempotency.store(connection, SCOPE, "User", {"ClientRequestToken": name}, {}, users.owner(key))
    row, other = (user(connection, two[0], name) for name in ("ada", "bob"))
    first = faces.by_id(connection, two[0], ["a"])["a"]
    faces.assign(connection, [first.key], row.key)
    users.delete(connection, row)
    assert users.find(connection, two[0], "ada") is None
    assert user(connection, two[0], "bob") == other
    assert faces.by_id(connection, two[0], ["a"])["a"] == first
    left = {key for (key,) in connection.execute("SELECT key FROM vector WHERE gallery LIKE 'users %'")}
    assert left == {other.vector, other.former}
    tokens = [idempotency.replayed(connection, SCOPE, "User", {"ClientRequestToken": name}) for name in ("ada", "bob")]
    assert tokens == [None, {}]


# celebrities


def test_a_celebrity_is_found_by_its_id_and_by_its_faces(connection: sqlite3.Connection) -> None:
    assert not celebrities.any_enrolled(connection)
    for name, urls, gender, given in (("Ada", ["a", "é"], "Female", "ab"), ("Bob", [], None, "c")):
        celebrities.put(
            connection,
            name.lower(),
            name=name,
            urls=urls,
            gender=gender,
            embeddings=(EMBEDDINGS[each] for each in given),
        )
    assert celebrities.any_enrolled(connection)
    ada, bob = celebrities.find(connection, "ada"), celebrities.find(connection, "bob")
    assert ada is not None
    assert bob is not None
    assert (ada[1:], bob[1:]) == (("ada", "Ada", ["a", "é"], "Female"), ("bob", "Bob", [], None))
    assert celebrities.find(connection, "cy") is None
    keys = [
        key
        for (key,) in connection.execute(
            "SELECT key FROM vector WHERE gallery = ? ORDER BY key", (celebrities.GALLERY,)
        )
    ]
    assert celebrities.by_face(connection, iter(keys)) == {keys[0]: ada, keys[1]: ada, keys[2]: bob}
    assert celebrities.by_face(connection, [99]) == {}
    celebrities.put(connection, "ada", name="Ada L", urls=["c"], gender="NonBinary", embeddings=[EMBEDDINGS["d"]])
    replaced = celebrities.find(connection, "ada")
    assert replaced is not None
    assert replaced[1:] == ("ada", "Ada L", ["c"], "NonBinary")
    stored = [key for (key,) in connection.execute("SELECT key FROM vector ORDER BY key")]
    assert stored == [keys[2], keys[2] + 1]
    assert celebrities.by_face(connection, [*keys, *stored]) == {keys[2]: bob, keys[2] + 1: replaced}


def test_the_default_id_of_a_celebrity_has_eight_letters_and_digits() -> None:
    assert [celebrities.id_of(name) for name in ("Grace Hopper", "Ada", "é")] == ["06R4Tqcz", "SRNwk0Zc", "XQnSpTQs"]
