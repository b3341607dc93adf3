"""Tools that show the variables of a traceback, such as error trackers, show neither an image nor a signature."""

from __future__ import annotations

import socket
import traceback
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from rekog import RetryPolicy, Timeout
from rekog._core.deadline import Deadline
from rekog._core.flow import HttpRequest
from rekog._drivers.blocking import run_inline
from rekog._drivers.pools.socket_connection import SocketConnection
from rekog._drivers.pools.thread_pool import ProcessShare
from rekog.errors import ConnectionLostError, RekogError
from tests.kit.backends import KEYS, PNG
from tests.kit.servers import ScriptedServer, cut_body, cut_head, garbage, reset, silence, throttled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.backends import Backend
    from tests.kit.servers import ScriptedResponse

FAULTS: dict[str, ScriptedResponse] = {
    "reset": reset(),
    "timeout": silence(),
    "garbage": garbage(),
    "cut head": cut_head(),
    "cut body": cut_body(),
    "error": throttled(),
}
IMAGE = (PNG[16:].decode(), b64encode(PNG).decode()[24:40])
"""Parts of the image, as it is and in base64."""
IMAGES = {"small": PNG, "large": PNG * 50_000}


def leaks(error: BaseException) -> list[str]:
    """Return the secrets and parts of the image that the traceback of an error shows with all variables."""
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "self = <" in shown
    return [part for part in (*IMAGE, "Signature=", str(KEYS.secret_access_key)) if part in shown]


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_image_and_no_signature_is_among_the_variables(
    backend: Backend, fault: str, image: str, tmp_path: Path
) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(IMAGES[image])
    with ScriptedServer(FAULTS[fault]) as server:
        policy, limits = RetryPolicy(mode="off"), Timeout(read=0.3)
        client = backend.client(endpoint_url=server.url, retry=policy, timeout=limits)
        with pytest.raises(RekogError) as caught:
            backend.run(lambda: client.detect_labels(path))
    assert leaks(caught.value) == []


def signed_upload() -> HttpRequest:
    """Return a request with an image and a signature."""
    headers = ((b"authorization", b"Signature=hidden"),)
    return HttpRequest("http://a/", headers, (b'{"Image":"', b64encode(PNG), b'"}'), Timeout())


def test_a_request_that_cannot_be_sent_is_not_among_the_variables() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.setblocking(False)
    connection = SocketConnection(ours, ProcessShare.wait, (BlockingIOError,))
    with ours, pytest.raises(ConnectionLostError) as caught:
        run_inline(connection.exchange(signed_upload(), Deadline(None)))
    assert isinstance(caught.value.__cause__, BrokenPipeError)
    assert leaks(caught.value) == []
