"""Locks of workers: the file of a live worker is locked, and that of a dead one is removed by another worker."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from rekog.emulator.state.worker_locks import WorkerLock, lock_names, remove_dead

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_lock_has_one_file_until_its_release(tmp_path: Path) -> None:
    lock, other = WorkerLock(tmp_path), WorkerLock(tmp_path)
    assert (files(tmp_path), len(lock.name), lock.name.isalnum(), lock.name != other.name) == ([], 16, True, True)
    lock.release()
    assert [lock.acquire(), lock.acquire(), other.acquire()] == [lock.name, lock.name, other.name]
    assert files(tmp_path) == sorted(f"worker-{name}.lock" for name in (lock.name, other.name))
    assert lock_names(tmp_path) == {lock.name, other.name}
    for _ in range(2):
        lock.release()
        assert lock_names(tmp_path) == {other.name}
    other.release()
    assert files(tmp_path) == []


def test_only_the_locks_of_dead_workers_are_removed(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    lock.acquire()
    for name in ("dead", "unasked"):
        (tmp_path / f"worker-{name}.lock").touch()
    (tmp_path / "worker-foreign.lock").write_bytes(b"no database " * 100)
    (tmp_path / "worker-dead.txt").touch()
    assert remove_dead(tmp_path, iter([lock.name, "dead", "missing", "foreign"])) == {"dead", "missing"}
    assert lock_names(tmp_path) == {lock.name, "unasked", "foreign"}
    assert (tmp_path / "worker-dead.txt").exists()
    lock.release()
    assert remove_dead(tmp_path, [lock.name, "unasked"]) == {lock.name, "unasked"}


def test_the_file_of_a_live_worker_is_locked_for_other_programs(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    file = tmp_path / f"worker-{lock.acquire()}.lock"
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
            locked = False
        except sqlite3.OperationalError:
            locked = True
    assert locked
    lock.release()


def test_a_state_in_memory_has_a_name_and_no_files(tmp_path: Path) -> None:
    lock = WorkerLock(None)
    assert lock.acquire() == lock.name
    lock.release()
    assert (remove_dead(None, ["dead"]), lock_names(None)) == (set(), set())


def test_the_lock_ends_with_its_worker(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    name = lock.acquire()
    del lock
    assert files(tmp_path) == []
    assert remove_dead(tmp_path, [name]) == {name}
