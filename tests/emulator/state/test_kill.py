"""A server that is killed in the middle of writes has, when it runs again, every write that it acknowledged, whole."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from rekog import RekogError, RekognitionClient
from tests.kit.process import RESPONSE_TIMEOUT, running_server

WRITERS = 8
TAGS = {f"tag{number}": "value" * 20 for number in range(30)}


def write_until_it_dies(
    client: RekognitionClient, url: str, name: str, done: list[str], several: threading.Event
) -> None:
    """Make collections with tags and objects, and note each that was acknowledged."""
    with httpx.Client(timeout=RESPONSE_TIMEOUT) as http:
        try:
            for number in range(1_000_000):
                client.create_collection(f"{name}-{number}", tags=TAGS)
                done.append(f"{name}-{number}")
                http.put(f"{url}/_rekog/objects/bucket/{name}-{number}", content=b"data" * 100).raise_for_status()
                done.append(f"s3:{name}-{number}")
                if len(done) > WRITERS:
                    several.set()
        except (RekogError, httpx.HTTPError):
            return


def killed_after(seconds: float, data: Path, life: int) -> set[str]:
    """Let writers write, kill the server, and return what it acknowledged."""
    done: list[str] = []
    several = threading.Event()
    with running_server("--data", data) as server, server.client() as client, ThreadPoolExecutor(WRITERS) as pool:
        for writer in range(WRITERS):
            pool.submit(write_until_it_dies, client, server.url, f"life{life}-{writer}", done, several)
        assert several.wait(60)
        time.sleep(seconds)
        assert server.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    return set(done)


def check(data: Path, acknowledged: set[str]) -> None:
    with (
        running_server("--data", data) as server,
        server.client() as client,
        httpx.Client(timeout=RESPONSE_TIMEOUT) as http,
    ):
        kept = dict(found(client))
        assert {name for name in acknowledged if not name.startswith("s3:")} <= set(kept)
        for arn in kept.values():
            assert client.list_tags_for_resource(arn).tags == TAGS
        for name in acknowledged:
            if name.startswith("s3:"):
                content = http.get(f"{server.url}/_rekog/objects/bucket/{name.removeprefix('s3:')}").content
                assert content == b"data" * 100


def found(client: RekognitionClient) -> list[tuple[str, str]]:
    arn = "arn:aws:rekognition:us-east-1:123456789012:collection/"
    return [(row.collection_id, f"{arn}{row.collection_id}") for row in client.paginate_list_collections()]


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=[pytest.mark.slow, pytest.mark.alone])])
def test_a_killed_server_has_all_that_it_acknowledged_and_nothing_half(tmp_path: Path, kills: int) -> None:
    acknowledged: set[str] = set()
    for life in range(kills):
        acknowledged |= killed_after(0.05 + 0.03 * (life % 7), tmp_path, life)
    assert len(acknowledged) > kills * WRITERS
    check(tmp_path, acknowledged)
