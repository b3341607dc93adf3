"""A handled error frees its frames at once, and so the request and the response: it is in no cycle of references.

The garbage collector is off in these tests. In an event loop the callbacks that have ended a call may keep its outcome
until the loop goes on, so the tests look after the next steps of the loop.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio.lowlevel
import httpx
import pytest

from rekog import RetryPolicy, Timeout, errors
from rekog._core.flow import HttpRequest
from rekog.bulk import Outcome
from rekog.testing import record
from tests.bulk.runs import outcomes
from tests.kit.backends import AT_ONCE, PNG, Scripted, error_reply, json_reply
from tests.kit.servers import End, ScriptedServer, cut_body, failed, garbage, ok, refusing_port, reset, silence

if TYPE_CHECKING:
    from pathlib import Path

    from rekog.config import Attempt
    from tests.kit.backends import Backend
    from tests.kit.servers import ScriptedResponse

Call: TypeAlias = Callable[[], object | Awaitable[object]]

OFF = RetryPolicy(mode="off")
QUICK = Timeout(read=0.05)
STEPS = 3  # of an event loop, after which it has dropped the callbacks of a call
FAILURES: list[tuple[str, tuple[ScriptedResponse, ...], Mapping[str, object]]] = [
    ("InvalidParameterException", (failed(400, "InvalidParameterException"),), {}),
    ("UnmodeledServiceError", (failed(500, "Broken"),), {"retry": AT_ONCE}),
    ("ConnectionLostError", (reset(),), {}),
    ("ConnectionLostError", (reset(),), {"retry": AT_ONCE}),
    ("ConnectionLostError", (cut_body(),), {}),
    ("ConnectionLostError", (garbage(),), {}),
    ("StaleConnectionError", (ok(), reset()), {}),
    ("ReadTimeoutError", (silence(),), {"timeout": QUICK}),
    ("CallTimeoutError", (silence(),), {"timeout": Timeout(0.05)}),
]


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Turn the garbage collector off."""
    gc.disable()
    yield
    gc.enable()


def error_of(backend: Backend, call: Call) -> tuple[str, bool]:
    """Return the name of the error that a call raises, and whether the error still exists after its `except` block."""

    async def handled() -> tuple[str, bool]:
        caught: list[tuple[str, weakref.ref[BaseException]]] = []
        try:
            await call()  # type: ignore[misc]  # the call of an async client
        except errors.RekogError as error:
            caught.append((type(error).__name__, weakref.ref(error)))
        for _ in range(STEPS):
            await anyio.lowlevel.checkpoint()
        ((name, reference),) = caught
        return name, reference() is not None

    def handled_in_thread() -> tuple[str, bool]:
        caught: list[tuple[str, weakref.ref[BaseException]]] = []
        try:
            call()
        except errors.RekogError as error:
            caught.append((type(error).__name__, weakref.ref(error)))
        ((name, reference),) = caught
        return name, reference() is not None

    return backend.run(backend.choose(handled_in_thread, handled))


def requests() -> int:
    """Return the number of requests in memory."""
    return sum(isinstance(each, HttpRequest) for each in gc.get_objects())


@pytest.mark.parametrize(("name", "script", "settings"), FAILURES, ids=range(len(FAILURES)))
def test_the_error_of_a_call_is_freed(
    backend: Backend, name: str, script: tuple[ScriptedResponse, ...], settings: Mapping[str, object]
) -> None:
    with ScriptedServer(*script) as server:
        client = backend.client(endpoint_url=server.url, **{"retry": OFF, **settings})
        if len(script) > 1:
            backend.run(lambda: client.detect_text(PNG))
        assert error_of(backend, lambda: client.detect_text(PNG)) == (name, False)


def test_the_error_of_a_refused_connection_is_freed(backend: Backend) -> None:
    with refusing_port() as port:
        client = backend.client(endpoint_url=f"http://127.0.0.1:{port}", retry=OFF)
        assert error_of(backend, lambda: client.detect_text(PNG)) == ("ConnectError", False)


@pytest.mark.parametrize("step", [error_reply("AccessDeniedException"), httpx.ReadError("lost"), httpx.ReadTimeout("")])
def test_the_error_of_a_given_transport_is_freed(backend: Backend, step: Any) -> None:
    client = backend.client(Scripted(step), retry=OFF)
    assert error_of(backend, lambda: client.detect_text(PNG))[1] is False


def test_a_request_that_was_answered_early_is_freed(backend: Backend) -> None:
    with ScriptedServer((*failed(413, "TooLarge"), End.RESET), read_limit=0) as server:
        client = backend.client(endpoint_url=server.url, retry=OFF)
        image = PNG + bytes(4_000_000)
        before = requests()
        _, is_kept = error_of(backend, lambda: client.detect_text(image))
        assert (is_kept, requests()) == (False, before)


def test_the_error_of_a_waiter_and_its_cause_are_freed(backend: Backend) -> None:
    client = backend.client(Scripted(error_reply("ResourceNotFoundException")), retry=OFF)
    before = requests()
    name, is_kept = error_of(backend, lambda: client.wait_until_text_detection_completed("1", delay=0))
    assert (name, is_kept, requests()) == ("WaiterError", False, before)


def ignore(_: Attempt) -> None:
    """Do nothing with an attempt."""


def test_the_error_of_a_call_with_a_callback_is_freed(backend: Backend) -> None:
    client = backend.client(Scripted(error_reply("ThrottlingException")), on_attempt=ignore)
    assert error_of(backend, lambda: client.detect_text(PNG)) == ("ThrottlingException", False)


def test_the_error_of_a_recorded_call_is_freed(backend: Backend, tmp_path: Path) -> None:
    client = backend.client(Scripted(httpx.ReadError("lost")), retry=OFF)
    recorded: Any = record(client, tmp_path / "recorded.json").client
    assert error_of(backend, lambda: recorded.detect_text(PNG)) == ("ConnectionLostError", False)


def test_kept_errors_of_a_run_keep_no_request(backend: Backend) -> None:
    client = backend.client(Scripted(error_reply("InvalidImageFormatException")), retry=OFF)
    before = requests()
    found = outcomes(backend, lambda: client.bulk.detect_text([PNG, PNG]))
    assert [type(each.error).__name__ for each in found] == ["InvalidImageFormatException"] * 2
    assert requests() == before


@pytest.mark.parametrize("recorded", [False, True])
def test_the_kept_error_of_a_broken_response_of_a_run_has_no_frames(
    backend: Backend, tmp_path: Path, *, recorded: bool
) -> None:
    client = backend.client(Scripted(json_reply({"TextDetections": 5})), retry=OFF)
    checkpoint = tmp_path / "done.jsonl" if recorded else None
    (found,) = outcomes(backend, lambda: client.bulk.detect_text([PNG], key=lambda _: "a", checkpoint=checkpoint))
    links: list[BaseException | None] = [found.error]
    while links[-1] is not None:
        assert links[-1].__traceback__ is None
        links.append(links[-1].__cause__ or links[-1].__context__)
    assert type(found.error).__name__ == "DecodeError"


def test_the_error_that_ends_a_run_is_freed(backend: Backend) -> None:
    client: Any = backend.client(Scripted(error_reply("AccessDeniedException")), retry=OFF)
    before = requests()

    async def finish() -> None:
        async with client.bulk.detect_text([PNG]) as run:
            await run.finish()

    def finish_in_thread() -> None:
        with client.bulk.detect_text([PNG]) as run:
            run.finish()

    name, is_kept = error_of(backend, backend.choose(finish_in_thread, finish))
    assert (name, is_kept, requests()) == ("AccessDeniedException", False, before)


def test_the_error_of_an_answer_is_freed() -> None:
    def fail() -> weakref.ref[BaseException]:
        failed: list[Outcome[str, str]] = [Outcome("a.jpg", "a.jpg", error=errors.ConfigError("x"))]
        try:
            failed.pop().answer  # noqa: B018 (it raises)
        except errors.ConfigError as error:
            return weakref.ref(error)
        raise AssertionError("there is an answer")

    assert fail()() is None
