"""Waiters: when each waiter ends, its polls and pauses, `on_poll`, its errors and its arguments."""

from __future__ import annotations

import pickle
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rekog import CallOptions, RetryPolicy, Timeout
from rekog._core.call import Caller
from rekog._core.names import snake
from rekog._core.waiting_rules import Acceptor, WaiterRule, wait
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog._generated.shapes import SHAPES
from rekog._generated.waiting import WAITERS
from rekog._settings.sources import FixedSource
from rekog.config import Config
from rekog.errors import (
    AccessDeniedException,
    CallTimeoutError,
    ConnectionLostError,
    JobFailedError,
    ParamValidationError,
    ReadTimeoutError,
    RekogError,
    ResourceNotFoundException,
    ThrottlingException,
    WaiterError,
    WaiterFailedError,
    WaiterTimeoutError,
)
from rekog.models import DescribeProjectsResponse, GetFaceDetectionResponse
from rekog.waiting import Poll
from tests.kit.backends import AT_ONCE, KEYS, Backend, Reply, Scripted, Sent, Unused, error_reply, json_reply
from tests.kit.flows import first_request
from tests.kit.samples import arguments, sample, wire_name

if TYPE_CHECKING:
    from rekog._core.flow import Flow
    from rekog.waiting import OnPoll

NAMES = sorted(WAITERS)
FAILING = [name for name in NAMES if any(acceptor.state == "failure" for acceptor in WAITERS[name].acceptors)]


def member_at(shape: str, path: tuple[str, ...], wire: Any) -> tuple[dict[str, Any], str]:
    """Return the wire structure that holds the end of a path of attributes, and the member's wire name."""
    name = wire_name(shape, path[0])
    target = SHAPES[shape].members[name]
    if len(path) == 1:
        return wire, name
    if SHAPES[target].kind == "list":
        return member_at(SHAPES[target].item, path[1:], wire[name][0])
    return member_at(target, path[1:], wire[name])


def reply_with(rule: WaiterRule[Any], path: tuple[str, ...], value: object) -> Reply:
    """Return a full response with this value at the end of a path."""
    shape = f"{rule.operation.name}Response"
    wire = sample(shape)
    wire.pop("NextToken", None)
    holder, name = member_at(shape, path, wire)
    holder[name] = value
    return json_reply(wire)


def reply_for(rule: WaiterRule[Any], acceptor: Acceptor) -> Reply:
    """Return a response that an acceptor accepts."""
    if acceptor.matcher == "error":
        return error_reply(acceptor.path[0], "gone")
    value: object = [] if acceptor.matcher == "empty" else acceptor.expected
    return reply_with(rule, acceptor.path, value)


def undecided_reply(rule: WaiterRule[Any]) -> Reply:
    """Return a response after which the waiter continues."""
    acceptor = rule.acceptors[0]
    if acceptor.matcher in ("error", "empty"):
        wire = sample(f"{rule.operation.name}Response")
        wire.pop("NextToken", None)
        return json_reply(wire)
    return reply_with(rule, acceptor.path, "NEITHER_SUCCESS_NOR_FAILURE")


def waiting_arguments(rule: WaiterRule[Any]) -> dict[str, Any]:
    """Return the arguments of a waiter by their Python names."""
    if rule.where is not None:
        return {"collection_id": "people", rule.where: "text-0"}
    if rule.name == "project_deleted":
        return {"project_names": ["text"]}
    names = SHAPES[f"{rule.operation.name}Request"].required
    wire = arguments(rule.operation.name)
    return {snake(name): wire[name] for name in names}


def wait_on(backend: Backend, name: str, *script: Any, **settings: Any) -> Any:
    """Run a waiter without pauses against a scripted transport, and return its result."""
    transport = Scripted(*script)
    client = backend.client(transport)
    method: Callable[..., object] = getattr(client, f"wait_until_{name}")
    rule = WAITERS[name]
    return backend.run(lambda: method(**waiting_arguments(rule), **{"delay": 0, **settings}))


# --- All rules ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_waiter_ends_at_success(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    polls: list[Poll[Any]] = []
    wait_on(backend, name, undecided_reply(rule), reply_for(rule, rule.acceptors[0]), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dataset_deleted"])
def test_a_waiter_returns_the_response_that_showed_success(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    reply = reply_for(rule, rule.acceptors[0])
    assert wait_on(backend, name, reply).response_metadata.attempts == 1


@pytest.mark.parametrize(
    ("name", "acceptor"),
    [(name, acceptor) for name in NAMES for acceptor in WAITERS[name].acceptors[1:]],
    ids=lambda value: value if isinstance(value, str) else value.expected,
)
def test_every_other_acceptor_ends_the_wait(backend: Backend, name: str, acceptor: Acceptor) -> None:
    reply = reply_for(WAITERS[name], acceptor)
    polls: list[Poll[Any]] = []
    with suppress(WaiterFailedError):
        wait_on(backend, name, reply, on_poll=polls.append)
    assert [poll.state for poll in polls] == [acceptor.state]


@pytest.mark.parametrize("name", FAILING)
def test_a_failed_job_ends_the_wait(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    acceptor = next(acceptor for acceptor in rule.acceptors if acceptor.state == "failure")
    with pytest.raises(
        WaiterFailedError, match=f"the waiter {name} will not succeed: {rule.operation.name} returned "
    ) as e:
        wait_on(backend, name, undecided_reply(rule), reply_for(rule, acceptor))
    assert e.value.waiter == name


@pytest.mark.parametrize("name", [name for name in FAILING if WAITERS[name].message])
def test_the_error_for_a_failed_job_has_the_status_message(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    acceptor = next(acceptor for acceptor in rule.acceptors if acceptor.state == "failure")
    with pytest.raises(WaiterFailedError, match=r"\(text-0\)$") as caught:
        wait_on(backend, name, reply_for(rule, acceptor))
    assert caught.value.status_message == "text-0"


def test_the_error_for_several_failed_resources_has_each_message(backend: Backend) -> None:
    versions = [
        {"ProjectVersionArn": f"arn:{number}", "Status": "TRAINING_FAILED", "StatusMessage": f"no labels in {number}"}
        for number in range(3)
    ]
    with pytest.raises(WaiterFailedError) as caught:
        wait_on(backend, "project_version_training_completed", json_reply({"ProjectVersionDescriptions": versions}))
    assert caught.value.status_message == "no labels in 0; no labels in 1; no labels in 2"


@pytest.mark.parametrize("name", NAMES)
def test_a_waiter_by_name_ends_at_success(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    polls: list[Poll[Any]] = []
    client: Any = backend.client(Scripted(reply_for(rule, rule.acceptors[0])))
    waiter = client.get_waiter(name)
    backend.run(lambda: waiter.wait(delay=0, on_poll=polls.append, **waiting_arguments(rule)))
    assert [poll.state for poll in polls] == ["success"]


# --- Polls and pauses --------------------------------------------------------------------------------------------

JOB = WAITERS["face_detection_completed"]
RUNNING = json_reply({"JobStatus": "IN_PROGRESS"})
DONE = json_reply({"JobStatus": "SUCCEEDED"})
FAILED = json_reply({"JobStatus": "FAILED", "StatusMessage": "the video has no frames"})


class Bench:
    """Runs a waiter with a manual clock, which each pause and each request advances; the driver does not sleep."""

    def __init__(self, backend: Backend, *script: Reply | Exception, request_seconds: float = 0.0) -> None:
        self.transport = Scripted(*(partial(self._respond, step) for step in script))
        self.slept: list[float] = []
        self.now = 0.0
        self._request_seconds = request_seconds
        self._backend = backend

    def _respond(self, step: Reply | Exception, _: Sent) -> Reply:
        self.now += self._request_seconds
        if isinstance(step, Exception):
            raise step
        return step

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def wait(
        self,
        rule: WaiterRule[Any] = JOB,
        *,
        options: CallOptions | None = None,
        delay: float | None = None,
        max_attempts: int | None = None,
        timeout: float | None = None,
        on_poll: OnPoll[Any] | None = None,
    ) -> Any:
        async def sleep(seconds: float) -> None:
            self._sleep(seconds)

        caller = Caller(Config(region_name="eu-west-1", retry=AT_ONCE), FixedSource(KEYS))
        driver = self._backend.choose(
            SyncDriver(self.transport, sleep=self._sleep), AsyncDriver(self.transport, sleep=sleep)
        )

        def run() -> Any | Awaitable[Any]:
            settings = options, delay, max_attempts, timeout, on_poll
            return driver.run(wait(caller, rule, *settings, lambda: self.now, **waiting_arguments(rule)))

        return self._backend.run(run)


@pytest.mark.parametrize("polls", [1, 2, 5])
def test_a_waiter_polls_first_and_sleeps_after(backend: Backend, polls: int) -> None:
    bench = Bench(backend, *[RUNNING] * (polls - 1), DONE)
    bench.wait()
    assert (len(bench.transport.sent), bench.slept) == (polls, [5] * (polls - 1))


def test_a_waiter_stops_after_the_rules_number_of_polls(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match="polled 720 times, every 5 s, without a result: raise max_attempts"):
        bench.wait()
    assert (len(bench.transport.sent), len(bench.slept)) == (720, 719)


def test_delay_and_max_attempts_replace_the_rules_values(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match=r"polled 3 times, every 0\.5 s"):
        bench.wait(delay=0.5, max_attempts=3)
    assert bench.slept == [0.5, 0.5]


def test_a_throttled_poll_is_retried(backend: Backend) -> None:
    bench = Bench(backend, error_reply("ThrottlingException"), DONE)
    bench.wait()
    assert len(bench.transport.sent) == 2


# --- timeout -----------------------------------------------------------------------------------------------------


def test_a_timeout_limits_polls_and_pauses_and_leaves_time_for_a_last_poll(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match=r"has no result after 12 s \(4 polls\): raise timeout$") as caught:
        bench.wait(timeout=12)
    assert (bench.slept, bench.now) == ([5, 5, 1], 11)
    error = caught.value
    assert (error.waiter, error.operation, error.reason) == (JOB.name, "GetFaceDetection", "timeout used up")
    assert isinstance(caught.value.last_response, GetFaceDetectionResponse)


def test_the_time_for_the_last_poll_is_a_tenth_of_a_short_timeout(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError):
        bench.wait(timeout=2)
    assert bench.slept == [1.8]


def test_a_success_at_the_last_poll_counts(backend: Backend) -> None:
    bench = Bench(backend, RUNNING, DONE)
    assert bench.wait(timeout=4).job_status == "SUCCEEDED"
    assert bench.slept == [3.6]


def test_the_time_of_the_polls_counts(backend: Backend) -> None:
    bench = Bench(backend, RUNNING, request_seconds=3)
    with pytest.raises(WaiterTimeoutError, match="2 polls"):
        bench.wait(timeout=12)
    assert (bench.slept, bench.now) == ([5], 11)


def test_a_timeout_replaces_the_rules_number_of_polls(backend: Backend) -> None:
    bench = Bench(backend, *[RUNNING] * 800, DONE)
    bench.wait(timeout=5000)
    assert len(bench.transport.sent) == 801


def test_max_attempts_limits_the_polls_within_a_timeout_too(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match="polled 2 times, every 5 s, without a result: raise max_attempts"):
        bench.wait(timeout=5000, max_attempts=2)


def test_a_poll_that_ends_with_the_time_is_the_cause_of_the_timeout(backend: Backend) -> None:
    bench = Bench(backend, httpx.ReadTimeout("no response"), request_seconds=5)
    with pytest.raises(WaiterTimeoutError, match=r"has no result after 5 s \(1 polls\)") as caught:
        bench.wait(timeout=5)
    assert isinstance(caught.value.__cause__, ReadTimeoutError)
    assert caught.value.last_response is None


def test_a_page_after_the_end_of_the_time_is_not_requested(backend: Backend) -> None:
    pages = [json_reply({**users(bob="ACTIVE"), "NextToken": token}) for token in "123"]
    bench = Bench(backend, *pages, request_seconds=2)
    with pytest.raises(WaiterTimeoutError) as caught:
        bench.wait(WAITERS["user_active"], timeout=3)
    assert "no time is left for another request" in str(caught.value.__cause__)
    assert len(bench.transport.sent) == 2


def test_a_transport_error_before_the_end_of_the_time_ends_the_wait(backend: Backend) -> None:
    bench = Bench(backend, httpx.ReadError("reset"))
    with pytest.raises(ConnectionLostError):
        bench.wait(timeout=60)


def polled_with(options: CallOptions | None, timeout: float | None) -> Flow[Any]:
    """Return the Flow of a wait for a job."""
    caller = Caller(Config(region_name="eu-west-1", retry=AT_ONCE), FixedSource(KEYS))
    return wait(caller, JOB, options, None, None, timeout, None, job_id="job")


@pytest.mark.parametrize(
    ("options", "timeout", "limit"),
    [
        (None, 3.0, 3.0),
        (CallOptions(timeout=Timeout(read=30)), 3.0, 3.0),
        (CallOptions(timeout=1.0), 3.0, 1.0),
        (CallOptions(timeout=1.0), None, 1.0),
    ],
)
def test_a_poll_has_the_remaining_time_or_its_own_shorter_one(
    options: CallOptions | None, timeout: float | None, limit: float
) -> None:
    request = first_request(polled_with(options, timeout))
    assert request.timeout.total is not None
    assert limit - 0.5 < request.timeout.total <= limit


def test_a_poll_without_a_timeout_has_none() -> None:
    request = first_request(polled_with(None, None))
    assert request.timeout.total is None


@pytest.mark.parametrize(
    ("options", "kind"), [(None, WaiterTimeoutError), (CallOptions(timeout=1.0), CallTimeoutError)]
)
def test_a_call_that_used_up_its_own_time_is_no_timeout_of_the_wait(
    options: CallOptions | None, kind: type[Exception]
) -> None:
    flow = polled_with(options, 60.0)
    next(flow)
    with pytest.raises(kind):
        flow.throw(CallTimeoutError("the call took too long"))


@pytest.mark.parametrize("name", NAMES)
def test_every_waiter_has_a_timeout(backend: Backend, name: str) -> None:
    with pytest.raises(WaiterTimeoutError, match=f"the waiter {name} has no result after 0.01 s"):
        wait_on(backend, name, undecided_reply(WAITERS[name]), timeout=0.01)


def test_a_waiter_by_name_has_a_timeout(backend: Backend) -> None:
    client = backend.client(Scripted(RUNNING))
    waiter = client.get_waiter("face_detection_completed")
    with pytest.raises(WaiterTimeoutError, match=r"no result after 0\.01 s"):
        backend.run(lambda: waiter.wait(job_id="job", delay=0, timeout=0.01))


@pytest.mark.parametrize("timeout", [0, -1, "5", True, float("inf"), float("nan")])
def test_a_timeout_must_be_a_number_of_seconds(backend: Backend, timeout: Any) -> None:
    with pytest.raises(
        ParamValidationError, match="wait_until_user_active: timeout: must be a number of seconds above 0"
    ):
        backend.run(lambda: backend.client(Unused()).wait_until_user_active("people", "ann", timeout=timeout))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("argument", ["next_token", "max_results", "WaiterConfig"])
def test_no_waiter_has_arguments_of_pages(backend: Backend, name: str, argument: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{argument}'"):
        wait_on(backend, name, **{argument: None})


def test_a_failure_just_before_the_end_of_the_wait_is_its_timeout(backend: Backend) -> None:
    bench = Bench(backend, httpx.ReadTimeout("slow"), request_seconds=11.99)
    with pytest.raises(WaiterTimeoutError, match="has no result after 12 s"):
        bench.wait(timeout=12, options=CallOptions(retry=RetryPolicy(mode="off")))


# --- on_poll -----------------------------------------------------------------------------------------------------


def test_on_poll_is_called_for_every_poll(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    Bench(backend, RUNNING, DONE, request_seconds=0.25).wait(delay=2, on_poll=polls.append)
    running, done = (GetFaceDetectionResponse(job_status=status) for status in ("IN_PROGRESS", "SUCCEEDED"))
    assert polls == [
        Poll(attempt=1, elapsed=0.25, response=running, error=None, state="waiting"),
        Poll(attempt=2, elapsed=2.5, response=done, error=None, state="success"),
    ]


def test_on_poll_is_called_for_a_failure(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    with pytest.raises(JobFailedError):
        wait_on(backend, JOB.name, FAILED, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["failure"]


def test_on_poll_is_called_with_an_expected_error(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    wait_on(backend, "dataset_deleted", error_reply("ResourceNotFoundException"), on_poll=polls.append)
    assert isinstance(polls[0].error, ResourceNotFoundException)
    assert (polls[0].response, polls[0].state) == (None, "success")


def test_on_poll_is_called_with_an_unexpected_error_as_failure(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    with pytest.raises(WaiterError):
        wait_on(backend, JOB.name, RUNNING, error_reply("AccessDeniedException"), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "failure"]
    assert [type(poll.error) for poll in polls] == [type(None), AccessDeniedException]
    assert [poll.response is None for poll in polls] == [False, True]


def test_an_exception_of_on_poll_ends_the_wait(backend: Backend) -> None:
    def stop(_: Poll[Any]) -> None:
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        wait_on(backend, JOB.name, RUNNING, on_poll=stop)


async def returns_coroutine(_: Poll[Any]) -> None:
    """Return a coroutine, which the waiter would not await."""


@pytest.mark.parametrize("on_poll", [returns_coroutine, 5])
def test_on_poll_must_be_a_plain_function(backend: Backend, on_poll: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="wait_until_user_active: on_poll: must be a plain function"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", on_poll=on_poll))


# --- Ends --------------------------------------------------------------------------------------------------------


def test_an_unexpected_service_error_ends_the_wait(backend: Backend) -> None:
    with pytest.raises(WaiterError, match=r"an error of the service: no such job \(ResourceNot") as e:
        wait_on(backend, JOB.name, RUNNING, error_reply("ResourceNotFoundException", "no such job"))
    assert type(e.value) is WaiterError


def test_the_service_error_is_the_cause(backend: Backend) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, error_reply("ThrottlingException"))
    assert isinstance(caught.value.__cause__, ThrottlingException)


def test_an_error_other_than_the_expected_one_ends_the_wait(backend: Backend) -> None:
    with pytest.raises(WaiterError, match="AccessDeniedException"):
        wait_on(backend, "dataset_deleted", error_reply("AccessDeniedException"))


ENDS: dict[str, tuple[Reply, ...]] = {
    "timeout": (RUNNING,),
    "failure": (FAILED,),
    "error": (RUNNING, error_reply("AccessDeniedException")),
}


@pytest.mark.parametrize("script", ENDS.values(), ids=ENDS)
def test_the_error_has_the_last_response(backend: Backend, script: tuple[Reply, ...]) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, *script, max_attempts=2)
    assert isinstance(caught.value.last_response, GetFaceDetectionResponse)


def test_an_error_of_the_first_poll_has_no_last_response(backend: Backend) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, error_reply("AccessDeniedException"))
    assert caught.value.last_response is None


def test_the_error_for_a_failure_without_a_message_has_the_status(backend: Backend) -> None:
    with pytest.raises(JobFailedError, match=r"GetFaceDetection returned FAILED$") as caught:
        wait_on(backend, JOB.name, json_reply({"JobStatus": "FAILED"}))
    assert caught.value.status_message is None


def test_a_pickled_job_failure_keeps_its_response(backend: Backend) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_on(backend, JOB.name, FAILED)
    loaded = pickle.loads(pickle.dumps(caught.value))
    assert (loaded.last_response, loaded.status_message) == (
        GetFaceDetectionResponse(job_status="FAILED", status_message="the video has no frames"),
        "the video has no frames",
    )


# --- Rules with special cases ------------------------------------------------------------------------------------


def versions(*states: str) -> Reply:
    return json_reply({"ProjectVersionDescriptions": [{"ProjectVersionArn": "a", "Status": state} for state in states]})


def test_all_of_several_versions_must_be_running(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    script = (versions(), versions("STARTING", "RUNNING"), versions("RUNNING", "RUNNING"))
    wait_on(backend, "project_version_running", *script, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "waiting", "success"]


def test_one_failed_version_is_a_failure(backend: Backend) -> None:
    with pytest.raises(WaiterFailedError, match="DescribeProjectVersions returned FAILED, RUNNING"):
        wait_on(backend, "project_version_running", versions("RUNNING", "FAILED"))


def test_a_missing_status_is_waited_for(backend: Backend) -> None:
    polls: list[Poll[Any]] = []
    wait_on(backend, JOB.name, json_reply({}), DONE, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


def test_an_empty_list_means_that_a_project_is_deleted(backend: Backend) -> None:
    assert wait_on(backend, "project_deleted", json_reply({})) == DescribeProjectsResponse()


def test_waiting_for_a_deleted_project_requests_all_features(backend: Backend) -> None:
    transport = Scripted(json_reply({}))
    client = backend.client(transport)
    backend.run(lambda: client.wait_until_project_deleted(["mine"]))
    assert transport.sent[0].wire == {"ProjectNames": ["mine"], "Features": ["CUSTOM_LABELS", "CONTENT_MODERATION"]}


def test_a_not_found_error_means_that_a_dataset_is_deleted(backend: Backend) -> None:
    present = json_reply(sample("DescribeDatasetResponse"))
    polls: list[Poll[Any]] = []
    wait_on(backend, "dataset_deleted", present, error_reply("ResourceNotFoundException"), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


def users(**states: str) -> dict[str, object]:
    return {"Users": [{"UserId": name, "UserStatus": state} for name, state in states.items()]}


def pages_of(*pages: dict[str, object]) -> Callable[[Sent], Reply]:
    def respond(sent: Sent) -> Reply:
        index = int(sent.wire.get("NextToken", "0"))
        more = {"NextToken": str(index + 1)} if index + 1 < len(pages) else {}
        return json_reply({**pages[index], **more})

    return respond


def active(backend: Backend, *script: Any, **settings: Any) -> tuple[Scripted, Any]:
    transport = Scripted(*script)
    client = backend.client(transport)
    options: dict[str, Any] = {"delay": 0, **settings}
    return transport, backend.run(lambda: client.wait_until_user_active("people", "ann", **options))


def test_a_user_is_searched_for_on_every_page(backend: Backend) -> None:
    transport, response = active(backend, pages_of(users(bob="UPDATING"), users(), users(ann="ACTIVE", eve="CREATING")))
    assert len(transport.sent) == 3
    assert [user.user_id for user in response.users] == ["ann"]


def test_no_page_after_the_page_of_the_user_is_requested(backend: Backend) -> None:
    transport, _ = active(backend, pages_of(users(ann="ACTIVE"), users(bob="ACTIVE")))
    assert len(transport.sent) == 1


def test_a_user_that_is_updating_is_waited_for(backend: Backend) -> None:
    transport, _ = active(backend, json_reply(users(ann="UPDATING")), json_reply(users(ann="ACTIVE")))
    assert len(transport.sent) == 2


def test_the_status_of_another_user_is_ignored(backend: Backend) -> None:
    with pytest.raises(WaiterTimeoutError):
        active(backend, json_reply(users(bob="ACTIVE")), max_attempts=2)


def test_a_repeated_page_token_ends_a_poll(backend: Backend) -> None:
    with pytest.raises(WaiterTimeoutError):
        active(backend, json_reply({**users(bob="ACTIVE"), "NextToken": "1"}), max_attempts=1)


def test_a_users_id_is_not_sent(backend: Backend) -> None:
    transport, _ = active(backend, json_reply(users(ann="ACTIVE")))
    assert transport.sent[0].wire == {"CollectionId": "people"}


# --- Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1, "5", True, float("nan"), float("inf")])
def test_an_invalid_delay_is_refused(backend: Backend, value: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="_user_active: delay: must be a number of seconds, 0 or more"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", delay=value))


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True])
def test_an_invalid_max_attempts_is_refused(backend: Backend, value: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="max_attempts: must be a whole number, 1 or more"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", max_attempts=value))


def test_a_waiter_by_name_requires_the_user(backend: Backend) -> None:
    waiter = backend.client(Unused()).get_waiter("user_active")
    with pytest.raises(TypeError, match="user_id"):
        backend.run(lambda: waiter.wait(collection_id="people"))
    with pytest.raises(ParamValidationError, match="wait_until_user_active: user_id: required, and must be text"):
        backend.run(lambda: waiter.wait(collection_id="people", user_id=None))


def test_one_error_lists_all_invalid_arguments(backend: Backend) -> None:
    waiter = backend.client(Unused()).get_waiter("user_active")
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: waiter.wait(collection_id="people", user_id=None, delay=-1, max_attempts=0))
    assert len(caught.value.problems) == 3


def test_every_poll_is_sent_with_the_options(backend: Backend) -> None:
    transport = Scripted(RUNNING, DONE)
    client = backend.client(transport)
    options = CallOptions(headers={"X-Trace": "abc"})
    backend.run(lambda: client.wait_until_face_detection_completed("job", delay=0, options=options))
    assert [sent.headers["x-trace"] for sent in transport.sent] == ["abc", "abc"]


def test_a_waiter_error_is_a_rekog_error() -> None:
    assert issubclass(WaiterTimeoutError, RekogError)
