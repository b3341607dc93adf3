"""Errors of `python -m rekog.emulator`: one line, an exit status, and never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest

from rekog.emulator import Emulator, Limits
from rekog.emulator.__main__ import main
from rekog.emulator.launch import commands, start
from rekog.emulator.launch.commands import Target
from rekog.emulator.launch.options import EPILOG, OPTIONS, ServerOptions
from rekog.emulator.state import StateError
from rekog.emulator.truth.errors import TruthError
from tests.kit.process import EXIT_TIMEOUT, RESPONSE_TIMEOUT, running_server
from tests.kit.wire import CONTENT_TYPE, HOPPER

NEEDED = "the server needs {package}, which is not installed: pip install '.[emulator]' in a clone of rekog"
HEAD = {"X-Amz-Target": "RekognitionService.CreateCollection", "Content-Type": CONTENT_TYPE}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder with invalid files the current one."""
    (tmp_path / "file").write_text("nothing")
    (tmp_path / "content.json").write_text(json.dumps({"declare": [{"of": "s3://b/k", "labels": [["Cat", 120]]}]}))
    (tmp_path / "half.json").write_text('{"declare": [')
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "half.toml").write_text("declare = ")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.sqlite3").write_text("no database")
    monkeypatch.chdir(tmp_path)


def test_a_port_in_use_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with Emulator() as emulator, emulator.serve() as url:
        port = url.rpartition(":")[2]
        assert main(["--port", port]) == 1
    printed = capsys.readouterr()
    assert printed.err == f"rekog emulator: can't listen on 127.0.0.1 port {port}: Address already in use\n"
    assert printed.out == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--account", "12"], "account must be 12 digits, as text, not '12'"),
        (["--s3-root", "nowhere"], "s3_root must be an existing folder: "),
        (["--s3-root", "file"], "s3_root must be an existing folder: "),
        (["--s3-endpoint", "nonsense"], "s3_endpoint must be an http or https URL, not 'nonsense'"),
        (["--data", "file"], "data must be a folder, and 'file' can't be created: "),
        (["--data", "data"], "can't use 'data/state.sqlite3': file is not a database"),
        (["--celebrities", "nowhere"], "No such file or directory: 'nowhere'"),
        (["--declare", "nowhere.json"], "No such file or directory: 'nowhere.json'"),
        (["--declare", "file"], "file: must end in .json or .toml"),
        (["--declare", "half.json"], "half.json: is not JSON ("),
        (["--declare", "half.toml"], "half.toml: is not TOML ("),
        (
            ["--declare", "content.json"],
            "content.json: declare[0].labels[0].Confidence: must be at most 100, not 120",
        ),
        (
            ["--notify", "nowhere/messages"],
            "notify must be a URL or a file, and 'nowhere/messages' can't be written: No ",
        ),
        (["--host", "256.256.256.256"], "can't listen on 256.256.256.256 port 8680: "),
        (["reset", "--url", "http://127.0.0.1:1"], "http://127.0.0.1:1 can't be reached: "),
        (["reset", "--url", "nonsense"], "nonsense can't be reached: "),
        (["--cors", "app.example.com"], "cors must have origins, like 'https://app.example.com:8443', not 'app.exa"),
        (["--allow-host", "a:80"], "allow_hosts must have names without a port, like 'app.example.com', not 'a:80'"),
        (["--host", ""], "host must be an address or a name, like 127.0.0.1, not ''; 0.0.0.0 means all addresses"),
        (["--data", ""], "data must be the path of a folder, not ''"),
        (
            ["--region", "eu west"],
            "region must be 1 to 32 lowercase letters, digits and hyphens, like 'eu-west-1', not 'e",
        ),
        (["--declare", "deep.json"], "deep.json: is not JSON ("),
        (["reset", "--data", "file"], "data must be a folder"),
        (["reset", "--data", "new"], "data must be a folder that holds a state, and 'new' has no state.sqlite3"),
        (["snapshot", "saved", "--data", "new"], "data must be a folder that holds a state, and 'new' has no "),
        (["restore", "nowhere", "--data", "new"], "can't use"),
        (["restore", "file", "--data", "new"], "can't use 'file': file is not a database"),
        (["restore", "nowhere", "--url", "http://127.0.0.1:1"], "No such file or directory: 'nowhere'"),
    ],
)
def test_a_failure_prints_one_line_and_the_status_is_1(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert line.startswith("rekog emulator: ")
    assert text in line
    assert printed.out == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--port", "65536"], "must be a whole number from 0 to 65535, not '65536'"),
        (["--port=-1"], "must be a whole number from 0 to 65535, not '-1'"),
        (["--port", "http"], "must be a whole number from 0 to 65535, not 'http'"),
        (["--durations", "fast"], "argument --durations: must be a number of seconds or JSON, not 'fast'"),
        (["--durations", '{"job": '], "argument --durations: must be a number of seconds or JSON, not '{\"job\": '"),
        (["--limits", "few"], "argument --limits: must be JSON, not 'few'"),
        (["--limits", "[" * 100_000], "argument --limits: must be JSON, and not nested so deeply"),
        (["--durations", '{"x": 1}'], "no such duration: x; there are job, "),
        (["--limits", "20"], "limits must be whole numbers by name, not 20"),
        (["--limits", '{"jobs": 1}'], "no such limit: jobs; there are request_bytes, "),
        (["--limits", '{"concurrent_jobs": -1}'], "a limit is a whole number, 0 or more, not -1"),
        (["--validation-code", "Oops"], "argument --validation-code: invalid choice: 'Oops'"),
        (["--log-level", "loud"], "argument --log-level: invalid choice: 'loud'"),
        (["--clock", "x"], "argument --clock: invalid choice: 'x'"),
        (["--nothing"], "unrecognized arguments: --nothing"),
        (["snapshot"], "the following arguments are required: FILE"),
    ],
)
def test_an_invalid_option_is_reported_and_the_status_is_2(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert text in capsys.readouterr().err.splitlines()[-1]


COMMANDS = ("reset", "snapshot", "restore", "health")


def printed_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """Return the help of a command without its line ends."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    return " ".join(capsys.readouterr().out.split())


def test_the_help_of_the_server_has_each_option_with_its_value_and_its_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed_help(capsys, monkeypatch)
    assert printed_help(capsys, monkeypatch, "serve") == text
    assert text.startswith("usage: python -m rekog.emulator [-h] [--host HOST] [--port PORT] [--data DIR] ")
    assert (
        " Serve Amazon Rekognition on this machine, for any client with a configurable endpoint URL. options: " in text
    )
    rows = [
        f"{option.flag} {option.metavar if option.bare is None else f'[{option.metavar}]'} {option.help}"
        for option in OPTIONS
    ]
    assert " ".join(rows) in text
    end = "Further commands: `reset`, `snapshot FILE`, `restore FILE`, `health`; each has --help."
    assert text.endswith(f"{EPILOG} {end}")


def test_the_help_of_a_command_has_its_text_and_its_arguments(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in COMMANDS:
        text = printed_help(capsys, monkeypatch, name)
        file = " FILE" if name in ("snapshot", "restore") else ""
        data = "" if name == "health" else " | --data DIR"
        assert text.startswith(f"usage: python -m rekog.emulator {name} [-h] [--url URL{data}]{file} ")
        sentence = commands.HELP[name]
        assert f" {sentence[0].upper()}{sentence[1:]}. " in text
        assert f" --url URL {commands.URL_HELP}" in text
        assert (f" --data DIR {commands.DATA_HELP}" in text) is bool(data)


def test_the_words_of_a_command_line_are_those_of_the_function_or_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []

    def serve(options: ServerOptions) -> int:
        seen.append(options)
        return 7

    monkeypatch.setattr(start, "serve", serve)
    words = ["--port", "1", "--port", "2", "--cors", "http://a", "--cors", "http://b", "--log", "--vision", "off"]
    expected = ServerOptions(port=2, cors=("http://a", "http://b"), log="text", vision="off")
    assert [main(words), main(["serve", *words]), main([])] == [7, 7, 7]
    monkeypatch.setattr(sys, "argv", ["python", *words])
    assert main() == 7
    monkeypatch.setenv("REKOG_EMULATOR_PORT", "3")
    assert main(["--log", "json"]) == 7
    assert seen == [expected, expected, ServerOptions(), expected, ServerOptions(port=3, log="json")]


def test_a_command_acts_on_the_server_or_the_folder_that_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[object] = []

    def note(name: str, *arguments: object) -> str:
        seen.append((name, *arguments))
        return "a line"

    for name in COMMANDS:
        monkeypatch.setattr(commands, name, partial(note, name))
    monkeypatch.setenv("REKOG_EMULATOR_URL", "http://b")
    words = (
        "reset", "reset --url http://a", "reset --data d", "snapshot f", "snapshot f --data d", "restore f --url http://a",
        "restore f --data d", "health", "health --url http://a",
    )  # fmt: skip
    assert [main(line.split()) for line in words] == [0] * len(words)
    a, b, d = Target("http://a"), Target("http://b"), Target("http://b", "d")
    assert seen == [
        ("reset", b), ("reset", a), ("reset", d), ("snapshot", b, "f"), ("snapshot", d, "f"), ("restore", a, "f"),
        ("restore", d, "f"), ("health", b), ("health", a),
    ]  # fmt: skip
    assert capsys.readouterr().out == "a line\na line\n"
    for line in ("reset --url a --data b", "health --data b", "snapshot", "restore"):
        with pytest.raises(SystemExit, match="2"):
            main(line.split())


@pytest.mark.parametrize(
    "error",
    [ValueError("a"), OSError("b"), StateError("c"), TruthError(["d"]), ModuleNotFoundError("e"), KeyboardInterrupt()],
)
def test_an_error_is_one_line_and_an_interrupt_none(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(start, "serve", fail)
    monkeypatch.setattr(commands, "reset", fail)
    for words in ([], ["reset"]):
        is_interrupt = isinstance(error, KeyboardInterrupt)
        assert main(words) == (130 if is_interrupt else 1)
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "" if is_interrupt else f"rekog emulator: {error}\n")


@pytest.mark.parametrize("words", [["reset"], ["snapshot", "saved"]])
def test_a_folder_without_a_state_does_not_change(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert [main([*words, "--data", name]) for name in ("new", "empty")] == [1, 1]
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "saved").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_unwritable_snapshot_file_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with Emulator(data="kept"):
        pass
    assert main(["snapshot", "nowhere/saved", "--data", "kept"]) == 1
    assert "can't write 'nowhere/saved': " in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--verify-signatures", "--s3-credentials"])
def test_half_a_key_is_refused_and_not_printed(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([option, "KEEPME"])
    printed = capsys.readouterr().err
    assert printed.splitlines()[-1].endswith(f"argument {option}: must be ACCESS:SECRET")
    assert "KEEPME" not in printed


@pytest.mark.parametrize("package", ["uvicorn", "h11"])
def test_a_server_without_its_extra_names_the_package_to_install(package: str) -> None:
    start = "runpy.run_module('rekog.emulator', run_name='__main__')"
    code = f"import runpy, sys; sys.modules[{package!r}] = None; {start}"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=EXIT_TIMEOUT)
    assert (ended.returncode, ended.stdout) == (1, "")
    expected = f"rekog emulator: {NEEDED.format(package=package)}\n"
    assert ended.stderr == expected


@pytest.mark.parametrize("package", ["uvicorn", "h11"])
def test_serving_from_python_without_the_extra_names_the_package_to_install(package: str) -> None:
    serve = "from rekog.emulator import Emulator; Emulator().serve()"
    code = f"import sys; sys.modules[{package!r}] = None\n{serve}"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=EXIT_TIMEOUT)
    assert ended.returncode == 1
    expected = NEEDED.format(package=package)
    assert ended.stderr.splitlines()[-1] == f"ModuleNotFoundError: {expected}"


def test_the_documentation_has_every_option_and_the_help_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    printed = capsys.readouterr().out
    document = (Path(__file__).resolve().parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
    options = {word.strip(",[]") for word in printed.split() if word.startswith(("--", "[--"))} - {"--help", "--help."}
    assert {option for option in options if f"`{option}" not in document} == set()
    assert all(f"`{command}" in printed for command in ("reset", "snapshot", "restore"))


def test_limits_and_the_validation_code_come_from_the_options() -> None:
    options = ("--limits", '{"collections": 1}', "--validation-code", "ValidationException")
    with (
        running_server(*options) as process,
        httpx.Client(base_url=process.url, headers=HEAD, timeout=RESPONSE_TIMEOUT) as client,
    ):
        responses = [client.post("/", content=json.dumps({"CollectionId": name})) for name in ("a", "b", "a b")]
    assert [response.json().get("__type") for response in responses] == [
        None,
        "ServiceQuotaExceededException",
        "ValidationException",
    ]


DETECT = {**HEAD, "X-Amz-Target": "RekognitionService.DetectFaces"}
OBJECT = '{"Image": {"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}}'


@pytest.mark.slow
def test_the_server_enrols_celebrities_and_prints_the_files_that_cannot_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    (folder / "Grace Hopper").mkdir(parents=True)
    (folder / "Grace Hopper" / "portrait.jpg").write_bytes(HOPPER.read_bytes())
    (folder / "notes.txt").write_text("a note")
    with running_server("--celebrities", folder) as process:
        with process.client() as client:
            (face,) = client.recognize_celebrities(HOPPER).celebrity_faces
        _, _, errors = process.stop()
    assert face.name == "Grace Hopper"
    assert f"rekog emulator: {folder}: notes.txt: Request has invalid image format\n" in errors


@pytest.mark.slow
def test_the_reason_why_an_object_cannot_be_read_is_on_the_standard_error() -> None:
    with running_server("--s3-endpoint", "http://127.0.0.1:1") as process:
        response = httpx.post(process.url, headers=DETECT, content=OBJECT, timeout=RESPONSE_TIMEOUT)
        _, _, log = process.stop()
    assert response.json()["__type"] == "InvalidS3ObjectException"
    assert "WARNING rekog.emulator: object 'cat.jpg' of bucket 'photos' can't be read" in log
    assert "http://127.0.0.1:1" in log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "warning", "requests"),
    [
        ([], True, 0),
        (["--log"], True, 2),
        (["--log-level", "info"], True, 2),
        (["--log-level", "error"], False, 0),
        (["--log", "--log-level", "error"], False, 2),
    ],
)
def test_options_choose_the_lines_of_the_log(options: list[str], warning: bool, requests: int) -> None:
    with running_server(*options) as process:
        httpx.post(process.url, headers=DETECT, content=OBJECT, timeout=RESPONSE_TIMEOUT)
        httpx.get(f"{process.url}/_rekog/health", timeout=RESPONSE_TIMEOUT)
        _, _, log = process.stop()
    assert ("can't be read" in log) is warning
    lines = [line for line in log.splitlines() if " INFO rekog.emulator.requests: " in line]
    assert len(lines) == requests
    if lines:
        assert "POST / DetectFaces 400 InvalidS3ObjectException " in lines[0]
        assert "GET /_rekog/health 200 " in lines[1]


def test_limits_are_read_from_json() -> None:
    assert Limits.of({}) == Limits()
    assert Limits.of({"projects": 3}) == Limits(projects=3)
