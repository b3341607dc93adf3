"""Reset, snapshot and restore of a state in memory and of one in a file."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rekog.emulator import Emulator, ManualClock, StateError
from rekog.emulator.state import State, copies
from rekog.emulator.state.store import FILE_NAME
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.wire import ASTRONAUT, WireClient, image_file, plain_image

ACCOUNT = "123456789012"


@pytest.fixture(params=["memory", "file"])
def each_emulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emulator]:
    """An emulator with its state in memory, and one with its state in a file."""
    with Emulator(data=None if request.param == "memory" else tmp_path / "data") as opened:
        yield opened


def collections(wire: WireClient) -> list[str]:
    ids: list[str] = wire("ListCollections").body["CollectionIds"]
    return ids


def fill(emulator: Emulator, wire: WireClient) -> None:
    """Create a resource of several kinds."""
    wire("CreateCollection", CollectionId="people", Tags={"team": "blue"})
    wire("CreateUser", CollectionId="people", UserId="ada", ClientRequestToken="once")
    wire("CreateProject", ProjectName="dogs", Tags={"team": "red"})
    wire("CreateFaceLivenessSession")
    emulator.declare("s3://photos/cat.jpg", labels=["Cat"])
    emulator.put_object("photos", "cat.jpg", image_file(plain_image()))


def rows(emulator: Emulator, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, read from a snapshot."""
    file = folder / "rows"
    emulator.snapshot(file)
    connection = sqlite3.connect(file)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}
    connection.close()
    return {name: entries for name, entries in tables.items() if name not in ("setting", "sqlite_sequence")}


# --- Reset --------------------------------------------------------------------------------------------------------


def test_a_reset_removes_everything(each_emulator: Emulator, tmp_path: Path) -> None:
    wire = WireClient(each_emulator)
    fill(each_emulator, wire)
    each_emulator.faults.add("ListFaces", error="InternalServerError")
    each_emulator.reset()
    assert {name: entries for name, entries in rows(each_emulator, tmp_path).items() if entries} == {}
    assert (len(each_emulator.calls), len(each_emulator.faults), len(each_emulator.notifications)) == (0, 0, 0)


def test_requests_work_after_a_reset(each_emulator: Emulator) -> None:
    wire = WireClient(each_emulator)
    for _ in range(2):
        fill(each_emulator, wire)
        assert (collections(wire), len(each_emulator.calls)) == (["people"], 5)
        each_emulator.reset()


def test_a_reset_of_a_region_keeps_other_regions(each_emulator: Emulator) -> None:
    here, there = WireClient(each_emulator, "eu-west-1"), WireClient(each_emulator, "us-east-1")
    fill(each_emulator, here)
    fill(each_emulator, there)
    before = there("ListTagsForResource", ResourceArn=f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/people").body
    each_emulator.reset(region="eu-west-1")
    assert (collections(here), collections(there)) == ([], ["people"])
    arn = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/people"
    assert there("ListTagsForResource", ResourceArn=arn).body == before
    assert each_emulator.get_object("photos", "cat.jpg")


def test_a_reset_of_a_region_removes_all_of_its_rows(each_emulator: Emulator, tmp_path: Path) -> None:
    fill(each_emulator, WireClient(each_emulator, "eu-west-1"))
    each_emulator.reset(region="eu-west-1")
    assert {name for name, entries in rows(each_emulator, tmp_path).items() if entries} == {"object", "truth"}


def test_a_reset_of_a_region_keeps_other_accounts(each_emulator: Emulator) -> None:
    fill(each_emulator, wire := WireClient(each_emulator, "eu-west-1"))
    each_emulator.reset(account="999999999999", region="eu-west-1")
    assert collections(wire) == ["people"]


def test_a_reset_of_an_account_without_a_region_is_an_error(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="account requires a region"):
        emulator.reset(account=ACCOUNT)


def test_a_reset_removes_request_tokens(each_emulator: Emulator) -> None:
    wire = WireClient(each_emulator)
    for _ in range(2):
        wire("CreateCollection", CollectionId="people")
        assert wire("CreateUser", CollectionId="people", UserId="ada", ClientRequestToken="once").status == 200
        each_emulator.reset()


@pytest.mark.slow
def test_a_reset_clears_the_cached_galleries(tmp_path: Path) -> None:
    with Emulator() as emulator:
        wire = WireClient(emulator)
        image = {"Bytes": ASTRONAUT.read_bytes()}
        for expected in (1, 1):
            wire("CreateCollection", CollectionId="people")
            wire("IndexFaces", CollectionId="people", Image=image)
            response = wire("SearchFacesByImage", CollectionId="people", Image=image)
            assert len(response.body["FaceMatches"]) == expected
            emulator.reset()
        wire("CreateCollection", CollectionId="people")
        assert wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"] == []


# --- Snapshot and restore -----------------------------------------------------------------------------------------


def test_a_restored_state_equals_the_snapshot(each_emulator: Emulator, tmp_path: Path) -> None:
    wire = WireClient(each_emulator)
    fill(each_emulator, wire)
    before = rows(each_emulator, tmp_path)
    each_emulator.snapshot(tmp_path / "saved")
    wire("DeleteCollection", CollectionId="people")
    wire("CreateCollection", CollectionId="others")
    each_emulator.forget()
    each_emulator.restore(tmp_path / "saved")
    assert rows(each_emulator, tmp_path) == before


def test_a_snapshot_may_be_restored_in_another_emulator(each_emulator: Emulator, tmp_path: Path) -> None:
    fill(each_emulator, WireClient(each_emulator))
    each_emulator.snapshot(tmp_path / "saved")
    with Emulator() as other:
        other.restore(tmp_path / "saved")
        assert other.get_object("photos", "cat.jpg") == image_file(plain_image())
        assert rows(other, tmp_path) == rows(each_emulator, tmp_path)


def test_a_restored_state_survives_a_restart(tmp_path: Path) -> None:
    with Emulator() as emulator:
        fill(emulator, WireClient(emulator))
        emulator.snapshot(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as emulator:
        emulator.restore(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as emulator:
        assert collections(WireClient(emulator)) == ["people"]


def test_page_tokens_of_a_snapshot_are_valid_after_its_restore(tmp_path: Path) -> None:
    with Emulator() as emulator, Emulator() as other:
        for name in "abc":
            WireClient(emulator)("CreateCollection", CollectionId=name)
        token = WireClient(emulator)("ListCollections", MaxResults=2).body["NextToken"]
        emulator.snapshot(tmp_path / "saved")
        assert WireClient(other)("ListCollections", NextToken=token).refusal[0] == "InvalidPaginationTokenException"
        other.restore(tmp_path / "saved")
        assert WireClient(other)("ListCollections", NextToken=token).body["CollectionIds"] == ["c"]


@pytest.mark.slow
def test_faces_are_found_after_the_restore_of_their_snapshot(tmp_path: Path) -> None:
    with Emulator() as emulator:
        wire = WireClient(emulator)
        image = {"Bytes": ASTRONAUT.read_bytes()}
        wire("CreateCollection", CollectionId="people")
        emulator.snapshot(tmp_path / "empty")
        wire("IndexFaces", CollectionId="people", Image=image)
        emulator.snapshot(tmp_path / "saved")
        counts = [len(wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"])]
        for name in ("empty", "saved", "empty"):
            emulator.restore(tmp_path / name)
            counts.append(len(wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"]))
    assert counts == [1, 0, 1, 0]


def test_a_job_in_progress_continues_after_a_restore(tmp_path: Path) -> None:
    clock = ManualClock()
    with Emulator(clock=clock) as emulator:
        emulator.durations = type(emulator.durations).all(10)
        wire = WireClient(emulator)
        emulator.put_object("videos", "one.mp4", b"")
        emulator.declare("s3://videos/one.mp4", labels=[])
        job = wire("StartLabelDetection", Video={"S3Object": {"Bucket": "videos", "Name": "one.mp4"}}).body["JobId"]
        emulator.snapshot(tmp_path / "saved")
        emulator.reset()
        assert wire("GetLabelDetection", JobId=job).refusal[0] == "ResourceNotFoundException"
        emulator.restore(tmp_path / "saved")
        assert wire("GetLabelDetection", JobId=job).body["JobStatus"] == "IN_PROGRESS"
        clock.advance(10)
        assert wire("GetLabelDetection", JobId=job).body["JobStatus"] != "IN_PROGRESS"


def test_the_file_of_an_open_emulator_is_restored_with_its_log(tmp_path: Path) -> None:
    with Emulator(data=tmp_path / "data") as emulator, Emulator() as other:
        for number in range(20):  # the pages of the new rows are in the log only
            WireClient(emulator)("CreateCollection", CollectionId=f"c{number:02}", Tags={"text": "x" * 200})
        assert (tmp_path / "data" / f"{FILE_NAME}-wal").stat().st_size > 0
        other.restore(tmp_path / "data" / FILE_NAME)
        assert collections(WireClient(other)) == [f"c{number:02}" for number in range(20)]


def test_a_snapshot_is_replaced_by_the_next(emulator: Emulator, wire: WireClient, tmp_path: Path) -> None:
    emulator.snapshot(tmp_path / "saved")
    wire("CreateCollection", CollectionId="people")
    emulator.snapshot(tmp_path / "saved")
    emulator.reset()
    emulator.restore(tmp_path / "saved")
    assert collections(wire) == ["people"]
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_restore_does_not_change_the_snapshot(emulator: Emulator, tmp_path: Path) -> None:
    emulator.snapshot(tmp_path / "saved")
    before = (tmp_path / "saved").read_bytes()
    emulator.restore(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_snapshots_during_writes_are_consistent(each_emulator: Emulator, tmp_path: Path) -> None:
    wire = WireClient(each_emulator)
    tags = {f"tag{number}": "x" for number in range(20)}
    stop = threading.Event()

    def write(name: str) -> None:
        number = 0
        while not stop.is_set():
            wire("CreateCollection", CollectionId=f"{name}{number}", Tags=tags)
            number += 1

    with ThreadPoolExecutor(4) as pool:
        for name in "abcd":
            pool.submit(write, name)
        try:
            for number in range(5):
                each_emulator.snapshot(tmp_path / str(number))
        finally:
            stop.set()
    with Emulator() as other:
        for number in range(5):
            other.restore(tmp_path / str(number))
            content = rows(other, tmp_path)
            assert len(content["tag"]) == 20 * len(content["collection"])


def test_requests_do_not_wait_for_the_snapshot_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_copy = copies.write_copy
    with Emulator(data=tmp_path / "data") as emulator, ThreadPoolExecutor(1) as pool:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="before")

        def with_a_request_meanwhile(connection: sqlite3.Connection, path: Path) -> None:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM collection").fetchall()  # the copy begins to read
            during = pool.submit(wire, "CreateCollection", CollectionId="during")
            assert during.result(LIMIT_SECONDS).status == 200
            connection.execute("COMMIT")
            write_copy(connection, path)

        monkeypatch.setattr(copies, "write_copy", with_a_request_meanwhile)
        emulator.snapshot(tmp_path / "saved")
        assert collections(wire) == ["before", "during"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, json.dumps({}).encode()])
def test_a_file_that_is_not_a_snapshot_is_an_error_and_changes_nothing(
    each_emulator: Emulator, tmp_path: Path, content: bytes
) -> None:
    fill(each_emulator, wire := WireClient(each_emulator))
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(StateError, match=r"can't use .*other"):
        each_emulator.restore(tmp_path / "other")
    assert collections(wire) == ["people"]


def test_a_damaged_snapshot_is_an_error_and_changes_nothing(each_emulator: Emulator, tmp_path: Path) -> None:
    fill(each_emulator, wire := WireClient(each_emulator))
    each_emulator.snapshot(tmp_path / "saved")
    whole = (tmp_path / "saved").read_bytes()
    (tmp_path / "saved").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError, match=r"can't use .*saved"):
        each_emulator.restore(tmp_path / "saved")
    assert collections(wire) == ["people"]


def test_a_missing_snapshot_is_an_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="unable to open database file"):
        emulator.restore(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_snapshot_that_fails_leaves_the_earlier_file_and_no_other(
    each_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "state").write_bytes(b"earlier")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match="can't write"):
        each_emulator.snapshot(folder / "state")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"state": b"earlier"}


def test_a_snapshot_to_an_unwritable_path_is_an_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="can't write"):
        emulator.snapshot(tmp_path / "no folder" / "saved")


# --- Transactions -------------------------------------------------------------------------------------------------


def test_a_transaction_within_another_is_a_part_of_it() -> None:
    state = State()
    insert = "INSERT INTO tag VALUES (?, 'name', 'value')"

    def fail_outside() -> None:
        with state.write() as outer:
            outer.execute(insert, ("one",))
            with state.write() as inner, state.read() as reader:
                inner.execute(insert, ("two",))
                assert reader.execute("SELECT count(*) FROM tag").fetchone() == (2,)
            raise RuntimeError("outside")

    with pytest.raises(RuntimeError, match="outside"):
        fail_outside()
    with state.read() as connection:
        assert connection.execute("SELECT count(*) FROM tag").fetchone() == (0,)
