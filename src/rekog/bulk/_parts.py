"""The workers' side of a run on a cluster: parts of its sources, and the client that a worker process makes.

Theory of operation. A part is a few sources and the `Work` of the run, which describes a function of a source: a call
of an operation with the client's settings, or a function of the program. A worker process makes a client from the
settings on the first part of a run, and uses it for all parts of that run. No message tells a worker that a run is
over, so a process keeps the clients of its last runs (`KEPT`) and closes older ones.

All of it is pickled, with the standard module or with cloudpickle. No `repr` here shows sources or settings, because a
cluster logs the arguments of a task that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import uuid4

from .._settings.rate_limit import divided
from .._values.errors import ConfigError
from .._values.forks import Forkable

if TYPE_CHECKING:
    from .._generated.client import RekognitionClient

S = TypeVar("S")
A = TypeVar("A")

KEPT = 4
"""Runs whose function and client an idle process keeps."""


class ClientSettings:
    """The settings of a client, without its connections; `workers` processes share its rate limit."""

    def __init__(self, client: RekognitionClient, workers: int) -> None:
        self._kind = type(client)
        self._state: dict[str, Any] = dict(client.__getstate__())
        arguments, credentials, transport = self._state["_settings"]
        if getattr(transport, "emulator", None) is not None:
            raise ConfigError(
                f"cluster: the emulator of {self._kind.__name__}.local() is in this process, and the workers of a"
                " cluster cannot reach it: serve it (`with emulator.serve() as url:`) and use a client with"
                " endpoint_url=url"
            )
        config = client.config
        limit = config.rate_limit
        # Resolved here: the environment and the profile files of a worker may have others.
        arguments = arguments.__replace__(
            region_name=config.region_name,
            endpoint_url=config.endpoint_url,
            use_fips_endpoint=config.use_fips_endpoint or None,
            use_dualstack_endpoint=config.use_dualstack_endpoint or None,
            retry=config.retry,
            timeout=config.timeout,
            rate_limit=None if limit is None else divided(limit, workers),
        )
        self._state["_settings"] = arguments, credentials, transport

    def open(self) -> RekognitionClient:
        """Return a new client with these settings."""
        client = self._kind.__new__(self._kind)
        client.__setstate__(self._state)
        return client


class Work(Generic[S, A]):
    """The function of a run, as its workers get it: `bind` returns it for a client, or for None without settings."""

    def __init__(self, settings: ClientSettings | None, bind: Callable[[Any], Callable[[S], A]]) -> None:
        self.run = uuid4().hex
        self.settings = settings
        self.bind = bind


class Part(Generic[S, A]):
    """Some sources of a run; `number` is unique in the run."""

    def __init__(self, work: Work[S, A], number: int, sources: Sequence[S]) -> None:
        self.work = work
        self.number = number
        self.sources = sources

    def __dask_tokenize__(self) -> tuple[str, int]:
        """Return the identity of the part, so that Dask need not hash its images to name the task."""
        return self.work.run, self.number


class Reply(NamedTuple, Generic[A]):
    """The answer for a source, or the exception in its place."""

    answer: A | None
    error: BaseException | None


def perform(part: Part[S, A]) -> list[Reply[A]]:
    """Call the function of a run for the sources of a part, all at once, and return the replies in their order."""
    with _functions.of(part.work) as function:
        if len(part.sources) == 1:
            return [_reply(function, part.sources[0])]
        with ThreadPoolExecutor(len(part.sources), "rekog-bulk") as threads:
            return list(threads.map(partial(_reply, function), part.sources))


def _reply(function: Callable[[S], A], source: S) -> Reply[A]:
    try:
        return Reply(function(source), None)
    except BaseException as error:  # raised in the process of the program
        return Reply(None, error)


class _Kept:
    """A function of a run in this process, its client, and the number of parts that use it now."""

    def __init__(self, work: Work[Any, Any]) -> None:
        self.client = None if work.settings is None else work.settings.open()
        self.function: Callable[[Any], Any] = work.bind(self.client)
        self.users = 0


class KeptFunctions(Forkable):
    """The functions of the last runs in this process."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, _Kept] = {}

    def _renew(self) -> None:
        super()._renew()
        for kept in self._kept.values():
            kept.users = 0  # the threads of the parent

    def clients(self) -> list[RekognitionClient]:
        with self._lock:
            return [kept.client for kept in self._kept.values() if kept.client is not None]

    @contextmanager
    def of(self, work: Work[S, A]) -> Generator[Callable[[S], A]]:
        """Give the function of a run, and keep its client open meanwhile."""
        with self._lock:
            if (kept := self._kept.get(work.run)) is None:
                kept = self._kept[work.run] = _Kept(work)
            kept.users += 1
        try:
            yield kept.function
        finally:
            with self._lock:
                kept.users -= 1
                self._kept[work.run] = self._kept.pop(work.run)  # the newest
                idle = [run for run, each in self._kept.items() if each.users == 0]
                old = [self._kept.pop(run) for run in idle[:-KEPT]]
            for each in old:
                if each.client is not None:
                    each.client.close()


_functions = KeptFunctions()


def kept_clients() -> list[RekognitionClient]:
    """Return the clients of the last runs in this process."""
    return _functions.clients()
