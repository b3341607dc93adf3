"""Datasets of 5 MB: twenty thousand lines are stored, millions of bad lines are refused, and others do not wait.

The errors of bad lines stay within a response that a client reads.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, cast

from tests.hostile.emulator.calls import Caller, call, judge
from tests.hostile.emulator.servers import attacked_server
from tests.hostile.emulator.state.others import BESIDE, others_served
from tests.kit.request_members import manifest_lines

if TYPE_CHECKING:
    from tests.hostile.attack import Report

BYTES = 5_000_000
SLOW = 120.0
RESPONSE = 64 * 1024**2
PAGE = 100
BAD: dict[str, bytes] = {
    "empty lines": b"\n",
    "short lines": b"a\n",
    "numbers": b"1\n",
    "objects": b"{}\n",
    "null bytes": b"\0\n",
    "one line": b"a",
    "open brackets": b"[",
    "open objects": b'{"a":',
    "objects without labels": b'{"source-ref":"s3://b/k"}\n',
    "long keys": b'{"source-ref":"s3://b/' + b"k" * 5000 + b'"}\n',
}


def attack(count: int, report: Report) -> None:
    """Update a dataset with good lines, and with each kind of bad ones, up to a size."""
    size = min(BYTES, count * BYTES // 100)
    with tempfile.TemporaryDirectory() as folder, attacked_server("--data", folder) as server:
        caller = server.caller()
        dataset = _dataset(caller)
        good = manifest_lines(max(10, size // 250)).encode()[:BYTES]
        good = good[: good.rindex(b"\n")]
        lines = good.count(b"\n") + 1
        bad = {name: part * (size // len(part) + 1) for name, part in BAD.items()}
        for name, content in {"good lines": good, **bad}.items():
            with others_served(server, report, name):
                _update(caller, dataset, content, report)
        stored = _count(caller, dataset, report)
        report.figure("entries", stored)
        report.check(stored >= lines, f"{stored} entries instead of {lines}")
        caller.close()
        server.check_errors(report)
        server.check_alive(report)


def _dataset(caller: Caller) -> str:
    project = call(caller, "CreateProject", {"ProjectName": "dogs"}).json["ProjectArn"]
    created = call(caller, "CreateDataset", {"ProjectArn": project, "DatasetType": "TRAIN"})
    return str(created.json["DatasetArn"])


def _update(caller: Caller, dataset: str, lines: bytes, report: Report) -> None:
    changes = {"DatasetArn": dataset, "Changes": {"GroundTruth": lines[:BYTES]}}
    answer = call(caller, "UpdateDatasetEntries", changes)
    judge(report, answer, "UpdateDatasetEntries", slow=SLOW)
    report.check(len(answer.body) < RESPONSE, "the errors of bad lines are a large response")


def _count(caller: Caller, dataset: str, report: Report) -> int:
    found = 0
    token: dict[str, object] = {}
    while True:
        answer = call(caller, "ListDatasetEntries", {"DatasetArn": dataset, "MaxResults": PAGE, **token})
        judge(report, answer, "ListDatasetEntries", slow=BESIDE)
        found += len(cast("list[str]", answer.json.get("DatasetEntries", [])))  # cast: of the response
        if not answer.json.get("NextToken"):
            return found
        token = {"NextToken": answer.json["NextToken"]}
