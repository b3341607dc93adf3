"""Forks while a state is open: what parent and children wrote is kept, and the file is intact.

Children use emulators of their own on the same folder, while the parent writes too. No other thread is within SQLite
at the moment of a fork: SQLite's locks would stay taken in the child.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rekog.emulator import Emulator
from rekog.emulator.state.store import FILE_NAME
from tests.hostile.emulator.calls import LocalCaller, call

if TYPE_CHECKING:
    from tests.hostile.attack import Report

WRITES = 5  # of each child, and of the parent beside it
LIMIT = 60  # seconds after which a child is ended


def attack(count: int, report: Report) -> None:
    """Fork this many times, and check all writes in the end."""
    if not hasattr(os, "fork"):
        report.attempt()
        report.figure("skipped: this system cannot fork")
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        with Emulator(data=data) as emulator:
            caller = LocalCaller(emulator)
            for number in range(count):
                child = os.fork()
                if child == 0:
                    _run_child(data, number)
                _write(caller, f"parent{number}", report)
                status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                report.check(status == 0, f"a child ended with {status}")
                report.attempt()
        with Emulator(data=data) as emulator:
            listed = call(LocalCaller(emulator), "ListCollections", {"MaxResults": 4096}).texts("CollectionIds")
            expected, kept = 2 * WRITES * count, len(listed)
            report.figure("collections kept", kept)
            report.check(kept == expected, f"{kept} of {expected} collections are kept")
        with closing(sqlite3.connect(data / FILE_NAME)) as connection:
            result: list[tuple[str]] = connection.execute("PRAGMA integrity_check").fetchall()
        report.check(result == [("ok",)], f"the file is damaged: {result}"[:200])


def _run_child(data: Path, number: int) -> None:
    """Write with a new emulator, and end the process."""
    status = 1
    try:
        signal.alarm(LIMIT)
        with Emulator(data=data) as emulator:
            caller = LocalCaller(emulator)
            for each in range(WRITES):
                answer = call(caller, "CreateCollection", {"CollectionId": f"child{number}-{each}"})
                assert answer.status == 200, answer
        status = 0
    finally:
        os._exit(status)


def _write(caller: LocalCaller, name: str, report: Report) -> None:
    for each in range(WRITES):
        answer = call(caller, "CreateCollection", {"CollectionId": f"{name}-{each}"})
        report.check(answer.status == 200, f"{answer.status} {answer.code} in the parent")
