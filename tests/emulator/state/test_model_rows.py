"""Rows of projects, datasets, versions, policies and trainings: every column, and rows of other scopes and projects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from rekog.emulator.scope import Scope
from rekog.emulator.state import State
from rekog.emulator.state.rows import (
    collections,
    datasets,
    policies,
    projects,
    resources,
    streams,
    tags,
    trainings,
    versions,
)
from tests.kit.contexts import SCOPE

OTHERS = [Scope(SCOPE.account, "eu-west-1"), Scope("210987654321", SCOPE.region)]
"""Scopes that differ in the Region or in the account only."""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(State()) as state, state.write() as opened:
        yield opened


def add_project(
    connection: sqlite3.Connection, name: str, scope: Scope = SCOPE, feature: str = "CUSTOM_LABELS"
) -> projects.ProjectRow:
    arn = f"arn:{scope.account}:{scope.region}:{name}"
    key = projects.insert(
        connection, scope, name=name, arn=arn, feature=feature, auto_update=f"update {name}", created=1.5,
        tags={"team": name},
    )  # fmt: skip
    row = projects.find(connection, scope, arn)
    assert row is not None
    assert row.key == key
    return row


def add_version(connection: sqlite3.Connection, project: projects.ProjectRow, name: str) -> versions.VersionRow:
    versions.insert(
        connection, project.key, name=name, arn=f"{project.arn}/{name}", status="TRAINING_IN_PROGRESS", created=2.5,
        description={"Kept": name, "Changed": 1}, tags={"team": name},
    )  # fmt: skip
    return version(connection, f"{project.arn}/{name}")


def version(connection: sqlite3.Connection, arn: str) -> versions.VersionRow:
    row = versions.find(connection, SCOPE, arn)
    assert row is not None
    return row


# projects


def test_a_project_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    add_project(connection, "a")
    row = add_project(connection, "b", feature="CONTENT_MODERATION")
    arn = f"arn:{SCOPE.account}:{SCOPE.region}:b"
    assert row[1:] == ("b", arn, "CONTENT_MODERATION", "update b", "CREATING", 1.5)
    assert tags.read(connection, arn) == {"team": "b"}
    assert [projects.find(connection, scope, arn) for scope in OTHERS] == [None, None]
    again = projects.insert(
        connection, SCOPE, name="b", arn="arn:new", feature="x", auto_update=None, created=2.0, tags={"team": "new"}
    )
    assert (again, tags.read(connection, "arn:new"), projects.find(connection, SCOPE, arn)) == (None, {}, row)


def test_projects_are_listed_from_the_newest_by_name_and_feature_and_counted(connection: sqlite3.Connection) -> None:
    rows = {
        name: add_project(connection, name, feature="CONTENT_MODERATION" if name == "c" else "CUSTOM_LABELS")
        for name in "abcd"
    }
    for scope in OTHERS:
        add_project(connection, "e", scope)

    def names(before: int = 99, limit: int = 9, wanted: list[str] | None = None, *features: str) -> str:
        found = projects.page(
            connection, SCOPE, names=wanted, features=features or ("CUSTOM_LABELS",), before=before, limit=limit
        )
        return "".join(row.name for row in found)

    assert [projects.count(connection, scope) for scope in (SCOPE, *OTHERS)] == [4, 1, 1]
    assert (names(), names(99, 2), names(rows["d"].key)) == ("dba", "db", "ba")
    assert names(99, 9, None, "CONTENT_MODERATION") == "c"
    assert names(99, 9, None, "CONTENT_MODERATION", "CUSTOM_LABELS") == "dcba"
    assert (names(99, 9, ["a", "c", "d", "e"]), names(99, 9, [])) == ("da", "")


def test_the_status_of_one_project_changes(connection: sqlite3.Connection) -> None:
    row, other = add_project(connection, "a"), add_project(connection, "b")
    projects.set_status(connection, row.key, before="CREATED", after="DELETING")
    assert projects.find(connection, SCOPE, row.arn) == row
    projects.set_status(connection, row.key, before="CREATING", after="CREATED")
    assert projects.find(connection, SCOPE, row.arn) == row._replace(status="CREATED")
    assert projects.find(connection, SCOPE, other.arn) == other


def test_a_deleted_project_is_removed_with_its_datasets_and_policies_and_their_tags(
    connection: sqlite3.Connection,
) -> None:
    rows = [add_project(connection, name) for name in "ab"]
    for row in rows:
        for kind in ("TRAIN", "TEST"):
            add_dataset(connection, row, kind)
        policies.put(connection, row.key, name="p", revision="1", document="{}", now=1.0)
    projects.delete(connection, rows[0].key)
    kept = rows[1].arn
    arns = {arn for (arn,) in connection.execute("SELECT arn FROM tag")}
    assert arns == {kept, f"{kept}/TRAIN", f"{kept}/TEST"}
    assert [projects.find(connection, SCOPE, row.arn) for row in rows] == [None, rows[1]]
    assert [len(policies.page(connection, row.key)) for row in rows] == [0, 1]
    assert [len(datasets.of_project(connection, row.key)) for row in rows] == [0, 2]


# versions


def test_a_version_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    add_version(connection, project, "a")
    row = add_version(connection, project, "b")
    arn = f"{project.arn}/b"
    assert row[1:] == (
        project.key, project.arn, "CUSTOM_LABELS", "b", arn, "TRAINING_IN_PROGRESS", 2.5, None,
        '{"Kept": "b", "Changed": 1}',
    )  # fmt: skip
    assert (row.description, tags.read(connection, arn)) == ({"Kept": "b", "Changed": 1}, {"team": "b"})
    assert [versions.find(connection, scope, arn) for scope in OTHERS] == [None, None]
    assert versions.find(connection, SCOPE, project.arn) is None


def test_versions_of_a_project_are_listed_from_the_newest_and_counted(connection: sqlite3.Connection) -> None:
    dogs, cats = add_project(connection, "dogs"), add_project(connection, "cats")
    rows = [add_version(connection, dogs, name) for name in "abc"]
    add_version(connection, cats, "d")

    def names(before: int = 99, limit: int = 9, wanted: list[str] | None = None) -> str:
        return "".join(
            row.name for row in versions.page(connection, dogs.key, names=wanted, before=before, limit=limit)
        )

    assert (names(), names(99, 2), names(rows[2].key)) == ("cba", "cb", "ba")
    assert (names(99, 9, ["a", "c", "d"]), names(99, 9, [])) == ("ca", "")
    assert [versions.count(connection, project.key) for project in (dogs, cats)] == [3, 1]


def test_a_version_moves_from_its_status_only_and_its_description_changes(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    row, other = add_version(connection, project, "a"), add_version(connection, project, "b")
    assert not versions.move(connection, row.key, "RUNNING", "STOPPED", {"Changed": 3})
    assert version(connection, row.arn) == row
    assert versions.move(connection, row.key, row.status, "RUNNING")
    assert version(connection, row.arn)._replace(description_json=row.description_json) == row._replace(
        status="RUNNING"
    )
    assert version(connection, row.arn).description == row.description
    assert versions.move(connection, row.key, "RUNNING", "STOPPED", {"Changed": None, "New": [1]})
    assert version(connection, row.arn).description == {"Kept": "a", "New": [1]}
    assert version(connection, other.arn) == other


def test_a_declared_score_precedes_a_measured_one(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    rows = [add_version(connection, project, name) for name in "abc"]
    versions.set_f1_score(connection, rows[0].key, 0.25)
    for row in rows[:2]:
        versions.set_measured_f1_score(connection, row.key, 0.75)
    assert [version(connection, row.arn).f1_score for row in rows] == [0.25, 0.75, None]
    versions.set_f1_score(connection, rows[1].key, 0.5)
    assert [version(connection, row.arn).f1_score for row in rows] == [0.25, 0.5, None]


def test_a_deleted_version_is_removed_with_its_tags(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    rows = [add_version(connection, project, name) for name in "ab"]
    versions.delete(connection, rows[0].key)
    assert [versions.find(connection, SCOPE, row.arn) for row in rows] == [None, rows[1]]
    assert [tags.read(connection, row.arn) for row in rows] == [{}, {"team": "b"}]
    versions.delete(connection, rows[0].key)


# datasets


def add_dataset(connection: sqlite3.Connection, project: projects.ProjectRow, kind: str) -> datasets.DatasetRow:
    arn = f"{project.arn}/{kind}"
    key = datasets.insert(
        connection, project.key, kind=kind, arn=arn, message=f"message {kind}", created=2.5, tags={"team": kind}
    )
    row = next(row for row in datasets.of_project(connection, project.key) if row.type == kind)
    assert row.key == key
    return row


def test_a_dataset_is_found_in_its_scope_with_all_columns(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs", feature="CONTENT_MODERATION")
    test, train = add_dataset(connection, project, "TEST"), add_dataset(connection, project, "TRAIN")
    assert train[1:] == (
        project.key, "CONTENT_MODERATION", "TRAIN", f"{project.arn}/TRAIN", "CREATE_IN_PROGRESS", "message TRAIN", None,
        2.5, 2.5,
    )  # fmt: skip
    assert datasets.find(connection, SCOPE, train.arn) == train
    assert [datasets.find(connection, scope, train.arn) for scope in OTHERS] == [None, None]
    assert datasets.of_project(connection, project.key) == [train, test]
    assert tags.read(connection, train.arn) == {"team": "TRAIN"}
    again = datasets.insert(
        connection, project.key, kind="TRAIN", arn="arn:new", message="", created=3.0, tags={"team": "new"}
    )
    assert (again, tags.read(connection, "arn:new")) == (None, {})
    datasets.set_status(connection, train.key, "CREATE_FAILED", message="no", code="CLIENT_ERROR", now=4.5)
    failed = train._replace(status="CREATE_FAILED", message="no", code="CLIENT_ERROR", updated=4.5)
    assert datasets.of_project(connection, project.key) == [failed, test]
    datasets.delete(connection, train.key)
    assert datasets.of_project(connection, project.key) == [test]
    assert [tags.read(connection, row.arn) for row in (train, test)] == [{}, {"team": "TEST"}]


def entry(name: str, *, labeled: bool = True, faulty: bool = False, **labels: int) -> datasets.Entry:
    return datasets.Entry(f"s3://{name}", f"line {name}", labels, labeled, faulty)


@pytest.fixture
def filled(connection: sqlite3.Connection) -> tuple[int, int]:
    """Keys of the datasets of a project: four entries for training, one for tests."""
    project = add_project(connection, "dogs")
    train, test = (add_dataset(connection, project, kind).key for kind in ("TRAIN", "TEST"))
    datasets.put_entries(
        connection,
        train,
        [
            entry("dog", dog=2), entry("both", dog=1, cat=0), entry("none", labeled=False),
            entry("wrong", faulty=True, cat=3),
        ],
    )  # fmt: skip
    datasets.put_entries(connection, test, [entry("dog", dog=5, bird=1)])
    return train, test


def found(connection: sqlite3.Connection, dataset: int, after: int = 0, limit: int = -1, **filters: Any) -> list[str]:
    rows = datasets.entries(connection, dataset, datasets.Filters(**filters), after, limit)
    return [row.line.removeprefix("line ") for row in rows]


def test_entries_match_all_filters(connection: sqlite3.Connection, filled: tuple[int, int]) -> None:
    train, test = filled
    everything = ["dog", "both", "none", "wrong"]
    keys = [row.key for row in datasets.entries(connection, train)]
    assert (found(connection, train), found(connection, test)) == (everything, ["dog"])
    assert (found(connection, train, keys[1]), found(connection, train, 0, 2)) == (everything[2:], everything[:2])
    assert found(connection, train, keys[0], 1) == ["both"]
    assert found(connection, train, labels=["dog"]) == ["dog", "both"]
    assert found(connection, train, labels=["dog", "cat"]) == ["dog", "both", "wrong"]
    assert found(connection, train, labels=["bird"]) == found(connection, train, labels=[]) == []
    assert [found(connection, train, labeled=each) for each in (True, False)] == [["dog", "both", "wrong"], ["none"]]
    assert [found(connection, train, faulty=each) for each in (True, False)] == [["wrong"], ["dog", "both", "none"]]
    assert [found(connection, train, source_ref=each) for each in ("o", "s3://b", "%")] == [everything, ["both"], []]
    assert found(connection, train, labels=["cat"], faulty=True, labeled=True, source_ref="w") == ["wrong"]
    assert found(connection, train, labels=["dog"], faulty=True) == []


def test_labels_and_counts_of_a_dataset(connection: sqlite3.Connection, filled: tuple[int, int]) -> None:
    train, test = filled
    labels = datasets.labels(connection, train, 0, 9)
    assert [row[1:] for row in labels] == [("dog", 2, 3), ("cat", 2, 3)]
    assert [row[1:] for row in datasets.labels(connection, test, 0, 9)] == [("dog", 1, 5), ("bird", 1, 1)]
    assert datasets.labels(connection, train, labels[0].key, 9) == labels[1:]
    assert datasets.labels(connection, train, 0, 1) == labels[:1]
    assert [datasets.stats(connection, key) for key in filled] == [(4, 3, 1, 2), (1, 1, 0, 2)]
    assert datasets.stats(connection, 99) == (0, 0, 0, 0)


def test_an_entry_replaces_that_of_the_same_image_and_can_be_moved(
    connection: sqlite3.Connection, filled: tuple[int, int]
) -> None:
    train, test = filled
    datasets.put_entries(connection, train, [entry("dog", labeled=False, faulty=True, cat=7)._replace(line="line new")])
    assert found(connection, train) == ["new", "both", "none", "wrong"]
    assert found(connection, train, labels=["cat"], labeled=False, faulty=True) == ["new"]
    assert [row[1:] for row in datasets.labels(connection, train, 0, 9)] == [("dog", 1, 1), ("cat", 3, 10)]
    assert [row[1:] for row in datasets.labels(connection, test, 0, 9)] == [("dog", 1, 5), ("bird", 1, 1)]
    keys = [row.key for row in datasets.entries(connection, train)]
    datasets.move_entries(connection, keys[1:3], test)
    assert (found(connection, train), found(connection, test)) == (["new", "wrong"], ["both", "none", "dog"])
    assert [row[1:] for row in datasets.labels(connection, test, 0, 9)] == [
        ("dog", 2, 6),
        ("cat", 1, 0),
        ("bird", 1, 1),
    ]


# policies, trainings, tags


def test_policies_of_a_project_are_listed_from_the_oldest_and_revised(connection: sqlite3.Connection) -> None:
    dogs, cats = add_project(connection, "dogs").key, add_project(connection, "cats").key
    for project, name in ((dogs, "b"), (dogs, "a"), (cats, "b"), (dogs, "c")):
        policies.put(connection, project, name=name, revision=f"first {name}", document="{}", now=1.5)
    policies.put(connection, dogs, name="b", revision="second", document="[]", now=2.5)
    revised, *others = policies.page(connection, dogs)
    assert revised[1:] == ("b", "second", "[]", 1.5, 2.5)
    assert [row[1:] for row in others] == [(name, f"first {name}", "{}", 1.5, 1.5) for name in "ac"]
    assert policies.find(connection, dogs, "b") == revised
    assert policies.find(connection, cats, "a") is None
    assert policies.page(connection, dogs, revised.key, 1) == others[:1]
    assert policies.page(connection, dogs, 0, 2) == [revised, others[0]]
    policies.delete(connection, revised.key)
    assert policies.page(connection, dogs) == others
    assert len(policies.page(connection, cats)) == 1


def test_the_model_of_a_version_is_replaced_and_copied(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    rows = [add_version(connection, project, name) for name in "abc"]
    one, two = trainings.ModelRow(b"one", {"dog": 0.5}), trainings.ModelRow(b"two", {"é": 0.25})
    trainings.store_model(connection, rows[0].key, one)
    trainings.store_model(connection, rows[0].key, two)
    trainings.store_model(connection, rows[1].key, one)
    trainings.copy_model(connection, rows[0].key, rows[2].key)
    assert [trainings.model_of(connection, row.arn) for row in rows] == [two, one, two]
    assert trainings.model_of(connection, "arn:none") is None
    versions.delete(connection, rows[0].key)
    assert trainings.model_of(connection, rows[0].arn) is None
    trainings.copy_model(connection, rows[0].key, rows[1].key)
    assert trainings.model_of(connection, rows[1].arn) == one


def test_features_of_an_image_are_replaced(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    keys = [add_version(connection, project, name).key for name in "ab"]
    trainings.insert(connection, keys[0], {"images": ["é"]})
    assert [trainings.data_of(connection, key) for key in keys] == [{"images": ["é"]}, None]
    for image, given in (("x", b"1"), ("x", b"2"), ("y", b"3")):
        assert trainings.store_features(connection, keys[0], image, given)
    assert not trainings.store_features(connection, keys[1], "x", b"4")
    assert list(trainings.features(connection, keys[0], iter(["y", "z", "x"]))) == [b"3", None, b"2"]
    assert [trainings.has_features(connection, keys[0], image) for image in "xyz"] == [True, True, False]
    assert not trainings.has_features(connection, keys[1], "x")


def test_tags_are_set_removed_and_read_by_name(connection: sqlite3.Connection) -> None:
    tags.put(connection, "arn:a", {"z": "1", "a": "2", "k": "3"})
    tags.put(connection, "arn:b", {"z": "4"})
    tags.put(connection, "arn:a", {"a": "5"})
    assert list(tags.read(connection, "arn:a").items()) == [("a", "5"), ("k", "3"), ("z", "1")]
    tags.remove(connection, "arn:a", iter(["z", "k", "none"]))
    assert (tags.read(connection, "arn:a"), tags.read(connection, "arn:b")) == ({"a": "5"}, {"z": "4"})


def test_every_resource_that_can_have_tags_exists_by_its_arn(connection: sqlite3.Connection) -> None:
    project = add_project(connection, "dogs")
    arns = [project.arn, add_version(connection, project, "v").arn, add_dataset(connection, project, "TRAIN").arn]
    collections.insert(
        connection, SCOPE, collection_id="c", arn="arn:c", face_model_version="7.0", created=1.0, tags={}
    )
    for name in ("s", "deleted"):
        streams.insert(
            connection, SCOPE, name=name, arn=f"arn:{name}", created=1.0, video_stream="v", collection_id=None,
            description={}, tags={},
        )  # fmt: skip
    deleted = streams.find(connection, SCOPE, "deleted")
    assert deleted is not None
    streams.mark_deleted(connection, deleted)
    found = {arn for arn in (*arns, "arn:c", "arn:s", "arn:deleted", "arn:none") if resources.exists(connection, arn)}
    assert found == {*arns, "arn:c", "arn:s"}
