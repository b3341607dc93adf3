"""Commands on a running server: an error of the server is an error of the command."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog.emulator.launch import commands
from rekog.emulator.launch.commands import Target, target_of
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from rekog.emulator import Emulator

REFUSED: dict[str, tuple[Callable[[Target, Path], object], str]] = {
    "restore": (lambda target, file: commands.restore(target, str(file)), "returned status 400: "),
    "calls": (lambda target, _: commands.calls(target, "Nothing"), "returned status 400: "),
    "health": (lambda target, _: commands.health(Target(f"{target.url}/nowhere")), "returned status 4"),
    "snapshot": (lambda target, file: commands.snapshot(Target(f"{target.url}/nowhere"), str(file)), "status 4"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_response_that_is_an_error_is_an_error_of_the_command(emulator: Emulator, tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"no snapshot")
    command, text = REFUSED[name]
    with emulator.serve() as url, pytest.raises(OSError, match=text):
        command(Target(url), file)
    assert file.read_bytes() == b"no snapshot"


LOCAL = "http://127.0.0.1"


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        (None, {}, f"{LOCAL}:8680"),
        ("http://a:1/", {"URL": "http://b:2", "PORT": "3"}, "http://a:1"),
        (None, {"URL": "http://b:2//", "PORT": "3"}, "http://b:2"),
        ("", {"URL": "", "PORT": "3"}, f"{LOCAL}:3"),
        *[(None, {"PORT": port}, f"{LOCAL}:8680") for port in ("", "0", "000", "x", "-1", "1.5", "X9", "9X")],
        *[(None, {"PORT": port}, f"{LOCAL}:{port}") for port in ("10", "9000", "0800")],
    ],
)
def test_the_server_is_that_of_the_argument_of_the_environment_or_of_this_machine(
    url: str | None, environment: dict[str, str], expected: str
) -> None:
    given = {f"REKOG_EMULATOR_{name}": text for name, text in environment.items()}
    for data in (None, "folder"):  # the variable of the folder is that of a server
        assert target_of(url, data, {**given, "REKOG_EMULATOR_DATA": "other"}) == (expected, data)


def test_a_server_that_can_not_be_reached_or_refuses_is_named(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator.serve() as url:
        text = "operation must be one of the service's, like 'DetectFaces' or 'detect_faces', not '?'"
        with pytest.raises(OSError) as refused:  # noqa: PT011 (the whole text is compared)
            commands.calls(Target(url), "?")
        assert str(refused.value) == f'{url} returned status 400: {{"error": "{text}"}}'
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # which is not used
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        assert commands.calls(Target(url), None) == []
    with pytest.raises(ConnectionError) as caught:
        commands.health(Target("http://127.0.0.1:1"))
    assert str(caught.value) == "http://127.0.0.1:1 can't be reached: [Errno 111] Connection refused"


def test_each_command_is_one_request_with_its_own_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[object] = []

    def answer(client: httpx.Client, method: str, url: str, *, content: bytes | None) -> httpx.Response:
        seen.append((method, str(client.base_url), url, content, client.timeout.read, client.trust_env))
        return httpx.Response(200, json={"version": "9", "calls": [{}]})

    monkeypatch.setattr(httpx.Client, "request", answer)
    target, file = Target("http://a:1"), tmp_path / "file"
    file.write_bytes(b"saved")
    base = "http://a:1/_rekog/"
    commands.reset(target)
    commands.restore(target, str(file))
    commands.snapshot(target, str(file))
    assert commands.health(target) == "rekog 9 is ready on http://a:1"
    assert [list(commands.calls(target, "a b", 3)), list(commands.calls(target, None))] == [[{}], [{}]]
    commands.clear_calls(target)
    assert seen == [
        ("POST", base, "/reset", None, 300.0, False),
        ("PUT", base, "/snapshot", b"saved", 300.0, False),
        ("GET", base, "/snapshot", None, 300.0, False),
        ("GET", base, "/health", None, 5.0, False),
        ("GET", base, "/calls?operation=a+b&last=3", None, 300.0, False),
        ("GET", base, "/calls?", None, 300.0, False),
        ("DELETE", base, "/calls", None, 300.0, False),
    ]
    assert file.read_bytes() == b'{"version":"9","calls":[{}]}'


def test_health_prints_the_version_and_the_url(emulator: Emulator) -> None:
    with emulator.serve() as url:
        assert commands.health(Target(url)) == f"rekog {version('rekog')} is ready on {url}"


def test_calls_are_those_of_an_operation_and_the_last(emulator: Emulator) -> None:
    wire = WireClient(emulator)
    for operation in ("ListCollections", "ListStreamProcessors", "ListCollections", "DescribeProjects"):
        wire(operation)
    with emulator.serve() as url:
        found = [
            [call["operation"] for call in commands.calls(Target(url), operation, last)]
            for operation, last in ((None, None), ("list_collections", None), (None, 2), ("ListCollections", 1))
        ]
        assert found[1:] == [["ListCollections"] * 2, ["ListCollections", "DescribeProjects"], ["ListCollections"]]
        assert len(found[0]) == 4
        commands.clear_calls(Target(url))
        assert commands.calls(Target(url), None) == []
