"""The example of people in a collection."""

from __future__ import annotations

import subprocess
import sys

from tests.kit.wire import IMAGE_FOLDER

SCRIPT = IMAGE_FOLDER.parent / "people.py"


def test_it_enrolls_identifies_and_removes_people() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    assert [line for line in lines if line.endswith("face")] == [
        "ann: 1 face",
        "grace: 1 face",
        "removed: ann with 1 face",
    ]
    assert sum(line.startswith("  rejected: ORIGIN.md: image: ") for line in lines) == 2
    assert sorted(line.split(": ")[1].split(",")[0] for line in lines if line.startswith("at ")) == ["ann", "grace"]
    assert lines[-1] == "left: grace"
