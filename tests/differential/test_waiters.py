"""botocore's two waiters and ours, with random responses: the same polls, the same pauses, the same end."""

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
from rekog._core.waiting_rules import wait
from rekog._generated.waiting import WAITERS
from rekog._settings.resolve import resolve_config
from rekog._settings.sources import FixedSource
from rekog._settings.values import ConfigArguments, RetryPolicy
from rekog.errors import WaiterError, WaiterFailedError, WaiterTimeoutError
from tests.differential.oracle import CREDENTIALS, REGION, as_body, law
from tests.differential.strategies import Wire, shape_of
from tests.kit.flows import beyond_slots

botocore_waiter: Any = import_module("botocore.waiter")
exceptions: Any = import_module("botocore.exceptions")
loader: Any = import_module("botocore.loaders").Loader()
MODEL: Any = botocore_waiter.WaiterModel(loader.load_service_model("rekognition", "waiters-2"))

NAMES = {
    "ProjectVersionRunning": "project_version_running",
    "ProjectVersionTrainingCompleted": "project_version_training_completed",
}
STATUSES: list[str] = shape_of("ProjectVersionStatus").enum
ERRORS = ("ResourceNotFoundException", "ThrottlingException", "SomethingNewException")
LIKELY = ("TRAINING_IN_PROGRESS", "TRAINING_COMPLETED", "TRAINING_FAILED", "STARTING", "RUNNING", "FAILED")

CONFIG = resolve_config(ConfigArguments(region_name=REGION, retry=RetryPolicy(mode="off")), {}, lambda _: None)
CALLER = Caller(CONFIG, FixedSource(CREDENTIALS))

Reply = list[str] | str
"""The response to a poll: the statuses of the listed versions, or the code of an error."""

replies = st.lists(st.sampled_from(LIKELY), max_size=3) | st.sampled_from(ERRORS)
rare_replies = st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2)
scripts = st.lists(
    st.just(["TRAINING_IN_PROGRESS"]) | st.just(["STARTING"]) | replies | rare_replies, min_size=1, max_size=6
)


class End(NamedTuple):
    """The end of a wait: the number of polls, the pauses between them, the outcome, and the code of an error."""

    polls: int
    sleeps: list[float]
    outcome: str
    code: str | None


def wire_response(statuses: list[str]) -> Wire:
    return {"ProjectVersionDescriptions": [{"ProjectVersionArn": "arn", "Status": status} for status in statuses]}


def wait_with_botocore(name: str, script: list[Reply], delay: float | None, max_attempts: int) -> End:
    """Wait with botocore; the last response of the script is repeated."""
    polls: list[Reply] = []
    sleeps: list[float] = []

    def poll(**_: object) -> Wire:
        polls.append(script[min(len(polls), len(script) - 1)])
        reply = polls[-1]
        return wire_response(reply) if isinstance(reply, list) else {"Error": {"Code": reply, "Message": "no"}}

    options = {"MaxAttempts": max_attempts} | ({} if delay is None else {"Delay": delay})
    waiter = botocore_waiter.Waiter(name, MODEL.get_waiter(name), poll)
    with mock.patch.object(botocore_waiter, "time", SimpleNamespace(sleep=sleeps.append)):
        try:
            waiter.wait(ProjectArn="arn", WaiterConfig=options)
        except exceptions.WaiterError as error:
            code = error.last_response.get("Error", {}).get("Code")
            if "Max attempts" in str(error):
                return End(len(polls), sleeps, "timeout", None)
            return End(len(polls), sleeps, "error" if code else "failure", code)
    return End(len(polls), sleeps, "success", None)


def wait_with_rekog(name: str, script: list[Reply], delay: float | None, max_attempts: int) -> End:
    """Wait with rekog; drive its flow by hand."""
    flow = wait(CALLER, WAITERS[name], None, delay, max_attempts, None, None, project_arn="arn:" + "x" * 20)
    polls, sleeps = 0, list[float]()
    try:
        effect = next(flow)
        while True:
            effect = beyond_slots(flow, effect)
            if isinstance(effect, Sleep):
                sleeps.append(effect.seconds)
                effect = flow.send(None)
            else:
                assert isinstance(effect, HttpRequest)
                reply = script[min(polls, len(script) - 1)]
                polls += 1
                effect = flow.send(response(reply))
    except StopIteration:
        return End(polls, sleeps, "success", None)
    except WaiterTimeoutError:
        return End(polls, sleeps, "timeout", None)
    except WaiterFailedError:
        return End(polls, sleeps, "failure", None)
    except WaiterError as error:
        return End(polls, sleeps, "error", getattr(error.__cause__, "code", None))


def response(reply: Reply) -> HttpResponse:
    if isinstance(reply, list):
        return HttpResponse(200, {}, as_body(wire_response(reply)))
    return HttpResponse(400, {}, as_body({"__type": reply, "Message": "no"}))


@pytest.mark.parametrize("name", NAMES)
def test_a_wait_has_the_same_polls_pauses_and_end_as_botocores(name: str) -> None:
    @law(80)
    @given(scripts, st.none() | st.integers(1, 90), st.integers(1, 7))
    def check(script: list[Reply], delay: int | None, max_attempts: int) -> None:
        assert wait_with_rekog(NAMES[name], script, delay, max_attempts) == wait_with_botocore(
            name, script, delay, max_attempts
        )

    check()


@pytest.mark.parametrize("name", NAMES)
def test_the_default_delay_and_max_attempts_are_botocores(name: str) -> None:
    rule, their_config = WAITERS[NAMES[name]], MODEL.get_waiter(name)

    assert (rule.delay, rule.max_attempts) == (their_config.delay, their_config.max_attempts)
    assert rule.operation.name == their_config.operation


def test_botocore_has_no_other_waiters() -> None:
    assert sorted(MODEL.waiter_names) == sorted(NAMES)
