"""Reset, snapshot, restore: of a state in memory and of one in a file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rekog.emulator import Emulator, ManualClock, StateError
from rekog.emulator.state import State
from tests.kit.wire import ASTRONAUT, Wire, encoded, plain

ACCOUNT = "123456789012"


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(data=None if request.param == "memory" else tmp_path / "data") as opened:
        yield opened


def collections(wire: Wire) -> list[str]:
    found: list[str] = wire("ListCollections").body["CollectionIds"]
    return found


def fill(emulator: Emulator, wire: Wire) -> None:
    """Make something of every kind that is easily made."""
    wire("CreateCollection", CollectionId="people", Tags={"team": "blue"})
    wire("CreateUser", CollectionId="people", UserId="ada", ClientRequestToken="once")
    wire("CreateProject", ProjectName="dogs", Tags={"team": "red"})
    wire("CreateFaceLivenessSession")
    emulator.declare("s3://photos/cat.jpg", labels=["Cat"])
    emulator.put_object("photos", "cat.jpg", encoded(plain()))


def rows(emulator: Emulator, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, by way of a snapshot."""
    file = folder / "rows"
    emulator.snapshot(file)
    connection = sqlite3.connect(file)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}
    connection.close()
    return {name: lines for name, lines in found.items() if name not in ("setting", "sqlite_sequence")}


# --- Reset --------------------------------------------------------------------------------------------------------


def test_a_reset_forgets_everything(kept: Emulator, tmp_path: Path) -> None:
    wire = Wire(kept)
    fill(kept, wire)
    kept.faults.add("ListFaces", error="InternalServerError")
    kept.reset()
    assert {name: lines for name, lines in rows(kept, tmp_path).items() if lines} == {}
    assert (len(kept.calls), len(kept.faults), len(kept.notifications)) == (0, 0, 0)


def test_after_a_reset_everything_works_as_before(kept: Emulator) -> None:
    wire = Wire(kept)
    for _ in range(2):
        fill(kept, wire)
        assert (collections(wire), len(kept.calls)) == (["people"], 5)
        kept.reset()


def test_a_region_is_reset_alone(kept: Emulator) -> None:
    here, there = Wire(kept, "eu-west-1"), Wire(kept, "us-east-1")
    fill(kept, here)
    fill(kept, there)
    before = there("ListTagsForResource", ResourceArn=f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/people").body
    kept.reset(region="eu-west-1")
    assert (collections(here), collections(there)) == ([], ["people"])
    arn = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:collection/people"
    assert there("ListTagsForResource", ResourceArn=arn).body == before
    assert kept.get_object("photos", "cat.jpg")


def test_a_regions_reset_leaves_none_of_its_rows(kept: Emulator, tmp_path: Path) -> None:
    fill(kept, Wire(kept, "eu-west-1"))
    kept.reset(region="eu-west-1")
    assert {name for name, lines in rows(kept, tmp_path).items() if lines} == {"object", "truth"}


def test_another_accounts_region_is_not_reset(kept: Emulator) -> None:
    fill(kept, wire := Wire(kept, "eu-west-1"))
    kept.reset(account="999999999999", region="eu-west-1")
    assert collections(wire) == ["people"]


def test_an_account_without_a_region_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="account requires a region"):
        emulator.reset(account=ACCOUNT)


def test_request_tokens_are_forgotten_by_a_reset(kept: Emulator) -> None:
    wire = Wire(kept)
    for _ in range(2):
        wire("CreateCollection", CollectionId="people")
        assert wire("CreateUser", CollectionId="people", UserId="ada", ClientRequestToken="once").status == 200
        kept.reset()


def test_faces_that_were_searched_are_not_found_after_a_reset(tmp_path: Path) -> None:
    with Emulator() as emulator:
        wire = Wire(emulator)
        image = {"Bytes": ASTRONAUT.read_bytes()}
        for expected in (1, 1):
            wire("CreateCollection", CollectionId="people")
            wire("IndexFaces", CollectionId="people", Image=image)
            found = wire("SearchFacesByImage", CollectionId="people", Image=image)
            assert len(found.body["FaceMatches"]) == expected
            emulator.reset()
        wire("CreateCollection", CollectionId="people")
        assert wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"] == []


# --- Snapshot and restore -----------------------------------------------------------------------------------------


def test_a_restored_state_is_the_one_of_the_snapshot(kept: Emulator, tmp_path: Path) -> None:
    wire = Wire(kept)
    fill(kept, wire)
    before = rows(kept, tmp_path)
    kept.snapshot(tmp_path / "saved")
    wire("DeleteCollection", CollectionId="people")
    wire("CreateCollection", CollectionId="others")
    kept.forget()
    kept.restore(tmp_path / "saved")
    assert rows(kept, tmp_path) == before


def test_a_snapshot_may_be_restored_in_another_emulator(kept: Emulator, tmp_path: Path) -> None:
    fill(kept, Wire(kept))
    kept.snapshot(tmp_path / "saved")
    with Emulator() as other:
        other.restore(tmp_path / "saved")
        assert other.get_object("photos", "cat.jpg") == encoded(plain())
        assert rows(other, tmp_path) == rows(kept, tmp_path)


def test_what_was_restored_is_there_after_a_restart(tmp_path: Path) -> None:
    with Emulator() as emulator:
        fill(emulator, Wire(emulator))
        emulator.snapshot(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as emulator:
        emulator.restore(tmp_path / "saved")
    with Emulator(data=tmp_path / "data") as emulator:
        assert collections(Wire(emulator)) == ["people"]


def test_page_tokens_of_a_snapshots_time_are_good_again(tmp_path: Path) -> None:
    with Emulator() as emulator, Emulator() as other:
        for name in "abc":
            Wire(emulator)("CreateCollection", CollectionId=name)
        token = Wire(emulator)("ListCollections", MaxResults=2).body["NextToken"]
        emulator.snapshot(tmp_path / "saved")
        assert Wire(other)("ListCollections", NextToken=token).refusal[0] == "InvalidPaginationTokenException"
        other.restore(tmp_path / "saved")
        assert Wire(other)("ListCollections", NextToken=token).body["CollectionIds"] == ["c"]


def test_faces_of_a_snapshot_are_found_again(tmp_path: Path) -> None:
    with Emulator() as emulator:
        wire = Wire(emulator)
        image = {"Bytes": ASTRONAUT.read_bytes()}
        wire("CreateCollection", CollectionId="people")
        emulator.snapshot(tmp_path / "empty")
        wire("IndexFaces", CollectionId="people", Image=image)
        emulator.snapshot(tmp_path / "saved")
        found = [len(wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"])]
        for name in ("empty", "saved", "empty"):
            emulator.restore(tmp_path / name)
            found.append(len(wire("SearchFacesByImage", CollectionId="people", Image=image).body["FaceMatches"]))
    assert found == [1, 0, 1, 0]


def test_a_job_that_ran_goes_on_after_a_restore(tmp_path: Path) -> None:
    clock = ManualClock()
    with Emulator(clock=clock) as emulator:
        emulator.durations = type(emulator.durations).all(10)
        wire = Wire(emulator)
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


def test_a_snapshot_is_replaced_by_the_next(emulator: Emulator, wire: Wire, tmp_path: Path) -> None:
    emulator.snapshot(tmp_path / "saved")
    wire("CreateCollection", CollectionId="people")
    emulator.snapshot(tmp_path / "saved")
    emulator.reset()
    emulator.restore(tmp_path / "saved")
    assert collections(wire) == ["people"]
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_restoring_leaves_the_snapshot_as_it_is(emulator: Emulator, tmp_path: Path) -> None:
    emulator.snapshot(tmp_path / "saved")
    before = (tmp_path / "saved").read_bytes()
    emulator.restore(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_snapshots_taken_while_writes_come_in_are_whole(kept: Emulator, tmp_path: Path) -> None:
    wire = Wire(kept)
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
                kept.snapshot(tmp_path / str(number))
        finally:
            stop.set()
    with Emulator() as other:
        for number in range(5):
            other.restore(tmp_path / str(number))
            content = rows(other, tmp_path)
            assert len(content["tag"]) == 20 * len(content["collection"])


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, json.dumps({}).encode()])
def test_a_file_that_is_no_snapshot_is_refused_and_changes_nothing(
    kept: Emulator, tmp_path: Path, content: bytes
) -> None:
    fill(kept, wire := Wire(kept))
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(StateError, match=r"can't use .*other"):
        kept.restore(tmp_path / "other")
    assert collections(wire) == ["people"]


def test_a_snapshot_that_is_damaged_is_refused_and_changes_nothing(kept: Emulator, tmp_path: Path) -> None:
    fill(kept, wire := Wire(kept))
    kept.snapshot(tmp_path / "saved")
    whole = (tmp_path / "saved").read_bytes()
    (tmp_path / "saved").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError, match=r"can't use .*saved"):
        kept.restore(tmp_path / "saved")
    assert collections(wire) == ["people"]


def test_a_snapshot_that_is_not_there_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="unable to open database file"):
        emulator.restore(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_snapshot_that_can_not_be_written_is_refused(emulator: Emulator, tmp_path: Path) -> None:
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
