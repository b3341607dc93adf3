"""Waits that are driven by hand, with a clock that only their pauses and requests advance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rekog import Timeout
from rekog._core.flow import HttpRequest, Sleep, TakeSlot
from rekog._core.waiting_rules import values_at, wait
from rekog._generated.waiting import WAITERS
from rekog._settings.values import CallOptions
from rekog.errors import CallTimeoutError, ConnectionLostError, TransportError, WaiterTimeoutError
from tests.kit.driving import caller, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog._core.flow import Effect
    from rekog.waiting import Poll

JOB = WAITERS["face_detection_completed"]
RUNNING, DONE = reply({"JobStatus": "IN_PROGRESS"}), reply({"JobStatus": "SUCCEEDED"})
OPTIONS = CallOptions(headers={"x-own": "a"}, timeout=Timeout(None, connect=1, read=2, pool=3))


class Wait:
    """A wait whose clock its pauses and requests advance; what it did is in its lists."""

    def __init__(self, *script: Any, rule: Any = JOB, request_seconds: float = 0.0, **settings: Any) -> None:
        self.now, self.pauses, self.requests = 100.0, list[float](), list[HttpRequest]()
        self.polls: list[Poll[Any]] = []
        own: dict[str, Any] = {"delay": None, "max_attempts": None, "timeout": None, **settings}
        options = own.pop("options", OPTIONS)
        arguments = own.pop("arguments", {"job_id": "j"})
        flow: Any = wait(
            caller(), rule, options, own["delay"], own["max_attempts"], own["timeout"], self.polls.append,
            lambda: self.now, **arguments,
        )  # fmt: skip
        self.value: Any = None
        self.error: Exception | None = None
        results = self._results(script, request_seconds)
        try:
            effect = next(flow)
            while True:
                result = self._performed(effect, results)
                effect = flow.throw(result) if isinstance(result, Exception) else flow.send(result)
        except StopIteration as end:
            self.value = end.value
        except Exception as error:
            self.error = error

    def _results(self, script: tuple[Any, ...], seconds: float) -> Iterator[Any]:
        for step in script:
            self.now += seconds
            yield step
        while True:
            self.now += seconds
            yield script[-1]

    def _performed(self, effect: Effect, results: Iterator[Any]) -> Any:
        if isinstance(effect, HttpRequest):
            self.requests.append(effect)
            return next(results)
        if isinstance(effect, Sleep):
            self.pauses.append(effect.seconds)
            self.now += effect.seconds
        return (lambda: None) if isinstance(effect, TakeSlot) else None


def test_each_poll_is_sent_with_the_options() -> None:
    waited = Wait(RUNNING, DONE, delay=2)
    assert waited.pauses == [2]
    assert [request.timeout for request in waited.requests] == [OPTIONS.timeout] * 2
    assert all((b"x-own", b"a") in request.headers for request in waited.requests)


def test_without_settings_the_rule_decides_on_pauses_and_polls() -> None:
    rule = JOB._replace(delay=3, max_attempts=4)
    waited = Wait(RUNNING, rule=rule)
    assert type(waited.error) is WaiterTimeoutError
    assert waited.pauses == [3, 3, 3]
    assert len(Wait(RUNNING, rule=rule, delay=1).requests) == 4
    assert len(Wait(RUNNING, rule=rule, delay=1, max_attempts=3).requests) == 3
    assert len(Wait(RUNNING, rule=rule, delay=1, max_attempts=1).requests) == 1
    assert len(Wait(RUNNING, rule=rule, delay=1, timeout=11).requests) == 11
    assert len(Wait(RUNNING, rule=rule, delay=1, timeout=11, max_attempts=5).requests) == 5


def test_the_pauses_leave_a_tenth_of_the_time_and_at_most_a_second() -> None:
    for timeout, pauses in ((5.0, [2.0, 2.0, 0.5]), (20.0, [19.0]), (0.5, [0.45]), (10.0, [9.0]), (11.0, [10.0])):
        waited = Wait(RUNNING, delay=100 if len(pauses) == 1 else 2, timeout=timeout)
        assert [round(pause, 6) for pause in waited.pauses] == pauses
        assert type(waited.error) is WaiterTimeoutError
    assert Wait(RUNNING, DONE, delay=4.5, timeout=5).pauses == [4.5]


def test_a_pause_is_made_if_it_has_seconds_or_the_clock_stands_still() -> None:
    assert Wait(RUNNING, DONE, delay=0.5, request_seconds=1).pauses == [0.5]
    assert Wait(RUNNING, RUNNING, DONE, delay=0, request_seconds=1).pauses == []
    still = Wait(RUNNING, RUNNING, DONE, delay=0)
    assert len(still.pauses) == 2
    assert all(0 < pause < 0.1 for pause in still.pauses)


def test_a_resource_that_is_still_found_is_waited_for_until_the_error_of_its_absence() -> None:
    rule = WAITERS["dataset_deleted"]
    found = reply({"DatasetDescription": {"Status": "DELETE_IN_PROGRESS"}})
    gone = reply({"__type": "ResourceNotFoundException"}, 400)
    waited = Wait(found, gone, rule=rule, delay=1, arguments={"dataset_arn": "arn:aws:rekognition:dataset"})
    assert [poll.state for poll in waited.polls] == ["waiting", "success"]
    other = reply({"__type": "AccessDeniedException"}, 400)
    waited = Wait(found, other, rule=rule, delay=1, arguments={"dataset_arn": "arn:aws:rekognition:dataset"})
    assert [poll.state for poll in waited.polls] == ["waiting", "failure"]


def test_a_call_has_the_time_that_is_left_of_the_wait() -> None:
    for own, totals in ((None, [10.0, 7.5]), (8.0, [8.0, 7.5]), (3.0, [3.0, 3.0]), (20.0, [10.0, 7.5])):
        options = CallOptions(timeout=Timeout(own, connect=100, read=100, pool=100))
        waited = Wait(RUNNING, DONE, delay=2, timeout=10, options=options, request_seconds=0.5)
        sent = [request.timeout.total for request in waited.requests]
        assert [round(total or 0, 1) for total in sent] == totals


def test_a_poll_has_its_number_its_time_and_its_outcome() -> None:
    waited = Wait(RUNNING, DONE, delay=2, request_seconds=0.5)
    first, second = waited.polls
    assert (first.attempt, first.elapsed, first.state, first.error) == (1, 0.5, "waiting", None)
    assert (second.attempt, second.elapsed, second.state, second.error) == (2, 3.0, "success", None)
    assert first.response is not None
    assert (first.response.job_status, second.response) == ("IN_PROGRESS", waited.value)


def test_a_lost_connection_near_the_end_of_the_wait_is_its_timeout() -> None:
    lost = ConnectionLostError("lost")
    for left, kind in ((0.02, WaiterTimeoutError), (0.019, WaiterTimeoutError), (0.021, ConnectionLostError)):
        waited = Wait(lost, timeout=8, request_seconds=8 - left, options=CallOptions())
        assert type(waited.error) is kind, left


def test_a_call_that_ran_out_of_time_is_the_timeout_of_the_wait_unless_its_own_limit_ended_it() -> None:
    late = CallTimeoutError("late")
    for options, kind in (
        (CallOptions(timeout=Timeout(None)), WaiterTimeoutError), (CallOptions(timeout=Timeout(5)), CallTimeoutError),
    ):  # fmt: skip
        assert type(Wait(late, timeout=50, options=options).error) is kind
        assert type(Wait(late, options=options).error) is CallTimeoutError


def test_a_page_is_not_requested_when_no_time_is_left() -> None:
    users = WAITERS["user_active"]
    page = reply({"Users": [{"UserId": "bob", "UserStatus": "ACTIVE"}], "NextToken": "a"})
    arguments = {"collection_id": "c", "user_id": "ann"}
    waited = Wait(page, rule=users, timeout=2, request_seconds=2, arguments=arguments)
    assert (len(waited.requests), type(waited.error)) == (1, WaiterTimeoutError)
    waited = Wait(page, rule=users, timeout=3, request_seconds=2, arguments=arguments)
    assert len(waited.requests) == 2  # a token that leads back ends the poll


def test_errors_that_a_rule_outlives_are_counted_in_succession() -> None:
    rule = JOB._replace(outlives=2)
    lost = ConnectionLostError("lost")
    slow = reply({"__type": "ThrottlingException"}, 400)
    assert Wait(lost, slow, RUNNING, lost, lost, DONE, rule=rule, delay=1).error is None
    waited = Wait(lost, lost, lost, DONE, rule=rule, delay=1)
    assert (type(waited.error), len(waited.requests)) == (ConnectionLostError, 3)
    waited = Wait(slow, slow, slow, DONE, rule=rule, delay=1)
    assert [poll.state for poll in waited.polls] == ["waiting", "waiting", "failure"]
    final = reply({"__type": "AccessDeniedException"}, 400)
    assert len(Wait(final, DONE, rule=rule, delay=1).requests) == 1
    other = TransportError("odd")
    assert Wait(other, DONE, rule=rule, delay=1).error is other
    assert Wait(lost, DONE, delay=1).error is lost


def test_values_at_the_end_of_a_path_are_flat_and_without_none() -> None:
    class Item:
        def __init__(self, **values: object) -> None:
            vars(self).update(values)

    tree = Item(rows=[Item(names=["a", None]), Item(names=("b",)), Item(names=[])], one=Item(names="cd"))
    assert values_at(tree, ("rows", "names")) == ["a", "b"]
    assert values_at(tree, ("one", "names")) == ["cd"]
    assert values_at(tree, ()) == [tree]


def test_all_any_and_no_value_decide_as_their_matchers_say() -> None:
    versions = WAITERS["project_version_running"]
    arguments = {"project_arn": "arn:aws:rekognition:project"}

    def polls(*states: str) -> list[str]:
        body = {"ProjectVersionDescriptions": [{"Status": state} for state in states]}
        waited = Wait(reply(body), rule=versions, delay=1, max_attempts=1, arguments=arguments)
        return [poll.state for poll in waited.polls]

    assert polls("RUNNING", "RUNNING") == ["success"]
    assert polls("RUNNING", "STARTING") == ["waiting"]
    assert polls("RUNNING", "FAILED") == ["failure"]
    assert polls() == ["waiting"]
