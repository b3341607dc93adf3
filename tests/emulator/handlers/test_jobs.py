"""Start of jobs in two threads with one request token, and the steps of a job that has ended or was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import attrs
import pytest

from rekog.emulator import Durations, Limits
from rekog.emulator.handlers import media_analysis
from rekog.emulator.handlers.jobs import start_job
from rekog.emulator.handlers.videos import steps
from rekog.emulator.refusals import RefusalError
from rekog.emulator.state import State, schedule
from rekog.emulator.state.rows import jobs
from rekog.emulator.state.schedule import StepKind
from tests.kit.contexts import SCOPE, context_and_worker

if TYPE_CHECKING:
    from pathlib import Path

    from rekog.emulator.context import Context

NOW = 1_700_000_000.0
REQUEST: dict[str, object] = {"Video": {"S3Object": {"Bucket": "films", "Name": "a"}}, "ClientRequestToken": "once"}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with closing(State(tmp_path)) as state:
        yield context_and_worker(state, lambda: NOW)[0]


def start(context: Context, request: dict[str, object], *, family: str = "videos") -> str:
    kind, end = ("LabelDetection", StepKind.FINISH_VIDEO_JOB)
    response = start_job(context, "StartLabelDetection", request, family=family, kind=kind, end=end)
    return str(response["JobId"])


def steps_of(context: Context) -> int:
    with context.state.read() as connection:
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])


def test_a_thread_whose_token_another_one_has_used_meanwhile_gets_the_job_of_that_one(context: Context) -> None:
    first = start(context, REQUEST)
    pending = steps_of(context)
    assert (start(context, REQUEST), steps_of(context)) == (first, pending)
    assert start(context, {**REQUEST, "ClientRequestToken": "other"}) != first
    with pytest.raises(RefusalError, match=r"^IdempotentParameterMismatchException: "):
        start(context, {**REQUEST, "JobTag": "other"})


def test_each_family_of_jobs_has_a_limit_of_its_own(context: Context) -> None:
    limited = attrs.evolve(context, limits=Limits(concurrent_jobs=1), durations=Durations(job=60))
    start(limited, {})
    with pytest.raises(RefusalError) as caught:
        start(limited, {})
    assert caught.value.message == "1 open Jobs for User arn:aws:iam::123456789012:root Maximum limit: 1"
    start(limited, {}, family="other")


@pytest.mark.parametrize("change", ["ended", "deleted"])
def test_the_steps_of_a_job_that_has_ended_or_was_deleted_do_nothing(context: Context, change: str) -> None:
    job_id = start(context, REQUEST)
    with context.state.write() as connection:
        row = jobs.find(connection, SCOPE, job_id)
        assert row is not None
        if change == "deleted":
            jobs.delete(connection, row)
        else:
            assert jobs.finish(connection, row, jobs.Ending(jobs.FAILED, "done"), NOW)
        schedule.add(connection, SCOPE, NOW, StepKind.FINISH_VIDEO_JOB, {"JobId": job_id})
        step = schedule.next_due(connection, NOW)
    before = steps_of(context)
    assert step is not None
    for function in (steps.analyse, steps.finish, media_analysis.finish):
        function(context, step)
    with context.state.read() as connection:
        found = jobs.find(connection, SCOPE, job_id)
    assert (found and (found.status, found.message)) == (None if change == "deleted" else (jobs.FAILED, "done"))
    assert steps_of(context) == before
    if change == "deleted":
        steps.expire(context, step)
