"""SIGKILL among writers: each acknowledged write is there, complete, after the restart; no file is damaged or left.

64 writers create collections with tags, and objects, through two servers on one folder. Both are killed.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from rekog.emulator import Emulator
from rekog.emulator.state.store import FILE_NAME
from tests.hostile.emulator.calls import Caller, LocalCaller, call
from tests.hostile.emulator.servers import Attacked, attacked_server

if TYPE_CHECKING:
    from tests.hostile.attack import Report

WRITES = 1_667  # of a round
WRITERS = 64
LIMIT = 120.0  # seconds until a round has its writes
TAGS = {f"tag{number}": "value" * 20 for number in range(30)}
CONTENT = b"data" * 100
ARN = "arn:aws:rekognition:us-east-1:123456789012:collection/"
FILES = {FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"}


def attack(count: int, report: Report) -> None:
    """Kill both servers after a part of the writes, and check all acknowledged ones in the end."""
    acknowledged: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        rounds = max(1, count // WRITES)
        for number in range(rounds):
            acknowledged |= _round(data, number, count // rounds, report)
        report.attempt(len(acknowledged))
        _check(data, acknowledged, report)


def _round(data: Path, number: int, wanted: int, report: Report) -> set[str]:
    """Return the names of the acknowledged writes of a round."""
    done: list[str] = []
    enough = threading.Event()
    with attacked_server("--data", data) as one, attacked_server("--data", data) as two:
        servers = (one, two)
        with ThreadPoolExecutor(WRITERS) as pool:
            for writer in range(WRITERS):
                pool.submit(_write, servers[writer % 2], f"r{number}-{writer}", done, wanted, enough, report)
            report.check(enough.wait(LIMIT), "writes do not go on")
            for server in servers:
                server.process.send_signal(signal.SIGKILL)
        for server in servers:
            server.process.wait(LIMIT)
            server.check_errors(report)
    return set(done)


def _write(server: Attacked, name: str, done: list[str], wanted: int, enough: threading.Event, report: Report) -> None:
    caller = server.caller()
    try:
        for number in range(1_000_000):
            key = f"{name}-{number}"
            created = call(caller, "CreateCollection", {"CollectionId": key, "Tags": TAGS})
            if created.status != 200:
                report.fault(f"{created.status} {created.code} for CreateCollection")
                return
            done.append(key)
            if caller.send("PUT", f"/_rekog/objects/bucket/{key}", CONTENT, {}).status == 200:
                done.append(f"s3:{key}")
            if len(done) >= wanted:
                enough.set()
    except (OSError, HTTPException):
        return
    finally:
        caller.close()


def _check(data: Path, acknowledged: set[str], report: Report) -> None:
    with Emulator(data=data) as emulator:
        caller = LocalCaller(emulator)
        for name in acknowledged:
            if name.startswith("s3:"):
                kept = _object(emulator, name.removeprefix("s3:"))
                report.check(kept == CONTENT, "an acknowledged object is lost or incomplete")
            else:
                report.check(_tags(caller, name) == TAGS, "an acknowledged collection is lost or incomplete")
        emulator.put_object("bucket", "new", CONTENT)
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        result: list[tuple[str]] = connection.execute("PRAGMA integrity_check").fetchall()
    report.check(result == [("ok",)], f"the file is damaged: {result}"[:200])
    report.check(set(os.listdir(data)) <= FILES, f"files are left: {sorted(set(os.listdir(data)) - FILES)}")


def _object(emulator: Emulator, key: str) -> bytes:
    try:
        return emulator.get_object("bucket", key)
    except LookupError:
        return b""


def _tags(caller: Caller, name: str) -> object:
    return call(caller, "ListTagsForResource", {"ResourceArn": ARN + name}).json.get("Tags")
