"""A server that is killed during writes has every acknowledged write, complete, after its restart."""

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


def write_until_the_server_ends(
    client: RekognitionClient, url: str, name: str, done: list[str], enough: threading.Event
) -> None:
    """Create collections with tags, and objects, and add the name of each acknowledged one to `done`."""
    with httpx.Client(timeout=RESPONSE_TIMEOUT) as http:
        try:
            for number in range(1_000_000):
                client.create_collection(f"{name}-{number}", tags=TAGS)
                done.append(f"{name}-{number}")
                http.put(f"{url}/_rekog/objects/bucket/{name}-{number}", content=b"data" * 100).raise_for_status()
                done.append(f"s3:{name}-{number}")
                if len(done) > WRITERS:
                    enough.set()
        except (RekogError, httpx.HTTPError):
            return


def acknowledged_before_kill(seconds: float, data: Path, run: int) -> set[str]:
    """Kill the server while several clients write, and return the names of the acknowledged writes."""
    done: list[str] = []
    enough = threading.Event()
    with running_server("--data", data) as server, server.client() as client, ThreadPoolExecutor(WRITERS) as pool:
        for writer in range(WRITERS):
            pool.submit(write_until_the_server_ends, client, server.url, f"run{run}-{writer}", done, enough)
        assert enough.wait(60)
        time.sleep(seconds)
        assert server.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    return set(done)


def check_writes(data: Path, acknowledged: set[str]) -> None:
    with (
        running_server("--data", data) as server,
        server.client() as client,
        httpx.Client(timeout=RESPONSE_TIMEOUT) as http,
    ):
        stored = dict(listed_arns(client))
        assert {name for name in acknowledged if not name.startswith("s3:")} <= set(stored)
        for arn in stored.values():
            assert client.list_tags_for_resource(arn).tags == TAGS
        for name in acknowledged:
            if name.startswith("s3:"):
                content = http.get(f"{server.url}/_rekog/objects/bucket/{name.removeprefix('s3:')}").content
                assert content == b"data" * 100


def listed_arns(client: RekognitionClient) -> list[tuple[str, str]]:
    arn = "arn:aws:rekognition:us-east-1:123456789012:collection/"
    return [(row.collection_id, f"{arn}{row.collection_id}") for row in client.paginate_list_collections()]


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=[pytest.mark.slow, pytest.mark.alone])])
def test_a_killed_server_has_every_acknowledged_write_complete(tmp_path: Path, kills: int) -> None:
    acknowledged: set[str] = set()
    for run in range(kills):
        acknowledged |= acknowledged_before_kill(0.05 + 0.03 * (run % 7), tmp_path, run)
    assert len(acknowledged) > kills * WRITERS
    check_writes(tmp_path, acknowledged)
