"""The start of a server: signals before it is ready, and the checks that come first."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from rekog.emulator import Emulator
from rekog.emulator.__main__ import main
from rekog.emulator.launch import start
from rekog.emulator.launch.options import ServerOptions
from tests.kit.process import running_server

if TYPE_CHECKING:
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
