"""Memory of a server whose clients send large requests. The bounds are wide: each fault would exceed them by far."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.emulator.serving.asgi_client import LIST_COLLECTIONS
from tests.kit.process import RESPONSE_TIMEOUT, ServerProcess, running_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MIB = 1024**2
DETECT = {**LIST_COLLECTIONS, "x-amz-target": "RekognitionService.DetectFaces"}


def resident(server: ServerProcess, name: str = "VmRSS") -> int:
    """Return the resident memory of a server in bytes; `VmHWM` is its maximum so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


@pytest.mark.slow
def test_refused_images_are_not_kept_in_memory() -> None:
    image = base64.encodebytes(os.urandom(3 * MIB)).decode()  # with line ends, which the service refuses
    body = json.dumps({"Image": {"Bytes": image}}).encode()
    with running_server() as server, httpx.Client(timeout=RESPONSE_TIMEOUT) as client:
        httpx.get(f"{server.url}/_rekog/calls", timeout=RESPONSE_TIMEOUT)
        before = resident(server)
        for _ in range(80):
            response = client.post(server.url, headers=DETECT, content=body)
            assert response.status_code == 400
        calls = client.get(f"{server.url}/_rekog/calls")
        after = resident(server)
    assert len(calls.content) < 80 * 1000
    assert after - before < 150 * MIB  # all images: 320 MiB


def test_a_page_cannot_fill_the_memory_with_a_body() -> None:
    length = 400 * MIB
    head = f"Host: 127.0.0.1\r\nOrigin: http://evil.example\r\nContent-Length: {length}\r\n\r\n"
    with running_server() as server:
        before = resident(server)
        address = server.url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1])), timeout=20) as client, suppress(OSError):
            client.sendall(f"POST /_rekog/reset HTTP/1.1\r\n{head}".encode())
            for _ in range(400):
                client.sendall(bytes(MIB))
        assert resident(server, "VmHWM") - before < 100 * MIB
