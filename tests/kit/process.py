"""Run `python -m rekog.emulator` in a separate process, and read its URL from its output."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from rekog import Credentials, RekognitionClient, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

READY = "rekog emulator ready on "
RESPONSE_TIMEOUT = 60
"""Timeout of httpx clients in seconds; the default of five seconds is too short on a busy machine."""
EXIT_TIMEOUT = 60
"""Timeout for the end of a process, in seconds."""


class ServerProcess(NamedTuple):
    """A running server."""

    process: subprocess.Popen[str]
    url: str

    def client(self, region: str = "us-east-1") -> RekognitionClient:
        """Return a client without retries."""
        return RekognitionClient(
            region, endpoint_url=self.url, credentials=Credentials("AKID", "secret"), retry=RetryPolicy(mode="off")
        )

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal, and return the exit status and the output after the ready line."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=EXIT_TIMEOUT)
        return self.process.returncode, out, err


@contextmanager
def running_server(*options: str | Path) -> Generator[ServerProcess]:
    """Run a server on a free port until the end of the context, or until it ends."""
    command = [sys.executable, "-m", "rekog.emulator", "--port", "0", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY), (line, process.communicate(timeout=EXIT_TIMEOUT))
        yield ServerProcess(process, line.removeprefix(READY).strip())
    finally:
        process.kill()
        process.communicate(timeout=EXIT_TIMEOUT)
