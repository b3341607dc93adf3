"""Waiters: when each of them stops, how often it looks and sleeps, what it tells and what it raises."""

from __future__ import annotations

import pickle
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from rekog import CallOptions
from rekog._core.call import Caller
from rekog._core.names import snake
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog._generated.shapes import SHAPES
from rekog._generated.waiting import WAITERS
from rekog.config import Config
from rekog.credentials import FixedSource
from rekog.errors import (
    JobFailedError,
    RekogError,
    ResourceNotFoundException,
    ThrottlingException,
    ValidationError,
    WaiterError,
    WaiterTimeoutError,
)
from rekog.models import DescribeProjectsResponse, GetFaceDetectionResponse
from rekog.waiting import Acceptor, OnPoll, Poll, WaiterRule, wait
from tests.client.conftest import AT_ONCE, KEYS, Backend, Reply, Scripted, Sent, Unused, refused, replied
from tests.kit.samples import arguments, sample, wire_name

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


def answer_with(rule: WaiterRule[Any], path: tuple[str, ...], value: object) -> Reply:
    """Answer in full with one value at the end of a path."""
    shape = f"{rule.operation.name}Response"
    wire = sample(shape)
    wire.pop("NextToken", None)
    holder, name = member_at(shape, path, wire)
    holder[name] = value
    return replied(wire)


def answer_for(rule: WaiterRule[Any], acceptor: Acceptor) -> Reply:
    """Answer as an acceptor expects it."""
    if acceptor.matcher == "error":
        return refused(acceptor.path[0], "gone")
    value: object = [] if acceptor.matcher == "empty" else acceptor.expected
    return answer_with(rule, acceptor.path, value)


def undecided(rule: WaiterRule[Any]) -> Reply:
    """Answer so that the waiter has to go on."""
    acceptor = rule.acceptors[0]
    if acceptor.matcher in ("error", "empty"):
        wire = sample(f"{rule.operation.name}Response")
        wire.pop("NextToken", None)
        return replied(wire)
    return answer_with(rule, acceptor.path, "STILL_AT_IT")


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
    transport = Scripted(*script)
    client = backend.client(transport)
    method: Callable[..., object] = getattr(client, f"wait_until_{name}")
    rule = WAITERS[name]
    return backend.run(lambda: method(**waiting_arguments(rule), **{"delay": 0, **settings}))


# --- All rules ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_waiter_ends_at_success(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    polls: list[Poll] = []
    wait_on(backend, name, undecided(rule), answer_for(rule, rule.acceptors[0]), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dataset_deleted"])
def test_a_waiter_gives_the_answer_that_showed_success(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    reply = answer_for(rule, rule.acceptors[0])
    assert wait_on(backend, name, reply).response_metadata.attempts == 1


@pytest.mark.parametrize(
    ("name", "acceptor"),
    [(name, acceptor) for name in NAMES for acceptor in WAITERS[name].acceptors[1:]],
    ids=lambda value: value if isinstance(value, str) else value.expected,
)
def test_every_other_rule_counts(backend: Backend, name: str, acceptor: Acceptor) -> None:
    reply = answer_for(WAITERS[name], acceptor)
    polls: list[Poll] = []
    with suppress(JobFailedError):
        wait_on(backend, name, reply, on_poll=polls.append)
    assert [poll.state for poll in polls] == [acceptor.state]


@pytest.mark.parametrize("name", FAILING)
def test_a_failed_job_ends_the_wait(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    acceptor = next(acceptor for acceptor in rule.acceptors if acceptor.state == "failure")
    message = f"the waiter {name} will not succeed: {rule.operation.name} returned "
    with pytest.raises(JobFailedError, match=message) as e:
        wait_on(backend, name, undecided(rule), answer_for(rule, acceptor))
    assert e.value.waiter == name


@pytest.mark.parametrize("name", [name for name in FAILING if WAITERS[name].message])
def test_a_failed_job_says_why(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    acceptor = next(acceptor for acceptor in rule.acceptors if acceptor.state == "failure")
    with pytest.raises(JobFailedError, match=r"\(text-0\)$") as caught:
        wait_on(backend, name, answer_for(rule, acceptor))
    assert caught.value.status_message == "text-0"


@pytest.mark.parametrize("name", NAMES)
def test_a_waiter_by_name_does_the_same(backend: Backend, name: str) -> None:
    rule = WAITERS[name]
    polls: list[Poll] = []
    client: Any = backend.client(Scripted(answer_for(rule, rule.acceptors[0])))
    waiter = client.get_waiter(name)
    backend.run(lambda: waiter.wait(delay=0, on_poll=polls.append, **waiting_arguments(rule)))
    assert [poll.state for poll in polls] == ["success"]


# --- Looks and sleeps --------------------------------------------------------------------------------------------

JOB = WAITERS["face_detection_completed"]
RUNNING = replied({"JobStatus": "IN_PROGRESS"})
DONE = replied({"JobStatus": "SUCCEEDED"})
FAILED = replied({"JobStatus": "FAILED", "StatusMessage": "the video has no frames"})


class Bench:
    """Waits with a driver whose sleeps are only written down."""

    def __init__(self, backend: Backend, *script: Any) -> None:
        self.transport = Scripted(*script)
        self.slept: list[float] = []
        self._backend = backend

    def wait(
        self,
        rule: WaiterRule[Any] = JOB,
        *,
        delay: float | None = None,
        max_attempts: int | None = None,
        on_poll: OnPoll | None = None,
    ) -> Any:
        async def note(seconds: float) -> None:
            self.slept.append(seconds)

        caller = Caller(Config(region_name="eu-west-1", retry=AT_ONCE), FixedSource(KEYS))
        driver = self._backend.choose(
            SyncDriver(self.transport, sleep=self.slept.append), AsyncDriver(self.transport, sleep=note)
        )

        def run() -> Any | Awaitable[Any]:
            arguments = {**waiting_arguments(rule), "max_results": None}
            return driver.run(wait(caller, rule, None, delay, max_attempts, on_poll, **arguments))

        return self._backend.run(run)


@pytest.mark.parametrize("looks", [1, 2, 5])
def test_a_waiter_looks_first_and_sleeps_after(backend: Backend, looks: int) -> None:
    bench = Bench(backend, *[RUNNING] * (looks - 1), DONE)
    bench.wait()
    assert (len(bench.transport.sent), bench.slept) == (looks, [5] * (looks - 1))


def test_the_rules_number_of_looks_is_not_exceeded(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match="polled 720 times, every 5 s, without a result: raise max_attempts"):
        bench.wait()
    assert (len(bench.transport.sent), len(bench.slept)) == (720, 719)


def test_delay_and_number_can_be_chosen(backend: Backend) -> None:
    bench = Bench(backend, RUNNING)
    with pytest.raises(WaiterTimeoutError, match=r"polled 3 times, every 0\.5 s"):
        bench.wait(delay=0.5, max_attempts=3)
    assert bench.slept == [0.5, 0.5]


def test_a_look_that_is_throttled_is_tried_again(backend: Backend) -> None:
    bench = Bench(backend, refused("ThrottlingException"), DONE)
    bench.wait()
    assert len(bench.transport.sent) == 2


# --- on_poll -----------------------------------------------------------------------------------------------------


def test_on_poll_is_told_of_every_look(backend: Backend) -> None:
    polls: list[Poll] = []
    wait_on(backend, JOB.name, RUNNING, DONE, on_poll=polls.append)
    assert polls == [
        (1, GetFaceDetectionResponse(job_status="IN_PROGRESS"), "waiting"),
        (2, GetFaceDetectionResponse(job_status="SUCCEEDED"), "success"),
    ]


def test_on_poll_is_told_of_a_failure(backend: Backend) -> None:
    polls: list[Poll] = []
    with pytest.raises(JobFailedError):
        wait_on(backend, JOB.name, FAILED, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["failure"]


def test_on_poll_is_told_of_an_error(backend: Backend) -> None:
    polls: list[Poll] = []
    wait_on(backend, "dataset_deleted", refused("ResourceNotFoundException"), on_poll=polls.append)
    assert isinstance(polls[0].response, ResourceNotFoundException)


def test_on_poll_is_told_that_an_error_is_the_end(backend: Backend) -> None:
    polls: list[Poll] = []
    with pytest.raises(WaiterError):
        wait_on(backend, JOB.name, RUNNING, refused("AccessDeniedException"), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "failure"]


def test_what_on_poll_raises_ends_the_wait(backend: Backend) -> None:
    def stop(_: Poll) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        wait_on(backend, JOB.name, RUNNING, on_poll=stop)


async def later(_: Poll) -> None:
    """Be called, and never awaited."""


@pytest.mark.parametrize("on_poll", [later, 5])
def test_on_poll_must_be_a_plain_function(backend: Backend, on_poll: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ValidationError, match="wait_until_user_active: on_poll: must be a plain function"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", on_poll=on_poll))


# --- Ends --------------------------------------------------------------------------------------------------------


def test_an_error_of_the_service_ends_the_wait(backend: Backend) -> None:
    with pytest.raises(WaiterError, match="stopped at an error of the service: ResourceNotFoundException: no") as e:
        wait_on(backend, JOB.name, RUNNING, refused("ResourceNotFoundException", "no such job"))
    assert type(e.value) is WaiterError


def test_an_error_of_the_service_is_the_cause(backend: Backend) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, refused("ThrottlingException"))
    assert isinstance(caught.value.__cause__, ThrottlingException)


def test_an_error_that_is_expected_elsewhere_ends_the_wait(backend: Backend) -> None:
    with pytest.raises(WaiterError, match="AccessDeniedException"):
        wait_on(backend, "dataset_deleted", refused("AccessDeniedException"))


ENDS: dict[str, tuple[Reply, ...]] = {
    "timeout": (RUNNING,),
    "failure": (FAILED,),
    "error": (RUNNING, refused("AccessDeniedException")),
}


@pytest.mark.parametrize("script", ENDS.values(), ids=ENDS)
def test_the_error_has_the_last_answer(backend: Backend, script: tuple[Reply, ...]) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, *script, max_attempts=2)
    assert isinstance(caught.value.last_response, GetFaceDetectionResponse)


def test_the_error_of_a_first_look_has_no_answer(backend: Backend) -> None:
    with pytest.raises(WaiterError) as caught:
        wait_on(backend, JOB.name, refused("AccessDeniedException"))
    assert caught.value.last_response is None


def test_a_failure_without_a_message_says_the_status(backend: Backend) -> None:
    with pytest.raises(JobFailedError, match=r"GetFaceDetection returned FAILED$") as caught:
        wait_on(backend, JOB.name, replied({"JobStatus": "FAILED"}))
    assert caught.value.status_message is None


def test_a_raised_failure_pickles_with_its_answer(backend: Backend) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_on(backend, JOB.name, FAILED)
    loaded = pickle.loads(pickle.dumps(caught.value))
    assert (loaded.last_response, loaded.status_message) == (
        GetFaceDetectionResponse(job_status="FAILED", status_message="the video has no frames"),
        "the video has no frames",
    )


# --- Rules that need care ----------------------------------------------------------------------------------------


def versions(*states: str) -> Reply:
    return replied({"ProjectVersionDescriptions": [{"ProjectVersionArn": "a", "Status": state} for state in states]})


def test_all_of_several_versions_must_be_running(backend: Backend) -> None:
    polls: list[Poll] = []
    script = (versions(), versions("STARTING", "RUNNING"), versions("RUNNING", "RUNNING"))
    wait_on(backend, "project_version_running", *script, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "waiting", "success"]


def test_one_failed_version_is_a_failure(backend: Backend) -> None:
    with pytest.raises(JobFailedError, match="DescribeProjectVersions returned FAILED, RUNNING"):
        wait_on(backend, "project_version_running", versions("RUNNING", "FAILED"))


def test_a_status_that_is_not_there_yet_is_waited_for(backend: Backend) -> None:
    polls: list[Poll] = []
    wait_on(backend, JOB.name, replied({}), DONE, on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


def test_a_deleted_project_is_an_empty_list(backend: Backend) -> None:
    assert wait_on(backend, "project_deleted", replied({})) == DescribeProjectsResponse()


def test_a_project_of_any_feature_counts(backend: Backend) -> None:
    transport = Scripted(replied({}))
    client = backend.client(transport)
    backend.run(lambda: client.wait_until_project_deleted(["mine"]))
    assert transport.sent[0].wire == {"ProjectNames": ["mine"], "Features": ["CUSTOM_LABELS", "CONTENT_MODERATION"]}


def test_a_deleted_dataset_is_an_error(backend: Backend) -> None:
    present = replied(sample("DescribeDatasetResponse"))
    polls: list[Poll] = []
    wait_on(backend, "dataset_deleted", present, refused("ResourceNotFoundException"), on_poll=polls.append)
    assert [poll.state for poll in polls] == ["waiting", "success"]


def users(**states: str) -> dict[str, object]:
    return {"Users": [{"UserId": name, "UserStatus": state} for name, state in states.items()]}


def pages_of(*pages: dict[str, object]) -> Callable[[Sent], Reply]:
    def answer(sent: Sent) -> Reply:
        index = int(sent.wire.get("NextToken", "0"))
        more = {"NextToken": str(index + 1)} if index + 1 < len(pages) else {}
        return replied({**pages[index], **more})

    return answer


def active(backend: Backend, *script: Any, **settings: Any) -> tuple[Scripted, Any]:
    transport = Scripted(*script)
    client = backend.client(transport)
    given: dict[str, Any] = {"delay": 0, **settings}
    return transport, backend.run(lambda: client.wait_until_user_active("people", "ann", **given))


def test_a_user_is_looked_for_on_every_page(backend: Backend) -> None:
    transport, response = active(backend, pages_of(users(bob="UPDATING"), users(), users(ann="ACTIVE", eve="CREATING")))
    assert len(transport.sent) == 3
    assert [user.user_id for user in response.users] == ["ann"]


def test_no_page_after_the_users_is_asked_for(backend: Backend) -> None:
    transport, _ = active(backend, pages_of(users(ann="ACTIVE"), users(bob="ACTIVE")))
    assert len(transport.sent) == 1


def test_a_user_that_changes_is_waited_for(backend: Backend) -> None:
    transport, _ = active(backend, replied(users(ann="UPDATING")), replied(users(ann="ACTIVE")))
    assert len(transport.sent) == 2


def test_another_user_does_not_count(backend: Backend) -> None:
    with pytest.raises(WaiterTimeoutError):
        active(backend, replied(users(bob="ACTIVE")), max_attempts=2)


def test_a_repeated_token_does_not_look_for_ever(backend: Backend) -> None:
    with pytest.raises(WaiterTimeoutError):
        active(backend, replied({**users(bob="ACTIVE"), "NextToken": "1"}), max_attempts=1)


def test_a_users_id_is_not_sent(backend: Backend) -> None:
    transport, _ = active(backend, replied(users(ann="ACTIVE")))
    assert transport.sent[0].wire == {"CollectionId": "people"}


# --- Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1, "5", True, float("nan"), float("inf")])
def test_a_bad_delay_is_refused(backend: Backend, value: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ValidationError, match="wait_until_user_active: delay: must be a number of seconds, 0 or more"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", delay=value))


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True])
def test_a_bad_number_of_looks_is_refused(backend: Backend, value: Any) -> None:
    client = backend.client(Unused())
    with pytest.raises(ValidationError, match="max_attempts: must be a whole number, 1 or more"):
        backend.run(lambda: client.wait_until_user_active("people", "ann", max_attempts=value))


def test_a_waiter_by_name_needs_the_user_too(backend: Backend) -> None:
    waiter = backend.client(Unused()).get_waiter("user_active")
    with pytest.raises(TypeError, match="user_id"):
        backend.run(lambda: waiter.wait(collection_id="people"))
    with pytest.raises(ValidationError, match="wait_until_user_active: user_id: required, and must be text"):
        backend.run(lambda: waiter.wait(collection_id="people", user_id=None))


def test_all_bad_arguments_are_told(backend: Backend) -> None:
    waiter = backend.client(Unused()).get_waiter("user_active")
    with pytest.raises(ValidationError) as caught:
        backend.run(lambda: waiter.wait(collection_id="people", user_id=None, delay=-1, max_attempts=0))
    assert len(caught.value.problems) == 3


def test_options_go_with_every_look(backend: Backend) -> None:
    transport = Scripted(RUNNING, DONE)
    client = backend.client(transport)
    options = CallOptions(headers={"X-Trace": "abc"})
    backend.run(lambda: client.wait_until_face_detection_completed("job", delay=0, options=options))
    assert [sent.headers["x-trace"] for sent in transport.sent] == ["abc", "abc"]


def test_an_error_of_a_waiter_is_one_of_ours() -> None:
    assert issubclass(WaiterTimeoutError, RekogError)
