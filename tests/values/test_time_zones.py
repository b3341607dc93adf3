"""A time without a zone counts as UTC, whatever the time zone of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change the zone of a process")

ZONES = {"UTC": 0, "XYZ-05:30": -19_800, "XYZ+08": 28_800}
"""Names of POSIX, which need no database of zones, with the seconds that local time is behind UTC."""
PROGRAM = """
import json
import time
from datetime import datetime

from rekog import Credentials, models, to_wire
from rekog._core.rejected.mismatch import loose_wire
from rekog._core.retries.rules import retry_after
from rekog._core.scalars import epoch, moment
from rekog._core.signing import sign
from rekog._settings.endpoint import resolve_endpoint
from rekog.config import Config
from rekog.conversion import converter

time.tzset()
naive = datetime(2030, 1, 1)
described = models.DatasetDescription(creation_timestamp=naive)
invalid = models.DatasetDescription(creation_timestamp=naive, dataset_stats=3)
structured = converter("python").structure({"creation_timestamp": naive.isoformat()}, models.DatasetDescription)
signed = sign(
    credentials=Credentials("AKID", "secret"),
    endpoint=resolve_endpoint(Config(region_name="eu-west-1")),
    headers=(),
    content=(b"{}",),
    now=1_893_456_000,
)
print(json.dumps({
    "the zone of the process": time.timezone,
    "sent": epoch(naive),
    "in a model": to_wire(described),
    "in an invalid model": loose_wire(invalid)[0],
    "received as a datetime": moment(naive).isoformat(),
    "received as text": moment(naive.isoformat()).isoformat(),
    "received as a number": moment(1_893_456_000).isoformat(),
    "structured": structured.creation_timestamp.isoformat(),
    "in a header": retry_after({"retry-after": "Tue, 01 Jan 2030 00:00:07 -0000"}, 1.0, 1_893_456_000),
    "in a signature": dict(signed)[b"x-amz-date"].decode(),
}))
"""


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_without_a_zone_is_utc(zone: str) -> None:
    environment = {**os.environ, "TZ": zone}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "the zone of the process": ZONES[zone],
        "sent": 1_893_456_000,
        "in a model": {"CreationTimestamp": 1_893_456_000},
        "in an invalid model": {"CreationTimestamp": 1_893_456_000, "DatasetStats": 3},
        "received as a datetime": "2030-01-01T00:00:00+00:00",
        "received as text": "2030-01-01T00:00:00+00:00",
        "received as a number": "2030-01-01T00:00:00+00:00",
        "structured": "2030-01-01T00:00:00+00:00",
        "in a header": 7.0,
        "in a signature": "20300101T000000Z",
    }
