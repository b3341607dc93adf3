"""Credentials: the choice of their source, botocore's chain with real files, and refreshing by one thread."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from rekog._settings.sources import ChainSource, FixedSource, FunctionSource, find_source
from rekog._values.errors import CredentialsError
from rekog.config import Config
from rekog.credentials import Credentials

if TYPE_CHECKING:
    from rekog._settings.values import CredentialSource

botocore_credentials = import_module("botocore.credentials")

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hunter2"}
START = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """A manual clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


def refreshable(clock: Clock, refresh: Callable[[], str]) -> Any:
    """Return botocore's own credentials that expire after an hour; `refresh` returns the name of the next key."""

    def metadata() -> dict[str, object]:
        return {
            "access_key": refresh(),
            "secret_key": "s",
            "token": "t",
            "expiry_time": (clock.now + timedelta(hours=1)).isoformat(),
        }

    return botocore_credentials.RefreshableCredentials(
        "first", "s", "t", clock.now + timedelta(hours=1), metadata, "test", time_fetcher=clock
    )


# Values


def test_secret_and_token_are_not_shown() -> None:
    assert repr(Credentials("AKID", "hunter2", "hunter3")) == "Credentials(access_key_id='AKID', expires_at=None)"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("", "s"), "access_key_id must be ASCII text without spaces and line ends, not empty"),
        (("a", "hunter2\n"), "secret_access_key must be ASCII text without spaces and line ends, not other text"),
        (("a", "hunter2 "), "secret_access_key must be ASCII text without spaces and line ends, not other text"),
        (("a", "hunter2é"), "secret_access_key must be ASCII text without spaces and line ends, not other text"),
        (("a", b"hunter2"), "secret_access_key must be ASCII text without spaces and line ends, not bytes"),
        (("a", "s", ""), "session_token must be ASCII text without spaces and line ends, not empty"),
    ],
)
def test_the_error_of_a_malformed_credential_does_not_show_it(values: Any, message: str) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        Credentials(*values)

    assert "hunter2" not in str(caught.value)


# The choice of a source


def test_an_argument_wins_over_the_environment() -> None:
    argument = Credentials("a", "b")
    source = find_source(argument, Config(), KEYS)

    assert (source.cached(), source.load()) == (argument, argument)


class Session:
    """A session with the interface of boto3's."""

    def get_credentials(self) -> None: ...


async def fetch() -> Credentials:
    raise AssertionError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("a", "hunter2"), r"not a tuple: write credentials=Credentials\(access_key_id, secret_access_key"),
        ({"access_key": "a", "secret_key": "hunter2"}, r"not a dict: write credentials=Credentials\("),
        (Session(), r"not a Session: write credentials=session\.get_credentials\(\)"),
        (Credentials, r"not the class Credentials: write credentials=Credentials\("),
        (fetch, "credentials must not be async: the async client calls it in a worker thread"),
    ],
)
def test_the_error_of_other_credentials_names_the_way_without_the_secret(given: Any, message: str) -> None:
    with pytest.raises(CredentialsError, match=message) as caught:
        find_source(given, Config(), {})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("access_key", "access_key_id"),
        ("aws_access_key_id", "access_key_id"),
        ("token", "session_token"),
        ("expiration", "expires_at"),
    ],
)
def test_botocores_names_of_credentials_are_explained(theirs: str, ours: str) -> None:
    build: Any = Credentials
    with pytest.raises(TypeError, match=f"^Credentials has no argument '{theirs}': it is {ours} here$"):
        build(**{theirs: "x"})


def test_any_other_name_of_an_argument_is_reported_by_python() -> None:
    build: Any = Credentials
    with pytest.raises(TypeError, match="user"):
        build("AKID", "secret", user="x")


@pytest.mark.parametrize("value", [datetime(2030, 1, 1), "2030-01-01", 5])  # noqa: DTZ001 (without a zone: the test)
def test_a_time_of_expiry_needs_a_time_zone(value: Any) -> None:
    with pytest.raises(CredentialsError, match=r"^expires_at must be a datetime with a time zone, like datetime\.now"):
        Credentials("a", "b", expires_at=value)


@pytest.mark.parametrize("token", [None, "t"])
def test_credentials_of_the_environment_are_available_at_once(token: str | None) -> None:
    environment = {**KEYS, "AWS_SESSION_TOKEN": token or ""}

    assert find_source(None, Config(), environment).cached() == Credentials("AKID", "hunter2", token)


@pytest.mark.parametrize(
    ("present", "missing"),
    [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")],
)
def test_the_error_of_one_variable_names_the_missing_one(present: str, missing: str) -> None:
    with pytest.raises(CredentialsError, match=f"{present} is set, but {missing} is not"):
        find_source(None, Config(), {present: "x"})


def test_profile_argument_wins_over_the_environment() -> None:
    source = find_source(None, Config(profile_name="a", profile_is_argument=True), KEYS)

    assert isinstance(source, ChainSource)


def test_environment_wins_over_a_profile_variable() -> None:
    assert find_source(None, Config(profile_name="a"), KEYS).cached() == Credentials("AKID", "hunter2")


def test_sources_satisfy_the_protocol() -> None:
    sources: list[CredentialSource] = [
        FixedSource(Credentials("a", "b")),
        ChainSource(lambda: None),
        FunctionSource(lambda: Credentials("a", "b")),
    ]
    assert [source.load().access_key_id for source in (sources[0], sources[2])] == ["a", "a"]


# botocore's chain


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files `config` and `credentials` are the only source of credentials."""
    for name in (*KEYS, "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def test_profile_of_the_credentials_file_is_used(folder: Path) -> None:
    (folder / "credentials").write_text("[work]\naws_access_key_id=a\naws_secret_access_key=b\n")
    source = find_source(None, Config(profile_name="work"), os.environ)

    assert source.cached() is None
    assert source.load() == Credentials("a", "b")
    assert source.cached() == Credentials("a", "b")


def process_profile(folder: Path, script: str) -> CredentialSource:
    (folder / "process.py").write_text(script)
    (folder / "config").write_text(f"[profile tool]\ncredential_process = {sys.executable} {folder / 'process.py'}\n")
    return find_source(None, Config(profile_name="tool", region_name="eu-west-1"), os.environ)


def test_credential_process_is_run_once_for_many_loads(folder: Path) -> None:
    output = {
        "Version": 1,
        "AccessKeyId": "a",
        "SecretAccessKey": "b",
        "SessionToken": "c",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    script = f"open({str(folder / 'runs')!r}, 'a').write('x'); print({json.dumps(output)!r})"
    source = process_profile(folder, script)

    assert [source.load(), source.load(), source.cached()] == [Credentials("a", "b", "c")] * 3
    assert (folder / "runs").read_text() == "x"


def test_the_error_of_a_failing_process_has_a_cause_and_advice(folder: Path) -> None:
    source = process_profile(folder, "raise SystemExit('no smart card')")

    with pytest.raises(CredentialsError, match=r"provider failed .*no smart card.*: fix it, or give cred") as caught:
        source.load()

    assert type(caught.value.__cause__).__name__ == "CredentialRetrievalError"


def test_the_error_without_credentials_has_advice(folder: Path) -> None:
    source = find_source(None, Config(), os.environ)

    with pytest.raises(CredentialsError, match=r"no credentials found: give credentials=.*set AWS_ACCESS_KEY_ID"):
        source.load()


def test_missing_credentials_are_searched_again(folder: Path) -> None:
    source = find_source(None, Config(), os.environ)
    with pytest.raises(CredentialsError):
        source.load()
    (folder / "credentials").write_text("[default]\naws_access_key_id=a\naws_secret_access_key=b\n")

    assert source.load() == Credentials("a", "b")


class TokenService(BaseHTTPRequestHandler):
    """Serves AssumeRole and records the signatures of the requests."""

    signatures: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.signatures.append(self.headers["Authorization"])
        body = (
            b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>role</AccessKeyId>"
            b"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            b"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def test_old_name_of_the_session_token_is_accepted() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SECURITY_TOKEN": "old"}
    assert find_source(None, Config(), environment).load() == Credentials("a", "b", "old")
    assert find_source(None, Config(), environment | {"AWS_SESSION_TOKEN": "c"}).load() == Credentials("a", "b", "c")


@pytest.mark.parametrize("named", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_empty_profile_variable_counts_as_absent(folder: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    (folder / "credentials").write_text("[default]\naws_access_key_id=a\naws_secret_access_key=b\n")
    monkeypatch.setenv(named, "")
    assert find_source(None, Config(), os.environ).load() == Credentials("a", "b")


def test_credentials_are_those_of_the_selected_profile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = "aws_access_key_id={0}\naws_secret_access_key={0}\n"
    (folder / "credentials").write_text(f"[one]\n{keys.format('a')}[two]\n{keys.format('b')}")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "two")  # botocore prefers this one
    monkeypatch.setenv("AWS_PROFILE", "one")
    assert find_source(None, Config(profile_name="one"), os.environ).load() == Credentials("a", "a")


@pytest.mark.parametrize("is_argument", [False, True])
def test_web_identity_of_the_environment_is_used_without_a_profile_argument(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_argument: bool
) -> None:
    (folder / "config").write_text("[profile p]\nregion=us-east-1\n")
    (folder / "token").write_text("token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(folder / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9/")  # no server: the error shows that it was called
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("NO_PROXY", "*")
    config = Config(profile_name="p", profile_is_argument=is_argument, region_name="us-east-1")
    reason = "no credentials found" if is_argument else "provider failed .*127.0.0.1:9"
    with pytest.raises(CredentialsError, match=reason):
        find_source(None, config, os.environ).load()


def test_role_is_assumed_in_the_region_of_the_client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = role\n"
        "aws_access_key_id = a\naws_secret_access_key = b\n"
    )
    with HTTPServer(("127.0.0.1", 0), TokenService) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "*")
        credentials = find_source(None, Config(profile_name="role", region_name="eu-central-1"), os.environ).load()
        server.shutdown()

    assert credentials == Credentials("role", "s", "t")
    assert ["/eu-central-1/sts/" in signature for signature in TokenService.signatures] == [True]


# Refreshing


def test_valid_credentials_are_returned_without_waiting() -> None:
    clock = Clock()
    source = ChainSource(lambda: refreshable(clock, lambda: "second"))
    first = source.load()
    clock.advance(minutes=44)

    assert (first.access_key_id, source.cached()) == ("first", first)


def test_credentials_near_their_expiry_are_refreshed() -> None:
    clock = Clock()
    source = ChainSource(lambda: refreshable(clock, lambda: "second"))
    source.load()
    clock.advance(minutes=46)

    assert source.cached() is None
    assert source.load().access_key_id == "second"
    assert source.cached() == source.load()


def test_concurrent_callers_refresh_once() -> None:
    clock = Clock()
    runs: list[str] = []
    callers = 16
    together = threading.Barrier(callers)

    def refresh() -> str:
        runs.append("run")
        return "second"

    def call(_: int) -> str:
        together.wait(10)
        return source.load().access_key_id

    source = ChainSource(lambda: refreshable(clock, refresh))
    source.load()
    clock.advance(minutes=59)
    with ThreadPoolExecutor(callers) as pool:
        keys = list(pool.map(call, range(callers)))

    assert (keys, runs) == (["second"] * callers, ["run"])


def test_concurrent_callers_share_a_failure() -> None:
    callers = 16
    together = threading.Barrier(callers)
    runs: list[str] = []

    def find() -> None:
        time.sleep(0.5)
        runs.append("run")

    def call(_: int) -> str:
        together.wait(10)
        with pytest.raises(CredentialsError) as caught:
            source.load()
        return str(caught.value)

    source = ChainSource(find)
    with ThreadPoolExecutor(callers) as pool:
        messages = set(pool.map(call, range(callers)))

    assert (len(messages), len(runs)) == (1, 1)
    with pytest.raises(CredentialsError):
        source.load()
    assert len(runs) == 2  # a later call tries again


@pytest.mark.parametrize(("minutes", "usable"), [(46, True), (51, False)])
def test_other_callers_use_the_old_credentials_during_an_early_refresh(minutes: float, usable: bool) -> None:
    clock = Clock()
    started, finish = threading.Event(), threading.Event()

    def refresh() -> str:
        started.set()
        assert finish.wait(10)
        return "second"

    source = ChainSource(lambda: refreshable(clock, refresh))
    first = source.load()
    clock.advance(minutes)
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(source.load)
        assert started.wait(10)
        meanwhile = source.cached()
        finish.set()
        second = refreshing.result()

    assert meanwhile == (first if usable else None)
    assert second.access_key_id == "second"


def test_expired_credentials_are_not_returned_while_the_provider_is_refreshing() -> None:
    clock = Clock()
    refreshed, finish = threading.Event(), threading.Event()
    inner = refreshable(clock, lambda: "second")

    class Slow:
        """Return the new credentials only after `finish`."""

        refresh_needed = inner.refresh_needed

        def get_frozen_credentials(self) -> Any:
            frozen = inner.get_frozen_credentials()
            if frozen.access_key == "second":
                refreshed.set()
                assert finish.wait(10)
            return frozen

    source = ChainSource(Slow)
    source.load()
    clock.advance(minutes=61)
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(source.load)
        assert refreshed.wait(10)
        meanwhile = source.cached()
        finish.set()

    assert (meanwhile, refreshing.result().access_key_id) == (None, "second")


def test_after_a_failed_early_refresh_the_old_credentials_are_used() -> None:
    clock = Clock()

    def refresh() -> str:
        raise OSError("away")

    source = ChainSource(lambda: refreshable(clock, refresh))
    first = source.load()
    clock.advance(minutes=46)

    assert source.load() == first


def test_a_failed_late_refresh_is_an_error() -> None:
    clock = Clock()

    def refresh() -> str:
        raise OSError("away")

    source = ChainSource(lambda: refreshable(clock, refresh))
    source.load()
    clock.advance(minutes=55)

    with pytest.raises(CredentialsError, match=r"provider failed \(away\)") as caught:
        source.load()
    assert isinstance(caught.value.__cause__, OSError)


# Functions


class Function:
    """A user's function: each call returns the next key, valid for some minutes, or raises."""

    def __init__(self, clock: Clock, *, minutes: float | None = 60) -> None:
        self.count = 0
        self.fails = False
        self._clock = clock
        self._minutes = minutes

    def __call__(self) -> Credentials:
        self.count += 1
        if self.fails:
            raise OSError("the vault is sealed")
        end = None if self._minutes is None else self._clock.now + timedelta(minutes=self._minutes)
        return Credentials(f"AKID{self.count}", "secret", expires_at=end)


def function_source(clock: Clock, function: Function) -> FunctionSource:
    return FunctionSource(function, lambda: clock().timestamp())


def test_a_function_is_the_source_of_its_credentials() -> None:
    source = find_source(lambda: Credentials("a", "b"), Config(), KEYS)

    assert (source.cached(), source.load()) == (None, Credentials("a", "b"))
    assert source.cached() == Credentials("a", "b")


def test_credentials_without_expiry_are_fetched_once() -> None:
    clock = Clock()
    source = function_source(clock, Function(clock, minutes=None))
    first = source.load()
    clock.advance(minutes=1e6)

    assert source.cached() is source.load() is first


@pytest.mark.parametrize(
    ("valid", "fresh", "stale"), [(60, 44.9, 45), (720, 704, 705), (20, 14.9, 15), (4, 2.9, 3)], ids=str
)
def test_a_function_is_called_again_before_its_credentials_expire(valid: float, fresh: float, stale: float) -> None:
    clock = Clock()
    source = function_source(clock, Function(clock, minutes=valid))
    first = source.load()
    clock.advance(fresh)
    assert source.cached() is first
    clock.advance(stale - fresh)

    assert source.cached() is None
    assert source.load().access_key_id == "AKID2"
    assert source.cached() == source.load()


def test_after_a_failed_early_call_the_old_credentials_are_used_for_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    function = Function(clock)
    source = function_source(clock, function)
    first = source.load()
    function.fails = True
    clock.advance(minutes=46)

    assert source.load() is source.cached() is first
    ((logger, level, text),) = caplog.record_tuples
    assert (logger, level) == ("rekog", logging.WARNING)
    assert text == (
        "the present credentials stay in use: the function credentials failed (the vault is sealed): fix it, or give"
        " credentials=Credentials(...), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that works"
    )
    clock.advance(minutes=1)
    assert source.cached() is None
    function.fails = False
    assert source.load().access_key_id == "AKID3"


def test_no_call_uses_old_credentials_when_an_early_refresh_takes_too_long() -> None:
    clock = Clock()
    started, finish = threading.Event(), threading.Event()

    def refresh() -> str:
        started.set()
        assert finish.wait(10)
        return "second"

    source = ChainSource(lambda: refreshable(clock, refresh))
    first = source.load()
    clock.advance(46)
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(source.load)
        assert started.wait(10)
        early = source.cached()
        clock.advance(5)
        late = source.cached()
        finish.set()
        refreshing.result()

    assert (early, late) == (first, None)


def test_after_a_failed_early_call_short_credentials_are_used_to_their_last_sixth() -> None:
    clock = Clock()
    function = Function(clock, minutes=2)
    source = function_source(clock, function)
    first = source.load()
    function.fails = True
    clock.advance(1.6)
    assert source.load() is source.cached() is first
    clock.advance(0.1)

    assert source.cached() is None


@pytest.mark.parametrize("minutes", [51, 61])
def test_a_failed_late_call_is_an_error(minutes: float) -> None:
    clock = Clock()
    function = Function(clock)
    source = function_source(clock, function)
    source.load()
    function.fails = True
    clock.advance(minutes)

    with pytest.raises(
        CredentialsError, match=r"^the function credentials failed \(the vault is sealed\): fix"
    ) as caught:
        source.load()
    assert isinstance(caught.value.__cause__, OSError)
    assert source.cached() is None


def test_the_error_of_a_function_without_a_text_names_its_class() -> None:
    def fail() -> Credentials:
        raise TimeoutError

    with pytest.raises(CredentialsError, match=r"failed \(TimeoutError\)"):
        FunctionSource(fail).load()


@pytest.mark.parametrize(("minutes", "expired"), [(-1, "2029-12-31 23:59:00"), (0, "2030-01-01 00:00:00")])
def test_expired_credentials_of_a_function_are_refused(minutes: float, expired: str) -> None:
    clock = Clock()

    with pytest.raises(CredentialsError, match=f"returned some that expired at {expired}"):
        function_source(clock, Function(clock, minutes=minutes)).load()


@pytest.mark.parametrize(("returned", "kind"), [(None, "NoneType"), (("a", "b"), "tuple"), (fetch, "coroutine")])
def test_a_function_must_return_credentials(returned: Any, kind: str) -> None:
    function: Any = lambda: returned() if callable(returned) else returned  # noqa: E731

    with pytest.raises(CredentialsError, match=rf"must return rekog\.Credentials, not {kind}$"):
        FunctionSource(function).load()


def test_an_object_with_frozen_credentials_is_a_provider() -> None:
    clock = Clock()
    source = find_source(refreshable(clock, lambda: "second"), Config(), KEYS)

    assert source.load().access_key_id == "first"
    clock.advance(minutes=46)
    assert (source.cached(), source.load().access_key_id) == (None, "second")


def test_an_object_without_refresh_is_read_once() -> None:
    fixed: Any = botocore_credentials.Credentials("a", "b", "c")
    source = find_source(fixed, Config(), KEYS)

    assert source.load() is source.cached() is source.load()
    assert source.load() == Credentials("a", "b", "c")


class Provider:
    """A provider that returns the given frozen credentials, of any type."""

    def __init__(self, frozen: object) -> None:
        self._frozen = frozen

    def get_frozen_credentials(self) -> object:
        return self._frozen


def frozen(access_key: object = "AKID", secret_key: object = "hunter2", **more: object) -> object:
    return SimpleNamespace(access_key=access_key, secret_key=secret_key, **more)


def test_an_empty_session_token_of_a_provider_counts_as_none() -> None:
    assert find_source(Provider(frozen(token="")), Config(), {}).load() == Credentials("AKID", "hunter2")


def test_a_provider_needs_no_session_token() -> None:
    assert find_source(Provider(frozen()), Config(), {}).load() == Credentials("AKID", "hunter2")


class Broken:
    """Frozen credentials that cannot be read."""

    @property
    def access_key(self) -> str:
        raise ZeroDivisionError("hunter2 divided")


MALFORMED: dict[str, tuple[object, str]] = {
    "a text": ("hunter2", "returned a str without access_key and secret_key: give credentials="),
    "a dict": ({"access_key": "hunter2"}, "returned a dict without access_key and secret_key"),
    "a key without its secret": (SimpleNamespace(access_key="a"), "returned a SimpleNamespace without secret_key"),
    "a key of bytes": (frozen(b"hunter2"), "malformed credentials: access_key_id must be ASCII text .*, not bytes"),
    "no key": (frozen(None), "malformed credentials: access_key_id must be ASCII text .*, not NoneType"),
    "an empty key": (frozen("", ""), "malformed credentials: access_key_id must be ASCII text .*, not empty"),
    "a secret with a line end": (frozen("a", "hunter2\n"), "malformed credentials: secret_access_key must be ASCII"),
    "a token with a line end": (frozen(token="a\r\nX-Injected: hunter2"), "credentials: session_token must be ASCII"),
    "a token that is a number": (frozen(token=2), "session_token must be ASCII text .*, not int"),
    "a property that raises": (Broken(), "the credential provider failed"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_credentials_of_a_provider_are_an_error_without_the_secret(name: str) -> None:
    returned, message = MALFORMED[name]
    with pytest.raises(CredentialsError, match=message) as caught:
        find_source(Provider(returned), Config(), {}).load()
    assert "hunter2" not in str(caught.value) or name == "a property that raises"


def test_the_error_of_a_provider_that_cannot_say_whether_it_needs_a_refresh_is_ours() -> None:
    class Strange(Provider):
        def refresh_needed(self) -> bool:
            raise AssertionError

    source = find_source(Strange(frozen()), Config(), {})
    source.load()
    with pytest.raises(CredentialsError, match="refresh_needed of the credential provider failed"):
        source.cached()


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_a_line_end_in_a_variable_is_an_error_without_the_secret(name: str) -> None:
    environment = {**KEYS, "AWS_SESSION_TOKEN": "token", name: "hunter2\r\nX-Injected: yes"}
    with pytest.raises(CredentialsError, match="must be ASCII text without spaces and line ends") as caught:
        find_source(None, Config(), environment)
    assert "hunter2" not in str(caught.value)


def test_a_line_end_in_a_session_token_of_a_process_is_an_error(folder: Path) -> None:
    output = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c\r\nX-Injected: yes"}
    source = process_profile(folder, f"print({json.dumps(json.dumps(output))})")
    with pytest.raises(CredentialsError, match="malformed credentials: session_token must be ASCII"):
        source.load()


# --- Frozen credentials of botocore, and providers that use their own client ----------------------------------------


def test_a_provider_that_waits_for_its_own_credentials_is_refused() -> None:
    def provide() -> Credentials:
        source.cached()
        return Credentials("AKID", "secret")

    source = FunctionSource(provide)
    with pytest.raises(CredentialsError, match="the provider of the credentials calls the client that waits for them"):
        source.load()


@pytest.mark.parametrize("token", ["c", None, ""])
def test_the_frozen_credentials_of_botocore_are_credentials_as_they_are(token: str | None) -> None:
    keys: Any = botocore_credentials.ReadOnlyCredentials("a", "b", token)
    source = find_source(keys, Config(), KEYS)

    assert source.cached() == source.load() == Credentials("a", "b", token or None)


def test_frozen_credentials_need_no_token() -> None:
    keys: Any = SimpleNamespace(access_key="a", secret_key="b")

    assert find_source(keys, Config(), KEYS).cached() == Credentials("a", "b")
    assert find_source(Provider(keys), Config(), KEYS).load() == Credentials("a", "b")


@pytest.mark.parametrize("missing", ["access_key", "secret_key"])
def test_half_of_frozen_credentials_is_refused_without_the_secret(missing: str) -> None:
    half: Any = SimpleNamespace(**{name: "hunter2" for name in ("access_key", "secret_key") if name != missing})
    with pytest.raises(CredentialsError, match="credentials must be Credentials, a function") as caught:
        find_source(half, Config(), KEYS)
    assert "hunter2" not in str(caught.value)


def test_malformed_frozen_credentials_are_refused_without_the_secret() -> None:
    keys: Any = botocore_credentials.ReadOnlyCredentials("a", "hunter2\n", None)
    with pytest.raises(CredentialsError, match="secret_access_key must be ASCII") as caught:
        find_source(keys, Config(), KEYS)
    assert "hunter2" not in str(caught.value)
