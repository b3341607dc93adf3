"""Many concurrent clients: no write is lost, each read is right, and no call fails."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rekog import RekognitionClient, ServiceError
from tests.kit.process import running_server

CLIENTS = 64
SHARED = "shared"
SHARED_ARN = f"arn:aws:rekognition:us-east-1:123456789012:collection/{SHARED}"


def mix(
    client: RekognitionClient, name: str, until: float, ready: threading.Barrier
) -> tuple[set[str], int, Counter[str]]:
    """Create, read and delete; return the collections that must exist, the last value of the shared tag, and errors."""
    draw = random.Random(name)
    mine: set[str] = set()
    errors: Counter[str] = Counter()
    last = number = 0
    ready.wait(60)
    while time.monotonic() < until or not last:
        number += 1
        try:
            match draw.randrange(5):
                case 0:
                    client.create_collection(f"{name}-{number}")
                    mine.add(f"{name}-{number}")
                case 1 if mine:
                    gone = mine.pop()
                    client.delete_collection(gone)
                case 2:
                    client.tag_resource(SHARED_ARN, {name: str(number)})
                    last = number
                case 3 if mine:
                    assert client.describe_collection(min(mine)).face_count == 0
                case _:
                    tags = client.list_tags_for_resource(SHARED_ARN).tags or {}
                    assert tags.get(name, "0") == str(last)
        except ServiceError as error:
            errors[f"{error.status_code} {error.code}"] += 1
    return mine, last, errors


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.alone])])
def test_64_clients_lose_no_update_and_get_no_error(tmp_path: Path, seconds: int) -> None:
    names = [f"c{number:02}" for number in range(CLIENTS)]
    ready = threading.Barrier(CLIENTS)
    with running_server("--data", tmp_path) as server, server.client() as client, ThreadPoolExecutor(CLIENTS) as pool:
        client.create_collection(SHARED)
        until = time.monotonic() + seconds
        runs = [pool.submit(mix, client, name, until, ready) for name in names]
        done = [run.result() for run in runs]
        remaining = {row.collection_id for row in client.paginate_list_collections()}
        tags = client.list_tags_for_resource(SHARED_ARN).tags
        assert server.stop()[2] == ""
    assert [errors for _, _, errors in done if errors] == []
    assert remaining == {SHARED}.union(*(mine for mine, _, _ in done))
    assert tags == {name: str(last) for name, (_, last, _) in zip(names, done, strict=True)}
