"""Runs on a cluster: parts, the boundary between processes, errors, ends, and the settings of the workers' clients."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from rekog import Credentials, RateLimit, RekognitionClient
from rekog._values.model import ResponseMetadata
from rekog.bulk import BulkRun, CheckpointError, TooManyFailuresError, _parts
from rekog.bulk._checkpoints import Checkpoint
from rekog.bulk._clusters import size_of
from rekog.bulk._outcomes import Received
from rekog.bulk._parts import ClientSettings, Part, Work, perform
from rekog.emulator import Emulator
from rekog.errors import AccessDeniedException, ConfigError, ParamValidationError, RekogError
from tests.bulk.runs import image, labelled
from tests.kit.backends import AT_ONCE, KEYS, Scripted, Unused, error_reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rekog.bulk import Cluster
    from tests.kit.backends import Reply, Sent


dumps: Callable[[object], bytes] = import_module("cloudpickle").dumps
"""Dask's pickling, which takes local functions."""


class Wire(Scripted):
    """A scripted transport that all processes share: a pickle has its number only."""

    known: ClassVar[dict[int, Wire]] = {}
    closed = 0

    def __init__(self, *script: Any) -> None:
        super().__init__(*script)
        self.known[id(self)] = self

    def __reduce__(self) -> tuple[Callable[[int], Wire], tuple[int]]:
        return self.of, (id(self),)

    @classmethod
    def of(cls, number: int) -> Wire:
        return cls.known[number]

    def close(self) -> None:
        self.closed += 1


class Across:
    """A cluster that performs each part at once, through pickles, as if it were in another process."""

    def __init__(self, *, processes: int = 2, threads: int = 1) -> None:
        self.workers = {f"tcp://worker-{number}": threads for number in range(processes)}
        self.sizes: list[int] = []
        self.sent: list[bytes] = []

    def nthreads(self) -> dict[str, int]:
        return self.workers

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        (part,) = arguments
        self.sizes.append(len(part.sources))
        self.sent.append(dumps(part))
        future: Future[Any] = Future()
        future.set_result(pickle.loads(pickle.dumps(function(pickle.loads(self.sent[-1])))))
        return future


class Held(Across):
    """A cluster whose futures the test ends: `each` is called with all futures after each submission."""

    def __init__(self, each: Callable[[list[Future[Any]]], object] = len, **size: int) -> None:
        super().__init__(**size)
        self.futures: list[Future[Any]] = []
        self.each = each

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.sizes.append(len(arguments[0].sources))
        self.futures.append(future)
        self.each(self.futures)
        return future


def after(count: int, *results: list[_parts.Reply[object]]) -> Callable[[list[Future[Any]]], None]:
    """Return a function that ends the first futures with these results when there is this number of futures."""

    def each(futures: list[Future[Any]]) -> None:
        if len(futures) == count:
            for future, result in zip(futures, results, strict=False):
                future.set_result(result)

    return each


def client_of(transport: Any, **settings: Any) -> RekognitionClient:
    return RekognitionClient("eu-west-1", credentials=KEYS, transport=transport, retry=AT_ONCE, **settings)


def failing(source: int) -> int:
    if source % 2:
        raise RekogError(f"no {source}")
    return source


def name_of(source: Any) -> str:
    name: str = source[8:].decode()
    return name


def reply(answer: object = None, error: BaseException | None = None) -> _parts.Reply[object]:
    return _parts.Reply(answer, error)


# --- Outcomes and parts ------------------------------------------------------------------------------------------


def test_each_source_has_one_outcome_and_one_line_in_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    wire = Wire(labelled)
    client = client_of(wire)
    sources = [image(f"{number:02}") for number in range(20)]
    make = partial(client.bulk.detect_labels, sources, key=name_of, checkpoint=path)
    with make(cluster=Across()) as run:
        assert isinstance(run, BulkRun)
        names = {outcome.key: outcome.answer.labels[0].name for outcome in run}
    assert names == {f"{number:02}": f"{number:02}" for number in range(20)}
    assert len(wire.sent) == 20
    assert len(path.read_text().splitlines()) == 21
    with make() as again:
        assert all(outcome.from_checkpoint for outcome in again)
    assert len(wire.sent) == 20


def test_a_part_goes_out_when_a_thread_is_idle_or_it_is_full_or_the_limit_is_reached() -> None:
    begun = threading.Event()
    first: list[int] = []

    def full(_futures: object) -> None:
        if sum(cluster.sizes) == 16:
            begun.set()

    cluster = Held(full, processes=2, threads=1)

    def last(futures: list[Future[Any]]) -> None:
        futures[-1].set_result([reply()] * cluster.sizes[-1])

    def work() -> None:
        begun.wait(60)
        first.extend(cluster.sizes)
        cluster.each = last
        for future, size in list(zip(cluster.futures, cluster.sizes, strict=True)):
            future.set_result([reply()] * size)

    thread = threading.Thread(target=work)
    thread.start()
    with client_of(Unused()).bulk.map(failing, range(40), concurrency=8, cluster=cluster) as run:
        assert sum(outcome.ok for outcome in run) == 40
    thread.join()
    assert first == [1, 1, 4, 4, 4, 2]
    assert max(cluster.sizes) == 4


def test_fewer_calls_at_once_than_threads_are_a_source_each() -> None:
    cluster = Held(after(2, [reply()], [reply()]), threads=9)
    with client_of(Unused()).bulk.map(failing, range(2), concurrency=2, cluster=cluster) as run:
        assert sum(outcome.ok for outcome in run) == 2
    assert cluster.sizes == [1, 1]


def test_the_sources_of_a_part_are_worked_on_at_once_and_keep_their_order() -> None:
    barrier = threading.Barrier(3)

    def function(source: int) -> int:
        barrier.wait(60)
        return failing(source)

    part = Part(Work(None, lambda _client: function), 1, [0, 1, 2])
    assert [(found.answer, str(found.error)) for found in perform(part)] == [(0, "None"), (None, "no 1"), (2, "None")]


def test_errors_are_kept_and_cross_the_boundary() -> None:
    with client_of(Unused()).bulk.map(failing, range(4), cluster=Across()) as run:
        found = {outcome.source: str(outcome.error or outcome.answer) for outcome in run}
    assert found == {0: "0", 1: "no 1", 2: "2", 3: "no 3"}


def test_an_executor_is_a_cluster() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert size_of(pool) == (1, 2)
        with client_of(Unused()).bulk.map(failing, range(100), cluster=pool) as run:
            assert sum(outcome.ok for outcome in run) == 50
    with ProcessPoolExecutor(3) as processes:
        assert size_of(processes) == (3, 3)


def test_an_object_with_submit_alone_counts_as_one_worker() -> None:
    class Plain:
        submit = Across().submit

    assert size_of(Plain()) == (1, 1)


# --- Ends --------------------------------------------------------------------------------------------------------


def test_break_cancels_the_futures_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    cluster = Held(after(2, [reply(Received(b'{"Labels": []}', ResponseMetadata()))]), processes=3)
    path = tmp_path / "labels.jsonl"
    bulk = client_of(Wire(labelled)).bulk
    make = partial(bulk.detect_labels, [image(name) for name in "abcdef"], key=repr, checkpoint=path)
    with make(cluster=cluster) as run:
        for outcome in run:
            assert outcome.source == image("a")
            break
    assert len(cluster.futures) > 1
    assert all(future.cancelled() for future in cluster.futures[1:])
    with make(cluster=Across()) as again:
        assert [outcome.source for outcome in again if outcome.from_checkpoint] == [image("a")]
    assert again.progress.done == 6


def test_an_exception_of_the_program_cancels_the_futures() -> None:
    cluster = Held(after(2, [reply(0)]))
    run = client_of(Unused()).bulk.map(failing, range(9), cluster=cluster, on_progress=lambda progress: 1 // 0)
    with pytest.raises(ZeroDivisionError), run:
        list(run)
    assert all(future.cancelled() for future in cluster.futures[1:])


def test_max_failures_cancels_the_rest() -> None:
    cluster = Held(after(2, [reply(error=RekogError("no"))]))
    run = client_of(Unused()).bulk.map(failing, range(9), max_failures=0, concurrency=2, cluster=cluster)
    with pytest.raises(TooManyFailuresError), run:
        list(run)
    assert [future.cancelled() for future in cluster.futures] == [False, True, *[True] * (len(cluster.futures) - 2)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ConfigError("no region"), ConfigError), (ZeroDivisionError("0"), ZeroDivisionError), (SystemExit(3), SystemExit)],
)
def test_an_error_that_is_not_the_sources_ends_the_run(error: BaseException, kind: type[BaseException]) -> None:
    cluster = Held(after(2, [reply(error=error)]))
    with pytest.raises(kind) as caught, client_of(Unused()).bulk.map(failing, range(9), cluster=cluster) as run:
        list(run)
    assert caught.value.__notes__ == ["bulk: the source was '0'"]
    assert [future.cancelled() for future in cluster.futures] == [False, True]


def test_a_refusal_of_the_service_ends_a_run_of_an_operation() -> None:
    client = client_of(Wire(error_reply("AccessDeniedException", "not you")))
    run = client.bulk.detect_labels([image("a")] * 50, cluster=Across())
    with pytest.raises(AccessDeniedException, match="not you"), run:
        list(run)


def test_a_source_that_is_pulled_while_the_run_ends_is_not_sent() -> None:
    cluster = Held()

    def sources() -> Iterator[int]:
        yield 0
        cluster.futures[0].set_result([reply(error=ConfigError("no region"))])
        yield 1

    run = client_of(Unused()).bulk.map(failing, sources(), cluster=cluster)
    with pytest.raises(ConfigError), run:
        list(run)
    assert cluster.sizes == [1]


def test_the_failure_of_a_part_ends_the_run() -> None:
    def killed(futures: list[Future[Any]]) -> None:
        futures[0].set_exception(MemoryError("the worker was killed"))

    cluster = Held(killed)
    with pytest.raises(MemoryError), client_of(Unused()).bulk.map(failing, range(9), cluster=cluster) as run:
        list(run)


def test_a_part_that_the_cluster_cancels_ends_the_run() -> None:
    cluster = Held(lambda futures: futures[0].cancel())
    run = client_of(Unused()).bulk.map(failing, range(9), cluster=cluster)
    with pytest.raises(RekogError, match="the cluster has cancelled a part"), run:
        list(run)


def test_a_cluster_that_takes_no_part_ends_the_run() -> None:
    def closed(_futures: object) -> None:
        raise OSError("the cluster is closed")

    run = client_of(Unused()).bulk.map(failing, range(9), cluster=Held(closed))
    with pytest.raises(OSError, match="the cluster is closed") as caught, run:
        list(run)
    assert caught.value.__notes__ == ["bulk: the source was '0'"]


def test_a_cluster_that_refuses_a_part_of_several_sources_ends_the_run() -> None:
    def third(futures: list[Future[Any]]) -> None:
        if len(futures) == 3:
            for future in futures[:2]:
                future.set_result([reply(0)])
            raise OSError("the cluster is full")

    caught: list[BaseException] = []
    cluster = Held(third, processes=2)

    def work() -> None:
        try:
            with client_of(Unused()).bulk.map(failing, range(40), concurrency=8, cluster=cluster) as run:
                list(run)
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=work, daemon=True)  # a source that is lost would be awaited for ever
    thread.start()
    thread.join(60)
    assert cluster.sizes == [1, 1, 4]
    assert [str(error) for error in caught] == ["the cluster is full"]


def test_a_future_that_cannot_be_cancelled_is_awaited() -> None:
    class Running(Future[Any]):
        def cancel(self) -> bool:
            self.set_result([reply(1)])
            raise OSError("the cluster is closed")

    class Closed(Held):
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            future = super().submit(function, *arguments)
            if len(self.futures) > 1:
                self.futures[-1] = future = Running()
            return future

    cluster = Closed(after(2, [reply(0)]), processes=4)
    with client_of(Unused()).bulk.map(failing, range(4), concurrency=2, cluster=cluster) as run:
        next(iter(run))
    assert [future.done() for future in cluster.futures] == [True] * len(cluster.futures)
    assert run.progress.done == 1


def test_a_checkpoint_that_cannot_be_written_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(*_arguments: object) -> None:
        raise CheckpointError("checkpoint: the disk is full")

    monkeypatch.setattr(Checkpoint, "add", add)
    bulk = client_of(Wire(labelled)).bulk
    run = bulk.detect_labels([image(str(n)) for n in range(50)], key=repr, cluster=Across(), checkpoint=tmp_path / "l")
    found: list[Any] = []
    with pytest.raises(CheckpointError, match="the disk is full"), run:
        found.extend(run)
    assert len(found) <= 1


def test_settings_with_a_local_function_refer_to_the_classes_of_the_workers() -> None:
    program = """if True:
        from concurrent.futures import ThreadPoolExecutor
        from importlib import import_module
        from rekog import Credentials, RekognitionClient, RetryPolicy, Timeout
        retry = RetryPolicy(pause=lambda failed: 0.01)
        client = RekognitionClient("eu-west-1", credentials=Credentials("a", "b"), retry=retry, timeout=Timeout(9))
        with ThreadPoolExecutor() as cluster, client.bulk.detect_labels([], cluster=cluster) as run:
            sent = import_module("cloudpickle").dumps(run._work_sent)
        assert b"skeleton_class" not in sent and b"rekog.credentials" in sent
    """
    subprocess.run([sys.executable, "-c", program], check=True)


# --- Clients of the workers --------------------------------------------------------------------------------------


def test_a_process_makes_one_client_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RekognitionClient] = []
    opened = ClientSettings.open

    def counted(settings: ClientSettings) -> RekognitionClient:
        made.append(opened(settings))
        return made[-1]

    monkeypatch.setattr(ClientSettings, "open", counted)
    client = client_of(Wire(labelled), rate_limit=RateLimit({"detect_labels": 1e6}, burst=8))
    cluster = Across(processes=4)
    with client.bulk.detect_labels([image("a")] * 20, cluster=cluster) as run:
        assert sum(outcome.ok for outcome in run) == 20
    assert len(cluster.sizes) > 1
    (own,) = made
    assert own is not client
    assert _parts.kept_clients()[-1] is own
    assert own.config.rate_limit == RateLimit({"detect_labels": 250_000.0}, burst=2)


def test_the_clients_of_older_runs_are_closed_unless_they_are_in_use() -> None:
    wires = [Wire(labelled) for _ in range(_parts.KEPT + 3)]

    def call(wire: Wire) -> None:
        with client_of(wire).bulk.detect_labels([image("a")], cluster=Across()) as run:
            list(run)

    def first(sent: Sent) -> Reply:
        for wire in wires[1:]:
            call(wire)
        return labelled(sent)

    wires[0].script[:] = [first]
    call(wires[0])
    assert [wire.closed for wire in wires] == [0, 1, 1, 1, *[0] * (_parts.KEPT - 1)]


def test_a_method_of_a_client_is_called_with_the_workers_client() -> None:
    wire = Wire(labelled)
    client = client_of(wire, rate_limit=1e6)
    for function in (client.detect_labels, partial(client.detect_labels, max_labels=3)):
        cluster = Across()
        with client.bulk.map(function, [image("a")], cluster=cluster) as run:
            (outcome,) = run
        assert outcome.answer.labels[0].name == "a"
        work = pickle.loads(cluster.sent[0]).work
        assert work.settings.open().config.rate_limit == RateLimit(5e5)
    assert [sent.wire.get("MaxLabels") for sent in wire.sent] == [None, 3]


def test_the_workers_get_the_resolved_settings_and_their_own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:9/")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDDRIVER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "driver-secret")
    with RekognitionClient(timeout=3) as client:
        sent = pickle.dumps(ClientSettings(client, 2))
    assert b"driver-secret" not in sent
    for name in ("AWS_REGION", "AWS_ENDPOINT_URL_REKOGNITION", "AWS_MAX_ATTEMPTS"):
        monkeypatch.setenv(name, "eu-north-1" if name == "AWS_REGION" else "")
    with pickle.loads(sent).open() as there:
        assert there.region_name == "eu-west-2"
        assert there.endpoint_url == "http://127.0.0.1:9/"
        assert there.config.retry.max_attempts == 7
        assert there.config.timeout.total == 3


def test_no_text_of_a_part_has_a_secret() -> None:
    cluster = Across()
    with client_of(Wire(labelled)).bulk.detect_labels([image("a")], cluster=cluster) as run:
        list(run)
    part: Any = pickle.loads(cluster.sent[0])
    work: Work[bytes, object] = part.work
    texts = [repr(part), repr(work), repr(work.settings), repr(work.bind), str(work.settings.__dict__)]
    assert KEYS.secret_access_key.encode() in cluster.sent[0]  # explicit ones are sent to the workers
    assert not any(KEYS.secret_access_key in text for text in texts)


def test_a_part_has_an_identity_that_dask_does_not_compute_from_its_images() -> None:
    work: Work[bytes, int] = Work(None, lambda _client: len)
    other: Work[bytes, int] = Work(None, lambda _client: len)
    parts = [Part(work, 1, [b"a"]), Part(work, 2, [b"a"]), Part(other, 1, [b"a"])]
    assert len({part.__dask_tokenize__() for part in parts}) == 3


# --- Refusals ----------------------------------------------------------------------------------------------------


def pulled(_name: str) -> bytes:
    pytest.fail("a source was pulled")


def never() -> Iterator[bytes]:
    return map(pulled, "ab")


class Asynchronous(Across):
    asynchronous = True


@pytest.mark.parametrize(
    ("cluster", "error", "text"),
    [
        (5, ParamValidationError, r"cluster: must be a distributed\.Client .*, not 5"),
        (Asynchronous(), ParamValidationError, "must not be asynchronous"),
        (Across(processes=0), ConfigError, r"there are no workers yet: call its wait_for_workers\(1\)"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused_at_once(cluster: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        client_of(Unused()).bulk.detect_labels(never(), cluster=cluster)


def test_an_embedded_emulator_is_refused_with_the_remedy() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        for make in (client.bulk.detect_labels, partial(client.bulk.map, client.detect_labels)):
            with pytest.raises(ConfigError, match=r"serve it \(`with emulator\.serve\(\) as url:`\).*endpoint_url=url"):
                make(never(), cluster=Across())


def keys() -> Credentials:
    return KEYS


def refused(cluster: Cluster, **settings: Any) -> str:
    client = RekognitionClient("eu-west-1", **settings)
    with client, pytest.raises(ConfigError) as caught:
        client.bulk.detect_labels(never(), cluster=cluster)
    return str(caught.value)


def test_settings_that_cannot_be_sent_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    text = refused(Across(), credentials=KEYS, verify=ssl.create_default_context())
    assert text.startswith("cluster: cannot be sent to other processes: the client's settings: a transport, an SSL")
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    assert "the client's settings" in refused(Across(), credentials=lambda: KEYS)


def test_a_function_that_cannot_be_sent_is_refused() -> None:
    lock = threading.Lock()
    with pytest.raises(ConfigError, match="cannot be sent to other processes: the function or the arguments"):
        client_of(Unused()).bulk.map(lambda source: (lock, source), never(), cluster=Across())


@pytest.mark.parametrize("credentials", [KEYS, keys, lambda: KEYS])
def test_explicit_credentials_and_those_of_a_function_work_in_the_workers(credentials: Any) -> None:
    wire = Wire(labelled)
    with (
        RekognitionClient("eu-west-1", credentials=credentials, transport=wire) as client,
        client.bulk.detect_labels([image("a")], cluster=Across()) as run,
    ):
        assert [outcome.ok for outcome in run] == [True]
    assert KEYS.access_key_id in wire.sent[0].headers["authorization"]
