"""Errors for a full disk and for unusable files: each names the cause and the remedy."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rekog.emulator import Emulator, StateError
from rekog.emulator.state import State
from rekog.emulator.state.store import FILE_NAME, open_existing
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.wire import WireClient

MESSAGE = "the state can't be read or written: disk I/O error; check the free space and the health of the disk"


def on_full_disk(code: str, data: Path) -> str:
    """Run code with an emulator whose files can't grow, and return the output of the code."""
    head = f"""
import resource, signal
import httpx
from rekog.emulator import Emulator, StateError
from tests.emulator.serving.control_client import ControlTransport
from tests.kit.wire import WireClient
emulator = Emulator(data={str(data)!r})
client = httpx.Client(transport=ControlTransport(emulator))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
"""
    tail = "\nresource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
    tail += "emulator.put_object('b', 'k', b'1')\nemulator.close()\n"  # works again without the limit
    # -B: Python 3.11 would store an imported module truncated at the limit, and a later import would fail on it
    command = [sys.executable, "-B", "-c", head + code + tail]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("call", ["put_object('b', 'k', b'1')", "declare('s3://b/k', labels=[])", "reset()"])
def test_a_full_disk_is_a_state_error(tmp_path: Path, call: str) -> None:
    code = f"""
try:
    emulator.{call}
except StateError as error:
    print(error)
"""
    assert on_full_disk(code, tmp_path) == MESSAGE


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_the_control_api_reports_a_full_disk(tmp_path: Path) -> None:
    code = """
response = client.put("http://rekog/_rekog/objects/b/k", content=b"1")
print(response.status_code, response.json()["error"])
"""
    assert on_full_disk(code, tmp_path) == f"500 {MESSAGE}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_an_operation_reports_a_full_disk(tmp_path: Path) -> None:
    code = """
response = WireClient(emulator)("CreateCollection", CollectionId="people")
print(response.status, *response.refusal)
"""
    assert on_full_disk(code, tmp_path) == f"500 InternalServerError The emulator failed: {MESSAGE}."


def test_a_transaction_in_a_file_waits_until_the_disk_has_it(tmp_path: Path) -> None:
    full = 2  # SQLite's number for FULL; with NORMAL, a power failure may lose the last transactions of a WAL database
    with closing(State(tmp_path)) as state, state.read() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (full,)


def test_a_folder_with_the_name_of_the_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StateError, match=r"unable to open database file; it must be a file that this user may read"):
        Emulator(data=tmp_path)


def damaged(folder: Path) -> Path:
    """Create a state without one of its tables, and return its file."""
    with Emulator(data=folder):
        pass
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("DROP TABLE event")
    return folder / FILE_NAME


def test_a_database_without_one_of_its_tables_is_an_error(tmp_path: Path) -> None:
    damaged(tmp_path)
    with pytest.raises(StateError, match=r"can't use .*: tables are missing: event"):
        Emulator(data=tmp_path)


def test_a_snapshot_without_one_of_its_tables_changes_nothing(tmp_path: Path) -> None:
    with Emulator() as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        with pytest.raises(StateError, match="tables are missing"):
            emulator.restore(damaged(tmp_path))
        assert wire("ListCollections").body["CollectionIds"] == ["people"]


def test_an_empty_path_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StateError, match=r"data must be the path of a folder, not ''; '\.' is"):
        Emulator(data="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["", "nowhere", "file"])
def test_a_missing_state_is_not_created(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=f"'{folder}' has no {FILE_NAME}"):
        open_existing(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
