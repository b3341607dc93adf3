"""The two waiters that botocore has, over random answers: the same looks, the same sleeps, the same end."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core.call import Caller
from rekog._core.flow import HttpRequest, HttpResponse, Sleep
from rekog._generated.waiting import WAITERS
from rekog.config import ConfigArguments, RetryPolicy, resolve_config
from rekog.credentials import FixedSource
from rekog.errors import JobFailedError, WaiterError, WaiterTimeoutError
from rekog.waiting import wait
from tests.differential.oracle import CREDENTIALS, REGION, as_body, law
from tests.differential.strategies import Wire, shape

botocore_waiter: Any = import_module("botocore.waiter")
exceptions: Any = import_module("botocore.exceptions")
loader: Any = import_module("botocore.loaders").Loader()
MODEL: Any = botocore_waiter.WaiterModel(loader.load_service_model("rekognition", "waiters-2"))

NAMES = {
    "ProjectVersionRunning": "project_version_running",
    "ProjectVersionTrainingCompleted": "project_version_training_completed",
}
STATUSES: list[str] = shape("ProjectVersionStatus").enum
ERRORS = ("ResourceNotFoundException", "ThrottlingException", "SomethingNewException")
LIKELY = ("TRAINING_IN_PROGRESS", "TRAINING_COMPLETED", "TRAINING_FAILED", "STARTING", "RUNNING", "FAILED")

CONFIG = resolve_config(ConfigArguments(region_name=REGION, retry=RetryPolicy(mode="off")), {}, lambda _: None)
CALLER = Caller(CONFIG, FixedSource(CREDENTIALS))

Look = list[str] | str
"""The statuses of the listed versions, or the code of an error in place of an answer."""

looks = st.lists(st.sampled_from(LIKELY), max_size=3) | st.sampled_from(ERRORS)
rare_looks = st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2)
scripts = st.lists(
    st.just(["TRAINING_IN_PROGRESS"]) | st.just(["STARTING"]) | looks | rare_looks, min_size=1, max_size=6
)


class End(NamedTuple):
    """How a wait went: number of looks, the pauses between them, what it came to, and the code of an error."""

    looks: int
    sleeps: list[float]
    outcome: str
    code: str | None


def answer(look: list[str]) -> Wire:
    return {"ProjectVersionDescriptions": [{"ProjectVersionArn": "arn", "Status": status} for status in look]}


def theirs(name: str, script: list[Look], delay: float | None, most: int) -> End:
    """Wait with botocore; what is over when the script ends stays as it was last."""
    seen: list[Look] = []
    sleeps: list[float] = []

    def poll(**_: object) -> Wire:
        seen.append(script[min(len(seen), len(script) - 1)])
        look = seen[-1]
        return answer(look) if isinstance(look, list) else {"Error": {"Code": look, "Message": "no"}}

    options = {"MaxAttempts": most} | ({} if delay is None else {"Delay": delay})
    waiter = botocore_waiter.Waiter(name, MODEL.get_waiter(name), poll)
    with mock.patch.object(botocore_waiter, "time", SimpleNamespace(sleep=sleeps.append)):
        try:
            waiter.wait(ProjectArn="arn", WaiterConfig=options)
        except exceptions.WaiterError as error:
            code = error.last_response.get("Error", {}).get("Code")
            if "Max attempts" in str(error):
                return End(len(seen), sleeps, "timeout", None)
            return End(len(seen), sleeps, "error" if code else "failure", code)
    return End(len(seen), sleeps, "success", None)


def ours(name: str, script: list[Look], delay: float | None, most: int) -> End:
    """Wait with rekog, its Flow driven by hand."""
    flow = wait(CALLER, WAITERS[name], None, delay, most, None, project_arn="arn:" + "x" * 20)
    seen, sleeps = 0, list[float]()
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Sleep):
                sleeps.append(effect.seconds)
                effect = flow.send(None)
            else:
                assert isinstance(effect, HttpRequest)
                look = script[min(seen, len(script) - 1)]
                seen += 1
                effect = flow.send(response(look))
    except StopIteration:
        return End(seen, sleeps, "success", None)
    except WaiterTimeoutError:
        return End(seen, sleeps, "timeout", None)
    except JobFailedError:
        return End(seen, sleeps, "failure", None)
    except WaiterError as error:
        return End(seen, sleeps, "error", getattr(error.__cause__, "code", None))


def response(look: Look) -> HttpResponse:
    if isinstance(look, list):
        return HttpResponse(200, {}, as_body(answer(look)))
    return HttpResponse(400, {}, as_body({"__type": look, "Message": "no"}))


@pytest.mark.parametrize("name", NAMES)
def test_a_wait_goes_as_in_botocore(name: str) -> None:
    @law(80)
    @given(scripts, st.none() | st.integers(1, 90), st.integers(1, 7))
    def check(script: list[Look], delay: int | None, most: int) -> None:
        assert ours(NAMES[name], script, delay, most) == theirs(name, script, delay, most)

    check()


@pytest.mark.parametrize("name", NAMES)
def test_delay_and_number_of_looks_are_botocores_by_default(name: str) -> None:
    rule, their_config = WAITERS[NAMES[name]], MODEL.get_waiter(name)

    assert (rule.delay, rule.max_attempts) == (their_config.delay, their_config.max_attempts)
    assert rule.operation.name == their_config.operation


def test_botocore_has_no_other_waiters() -> None:
    assert sorted(MODEL.waiter_names) == sorted(NAMES)
