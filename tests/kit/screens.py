"""A terminal of tmux with the command `rekog`, for tests and documents."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PATIENCE = 120
"""Seconds after which a text on the screen is missing."""
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile"],
    "zsh": ["zsh", "-f"],
    "fish": ["fish", "--no-config", "--init-command", "function fish_prompt; printf '$ '; end"],
}
"""Commands of shells that read no files of the user."""


class Screen:
    """A terminal with a shell and the command `rekog`."""

    def __init__(self, folder: Path, columns: int, lines: int, shell: str) -> None:
        program = folder / "rekog"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rekog "$@"\n')
        program.chmod(0o755)
        self._socket = str(folder / "tmux")
        environment = {
            "PS1": "$ ", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret", "TERM": "tmux-256color", "HOME": str(folder),
            "HISTFILE": "",
        }  # fmt: skip
        values = [f"{name}={value}" for name, value in environment.items()]
        command = shlex.join(["env", "-u", "NO_COLOR", *values, *SHELLS[shell]])
        self._tmux("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(lines), command)
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


@contextmanager
def open_screen(columns: int, lines: int = 40, shell: str = "bash") -> Generator[Screen]:
    """Open a terminal with a shell of `SHELLS`, and close it at the end."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a shell may still be ending in it
        screen = Screen(Path(folder), columns, lines, shell)
        try:
            yield screen
        finally:
            screen.close()
