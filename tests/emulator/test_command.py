"""`rekog emulator ...`: the group of commands, which another command mounts."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.emulator.command import group
from rekog.emulator.launch import commands, start
from rekog.emulator.launch.commands import Target
from rekog.emulator.launch.options import EPILOG, OPTIONS, ServerOptions
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
    times = [
        datetime.fromtimestamp(call.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for call in served.calls
    ]
    assert run("calls").output.splitlines() == [
        f"{times[0]} CreateCollection 200 us-east-1 {ids[0]}",
        f"{times[1]} DescribeCollection 400 ResourceNotFoundException us-east-1 {ids[1]}",
    ]
    (line,) = run("calls", "--json", "--operation", "create_collection").output.splitlines()
    assert json.loads(line) == {
        "operation": "CreateCollection", "request": {"CollectionId": "people"}, "account": "123456789012",
        "region": "us-east-1", "time": served.calls[0].time, "status": 200, "error": None, "request_id": ids[0],
    }  # fmt: skip
    assert run("calls", "--operation", "Nothing").exit_code == 1
    assert run("calls", "--clear").exit_code == 0
    assert len(served.calls) == 0


def test_calls_are_a_table_on_a_terminal(served: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(served)
    monkeypatch.setattr("rekog.emulator.command._is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run("calls").output.splitlines()
    assert ["\x1b[31m" in line for line in coloured] == [False, False, True]  # errors are red
    monkeypatch.delenv("FORCE_COLOR")
    assert run("calls", "--json").output.startswith('{"operation": ')
    head, *rows = run("calls").output.splitlines()
    moments = [datetime.fromtimestamp(call.time, UTC).isoformat(timespec="milliseconds") for call in served.calls]
    assert [row.split()[0] for row in rows] == [moment[11:23] for moment in moments]
    assert head.split() == ["time", "operation", "status", "error", "region"]
    assert [row.split()[1:3] for row in rows] == [["CreateCollection", "200"], ["DescribeCollection", "400"]]
    assert rows[1].split()[3:] == ["ResourceNotFoundException", "us-east-1"]


def test_a_call_without_an_operation_or_a_response_has_the_other_cells(served: Emulator) -> None:
    served.faults.add("list_collections", reset=True)
    with httpx.Client(transport=served.transport()) as client:
        client.post("http://rekog/")
        head = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": "application/x-amz-json-1.1"}
        with pytest.raises(httpx.ReadError):
            client.post("http://rekog/", headers=head)
    ids = [call.request_id for call in served.calls]
    assert [line.split(maxsplit=1)[1] for line in run("calls").output.splitlines()] == [
        f"400 UnknownOperationException us-east-1 {ids[0]}", f"ListCollections no response us-east-1 {ids[1]}",
    ]  # fmt: skip


TARGETS = ["reset", "snapshot", "restore"]


def test_each_command_acts_on_its_target(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def note(name: str, *arguments: object) -> str:
        seen.append((name, *arguments))
        return "a line"

    for name in (*TARGETS, "health"):
        monkeypatch.setattr(commands, name, partial(note, name))
    monkeypatch.setenv("REKOG_EMULATOR_URL", "http://b")
    lines = ["reset", "reset --url http://a", "reset --data d", "snapshot f", "snapshot f --data d"]
    lines += ["restore f --url http://a", "restore f --data d", "health", "health --url http://a"]
    assert [run(*line.split()).output for line in lines] == [""] * 7 + ["a line\n"] * 2
    a, b, d = Target("http://a"), Target("http://b"), Target("http://b", "d")
    assert seen == [
        ("reset", b), ("reset", a), ("reset", d), ("snapshot", b, "f"), ("snapshot", d, "f"), ("restore", a, "f"),
        ("restore", d, "f"), ("health", b), ("health", a),
    ]  # fmt: skip


def test_the_last_thousand_calls_are_asked_for_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def calls(target: Target, operation: str | None, last: int | None = None) -> list[object]:
        seen.append((target.url, operation, last))
        return []

    def sleep(seconds: float) -> None:
        seen.append(seconds)
        if len(seen) > 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(commands, "calls", calls)
    monkeypatch.setattr("rekog.emulator.command.time.sleep", sleep)
    run("calls", "--follow", "--url", "http://a", "--operation", "X")
    assert seen == [("http://a", "X", None), 1.0, ("http://a", "X", 1000), 1.0]


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
        return status

    status = 0
    monkeypatch.setattr(start, "serve", serve)
    words = ["--log", "--port", "1", "--cors", "https://a.example", "--cors", "https://b.example"]
    assert run("serve", *words).exit_code == 0
    (options,) = seen
    assert options == ServerOptions(log="text", port=1, cors=("https://a.example", "https://b.example"))
    status = 7
    assert run("serve", "--log", "json").exit_code == 7


def test_the_help_has_every_option() -> None:
    text = " ".join(
        CliRunner().invoke(group, ["serve", "--help"], prog_name="rekog emulator", terminal_width=4000).output.split()
    )
    head = "Serve Amazon Rekognition on this machine, for any client with a configurable endpoint URL."
    assert text.startswith(f"Usage: rekog emulator serve [OPTIONS] {head} Options: ")
    rows = [f"{option.flag} {option.metavar} {option.help}" for option in OPTIONS]
    assert [row for row in rows if row not in text] == []
    assert text.endswith(f"--help Show this message and exit. {EPILOG}")


def test_the_help_of_each_command_has_its_text() -> None:
    listed = CliRunner().invoke(group, ["--help"], terminal_width=200).output
    assert "  Serve an emulator of Amazon Rekognition, and act on a running one.\n" in listed
    for name, sentence in commands.HELP.items():
        assert f"  {name:9} {sentence}\n" in listed
        if name == "serve":
            continue
        text = " ".join(CliRunner().invoke(group, [name, "--help"], terminal_width=400).output.split())
        file = " FILE" if name in ("snapshot", "restore") else ""
        assert f" {name} [OPTIONS]{file} {sentence[0].upper()}{sentence[1:]}. Options: " in text
        assert f" --url URL {commands.URL_HELP} " in text
        assert (f" --data DIR {commands.DATA_HELP} " in text) is (name in TARGETS)
        rows = (
            "--operation NAME only the calls of one operation: DetectFaces or detect_faces",
            "--json a JSON object for each call, with its request", "--follow wait for further calls, until Ctrl-C",
            "--clear delete the recorded calls afterwards",
        )  # fmt: skip
        assert [row in text for row in rows] == [name == "calls"] * 4


def test_the_commands_without_their_extra_name_it() -> None:
    code = "import sys; sys.modules['click'] = None; import rekog.emulator.command"
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=EXIT_TIMEOUT
    )
    assert ended.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: the command needs click, which is not installed: pip install '.[cli]' in a clone of rekog"
    )
