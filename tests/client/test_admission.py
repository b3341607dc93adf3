"""The slot and the rate limit of a call: their order, the time that they are kept, and their errors."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rekog import AsyncRekognitionClient, CallOptions, RateLimit, RekognitionClient, RetryPolicy, S3Object, Timeout
from rekog._core import json_body
from rekog._core.call import Caller
from rekog._core.deadline import Deadline
from rekog._core.flow import Blocking, Effect, Flow, HttpRequest, HttpResponse, Sleep, TakeSlot
from rekog._core.media import load_media
from rekog._core.retries.admission import Admission
from rekog._generated.operations import METHODS
from rekog._settings.sources import FixedSource
from rekog.config import Config
from rekog.emulator import Emulator
from rekog.errors import (
    CallTimeoutError,
    ConfigError,
    ParamValidationError,
    PoolTimeoutError,
    ReadTimeoutError,
    ThrottlingException,
)
from tests.kit.backends import AT_ONCE, KEYS, PNG, Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.flows import beyond_slots, first_request

LISTING = HttpResponse(200, {}, b'{"CollectionIds": []}')
FACES = HttpResponse(200, {}, b'{"FaceDetails": []}')
THROTTLED = HttpResponse(400, {}, b'{"__type": "ThrottlingException", "Message": "Rate exceeded"}')


class Driven:
    """A call that is driven by hand; `log` has the names of its effects and the releases of its slots."""

    def __init__(
        self,
        method: str,
        arguments: dict[str, object],
        *responses: HttpResponse | Exception,
        options: CallOptions | None = None,
        caller: Caller | None = None,
        fail: TimeoutError | None = None,
        **settings: Any,
    ) -> None:
        given: dict[str, Any] = {"retry": RetryPolicy(pause=lambda _: 9.0), **settings}
        config = Config(region_name="eu-west-1", **given)
        self.caller = caller or Caller(config, FixedSource(KEYS))
        self.log: list[str] = []
        self.pauses: list[float] = []
        self.flow: Flow[Any] = self.caller.call(METHODS[method], options, **arguments)
        self._responses = list(responses)
        self.fail = fail

    def run(self, effect: Effect | None = None) -> Any:
        """Run the call to its end, from an effect that it has yielded or from its start."""
        try:
            effect = effect or next(self.flow)
            while True:
                effect = self.perform(effect)
        except StopIteration as end:
            return end.value

    def perform(self, effect: Effect) -> Effect:
        self.log.append(type(effect).__name__)
        if isinstance(effect, TakeSlot):
            return self.flow.throw(self.fail) if self.fail else self.flow.send(lambda: self.log.append("release"))
        if isinstance(effect, Blocking):
            try:
                value = effect.function()
            except Exception as error:
                return self.flow.throw(error)
            return self.flow.send(value)
        if isinstance(effect, Sleep):
            self.pauses.append(effect.seconds)
            return self.flow.send(None)
        response = self._responses.pop(0)
        return self.flow.throw(response) if isinstance(response, Exception) else self.flow.send(response)


# --- Order -------------------------------------------------------------------------------------------------------


def test_a_slot_is_taken_before_the_image_is_read(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(PNG)
    call = Driven("detect_faces", {"image": path}, FACES)
    call.run()
    assert call.log == ["TakeSlot", "Blocking", "HttpRequest", "release"]


def test_arguments_without_an_image_are_checked_before_the_wait_for_a_slot() -> None:
    call = Driven("create_collection", {"collection_id": None})
    with pytest.raises(ParamValidationError):
        call.run()
    assert call.log == []


def test_a_signature_is_made_after_the_wait_for_a_slot() -> None:
    now = 1_700_000_000.0
    caller = Caller(Config(region_name="eu-west-1"), FixedSource(KEYS), clock=lambda: now)
    flow = caller.call(METHODS["list_collections"])
    next(flow)
    now += 3600
    request = flow.send(lambda: None)
    assert isinstance(request, HttpRequest)
    assert dict(request.headers)[b"x-amz-date"] == b"20231114T231320Z"


def test_a_later_attempt_gets_what_is_left_of_the_total_timeout() -> None:
    config = Config(region_name="eu-west-1", retry=AT_ONCE, timeout=Timeout(10, read=20))
    flow = Caller(config, FixedSource(KEYS)).call(METHODS["list_collections"])
    first = first_request(flow)
    second = beyond_slots(flow, flow.send(HttpResponse(503, {}, b"{}")))
    assert isinstance(second, HttpRequest)
    totals, reads = zip(*((sent.timeout.total or 0.0, sent.timeout.read) for sent in (second, first)), strict=True)
    assert 0 < totals[0] < totals[1] < 10
    assert reads == totals


def test_the_slot_of_a_call_that_fails_before_it_sends_is_released(tmp_path: Path) -> None:
    call = Driven("detect_faces", {"image": tmp_path / "missing.png"})
    with pytest.raises(ParamValidationError):
        call.run()
    assert call.log == ["TakeSlot", "Blocking", "release"]


def test_a_closed_flow_releases_its_slot() -> None:
    released: list[bool] = []
    flow = Caller(Config(region_name="eu-west-1"), FixedSource(KEYS)).call(METHODS["list_collections"])
    next(flow)
    flow.send(lambda: released.append(True))
    flow.close()
    assert released == [True]


@pytest.mark.parametrize(
    ("method", "arguments", "keeps"),
    [
        ("list_collections", {}, False),
        ("detect_faces", {"image": PNG}, True),
        ("detect_faces", {"image": S3Object(bucket="bucket", name="key")}, False),
        ("update_dataset_entries", {"dataset_arn": "arn:" + "x" * 30, "changes": {"ground_truth": b"{}"}}, True),
    ],
    ids=["no image", "image", "image in S3", "other bytes"],
)
def test_a_call_keeps_its_slot_between_attempts_if_its_body_has_bytes(
    method: str, arguments: dict[str, object], keeps: bool
) -> None:
    done = HttpResponse(200, {}, b'{"FaceDetails": [], "CollectionIds": []}')
    call = Driven(method, arguments, THROTTLED, ReadTimeoutError(), done)
    call.run()
    pause = ["Sleep"] if keeps else ["release", "Sleep", "TakeSlot"]
    assert call.log == ["TakeSlot", "HttpRequest", *pause, "HttpRequest", *pause, "HttpRequest", "release"]


def test_an_error_of_the_wait_for_a_slot_is_no_attempt() -> None:
    call = Driven(
        "list_collections", {}, fail=TimeoutError(), timeout=Timeout(pool=2), retry=RetryPolicy(max_attempts=9)
    )
    with pytest.raises(PoolTimeoutError, match=r"amazonaws\.com were busy for 2 s: increase max_connections") as caught:
        call.run()
    assert (caught.value.attempts, caught.value.operation, call.log) == (0, "ListCollections", ["TakeSlot"])


def test_the_total_timeout_limits_the_wait_for_a_slot() -> None:
    call = Driven("list_collections", {}, fail=TimeoutError(), timeout=Timeout(3, pool=5))
    with pytest.raises(CallTimeoutError, match="were busy, and nothing was sent, within the 3 s") as caught:
        call.run()
    assert caught.value.attempts == 0


def test_an_error_of_a_later_wait_has_the_error_of_the_last_attempt_as_its_cause() -> None:
    call = Driven("list_collections", {}, THROTTLED, timeout=Timeout(pool=2))
    usual = call.perform

    def failing(effect: Effect) -> Effect:
        call.fail = TimeoutError() if call.pauses else None
        return usual(effect)

    call.perform = failing  # type: ignore[method-assign]  # the second wait fails
    with pytest.raises(PoolTimeoutError) as caught:
        call.run()
    assert caught.value.attempts == 1
    assert isinstance(caught.value.__cause__, ThrottlingException)


# --- Files that cannot be read -----------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("backend", ["sync"], indirect=True)
def test_the_total_timeout_limits_the_reading_of_a_named_pipe(backend: Backend, tmp_path: Path) -> None:
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    client = backend.client(Unused(), timeout=0.2)
    with pytest.raises(CallTimeoutError, match="image was not read yet") as caught:
        backend.run(lambda: client.detect_faces(path))
    assert (caught.value.operation, caught.value.attempts) == ("DetectFaces", 0)
    with open(path, "wb") as pipe:  # ends the thread that reads
        pipe.write(PNG)


def test_a_file_is_read_outside_the_event_loop_until_the_deadline(tmp_path: Path) -> None:
    effect = next(load_media(METHODS["detect_faces"], "image", {"image": tmp_path / "any.png"}, Deadline(5)))
    assert isinstance(effect, Blocking)
    assert 4 < effect.seconds <= 5


# --- Memory and many calls ---------------------------------------------------------------------------------------


def test_no_more_images_are_in_memory_than_the_client_has_slots(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(PNG)
    lock = threading.Lock()
    encoded = answered = highest = 0
    serialise = json_body.serialise

    def counted(wire: Any) -> Any:
        nonlocal encoded, highest
        with lock:
            encoded += 1
            highest = max(highest, encoded - answered)
        return serialise(wire)

    def answer(_: object) -> Any:
        nonlocal answered
        time.sleep(0.002)
        with lock:
            answered += 1
        return json_reply({"FaceDetails": []})

    monkeypatch.setattr("rekog._core.call.serialise", counted)
    client = backend.client(Scripted(answer), max_connections=3)
    backend.together(*[lambda: client.detect_faces(path)] * 30)
    assert encoded == 30
    assert highest <= 3


def test_many_calls_over_few_connections_wait_longer_than_a_read_timeout(backend: Backend) -> None:
    def slow(_: object) -> Any:
        time.sleep(0.02)
        return json_reply({"CollectionIds": []})

    client = backend.client(Scripted(slow), max_connections=2, timeout=Timeout(read=0.1), retry=RetryPolicy(mode="off"))
    assert len(backend.together(*[client.list_collections] * 40)) == 40


def test_calls_that_pause_for_a_retry_leave_their_slots_to_others() -> None:
    paused = threading.Event()

    def pause(_: object) -> float:
        paused.set()
        return 30.0

    transport = Scripted(error_reply("ThrottlingException"), json_reply({"CollectionIds": []}))
    client = Backend("sync", None).client(transport, max_connections=1, retry=RetryPolicy(pause=pause))
    threading.Thread(target=client.list_collections, daemon=True).start()
    assert paused.wait(10)
    assert client.list_collections(options={"timeout": 20.0}).collection_ids == []


def test_a_wait_that_uses_up_both_limits_is_a_timeout_of_the_call() -> None:
    admission = Admission(
        "DetectFaces", "https://rekognition.test/", Timeout(5, pool=5), Deadline(5, lambda: 0.0), None
    )
    flow = admission.enter(0)
    assert next(flow) == TakeSlot(5)
    with pytest.raises(CallTimeoutError, match="within the 5 s that were left of the call's total timeout"):
        flow.throw(TimeoutError())


# --- Rate limits -------------------------------------------------------------------------------------------------


def seconds_of(effect: Effect) -> float:
    assert isinstance(effect, Sleep)
    return effect.seconds


def limited(rate: float = 1, **settings: Any) -> Caller:
    return Caller(Config(region_name="us-east-1", rate_limit=RateLimit(rate), **settings), FixedSource(KEYS))


def is_next(effect: Effect) -> bool:
    """Tell whether a call of `limited(RARELY)` is the next: it waits for one interval, less the time of the test."""
    return 0.5 / RARELY < seconds_of(effect) <= 1 / RARELY


RARELY = 1 / 60
"""A rate whose interval is long beside the time of a test on a busy machine."""


def test_a_call_waits_for_its_rate_before_it_takes_a_slot() -> None:
    caller = limited(RARELY)
    Driven("list_collections", {}, LISTING, caller=caller).run()
    call = Driven("list_collections", {}, LISTING, caller=caller)
    assert is_next(next(call.flow))


def test_a_limit_is_one_of_each_operation() -> None:
    caller = limited()
    Driven("list_collections", {}, LISTING, caller=caller).run()
    other = Driven("detect_faces", {"image": PNG}, FACES, caller=caller)
    other.run()
    assert other.pauses == []


class Frozen:
    """Sleeps of a call under a clock that only they advance."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rate: float = 1.0) -> None:
        self.now = 1000.0
        self.caller = Caller(Config(region_name="us-east-1", retry=RetryPolicy(pause=lambda _: 0.0)), FixedSource(KEYS))
        config = self.caller.config.__replace__(rate_limit=RateLimit(rate))
        state = self.caller._retry_state  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(state.waiting_clock, "_clock", lambda: self.now)
        self.caller = self.caller.with_config(config)

    def run(self, call: Driven, effect: Effect | None = None) -> None:
        usual = call.perform

        def performed(effect: Effect) -> Effect:
            if isinstance(effect, Sleep):
                self.now += effect.seconds
            return usual(effect)

        call.perform = performed  # type: ignore[method-assign]  # pauses advance the clock
        call.run(effect)


def test_retries_wait_for_the_rate_too(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen(monkeypatch)
    call = Driven("list_collections", {}, THROTTLED, THROTTLED, LISTING, caller=frozen.caller)
    frozen.run(call)
    assert call.pauses == pytest.approx([1, 1])
    assert call.log == ["TakeSlot", "HttpRequest", "release", *["Sleep", "TakeSlot", "HttpRequest", "release"] * 2]


def test_a_request_after_a_correction_of_the_clock_waits_for_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen(monkeypatch)
    skewed = HttpResponse(403, {"date": "Mon, 01 Jan 2001 00:00:00 GMT"}, b'{"__type": "RequestTimeTooSkewed"}')
    call = Driven("list_collections", {}, skewed, LISTING, caller=frozen.caller)
    frozen.run(call)
    assert call.pauses == pytest.approx([1])


@pytest.mark.parametrize(("arguments", "keeps"), [({"image": PNG}, True), ({"image": "s3://bucket/key"}, False)])
def test_a_call_that_is_late_at_its_slot_asks_for_the_rate_again(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object], keeps: bool
) -> None:
    frozen = Frozen(monkeypatch)
    late = Driven("detect_faces", arguments, FACES, caller=frozen.caller)
    effect = next(late.flow)
    assert isinstance(effect, TakeSlot)
    frozen.now += 5  # no slot was free
    frozen.run(Driven("detect_faces", arguments, FACES, caller=frozen.caller))
    frozen.run(late, effect)
    again = ["Sleep"] if keeps else ["release", "Sleep", "TakeSlot"]
    assert late.log == ["TakeSlot", *again, "HttpRequest", "release"]
    assert late.pauses == pytest.approx([1])


def test_a_call_that_ends_leaves_the_places_of_others_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen(monkeypatch)
    first, second, third = (Driven("list_collections", {}, LISTING, caller=frozen.caller) for _ in range(3))
    request = first.perform(next(first.flow))
    assert isinstance(request, HttpRequest)
    assert seconds_of(next(second.flow)) == pytest.approx(1)
    frozen.run(first, request)
    assert seconds_of(next(third.flow)) == pytest.approx(2)


def test_a_call_that_has_no_time_to_ask_for_the_rate_again_made_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen(monkeypatch)
    options = CallOptions(timeout=0.5)
    late = Driven("list_collections", {}, LISTING, caller=frozen.caller, options=options)
    effect = next(late.flow)
    frozen.now += 5  # no slot was free
    frozen.run(Driven("list_collections", {}, LISTING, caller=frozen.caller))
    with pytest.raises(CallTimeoutError, match="the rate limit of 1 requests per second") as caught:
        frozen.run(late, effect)
    assert caught.value.attempts == 0


def test_a_call_that_gets_no_slot_after_it_was_late_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = Frozen(monkeypatch)
    late = Driven("list_collections", {}, LISTING, caller=frozen.caller, options=CallOptions(timeout=60))
    effect = next(late.flow)
    frozen.now += 5  # no slot was free
    frozen.run(Driven("list_collections", {}, LISTING, caller=frozen.caller))
    pause = late.perform(effect)
    late.fail = TimeoutError()
    with pytest.raises(CallTimeoutError, match="were busy, and nothing was sent, within") as caught:
        frozen.run(late, pause)
    assert caught.value.attempts == 0


def test_a_total_timeout_that_would_end_first_ends_the_call_at_once() -> None:
    caller = limited(RARELY, timeout=Timeout(20))
    Driven("list_collections", {}, LISTING, caller=caller).run()
    call = Driven("list_collections", {}, caller=caller)
    with pytest.raises(CallTimeoutError, match=r"the rate limit of 0\.0166667 requests per second for ListC") as caught:
        call.run()
    assert (caught.value.attempts, call.log) == (0, [])
    later = Driven("list_collections", {}, LISTING, caller=caller, options=CallOptions(timeout=Timeout(None)))
    assert is_next(next(later.flow))  # the failed call gave its place back


def test_a_cancelled_call_gives_its_place_back() -> None:
    caller = limited(RARELY)
    Driven("list_collections", {}, LISTING, caller=caller).run()
    for _ in range(100):
        flow = caller.call(METHODS["list_collections"])
        next(flow)
        flow.close()
    assert is_next(next(caller.call(METHODS["list_collections"])))


def test_adaptive_retries_and_a_rate_limit_work_together(backend: Backend) -> None:
    transport = Scripted(error_reply("ThrottlingException"), json_reply({"CollectionIds": []}))
    retry = RetryPolicy(mode="adaptive", pause=lambda _: 0)
    client = backend.client(transport, retry=retry, rate_limit=RateLimit(50))
    for _ in range(3):
        backend.run(client.list_collections)
    assert len(transport.sent) == 4


def caller_of(client: RekognitionClient) -> Caller:
    return client._caller  # pyright: ignore[reportPrivateUsage]


def schedule_of(client: RekognitionClient) -> object:
    limits = caller_of(client)._limits  # pyright: ignore[reportPrivateUsage]
    assert limits is not None
    return limits.schedule("ListCollections")


def test_other_options_share_the_rate_limit_unless_they_set_one(backend: Backend) -> None:
    client = backend.client(Unused(), rate_limit=20)
    assert client.config.rate_limit == RateLimit(20)
    assert schedule_of(client.with_options(timeout=5)) is schedule_of(client)
    other = client.with_options(rate_limit=RateLimit(5, burst=2))
    assert other.config.rate_limit == RateLimit(5, burst=2)
    assert schedule_of(other) is not schedule_of(client)
    assert schedule_of(other.with_options(timeout=5)) is schedule_of(other)
    assert schedule_of(client.with_options(rate_limit=20)) is not schedule_of(client)


def pickled(client: Any) -> Any:
    return pickle.loads(pickle.dumps(client))


@pytest.mark.parametrize("duplicate", [copy.copy, pickled])
def test_a_copy_of_a_client_has_the_same_limit(duplicate: Callable[[Any], Any]) -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS, rate_limit=RateLimit.published(share=0.5))
    assert duplicate(client).config.rate_limit == RateLimit.published(share=0.5)
    assert duplicate(client.with_options(rate_limit=3)).config.rate_limit == RateLimit(3)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("published", "write RateLimit.published()"), ({"detect_faces": 1}, "write RateLimit(...)"), (0, ""), (True, "")],
    ids=str,
)
def test_another_value_is_refused(backend: Backend, value: Any, remedy: str) -> None:
    for make in (backend.client, backend.client(Unused()).with_options):
        with pytest.raises(ConfigError, match=r"^rate_limit must be a RateLimit or a number of calls") as caught:
            make(rate_limit=value)
        assert str(caught.value).endswith(remedy)


def test_a_limit_of_an_unknown_operation_is_refused(backend: Backend) -> None:
    with pytest.raises(ConfigError, match="rate_limit has no operation 'detect_face'"):
        backend.client(rate_limit=RateLimit({"detect_face": 1}))


def test_many_calls_at_once_with_the_published_limit_are_never_throttled() -> None:
    async def tasks(emulator: Emulator) -> None:
        async with AsyncRekognitionClient.local(emulator, rate_limit=RateLimit.published(), retry=AT_ONCE) as client:
            await client.create_collection("b")
            await asyncio.gather(*[client.describe_collection("b") for _ in range(12)])

    with Emulator() as emulator:
        emulator.faults.throttle_by_tps("us-east-1")
        client = RekognitionClient.local(emulator, rate_limit=RateLimit.published(), retry=RetryPolicy(mode="off"))
        client.create_collection("a")
        Backend("sync", None).together(*[lambda: client.describe_collection("a")] * 12)
        time.sleep(1.1)  # the quota of the other client is that of the account
        asyncio.run(tasks(emulator))
        errors = [call.error for call in emulator.calls]
    assert errors == [None] * 26
