"""Wrong, damaged and read-only data folders, and wrong snapshots: an error with a sentence each, and nothing changes.

A damaged file that can be opened serves requests, or fails each with the remedy. No file that is refused is changed.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rekog.emulator import Emulator, StateError
from rekog.emulator.state.store import FILE_NAME
from tests.hostile.emulator.calls import Answer, LocalCaller, call, failures_are_faults

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 42
PAGE = 4096
COLLECTIONS = 300
REMEDIES = ("the file was damaged", "this user needs permission", "can't use")
STATEMENTS = (
    "PRAGMA user_version = 99",
    "DROP TABLE event",
    "ALTER TABLE collection RENAME COLUMN arn TO nra",
    "CREATE TRIGGER x AFTER INSERT ON collection BEGIN DELETE FROM collection; END",
    "DROP TABLE tag; CREATE VIEW tag AS SELECT 1 AS arn",
    "UPDATE setting SET value = 5",
    "PRAGMA application_id = 7",
)


def attack(count: int, report: Report) -> None:
    """Open wrong files and damaged ones as a state, and restore them as snapshots."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name, failures_are_faults(report, explained=True):
        folder = Path(name)
        good = _good(folder)
        wrong = _wrong_files(good, folder)
        for number in range(count):
            is_wrong = number < len(wrong)
            content = wrong[number] if is_wrong else _damaged(good, chance)
            report.attempt()
            _open(folder / f"data{number}", content, report, is_wrong=is_wrong)
            _restore(folder / f"snapshot{number}", content, report, is_wrong=is_wrong)
        _open_read_only(folder / "read-only", good, report)


def _good(folder: Path) -> bytes:
    """Return the file of a state with collections in many pages."""
    with Emulator(data=folder / "good") as emulator:
        caller = LocalCaller(emulator)
        for number in range(COLLECTIONS):
            call(caller, "CreateCollection", {"CollectionId": f"c{number}", "Tags": {"a": "b"}})
        emulator.snapshot(folder / "saved")
    return (folder / "saved").read_bytes()


def _wrong_files(good: bytes, folder: Path) -> list[bytes]:
    """Return files that are no state of an emulator, or that another program has changed."""
    files = [b"hello" * 1000, b'{"a": 1}', good[:100], good[: len(good) // 2], bytes(PAGE) + good[PAGE:]]
    for statement in STATEMENTS:
        file = folder / "changed"
        file.write_bytes(good)
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(statement)
        files.append(file.read_bytes())
    other = folder / "other"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    return [*files, other.read_bytes()]


def _damaged(good: bytes, chance: random.Random) -> bytes:
    content = bytearray(good)
    for _ in range(chance.choice((1, 5, 50, 400))):
        content[chance.randrange(100, len(content))] = chance.randrange(256)
    return bytes(content)


def _open(folder: Path, content: bytes, report: Report, *, is_wrong: bool) -> None:
    folder.mkdir()
    file = folder / FILE_NAME
    file.write_bytes(content)
    try:
        with Emulator(data=folder) as emulator:
            report.figure("opened")
            report.check(not is_wrong, "a wrong file is opened as a state")
            _use(LocalCaller(emulator), report)
    except StateError as error:
        report.figure("refused as a state")
        report.check(len(str(error)) < 1000 and "\n" not in str(error), f"no sentence: {error}"[:200])
        report.check(not is_wrong or file.read_bytes() == content, "a file that is refused was changed")
    except Exception as error:
        report.fault(f"{type(error).__name__} for a data folder: {error}"[:200])


def _use(caller: LocalCaller, report: Report) -> None:
    """Read and write; each call succeeds, or its error has the remedy."""
    for operation, members in (
        ("ListCollections", {}),
        ("DescribeCollection", {"CollectionId": "c7"}),
        ("CreateCollection", {"CollectionId": "new", "Tags": {"a": "b"}}),
        ("DeleteCollection", {"CollectionId": "c8"}),
    ):
        answer = call(caller, operation, members)
        report.figure(f"status {answer.status}")
        report.check(answer.status < 500 or _explains(answer), f"{operation} fails with {answer.body[:150]!r}")


def _explains(answer: Answer) -> bool:
    return any(remedy.encode() in answer.body for remedy in REMEDIES)


def _restore(file: Path, content: bytes, report: Report, *, is_wrong: bool) -> None:
    file.write_bytes(content)
    with Emulator() as emulator:
        caller = LocalCaller(emulator)
        call(caller, "CreateCollection", {"CollectionId": "kept"})
        try:
            emulator.restore(file)
        except StateError:
            report.figure("refused as a snapshot")
            listed = call(caller, "ListCollections", {})
            report.check(listed.json.get("CollectionIds") == ["kept"], "a snapshot that is refused changes the state")
        except Exception as error:
            report.fault(f"{type(error).__name__} for a snapshot: {error}"[:200])
        else:
            report.figure("restored")
            report.check(not is_wrong, "a wrong snapshot is restored")
        for operation, members in (("CreateCollection", {"CollectionId": "new"}), ("ListCollections", {})):
            answer = call(caller, operation, members)
            report.check(answer.status == 200 or _explains(answer), f"{operation} fails after a restore: {answer.code}")
    report.check(file.read_bytes() == content, "a restore changes the snapshot")


def _open_read_only(folder: Path, good: bytes, report: Report) -> None:
    """Open a folder that cannot be written; root needs a mount for that."""
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(good)
    is_root = sys.platform == "linux" and os.geteuid() == 0
    if os.name == "nt" or (is_root and not _mount(folder)):
        report.figure("without a read-only folder: not possible here")
        return
    if not is_root:
        (folder / FILE_NAME).chmod(0o400)
        folder.chmod(0o500)
    try:
        report.attempt()
        with Emulator(data=folder) as emulator:
            report.fault(f"a read-only folder is opened: {emulator}")
    except StateError as error:
        report.check("permission" in str(error), f"a read-only folder is refused by {error}"[:200])
    finally:
        if is_root:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            folder.chmod(0o700)


def _mount(folder: Path) -> bool:
    for command in (["--bind", str(folder), str(folder)], ["-o", "remount,ro,bind", str(folder)]):
        if subprocess.run(["mount", *command], check=False, capture_output=True).returncode != 0:
            return False
    return True
