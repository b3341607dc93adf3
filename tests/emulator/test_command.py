"""`rekog emulator ...`: the group of commands, which another command mounts."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.emulator.command import group
from rekog.emulator.launch import start
from rekog.emulator.launch.options import OPTIONS, ServerOptions
from tests.kit.process import EXIT_TIMEOUT


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Return an emulator whose URL is in the environment."""
    with Emulator() as emulator, emulator.serve() as url:
        monkeypatch.setenv("REKOG_EMULATOR_URL", url)
        yield emulator


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words], prog_name="rekog emulator")


def fill(emulator: Emulator) -> None:
    with RekognitionClient.local(emulator) as client:
        client.create_collection("people")
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_collection("nothing")


def test_a_running_server_is_saved_reset_and_restored(served: Emulator, tmp_path: Path) -> None:
    fill(served)
    with RekognitionClient.local(served) as client:
        for command, expected in [("snapshot", ["people"]), ("reset", []), ("restore", ["people"])]:
            result = run(command, *([] if command == "reset" else [tmp_path / "saved"]))
            assert (result.exit_code, result.output) == (0, "")
            assert client.list_collections().collection_ids == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_the_user_can_read_the_snapshot_of_a_server(served: Emulator, tmp_path: Path) -> None:
    fill(served)
    assert run("snapshot", tmp_path / "saved").exit_code == 0
    assert (tmp_path / "saved").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_snapshot_that_cannot_be_written_leaves_the_earlier_one(
    served: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    fill(served)
    (tmp_path / "saved").write_text("earlier")
    monkeypatch.setattr(Path, "write_bytes", fail)
    result = run("snapshot", tmp_path / "saved")
    assert (result.exit_code, "No space left on device" in result.output) == (1, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("saved", "earlier")]


def test_a_closed_pipe_is_left_to_the_program(served: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_text: str) -> None:
        raise BrokenPipeError

    fill(served)
    monkeypatch.setattr(click, "echo", fail)
    assert isinstance(run("calls").exception, BrokenPipeError)


def test_a_folder_is_saved_reset_and_restored(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Emulator(data=data) as emulator:
        fill(emulator)
    assert run("snapshot", tmp_path / "saved", "--data", data).exit_code == 0
    assert run("reset", "--data", data).exit_code == 0
    with Emulator(data=data) as emulator, RekognitionClient.local(emulator) as client:
        assert client.list_collections().collection_ids == []
    assert run("restore", tmp_path / "saved", "--data", data).exit_code == 0
    with Emulator(data=data) as emulator, RekognitionClient.local(emulator) as client:
        assert client.list_collections().collection_ids == ["people"]


def test_health_prints_the_version_or_fails(served: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("health")
    assert (result.exit_code, result.output.split()[::2]) == (0, ["rekog", "is", "on"])
    monkeypatch.setenv("REKOG_EMULATOR_URL", "http://127.0.0.1:1")
    result = run("health")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("Error: http://127.0.0.1:1 can't be reached: ")


def test_calls_are_lines_json_or_those_of_one_operation(served: Emulator) -> None:
    fill(served)
    ids = [call.request_id for call in served.calls]
    lines = [line.split()[1:] for line in run("calls").output.splitlines()]
    assert lines == [
        ["CreateCollection", "200", "us-east-1", ids[0]],
        ["DescribeCollection", "400", "ResourceNotFoundException", "us-east-1", ids[1]],
    ]
    (line,) = run("calls", "--json", "--operation", "create_collection").output.splitlines()
    assert json.loads(line)["request"] == {"CollectionId": "people"}
    assert run("calls", "--operation", "Nothing").exit_code == 1
    assert run("calls", "--clear").exit_code == 0
    assert len(served.calls) == 0


def test_calls_are_a_table_on_a_terminal(served: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(served)
    monkeypatch.setattr("rekog.emulator.command._is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    head, *rows = run("calls").output.splitlines()
    assert head.split() == ["time", "operation", "status", "error", "region"]
    assert [row.split()[1:3] for row in rows] == [["CreateCollection", "200"], ["DescribeCollection", "400"]]
    assert rows[1].split()[3:] == ["ResourceNotFoundException", "us-east-1"]


def test_follow_prints_each_further_call_once(served: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(served)
    rounds = iter([True, False])

    def sleep(_seconds: float) -> None:
        if not next(rounds, False):
            raise KeyboardInterrupt
        with RekognitionClient.local(served) as client:
            client.list_collections()

    monkeypatch.setattr("rekog.emulator.command.time.sleep", sleep)
    lines = run("calls", "--follow").output.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("20")] == [
        "CreateCollection",
        "DescribeCollection",
        "ListCollections",
    ]


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["serve", "--port", "x"], 2, "argument --port: must be a whole number from 0 to 65535, not 'x'"),
        (["serve", "--declare", "nowhere.json"], 1, "No such file or directory: 'nowhere.json'"),
        (["serve", "--port", "0", "--data", ""], 1, "data must be the path of a folder, not ''"),
        (["serve", "--account", "12"], 1, "account must be 12 digits, as text, not '12'"),
        (["reset", "--data", "a", "--url", "b"], 2, "--url and --data exclude one another"),
        (["calls", "--follow", "--clear"], 2, "--follow and --clear exclude one another"),
        (["restore", "nowhere"], 1, "No such file or directory: 'nowhere'"),
        (["reset", "--data", "nowhere"], 1, "data must be a folder that holds a state"),
        (["nothing"], 2, "No such command 'nothing'"),
    ],
)
def test_a_failure_is_one_clear_line(
    words: list[str], status: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REKOG_EMULATOR_PORT", "0")
    result = run(*words)
    assert (result.exit_code, text in result.output.splitlines()[-1]) == (status, True), result.output
    assert isinstance(result.exception, SystemExit)  # no traceback


def test_a_port_in_use_is_one_line(served: Emulator) -> None:
    with Emulator() as other, other.serve() as url:
        port = url.rpartition(":")[2]
        result = run("serve", "--port", port)
    assert result.output == f"Error: can't listen on 127.0.0.1 port {port}: Address already in use\n"
    assert result.exit_code == 1


def test_serve_passes_on_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ServerOptions] = []

    def serve(options: ServerOptions) -> int:
        seen.append(options)
        return 0

    monkeypatch.setattr(start, "serve", serve)
    words = ["--log", "--port", "1", "--cors", "https://a.example", "--cors", "https://b.example"]
    assert run("serve", *words).exit_code == 0
    (options,) = seen
    assert (options.log, options.port, options.cors) == ("text", 1, ("https://a.example", "https://b.example"))


def test_the_help_has_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run("serve", "--help").output
    assert [option.flag for option in OPTIONS if f"{option.flag} " not in printed] == []
    assert "REKOG_EMULATOR_S3_ROOT" in printed


def test_the_commands_without_their_extra_name_it() -> None:
    code = "import sys; sys.modules['click'] = None; import rekog.emulator.command"
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=EXIT_TIMEOUT
    )
    assert ended.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: the command needs click, which is not installed: pip install '.[cli]' in a clone of rekog"
    )
