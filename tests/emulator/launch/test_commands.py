"""Commands on a running server: an error of the server is an error of the command."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rekog.emulator.launch import commands
from rekog.emulator.launch.commands import Target
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
