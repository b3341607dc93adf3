"""Run `python -m rekog.emulator` as its users do: a process of its own, found by its ready line."""

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
"""How long a client of httpx waits for a server that is to answer; its own five seconds are few on a busy machine."""
EXIT_TIMEOUT = 60
"""How long a process that is to end may take."""


class ServerProcess(NamedTuple):
    """A server that runs."""

    process: subprocess.Popen[str]
    url: str

    def client(self, region: str = "us-east-1") -> RekognitionClient:
        """Return a client that tries once."""
        return RekognitionClient(
            region, endpoint_url=self.url, credentials=Credentials("AKID", "secret"), retry=RetryPolicy(mode="off")
        )

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal, and return the exit status and what was written since the ready line."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=EXIT_TIMEOUT)
        return self.process.returncode, out, err


@contextmanager
def running_server(*options: str | Path) -> Generator[ServerProcess]:
    """Run a server on a free port until the end of the context, if it has not ended by then."""
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
