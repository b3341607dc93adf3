"""The start of a server: signals before it is ready, and the checks that come first."""

from __future__ import annotations

import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from rekog import Credentials
from rekog._values.clocks import real_time
from rekog.emulator import Durations, Emulator, Limits, ManualClock
from rekog.emulator.__main__ import main
from rekog.emulator.launch import start
from rekog.emulator.launch.options import ServerOptions
from rekog.emulator.serving import server
from tests.kit.process import running_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM for a process")
def test_a_sigterm_during_the_seeds_closes_the_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    def seed(emulator: Emulator, *_: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        closed.append(False)

    def close(emulator: Emulator) -> None:
        closed.append(True)
        original(emulator)

    original = Emulator.close
    monkeypatch.setattr(start, "seed", seed)
    monkeypatch.setattr(Emulator, "close", close)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="143"):
        start.serve(ServerOptions(port=0, data=str(tmp_path)))
    assert closed == [True]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_port_in_use_is_an_error_before_the_state_is_opened(tmp_path: Path) -> None:
    with Emulator() as emulator, emulator.serve() as url, pytest.raises(OSError, match="can't listen on "):
        start.serve(ServerOptions(port=int(url.rpartition(":")[2]), data=str(tmp_path / "state")))
    assert not (tmp_path / "state").exists()


def test_the_options_are_arguments_of_the_emulator_and_of_its_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []

    class Recorded:
        def __init__(self, **arguments: object) -> None:
            seen.append(arguments)

        def __enter__(self) -> Recorded:
            return self

        def __exit__(self, *_: object) -> None:
            seen.append("closed")

        def asgi(self, **arguments: object) -> str:
            seen.append(arguments)
            return "app"

    def note(*arguments: object) -> None:
        seen.append(arguments)

    def seed(emulator: object, options: object, report: Callable[[str], object]) -> None:
        seen.append(("seed", type(emulator), options, report("a line")))

    def run(app: object, host: str, port: int, ready: Callable[[str], object]) -> None:
        seen.append((app, host, port, signal.getsignal(signal.SIGTERM) is not before))
        ready("http://a:1")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(start, "Emulator", Recorded)
    monkeypatch.setattr(start, "set_up_log", partial(note, "log"))
    monkeypatch.setattr(start, "seed", seed)
    monkeypatch.setattr(server, "check_address", partial(note, "check"))
    monkeypatch.setattr(server, "leave", lambda: seen.append("left"))
    monkeypatch.setattr(server, "run", run)
    credentials = Credentials("a", "b")
    options = ServerOptions(
        host="emulator.example.com", port=9, data="data", s3_root="root", s3_endpoint="http://s3",
        s3_credentials=credentials, region="eu-west-1", account="1" * 12, clock="manual", durations=Durations(job=1),
        limits=Limits(projects=1), validation_code="InvalidParameterException", vision="off", notify="file",
        verify_signatures=(("a", "b"), ("c", "d")), cors=("http://x",), allow_host=("y", "z"),
    )  # fmt: skip
    assert start.serve(options) == 0
    (log, check, arguments, seeds, app, ran, closed, left) = seen
    assert (log, check) == (("log", options), ("check", "emulator.example.com", 9))
    assert isinstance(arguments.pop("clock"), ManualClock)
    assert arguments == {
        "region": "eu-west-1", "account": "1" * 12, "data": "data", "s3_root": "root", "s3_endpoint": "http://s3",
        "s3_credentials": credentials, "notify": "file", "verify_signatures": {"a": "b", "c": "d"},
        "durations": Durations(job=1), "limits": Limits(projects=1), "validation_code": "InvalidParameterException",
        "vision": "off",
    }  # fmt: skip
    assert seeds == ("seed", Recorded, options, None)
    assert app == {"cors": ("http://x",), "allow_hosts": ["emulator.example.com", "y", "z"]}
    assert (ran, closed, left) == (("app", "emulator.example.com", 9, True), "closed", "left")
    assert signal.getsignal(signal.SIGTERM) is before
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("rekog emulator ready on http://a:1\n", "rekog emulator: a line\n")
    seen.clear()
    start.serve(ServerOptions())
    defaults, names = seen[2], seen[4]
    assert (defaults["verify_signatures"], defaults["clock"]) == (None, real_time)
    assert names == {"cors": (), "allow_hosts": []}


def test_serve_is_a_word_and_the_environment_applies(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REKOG_EMULATOR_CLOCK", "manual")
    with running_server() as process:
        monkeypatch.setenv("REKOG_EMULATOR_URL", process.url)
        assert main(["health"]) == 0
        assert main(["health", "--url", process.url + "/"]) == 0
        assert main(["reset"]) == 0
        assert process.stop()[0] == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.endswith(f"is ready on {process.url}")
    monkeypatch.setenv("REKOG_EMULATOR_CLOCK", "sundial")
    with pytest.raises(SystemExit, match="2"):
        main(["serve"])
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith("error: REKOG_EMULATOR_CLOCK: invalid choice: 'sundial' (choose from real, manual)")
    )
