"""Times in another time zone than UTC: what the emulator stores and returns does not depend on the zone."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rekog._values.narrow import is_mapping, is_sequence
from rekog.emulator import Emulator, ManualClock
from rekog.emulator.state.store import FILE_NAME
from tests.kit.populated import populate
from tests.kit.wire import WireClient

START = 1_710_050_400.5
"""10 March 2024, 06:00:00.5 UTC, an hour before daylight saving time begins in New York."""
DATE = re.compile(r"\d{4}-\d\d-\d\d.*|.*/17\d{11}")
"""A date, or an ARN that ends with a time in milliseconds."""

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no time.tzset")


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the process be in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def times(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield all times in a response, with their places."""
    if is_mapping(value):
        for name, item in value.items():
            yield from times(item, f"{path}.{name}")
    elif is_sequence(value):
        for item in value:
            yield from times(item, f"{path}[]")
    elif (isinstance(value, int | float) and value > 1_600_000_000) or (isinstance(value, str) and DATE.match(value)):
        yield path, value


@pytest.mark.slow
def test_times_in_responses_and_in_the_state_are_those_of_the_clock(zone: str, tmp_path: Path) -> None:
    clock = ManualClock(START)
    with Emulator(data=tmp_path, clock=clock) as emulator:
        members = populate(emulator)
        wire = WireClient(emulator)
        reads = [name for name in members if name.startswith(("Describe", "List", "Get"))]
        found = [entry for name in reads for entry in times(wire(name, **members[name]).body, name)]
    assert {path.rsplit(".", 1)[-1] for path, _ in found} > {"CreationTimestamp", "CompletionTimestamp"}
    assert {value for _, value in found if not isinstance(value, str)} == {START}
    assert {value.rsplit("/", 1)[-1] for _, value in found if isinstance(value, str)} == {str(int(START * 1000))}
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        for table, column in (
            ("collection", "created"),
            ("job", "created"),
            ("job", "finished"),
            ("project", "created"),
        ):
            assert connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall() == [(START,)]
