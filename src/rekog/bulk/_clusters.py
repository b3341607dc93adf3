"""`ClusterRun`: a run whose calls are made by the workers of a cluster, such as Dask's.

Theory of operation. `_submit` collects sources into a part. A part goes out when it is full, when fewer parts are out
than the cluster has threads, or when the program waits. Its future calls `_arrive` in a thread of the cluster's client,
which records the replies in the checkpoint and delivers them. So only this process writes the checkpoint, and each
source has one outcome, although a cluster repeats the part of a worker that it has lost. The end of a run cancels all
futures and waits for their callbacks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from .._values.errors import ConfigError, RekogError
from .._values.public import publish
from ._keys import invalid
from ._outcomes import Outcome
from ._parts import ClientSettings, Part, Work, perform
from ._threads import BulkRun

if TYPE_CHECKING:
    from .._core.operation import Out
    from .._generated.client import RekognitionClient
    from ._calls import Calls
    from ._outcomes import Received
    from ._parts import Reply
    from ._runs import Settings, Task
else:
    Out = TypeVar("Out")

S = TypeVar("S")
A = TypeVar("A")

PUBLIC = ("rekog.config", "rekog.cost", "rekog.credentials", "rekog.errors", "rekog.images", "rekog.transports")
"""Modules of classes that settings and functions may contain. Dask's pickling, which settings with a local function
need, copies a class whose module is not loaded, and the workers would not know an instance of the copy."""


class Cluster(Protocol):
    """A cluster of worker processes: a `distributed.Client` of Dask, or an executor of `concurrent.futures`.

    `submit` returns a future with `add_done_callback`, `cancel` and `result`.
    """

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Start a function in a worker, and return its future."""
        ...


class Size(NamedTuple):
    """The number of worker processes of a cluster, and of parts that they perform at once."""

    processes: int
    threads: int


def size_of(cluster: Cluster) -> Size:
    """Return the present size of a cluster; raise an error for one that cannot be used."""
    submit: object = getattr(cluster, "submit", None)
    if not callable(submit):
        raise invalid(f"cluster: must be a distributed.Client or another object with submit(), not {cluster!r}")
    if getattr(cluster, "asynchronous", False):
        raise invalid("cluster: the client of Dask must not be asynchronous: distributed.Client(address)")
    if isinstance(cluster, Executor):
        threads: int = getattr(cluster, "_max_workers", 1)
        return Size(1 if isinstance(cluster, ThreadPoolExecutor) else threads, threads)
    nthreads: Callable[[], dict[str, int]] | None = getattr(cluster, "nthreads", None)
    if nthreads is None:
        return Size(1, 1)
    workers = nthreads()
    if not workers:
        raise ConfigError("cluster: there are no workers yet: call its wait_for_workers(1) before")
    return Size(len(workers), sum(workers.values()))


class ClusterRun(BulkRun[S, A], Generic[S, A]):
    """A `BulkRun` without threads of its own; `make_work` is called when the run begins, and once before as a check."""

    if TYPE_CHECKING:
        _work_sent: Work[S, Any]  # of an open run

    def __init__(
        self,
        cluster: Cluster,
        make_work: Callable[[int], Work[S, Any]],
        function: Callable[[S], A | Received],
        sources: Iterable[S],
        settings: Settings[S],
        workers: int,
        prepare: Callable[[], object] | None = None,
        **other: Any,
    ) -> None:
        def begin() -> None:
            if prepare is not None:
                prepare()
            self._work_sent = make_work(size.processes)

        size = size_of(cluster)
        for name in PUBLIC:
            import_module(name)
        super().__init__(function, sources, settings, workers * size.processes, prepare=begin, **other)
        _check_sent(make_work(size.processes))
        self._cluster = cluster
        self._threads_there = size.threads
        self._part_size = max(1, self._concurrency // size.threads)
        if self._concurrency < size.threads:  # one source in a part: its calls at once are the parts that are out
            self._limit = self._concurrency
        self._sent = 0
        self._out: dict[int, Future[list[Reply[A | Received]]]] = {}
        self._part_ended = threading.Condition(self._lock)

    def _submit(self, task: Task[S]) -> None:
        with self._lock:
            self._waiting.append(task)
            sends = len(self._waiting) >= self._part_size or len(self._out) < self._threads_there
        if sends:
            self._send()

    async def _listen(self) -> None:
        self._send()
        await super()._listen()

    def _send(self) -> None:
        """Send the waiting sources as a part."""
        with self._lock:
            tasks = list(self._waiting)
            self._waiting.clear()
            stopped = self._stopped  # by an outcome, while a source was pulled
        if stopped or not tasks:
            self._deliver([None] * len(tasks))
            return
        self._sent += 1
        number = self._sent
        part = Part(self._work_sent, number, [task.source for task in tasks])
        try:
            future: Future[list[Reply[A | Received]]] = self._cluster.submit(perform, part)
        except Exception as error:  # of the cluster
            self._fail(error, tasks[0])
            self._deliver([None] * len(tasks))
            return
        with self._lock:
            self._out[number] = future
            stopped = self._stopped
        future.add_done_callback(partial(self._arrive, number, tasks))
        if stopped:  # while the part was submitted
            future.cancel()

    def _arrive(self, number: int, tasks: list[Task[S]], future: Future[list[Reply[A | Received]]]) -> None:
        """Record and deliver the replies of a part."""
        replies: list[Reply[A | Received]] = []
        try:
            replies = future.result()
        except CancelledError as error:
            if not self._stopped:
                self._fail(RekogError(f"bulk: the cluster has cancelled a part: {error}"), tasks[0])
        except BaseException as error:  # of the cluster, such as a worker that was killed several times
            self._fail(error, tasks[0])
        if replies:
            self._deliver([self._finished(task, reply) for task, reply in zip(tasks, replies, strict=True)])
        else:
            self._deliver([None] * len(tasks))
        with self._part_ended:
            del self._out[number]
            self._part_ended.notify_all()

    def _finished(self, task: Task[S], reply: Reply[A | Received]) -> Outcome[S, A] | None:
        error = reply.error
        if error is not None and (not isinstance(error, RekogError) or isinstance(error, self._ending)):
            self._fail(error, task)
            return None
        answer: Any = reply.answer  # perhaps not decoded yet
        return Outcome(task.source, task.key, answer=answer, error=error)

    def _stop(self) -> None:
        super()._stop()
        with self._lock:
            futures = list(self._out.values())
        for future in futures:
            with suppress(Exception):  # the cluster is closed
                future.cancel()

    async def _join(self) -> None:
        with self._part_ended:
            self._part_ended.wait_for(lambda: not self._out)


def work_of_calls(calls: Calls[Out, S], client: RekognitionClient, workers: int) -> Work[S, Out | Received]:
    """Return the work of a run of an operation."""
    return Work(ClientSettings(client, workers), calls.detached().bound_to)


def work_of_function(function: Callable[[S], A], clients: type[RekognitionClient], workers: int) -> Work[S, A]:
    """Return the work of a run of `map`: a method of a client is called with the client of the worker."""
    inner: Any = getattr(function, "func", function)  # of a partial
    client = getattr(inner, "__self__", None)
    if not isinstance(client, clients):
        return Work(None, partial(_itself, function))
    arguments: tuple[Any, ...] = getattr(function, "args", ())
    named: dict[str, Any] = getattr(function, "keywords", {})
    return Work(ClientSettings(client, workers), partial(_rebound, inner.__name__, arguments, named))


def _itself(function: Callable[[S], A], _client: object) -> Callable[[S], A]:
    return function


def _rebound(name: str, arguments: tuple[Any, ...], named: dict[str, Any], client: object) -> Callable[[Any], Any]:
    return partial(getattr(client, name), *arguments, **named)


def _check_sent(work: Work[Any, Any]) -> None:
    """Raise `ConfigError` if the workers cannot get the work of a run."""
    import pickle

    client = "the client's settings: a transport, an SSL context, a credentials object of botocore or an own attribute"
    for value, kind in ((work.settings, client), (work.bind, "the function or the arguments")):
        try:
            pickle.dumps(value)
        except Exception as refused:  # objects raise errors of any kind
            if (error := _refused_by_cloudpickle(value, refused)) is not None:
                raise ConfigError(f"cluster: cannot be sent to other processes: {kind} ({error})") from error


def _refused_by_cloudpickle(value: object, error: Exception) -> Exception | None:
    """Return the error of Dask's own pickling, which takes local functions too; without Dask, the error given."""
    try:
        import_module("cloudpickle").dumps(value)
    except ImportError:
        return error
    except Exception as other:
        return other
    return None


publish("rekog.bulk", Cluster)
