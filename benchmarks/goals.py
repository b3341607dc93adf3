"""The rows of the benchmark as data: the runs, the compared figures and their goals."""

from __future__ import annotations

from typing import Literal

import attrs

from .bulk import BARE, BULK, RECORDED

Quantity = Literal["cpu", "wall", "rate", "cpu_rate", "memory", "added", "growth", "share"]


@attrs.frozen
class Run:
    """One measured task of a client, always in a fresh process.

    `calls` is the number of calls in a full run. `server` names the listener: http, https, or slow, which responds
    after 50 ms. `task` names a method of `benchmarks.clients.Client`, or is one of `benchmarks.bulk`; `import` and
    `first` measure a whole process.
    """

    client: str
    task: str
    calls: int = 1
    workers: int = 1
    server: Literal["http", "https", "slow"] = "http"
    orjson: bool = False

    @property
    def name(self) -> str:
        """The name of the run in reports."""
        details = [f"{self.workers} concurrent"] if self.workers > 1 else []
        details += [self.server] if self.server != "http" else []
        details += ["orjson"] if self.orjson else []
        details += [self.task] if self.task in (BULK, RECORDED) else []
        return f"{self.client} ({', '.join(details)})" if details else self.client


@attrs.frozen
class Figure:
    """A quantity of rekog with its goal; divided by that of `theirs` unless `theirs` is None."""

    label: str
    quantity: Quantity
    ours: Run
    theirs: Run | None
    goal: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Return True when a value reaches the goal."""
        return value >= self.goal if self.at_least else value <= self.goal


@attrs.frozen
class Row:
    """A row of the table: all its runs, with and without a goal, take turns for `rounds` rounds."""

    name: str
    title: str
    rounds: int
    figures: tuple[Figure, ...]
    beside: tuple[Run, ...] = ()

    @property
    def runs(self) -> list[Run]:
        """Every run once, in order."""
        compared = [run for figure in self.figures for run in (figure.ours, figure.theirs) if run is not None]
        return list(dict.fromkeys([*compared, *self.beside]))


def _import() -> Row:
    clients = "python httpx http.client aiobotocore capo".split()
    return Row(
        "import",
        "import, fresh process",
        15,
        (Figure("CPU", "cpu", Run("rekog", "import"), Run("boto3", "import"), 0.15),),
        tuple(Run(client, "import") for client in clients),
    )


def _first_call() -> Row:
    ours, theirs = Run("rekog", "first"), Run("boto3", "first")
    tls, their_tls = attrs.evolve(ours, server="https"), attrs.evolve(theirs, server="https")
    clients = "rekog async;aiobotocore;capo;http.client".split(";")
    beside = [Run(client, "first", server=server) for server in ("http", "https") for client in clients]
    return Row(
        "first",
        "import, client and first call, fresh process",
        11,
        (
            Figure("http, wall", "wall", ours, theirs, 0.40),
            Figure("https, wall", "wall", tls, their_tls, 0.50),
            Figure("http, peak memory", "memory", ours, theirs, 0.60),
            Figure("https, peak memory", "memory", tls, their_tls, 0.60),
        ),
        tuple(beside),
    )


def _sequential(name: str, title: str, task: str, calls: int, sync_goal: float, async_goal: float) -> Row:
    boto3 = Run("boto3", task, calls)
    beside = [Run(client, task, calls) for client in "aiobotocore;capo async;http.client;urllib3;httpx".split(";")]
    beside += [Run(client, task, calls) for client in ("socket", "asyncio")]
    beside.append(Run("capo", task, calls // 10))  # it waits 44 ms for each response (no TCP_NODELAY)
    return Row(
        name,
        title,
        7,
        (
            Figure("sync, CPU", "cpu", Run("rekog", task, calls), boto3, sync_goal),
            Figure("async, CPU", "cpu", Run("rekog async", task, calls), boto3, async_goal),
        ),
        tuple(beside),
    )


def _concurrent(name: str, title: str, task: str, calls: int, goals: dict[str, float]) -> Row:
    ours = Run("rekog async", task, calls, 64)
    theirs = {client: Run(client, task, calls, 64) for client in ("boto3", "aiobotocore", "capo async")}
    figures = [
        Figure(f"{word}, against {client}", quantity, ours, theirs[client], goal, at_least=True)
        for client, goal in goals.items()
        for word, quantity in _RATES
    ]
    beside = [Run("rekog", task, calls, 64), Run("asyncio", task, calls, 64), *theirs.values()]
    return Row(name, title, 5, tuple(figures), tuple(beside))


_RATES: tuple[tuple[str, Quantity], ...] = (("requests per second", "rate"), ("requests per second of CPU", "cpu_rate"))


def _latency() -> Row:
    baseline = Run("rekog async", "tiny", 6400, 64)
    moderate = Run("rekog async", "tiny", 3200, 64, "slow")
    massive = Run("rekog async", "tiny", 20_000, 1000, "slow")
    return Row(
        "latency",
        "1,000 concurrent calls, 50 ms latency",
        5,
        (
            Figure("CPU per call, against 64 concurrent", "cpu", massive, baseline, 1.3),
            Figure("share of the ceiling", "share", massive, None, 0.90, at_least=True),
            Figure("share of the ceiling, 64 concurrent", "share", moderate, None, 0.90, at_least=True),
        ),
        (Run("asyncio", "tiny", 20_000, 1000, "slow"), Run("asyncio", "tiny", 3200, 64, "slow")),
    )


def _decode() -> Row:
    theirs = Run("botocore", "decode", 6)
    return Row(
        "decode",
        "decode a 3.5 MB GetFaceDetection page (54,000 objects)",
        7,
        (
            Figure("CPU", "cpu", Run("rekog", "decode", 6), theirs, 0.50),
            Figure("CPU, with orjson", "cpu", Run("rekog", "decode", 6, orjson=True), theirs, 0.28),
        ),
    )


def _upload() -> Row:
    ours, theirs = Run("rekog", "upload", 20), Run("boto3", "upload", 20)
    return Row(
        "upload",
        "upload of a 4.5 MB image",
        7,
        (
            Figure("CPU", "cpu", ours, theirs, 0.35),
            Figure("added memory", "added", ours, theirs, 0.35),
        ),
        tuple(Run(client, "upload", 20) for client in "rekog async;aiobotocore;capo;capo async".split(";")),
    )


def _page() -> Row:
    ours, theirs = Run("rekog", "page"), Run("boto3", "page")
    fast = attrs.evolve(ours, orjson=True)
    return Row(
        "page",
        "page 100,000 faces",
        5,
        (
            Figure("CPU", "cpu", ours, theirs, 0.45),
            Figure("CPU, with orjson", "cpu", fast, theirs, 0.35),
            Figure("peak memory, end against first tenth", "growth", ours, None, 1.05),
        ),
        tuple(Run(client, "page") for client in "rekog async;aiobotocore;capo async".split(";")),
    )


def _bulk() -> Row:
    """Against a loop of bare calls; the CPU time counts without latency, the wall time with it."""
    figures: list[Figure] = []
    for client, word in (("rekog", "threads"), ("rekog async", "tasks")):
        for task, detail in ((BULK, ""), (RECORDED, ", checkpoint")):
            ours, theirs = (Run(client, name, 3200, 16) for name in (task, BARE))
            slow, theirs_slow = (Run(client, name, 1600, 16, "slow") for name in (task, BARE))
            label = f"{word}{detail}, calls per second"
            figures.append(Figure(f"{label} of CPU", "cpu_rate", ours, theirs, 0.90, at_least=True))
            figures.append(Figure(f"{label}, 50 ms", "rate", slow, theirs_slow, 0.90, at_least=True))
    pool = Run("boto3", BARE, 1600, 16)
    figures.append(Figure("threads, against boto3", "rate", Run("rekog", BULK, 3200, 16), pool, 2.0, at_least=True))
    return Row("bulk", "`client.bulk`, 16 concurrent calls of DetectLabels, ten labels", 7, tuple(figures))


ROWS: tuple[Row, ...] = (
    _import(),
    _first_call(),
    _sequential("tiny", "sequential call, tiny response", "tiny", 1000, 0.25, 0.33),
    _sequential("faces", "sequential call, 11 KB response decoded to models", "faces", 500, 0.33, 0.38),
    _concurrent(
        "tiny-64",
        "64 concurrent calls, tiny response",
        "tiny",
        3200,
        {"boto3": 4.0, "aiobotocore": 3.5, "capo async": 2.5},
    ),
    _concurrent("faces-64", "64 concurrent calls, 11 KB response", "faces", 1920, {"boto3": 3.5}),
    _latency(),
    _decode(),
    _upload(),
    _page(),
    _bulk(),
)
