"""A child of a fork: no lock and no thread of the parent process holds up its calls."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import pytest

import rekog
from rekog import RekognitionClient
from rekog._core.recording.recorder import Recorder
from rekog._core.retries.limits import Schedule
from rekog._core.retries.rate import RateLimiter, RetryQuota
from rekog._core.retries.waiting_clock import WaitingClock
from rekog._drivers.blocking import SharedThreads, wait_for_thread
from rekog._drivers.sync import SyncDriver
from rekog._settings.sources import ChainSource, FunctionSource
from rekog._values import forks
from rekog._values.forks import Forkable
from rekog.bulk._parts import KeptFunctions, Work
from rekog.cost import PriceTable
from rekog.cost._ledger import Ledger
from rekog.credentials import Credentials
from tests.drivers.calls import outcome
from tests.kit.backends import KEYS
from tests.kit.forks import LIMIT, succeeds_in_child
from tests.kit.servers import ScriptedServer, ok, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog._drivers.blocking import Start

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def test_a_child_that_fails_is_noticed() -> None:
    assert succeeds_in_child(lambda: None)
    assert not succeeds_in_child(lambda: 1 / 0)


class Frozen:
    """The frozen credentials of a provider."""

    access_key, secret_key, token = "AKID", "secret", None


class FirstHangs:
    """A provider whose first caller waits until the end of the test; `in_child` is for callers in another process."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.release = threading.Event()
        self._parent = os.getpid()

    def get_frozen_credentials(self) -> Frozen:
        if os.getpid() == self._parent:
            self.entered.set()
            assert self.release.wait(LIMIT * 2)
        return Frozen()


@pytest.mark.parametrize("timeout", [None, LIMIT / 2], ids=["without a limit", "with a limit"])
def test_a_fork_while_credentials_load_does_not_block_the_child(timeout: float | None) -> None:
    provider = FirstHangs()
    with ScriptedServer(ok(b'{"CollectionIds": [], "FaceModelVersions": []}')) as server:
        client = RekognitionClient("eu-west-1", endpoint_url=server.url, credentials=provider, timeout=timeout)
        caller = threading.Thread(target=client.list_collections)
        caller.start()
        assert provider.entered.wait(LIMIT)
        try:
            assert succeeds_in_child(client.list_collections)
        finally:
            provider.release.set()
            caller.join()
        client.close()


def test_a_child_searches_the_chain_anew_after_a_fork_during_a_refresh() -> None:
    """The object of botocore has a lock too, which the thread of the parent may hold."""
    provider = FirstHangs()
    found: list[FirstHangs] = []

    def find() -> FirstHangs:
        found.append(provider)
        return provider

    source = ChainSource(find)
    loading = threading.Thread(target=source.load)
    loading.start()
    assert provider.entered.wait(LIMIT)

    def load_in_child() -> None:
        assert source.cached() is None
        assert source.load() == Credentials("AKID", "secret")
        assert len(found) == 2

    try:
        assert succeeds_in_child(load_in_child)
    finally:
        provider.release.set()
        loading.join()


def test_a_child_keeps_the_credentials_of_the_chain_after_a_fork_at_another_time() -> None:
    source = ChainSource(FirstReady)
    source.load()

    def read_in_child() -> None:
        assert source.cached() == Credentials("AKID", "secret")

    assert succeeds_in_child(read_in_child)


class FirstReady:
    """A provider that answers at once."""

    def get_frozen_credentials(self) -> Frozen:
        return Frozen()


Case: TypeAlias = "tuple[Any, Callable[[], object]]"
"""An object with a lock, and a function that takes the lock."""


def call_driver() -> Case:
    driver = SyncDriver()
    return driver, lambda: driver.run(outcome("http://127.0.0.1:9/"))


def take_quota() -> Case:
    quota = RetryQuota()
    return quota, lambda: quota.acquire(1)


def reserve() -> Case:
    limiter = RateLimiter()
    return limiter, limiter.reserve


def load_function() -> Case:
    source = FunctionSource(lambda: KEYS)
    return source, source.load


def load_chain() -> Case:
    source = ChainSource(FirstReady)
    return source, source.load


def share_thread() -> Case:
    shared = SharedThreads()
    start: Start[str] = partial(shared.start, "key", str)
    return shared, lambda: wait_for_thread(start, LIMIT / 2)


def wait_for_a_rate() -> Case:
    schedule = Schedule(1, 1, WaitingClock(lambda: 0.0))
    return schedule, schedule.ticket


def count_cost() -> Case:
    ledger = Ledger(PriceTable.default(), {}, None)
    return ledger, ledger.units


def keep_functions() -> Case:
    functions = KeptFunctions()
    work: Work[bytes, int] = Work(None, lambda _client: len)

    def use() -> None:
        with functions.of(work) as function:
            assert function(b"ab") == 2
        assert functions.clients() == []

    use()
    return functions, use


def record_responses() -> Case:
    path = Path(tempfile.gettempdir(), f"rekog-recording-{uuid4()}.json")
    recorder = Recorder(path, redact=False)
    return recorder, lambda: recorder.document


MAKERS = [
    call_driver,
    take_quota,
    wait_for_a_rate,
    reserve,
    load_function,
    load_chain,
    share_thread,
    count_cost,
    keep_functions,
    record_responses,
]


@pytest.mark.parametrize("make", MAKERS)
def test_a_lock_held_during_a_fork_does_not_block_the_child(
    make: Callable[[], Case],
) -> None:
    owner, use = make()
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with owner._lock:
            locked.set()
            assert release.wait(LIMIT * 2)

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(LIMIT)
    try:
        assert succeeds_in_child(use)
    finally:
        release.set()
        holder.join()


OWNERS_OF_LOCKS = {
    "_values/forks.py": "gives a child new locks",
    "bulk/_arrivals.py": "the threads of a run do not survive a fork",
    "bulk/_clusters.py": "the threads of a run do not survive a fork",
    "bulk/_checkpoints.py": "it belongs to a run",
    "bulk/_tasks.py": "an event loop does not survive a fork",
    "command/progress.py": "the command does not fork",
    "_drivers/blocking.py": "each call has its own",
    "_drivers/slots.py": "each process and each event loop has its own",
    "_drivers/pools/thread_pool.py": "each process has its own",
    "_drivers/httpx_senders.py": "an event loop does not survive a fork",
    "_drivers/pools/asyncio_pool.py": "an event loop does not survive a fork",
    "_drivers/pools/trio_pool.py": "an event loop does not survive a fork",
}


def test_no_other_module_of_the_sdk_creates_a_lock() -> None:
    root = Path(rekog.__file__).parent
    lock = re.compile(r"\b(Lock|RLock|Condition|Semaphore|BoundedSemaphore|Event|Barrier)\(")
    files = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.py")}
    found = {name for name, text in files.items() if not name.startswith("emulator/") and lock.search(text)}
    assert found <= set(OWNERS_OF_LOCKS)


def test_every_class_with_a_lock_is_tested() -> None:
    def below(kind: type[Forkable]) -> set[type[Forkable]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    tested = {kind for make in MAKERS for kind in type(make()[0]).__mro__}
    ours = {kind for kind in below(Forkable) if kind.__module__.startswith("rekog.")}
    assert {kind.__name__ for kind in ours - tested} <= {"AsyncDriver"}  # an event loop does not survive a fork


def test_an_object_that_is_no_longer_used_is_forgotten() -> None:
    before = len(forks._living)  # pyright: ignore[reportPrivateUsage]
    quota = RetryQuota()
    assert len(forks._living) > before - 1  # pyright: ignore[reportPrivateUsage]
    del quota
    assert until(lambda: len(forks._living) <= before)  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("make", MAKERS)
def test_a_renewed_object_has_an_open_lock(make: Callable[[], Case]) -> None:
    """The same as in a child, in this process, where the coverage is measured."""
    owner, use = make()
    owner._lock.acquire()
    owner._renew()
    use()
    owner._renew()  # with an open lock
    use()


def test_all_objects_that_are_in_use_are_renewed() -> None:
    quota = RetryQuota()
    before = quota._lock  # pyright: ignore[reportPrivateUsage]
    forks._renew_all()  # pyright: ignore[reportPrivateUsage]
    assert quota._lock is not before  # pyright: ignore[reportPrivateUsage]
