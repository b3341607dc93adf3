"""A full disk: reads go on, a write fails with the remedy, the state stays intact, and with room everything works.

As root on Linux the state is in a file system of 3 MB. Elsewhere the size of each file is limited to 3 MB.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rekog.emulator.state.store import FILE_NAME
from tests.hostile.emulator.calls import Caller, call
from tests.hostile.emulator.servers import attacked_server

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SIZE = 3 * 1024**2
CONTENT = bytes(60_000)
LARGE = bytes(SIZE)
REMEDIES = ("free space on the disk", "check the free space", "No space left", "File too large")


class Disk(NamedTuple):
    """A folder on a small disk, a function for the process of a server, and one that makes room."""

    folder: Path
    before: Callable[[], object] | None
    make_room: Callable[[], object]


def attack(count: int, report: Report) -> None:
    """Fill the disk with objects and collections, and go on."""
    with _small_disk(report) as (data, before, make_room), tempfile.TemporaryDirectory() as outside:
        with attacked_server("--data", data, before=before) as server:
            caller = server.caller()
            acknowledged = _fill(caller, count, report)
            for number in range(count):
                report.attempt()
                listed = call(caller, "ListCollections", {})
                report.check(listed.status == 200, f"a full disk fails a read: {listed.code}")
                _check_failure(caller, number, report)
            snapshot = caller.send("GET", "/_rekog/snapshot", b"", {})  # its temporary file is on another disk
            report.check(snapshot.status == 200 or _explains(snapshot.body), f"a snapshot says {snapshot.body[:99]!r}")
            for name in acknowledged:
                kept = caller.send("GET", f"/_rekog/objects/bucket/{name}", b"", {})
                report.check(kept.body == CONTENT, "a full disk loses an object")
            caller.close()
            server.check_errors(report)
        make_room()
        with attacked_server("--data", data) as server:
            caller = server.caller()
            report.check(caller.send("POST", "/_rekog/reset", b"{}", {}).status == 200, "a reset makes no room")
            report.check(call(caller, "CreateCollection", {"CollectionId": "new"}).status == 200, "with room it fails")
            caller.close()
        with closing(sqlite3.connect(data / FILE_NAME)) as connection:
            result: list[tuple[str]] = connection.execute("PRAGMA integrity_check").fetchall()
        report.check(result == [("ok",)], f"a full disk damages the file: {result}"[:200])
        report.check(os.listdir(outside) == [], "files are left")


def _fill(caller: Caller, count: int, report: Report) -> list[str]:
    """Store objects until the first failure; return the names of those that were stored."""
    acknowledged: list[str] = []
    for number in range(200):
        report.attempt()
        answer = caller.send("PUT", f"/_rekog/objects/bucket/o{number}", CONTENT, {})
        if answer.status != 200:
            report.check(_explains(answer.body), f"a full disk says {answer.body[:150]!r}")
            return acknowledged
        acknowledged.append(f"o{number}")
    report.fault("the disk does not become full")
    return acknowledged


def _check_failure(caller: Caller, number: int, report: Report) -> None:
    """Write, which may still succeed for something small, and check the error."""
    if number % 2:
        answer = call(caller, "CreateCollection", {"CollectionId": f"c{number}", "Tags": {"a": "b" * 200}})
    else:
        answer = caller.send("PUT", f"/_rekog/objects/bucket/large{number}", LARGE, {})
    report.figure(f"status {answer.status}")
    report.check(answer.status == 200 or _explains(answer.body), f"a full disk says {answer.body[:150]!r}")


def _explains(body: bytes) -> bool:
    return any(remedy.encode() in body for remedy in REMEDIES)


@contextmanager
def _small_disk(report: Report) -> Generator[Disk]:
    """Yield a folder on a small disk, the function that limits a server instead, and one that makes room."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
        is_root = sys.platform == "linux" and os.geteuid() == 0
        if is_root and subprocess.run(mount, check=False, capture_output=True).returncode == 0:
            report.figure("in a file system of 3 MB")
            try:
                yield Disk(Path(folder), None, lambda: _enlarge(folder))
            finally:
                subprocess.run(["umount", folder], check=True)
        else:
            report.figure("with a limit of 3 MB for each file, because a file system needs root")
            yield Disk(Path(folder), _limit_files, lambda: None)  # the next server has no limit


def _enlarge(folder: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={10 * SIZE}", folder], check=True)


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, resource.RLIM_INFINITY))
