"""The example of a recording and its replay."""

from __future__ import annotations

import subprocess
import sys

from tests.kit.wire import IMAGE_FOLDER

SCRIPT = IMAGE_FOLDER.parent / "record.py"


def test_its_replay_is_equal() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    lines = done.stdout.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "recorded:",
        "  astronaut.jpg: 1 face",
        "  grace_hopper.jpg: 1 face",
        "no content of an image: ListCollections",
        "the replay is equal",
    ]
    assert all("Person" in line for line in lines[1:3])
    assert done.stderr == ""


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 60
