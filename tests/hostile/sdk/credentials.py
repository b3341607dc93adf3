"""Credentials: one refresh at a time, a failing provider is asked rarely, and calls raise only `RekogError`.

Many threads and tasks call while credentials expire. Providers fail, raise every kind of error, hang, and return odd
values. Threads that wait for a provider that hangs do not accumulate. Profile files are random and malformed: each is
read, or refused with `ConfigError`.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rekog import Credentials
from rekog._settings.resolve import resolve_config
from rekog._settings.values import ConfigArguments
from rekog.errors import CallTimeoutError, ConfigError, CredentialsError
from rekog.models import ListCollectionsResponse
from tests.hostile.sdk.echo_server import EchoServer
from tests.hostile.sdk.ways import Way, outcome, pools, within

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 37
FILES = 20_000 / 22_640  # share of the attempts
CALLERS = 32
LONGEST = 120.0


class Frozen:
    """Credentials as botocore returns them."""

    access_key, secret_key, token = "AKID", "secret", "token"


class Expiring:
    """Credentials that expire 0.06 s after each refresh, which takes 0.02 s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._active = 0
        self.most_active = 0
        self.refreshes = 0

    def refresh_needed(self, seconds: float | None = None) -> bool:
        """Return whether they expire soon, or sooner."""
        return time.monotonic() > self._until - (0.03 if seconds is None else 0.005)

    def get_frozen_credentials(self) -> type[Frozen]:
        """Refresh them."""
        self._refresh()
        return Frozen

    def function(self) -> Credentials:
        """Refresh them, as a function of a user does."""
        self._refresh()
        return Credentials("AKID", "secret", expires_at=datetime.now(UTC) + timedelta(seconds=0.06))

    def _refresh(self) -> None:
        with self._lock:
            self._active += 1
            self.most_active = max(self.most_active, self._active)
        time.sleep(0.02)
        with self._lock:
            self._active -= 1
            self.refreshes += 1
            self._until = time.monotonic() + 0.06


def attack(count: int, report: Report) -> None:
    """Attack refreshes, failing and odd providers in each way, then profile files."""
    calls = round(count * (1 - FILES))
    with EchoServer(slowest=0) as server:
        for way in pools():
            with within(report, LONGEST, f"calls in {way.name} hang"):
                for source in ("provider", "function"):
                    _storm(way, server.url, source, calls // 4, report)
                _failing(way, server.url, max(calls // 16, CALLERS), report)
                _odd(way, server.url, report)
                _hanging(way, server.url, report)
    _profiles(count - calls, report)


def _calls(way: Way, url: str, credentials: object, count: int, report: Report, **settings: Any) -> list[object]:
    rekognition = way.client(url, credentials=credentials, **settings)
    numbers = iter(range(count))

    async def caller() -> list[object]:
        return [await outcome(report, rekognition.list_collections) for _ in numbers]

    found = list(itertools.chain(*way.run(*[caller() for _ in range(min(CALLERS, count))])))
    report.attempt(len(found))
    way.backend.close(rekognition)
    return found


def _storm(way: Way, url: str, source: str, count: int, report: Report) -> None:
    expiring = Expiring()
    began = time.monotonic()
    found = _calls(way, url, expiring if source == "provider" else expiring.function, count, report)
    took = time.monotonic() - began
    report.check(all(isinstance(one, ListCollectionsResponse) for one in found), f"a call failed ({source})")
    report.check(expiring.most_active == 1, f"{expiring.most_active} refreshes at a time ({source})")
    report.check(expiring.refreshes <= took / 0.02 + 5, f"{expiring.refreshes} refreshes in {took:.1f} s ({source})")
    report.largest("refreshes", expiring.refreshes)


def _failing(way: Way, url: str, count: int, report: Report) -> None:
    asked: list[None] = []

    class Fails:
        def get_frozen_credentials(self) -> object:
            asked.append(None)
            time.sleep(0.02)
            raise RuntimeError("no")

    found = _calls(way, url, Fails(), count, report)
    report.check(all(isinstance(one, CredentialsError) for one in found), "a call without credentials succeeded")
    report.check(len(asked) <= len(found) / 2 + 1, f"{len(found)} calls asked a failing provider {len(asked)} times")
    report.largest("requests to a failing provider", len(asked))


def _returning(value: object) -> Callable[[], object]:
    return lambda: value


def _raising(error: type[BaseException]) -> Callable[[], object]:
    def function() -> object:
        raise error("from the provider")

    return function


ODD: dict[str, object] = {
    "None": None,
    "text": "x",
    "bytes": type("F", (), {"access_key": b"x", "secret_key": "s", "token": None}),
    "line end in a token": type("F", (), {"access_key": "x", "secret_key": "s", "token": "a\r\nX-Evil: 1"}),
    "empty": type("F", (), {"access_key": "", "secret_key": "", "token": ""}),
    "numbers": type("F", (), {"access_key": 1, "secret_key": 2, "token": 3}),
    "credentials without a time zone": ("AKID", "secret", None, datetime(2026, 1, 1)),  # noqa: DTZ001  # hence odd
}
RAISED: list[type[BaseException]] = [
    *(RuntimeError, OSError, StopIteration, RecursionError, MemoryError, AssertionError, TimeoutError, KeyError),
    *(EOFError, ImportError, UnicodeError, asyncio.QueueFull, StopAsyncIteration),
]


def _odd(way: Way, url: str, report: Report) -> None:
    """Check that odd values and errors of providers lead to a `CredentialsError`."""
    functions = {name: _returning(value) for name, value in ODD.items()}
    functions.update({error.__name__: _raising(error) for error in RAISED})
    for name, function in functions.items():
        provider = type("Provider", (), {"get_frozen_credentials": staticmethod(function)})()
        for source in provider, function:
            [found] = _calls(way, url, source, 1, report)
            text = f"{name} from a {'provider' if source is provider else 'function'}: {type(found).__name__}"
            report.check(isinstance(found, CredentialsError), text)


def _hanging(way: Way, url: str, report: Report) -> None:
    """Check that calls end in time while a provider hangs, and that they share one thread."""
    released = threading.Event()

    def hangs() -> Credentials:
        released.wait(60)
        return Credentials("AKID", "secret")

    before = threading.active_count()
    found = _calls(way, url, hangs, 200, report, timeout=0.1)
    threads = threading.active_count() - before
    released.set()
    report.check(all(isinstance(one, CallTimeoutError) for one in found), "a call without credentials succeeded")
    report.check(threads <= CALLERS + 10, f"{threads} threads wait for a provider in {way.name}")
    report.largest("threads that wait for a provider", threads)


LINES = [
    *(
        "[default]\n",
        "[profile a]\n",
        "[profile 'a b']\n",
        "[services s]\n",
        "region = eu-west-1\n",
        "region=\n",
        " = x\n",
    ),
    *(
        "aws_access_key_id = A\n",
        "services = s\n",
        "rekognition =\n  endpoint_url = http://127.0.0.1:1\n",
        "  nested = 1\n",
    ),
    *("# c\n", "; c\n", "[", "]", "[]\n", "[DEFAULT]\n", "%(x)s", "\0", "\r", "\ufeff", "=", ":", "\n\n", "\t", "x"),
    *(
        "endpoint_url = http://u:p@h/\n",
        "max_attempts = ٣\n",
        "max_attempts = 1e3\n",
        "retry_mode = \n",
        '[profile "]\n',
    ),
    *("[profile]\n", "[profile a b]\n", "use_fips_endpoint = TRUE\n", "ca_bundle = ~\n", "é", "\u2028", "\x85", "\x0b"),
]
WHOLE_LINES = [line for line in LINES if line.endswith("\n") and not line.startswith((" ", "[]", '[profile "'))]
ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"AWS_PROFILE": "a"},
    {"AWS_PROFILE": "a b"},
    {"AWS_PROFILE": "default"},
    {"AWS_PROFILE": "", "AWS_REGION": "eu-west-1"},
]


def _file(chance: random.Random) -> str:
    """Return a file of random fragments, or of whole lines behind a section."""
    if chance.random() < 0.3:
        return "".join(chance.choices(LINES, k=chance.randint(0, 12)))
    sections, settings = (
        [line for line in WHOLE_LINES if line.startswith("[") == section] for section in (True, False)
    )
    text = ""
    for section in chance.sample(sections, chance.randint(0, 4)):
        text += section + "".join(chance.sample(settings, chance.randint(0, 4)))
    return text


def _profiles(count: int, report: Report) -> None:
    chance = random.Random(SEED)
    for _ in range(count):
        config, credentials = (_file(chance) for _ in range(2))
        report.attempt()
        environment = chance.choice(ENVIRONMENTS)

        def read(path: str, config: str = config, credentials: str = credentials) -> str:
            return credentials if "cred" in path else config

        try:
            resolve_config(ConfigArguments(region_name=chance.choice((None, "eu-west-1"))), environment, read)
            report.figure("profile files read")
        except ConfigError:
            report.figure("profile files refused")
        except Exception as error:
            report.fault(f"profile files: {type(error).__name__}: {error}"[:120])
