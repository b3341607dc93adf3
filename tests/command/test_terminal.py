"""The command in a real terminal, by tmux: what a person sees."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

PHOTO = Path("examples/images/astronaut.jpg").absolute()
PATIENCE = 120
"""Seconds after which a text on the screen is missing."""


class Screen:
    """A terminal of tmux with bash and the command `rekog`."""

    def __init__(self, socket_path: Path, columns: int, bin_folder: Path) -> None:
        self._socket = str(socket_path)
        environment = {
            "PS1": "$ ", "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret", "TERM": "tmux-256color",
        }  # fmt: skip
        values = [f"{name}={value}" for name, value in environment.items()]
        shell = shlex.join(["env", "-u", "NO_COLOR", *values, "bash", "--norc", "--noprofile"])
        self._tmux("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", "40", shell)
        self.wait_for(lambda text: "$" in text)

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout

    def type(self, text: str, *keys: str) -> None:
        """Type a text, and then press keys such as Enter or Tab."""
        self._tmux("send-keys", "-l", text)
        if keys:
            self._tmux("send-keys", *keys)

    def text(self, *options: str) -> str:
        """Return the text on the screen; with `-e`, also its colours."""
        return self._tmux("capture-pane", "-p", *options)

    def wait_for(self, is_there: Callable[[str], bool], *options: str) -> str:
        """Return the text on the screen once it has what is expected."""
        end = time.monotonic() + PATIENCE
        while not is_there(text := self.text(*options)):
            assert time.monotonic() < end, text
            time.sleep(0.05)
        return text

    def close(self) -> None:
        """End the terminal and all that runs in it."""
        self._tmux("kill-server")


@pytest.fixture
def screen(tmp_path: Path) -> Generator[Callable[[int], Screen]]:
    """Yield the function that opens a terminal of some columns."""
    program = tmp_path / "rekog"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rekog "$@"\n')
    program.chmod(0o755)
    opened: list[Screen] = []

    def of_width(columns: int) -> Screen:
        opened.append(Screen(tmp_path / f"tmux-{columns}", columns, tmp_path))
        return opened[-1]

    yield of_width
    for each in opened:
        each.close()


@pytest.fixture
def silent_url() -> Generator[str]:
    """Yield the URL of a server that never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_person_sees_a_table_that_fits(screen: Callable[[int], Screen]) -> None:
    narrow = screen(40)
    narrow.type(f"clear; rekog detect-faces {PHOTO} --local; echo end=$?", "Enter")
    text = narrow.wait_for(lambda text: "end=0" in text)
    assert [line.split()[0] for line in text.splitlines()[:3]] == ["confidence", "box", "roll"]


def test_progress_appears_and_ctrl_c_leaves_nothing(screen: Callable[[int], Screen], silent_url: str) -> None:
    terminal = screen(60)
    terminal.type(f"clear; rekog list-faces staff --region eu-west-1 --endpoint-url {silent_url}; echo end=$?", "Enter")
    terminal.wait_for(lambda text: "list-faces" in text and "0:00:0" in text)
    terminal.type("", "C-c")
    text = terminal.wait_for(lambda text: "end=130" in text)
    assert "0:00:0" not in text
    assert "Traceback" not in text


def test_errors_are_red_except_with_no_color(screen: Callable[[int], Screen]) -> None:
    terminal = screen(80)
    terminal.type("clear; rekog detect-labels nothing.jpg --local; echo end=$?", "Enter")
    assert "\x1b[31m" in terminal.wait_for(lambda text: "end=2" in text, "-e").partition("error:")[0]
    terminal.type("clear; NO_COLOR=1 rekog detect-labels nothing.jpg --local; echo end=$?", "Enter")
    text = terminal.wait_for(lambda text: "end=2" in text and "\x1b[31m" not in text, "-e")
    assert "error: --image: 'nothing.jpg' cannot be read" in text


def test_bash_completes_commands_options_and_members(screen: Callable[[int], Screen]) -> None:
    terminal = screen(100)
    terminal.type('eval "$(rekog completion bash)"; clear; echo end=$?', "Enter")
    terminal.wait_for(lambda text: "end=0" in text)
    terminal.type("rekog detect-fa", "Tab")
    terminal.wait_for(lambda text: "rekog detect-faces" in text)
    terminal.type(f"{PHOTO} --attr", "Tab")
    terminal.wait_for(lambda text: "--attributes" in text)
    terminal.type("smi", "Tab")
    terminal.wait_for(lambda text: "SMILE" in text)
