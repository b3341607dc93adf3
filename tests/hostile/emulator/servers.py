"""Emulators in processes of their own, under observation."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tests.hostile.emulator.calls import HttpCaller
from tests.kit.process import READY

if TYPE_CHECKING:
    from tests.hostile.attack import Report

END_SECONDS = 60.0
MIB = 1024


class Attacked(NamedTuple):
    """A server process, its address, and the file of its errors."""

    process: subprocess.Popen[str]
    url: str
    errors: Path

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def caller(self) -> HttpCaller:
        """Return a connection for requests."""
        return HttpCaller(self.url)

    def connect(self, seconds: float = 30.0) -> socket.socket:
        """Return a bare connection."""
        return socket.create_connection(self.address, timeout=seconds)

    def memory(self, name: str = "VmRSS") -> int:
        """Return the resident memory in MiB, 0 where /proc does not exist; `VmHWM` is its maximum so far."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        except OSError:
            return 0
        return next(int(line.split()[1]) // MIB for line in status.splitlines() if line.startswith(f"{name}:"))

    def descriptors(self) -> int:
        """Return the number of open descriptors, 0 where /proc does not exist."""
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except OSError:
            return 0

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(END_SECONDS)

    def check_errors(self, report: Report) -> None:
        """Count a fault for each kind of traceback in the log of the server."""
        lines = self.errors.read_text("utf-8", errors="replace").splitlines()
        for before, line in zip(["", *lines], lines, strict=False):
            if before.startswith("    ") and line and not line.startswith(" "):  # the line below a traceback
                report.fault(f"the server's log has {line[:150]}")

    def check_alive(self, report: Report) -> None:
        """Count a fault if the server has ended, or does not serve."""
        report.check(self.process.poll() is None, "the server has ended")
        caller = self.caller()
        try:
            report.check(caller.send("GET", "/_rekog/health", b"", {}).status == 200, "the server is not healthy")
        except OSError as error:
            report.fault(f"the server does not serve: {error}")
        finally:
            caller.close()


@contextmanager
def attacked_server(
    *options: str | Path, env: Mapping[str, str] | None = None, before: Callable[[], object] | None = None
) -> Generator[Attacked]:
    """Run a server until the end of the context; `before` runs in its process."""
    command = [sys.executable, "-m", "rekog.emulator", "--port", "0", *map(str, options)]
    with tempfile.NamedTemporaryFile("w", suffix=".err") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(env or {})},
            preexec_fn=before,  # noqa: PLW1509  # the attack has not started threads yet
        )
        try:
            yield Attacked(process, _url(process.stdout, errors.name), Path(errors.name))
        finally:
            process.kill()
            process.communicate(timeout=END_SECONDS)


def _url(output: IO[str] | None, errors: str) -> str:
    assert output is not None
    line = output.readline()
    assert line.startswith(READY), (line, Path(errors).read_text("utf-8"))
    return line.removeprefix(READY).strip()
