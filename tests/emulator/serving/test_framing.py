"""Ends of bodies: a request whose end a proxy may see at another place is the last one of its connection."""

from __future__ import annotations

import socket
import time

import pytest

from rekog.emulator import Emulator
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.wire import CONTENT_TYPE, WireClient

HEAD = f"POST / HTTP/1.1\r\nHost: rekog\r\nContent-Type: {CONTENT_TYPE}\r\n"
CREATE = '{"CollectionId": "hidden"}'
HIDDEN = f"{HEAD}X-Amz-Target: RekognitionService.CreateCollection\r\nContent-Length: {len(CREATE)}\r\n\r\n{CREATE}"
LENGTHS = [f"Content-Length: {5 + len(HIDDEN)}\r\n", "Transfer-Encoding: chunked\r\n"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_request_behind_one_with_a_length_and_chunks_is_not_executed(order: int) -> None:
    # for a proxy that follows the length, the second request is the body of the first one (RFC 9112, 6.1)
    first = f"{HEAD}X-Amz-Target: RekognitionService.ListCollections\r\n{''.join(LENGTHS[::order])}\r\n"
    with Emulator() as emulator, emulator.serve() as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=RESPONSE_TIMEOUT) as client:
            client.sendall(f"{first}2\r\n{{}}\r\n0\r\n\r\n".encode())
            time.sleep(0.05)  # the server decides about the connection when it responds
            client.sendall(HIDDEN.encode())
            received = b""
            try:
                while piece := client.recv(65536):
                    received += piece
            except ConnectionResetError:  # it has closed before it read the second request
                pass
        assert received.count(b"HTTP/1.1 ") == 1
        assert b"connection: close" in received.lower()
        assert WireClient(emulator)("ListCollections").body["CollectionIds"] == []
