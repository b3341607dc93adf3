"""The process of the local server and the environment of the measured processes."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import attrs

from .peers import ROOT


@attrs.frozen
class Local:
    """A running server: its URLs by listener, and the directory with its CA certificates."""

    urls: dict[str, str]
    directory: Path

    def environment(self, server: str) -> dict[str, str]:
        """Return a child's environment: credentials, no profile, no proxy, and the CA bundle for https."""
        variables = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        variables |= {
            "HOME": str(self.directory),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),  # this checkout, wherever it is located
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        authorities = str(self.directory / "authorities.pem")
        return variables | ({"AWS_CA_BUNDLE": authorities, "SSL_CERT_FILE": authorities} if server == "https" else {})


@contextlib.contextmanager
def running() -> Generator[Local, None, None]:
    """Run the server on one core and pin this process and its children to another."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    pinned = len(cores) > 1
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "benchmarks.server", directory, *([str(cores[0])] if pinned else [])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as server:
            assert server.stdout is not None
            try:
                if pinned:
                    os.sched_setaffinity(0, {cores[1]})
                yield Local(json.loads(server.stdout.readline()), Path(directory))
            finally:
                if pinned:
                    os.sched_setaffinity(0, set(cores))
                server.communicate()  # closes its input, which stops the server
