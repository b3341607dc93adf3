"""Ten thousand collections, ten users each, and jobs: pages take the same time at any depth, and each job ends.

A restart takes seconds, and finds everything.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.hostile.emulator.calls import Answer, Caller, call, judge
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.kit.request_members import NOT_A_VIDEO, STREET_CONTENT

if TYPE_CHECKING:
    from tests.hostile.attack import Report

CLIENTS = 8
USERS, JOBS = 10, 10  # users of a collection; collections for each job
PAGE = 100
SLOW, PAGE_SLOW = 20.0, 3.0
RESTART = 30.0
JOBS_END = 300.0
VIDEO = {"S3Object": {"Bucket": "films", "Name": "street.mp4"}}
DECLARED = {"of": "s3://films/street.mp4", **STREET_CONTENT}


def attack(count: int, report: Report) -> None:
    """Create this many collections, with users and jobs, and list them."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        with attacked_server("--data", data) as server:
            with ThreadPoolExecutor(CLIENTS) as pool:
                created = pool.map(partial(_create, server, count, report), range(CLIENTS))
                jobs = [job for part in created for job in part]
            _check_jobs(server, jobs, report)
            _check_pages(server, count, report)
            server.stop()
            server.check_errors(report)
        began = time.monotonic()
        with attacked_server("--data", data) as server:
            report.check(time.monotonic() - began < RESTART, f"a restart takes more than {RESTART:g} s")
            _check_pages(server, count, report)
            server.check_errors(report)


def _create(server: Attacked, count: int, report: Report, client: int) -> list[str]:
    """Create a part of the collections, users and jobs; return the ids of the jobs."""
    caller = server.caller()
    jobs: list[str] = []
    if client == 0:
        caller.send("PUT", "/_rekog/objects/films/street.mp4", NOT_A_VIDEO, {})
        caller.send("POST", "/_rekog/declare", json.dumps(DECLARED).encode(), {})
    for number in range(client, count, CLIENTS):
        collection = {"CollectionId": f"c{number:06}"}
        _done(call(caller, "CreateCollection", collection), "CreateCollection", report)
        for user in range(USERS):
            _done(call(caller, "CreateUser", {**collection, "UserId": f"u{user}"}), "CreateUser", report)
        if number % JOBS == 0:
            started = call(caller, "StartLabelDetection", {"Video": VIDEO})
            report.attempt()
            # the object is stored by the first client, and an account has few jobs at once
            report.check(started.status == 200 or started.code == "LimitExceededException", f"{started.code} for a job")
            report.figure(f"job {started.code or 'started'}")
            jobs += [str(started.json["JobId"])] if started.status == 200 else []
    caller.close()
    return jobs


def _done(answer: Answer, operation: str, report: Report, *, slow: float = SLOW) -> None:
    judge(report, answer, operation, slow=slow)
    report.check(answer.status == 200, f"{answer.status} {answer.code} for {operation}")


def _check_jobs(server: Attacked, jobs: list[str], report: Report) -> None:
    caller = server.caller()
    end = time.monotonic() + JOBS_END
    for job in jobs:
        status = "IN_PROGRESS"
        while status == "IN_PROGRESS" and time.monotonic() < end:
            answer = call(caller, "GetLabelDetection", {"JobId": job})
            judge(report, answer, "GetLabelDetection", slow=60)
            status = str(answer.json.get("JobStatus"))
        report.figure(f"ended as {status}")
        report.check(status != "IN_PROGRESS", "a job does not end")
    caller.close()


def _check_pages(server: Attacked, count: int, report: Report) -> None:
    caller = server.caller()
    listed = _pages(caller, "ListCollections", lambda page: page["CollectionIds"], {}, report)
    report.check(len(set(listed)) == count, f"{len(set(listed))} collections instead of {count}")
    for name in (min(listed), max(listed)):
        users = _pages(caller, "ListUsers", lambda page: page["Users"], {"CollectionId": name}, report)
        report.check(len(users) == USERS, f"{len(users)} users instead of {USERS}")
    caller.close()


def _pages(
    caller: Caller,
    operation: str,
    items: Callable[[dict[str, object]], object],
    members: dict[str, object],
    report: Report,
) -> list[str]:
    found: list[str] = []
    token: dict[str, object] = {}
    while True:
        answer = call(caller, operation, {**members, **token, "MaxResults": PAGE})
        _done(answer, operation, report, slow=PAGE_SLOW)
        found += [str(item) for item in cast("list[object]", items(answer.json))]  # cast: of the response
        if not answer.json.get("NextToken"):
            return found
        token = {"NextToken": answer.json["NextToken"]}
