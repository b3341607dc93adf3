"""Updates of many lines: other requests do not wait while the lines are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from rekog.emulator.handlers.custom_labels import manifests
from rekog.errors import ResourceInUseException
from tests.kit.clock import LIMIT_SECONDS
from tests.kit.custom_labels import Bench, label_line, open_bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        yield opened


def call_while_lines_are_read(monkeypatch: pytest.MonkeyPatch, call: Callable[[], object]) -> None:
    """Complete a call of another thread before the lines of each update are read."""
    parse = manifests.parse

    def parse_after_the_call(data: bytes, *, adapter: bool, limit: int) -> manifests.Manifest:
        pool = ThreadPoolExecutor(1)
        pool.submit(call).result(LIMIT_SECONDS)
        pool.shutdown()
        return parse(data, adapter=adapter, limit=limit)

    monkeypatch.setattr(manifests, "parse", parse_after_the_call)


def test_a_request_is_served_while_the_lines_of_another_are_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = bench.create_dataset(bench.create_project())
    call_while_lines_are_read(monkeypatch, partial(bench.create_project, "cats"))
    bench.update_dataset(dataset, label_line("a.jpg"))
    assert bench.list_entries(dataset) == [label_line("a.jpg")]


def test_a_dataset_that_is_deleted_while_lines_are_read_is_in_use(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = bench.create_dataset(bench.create_project())
    call_while_lines_are_read(monkeypatch, partial(bench.client.delete_dataset, dataset))
    with pytest.raises(ResourceInUseException):
        bench.update_dataset(dataset, label_line("a.jpg"))
