"""The example of many images."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.kit.wire import IMAGE_FOLDER

SCRIPT = IMAGE_FOLDER.parent / "bulk.py"


def test_it_continues_from_its_checkpoint_and_writes_a_table() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    first, interrupted, *outcomes, summary, table = done.stdout.splitlines()
    assert done.stderr == ""
    assert first == "3 files"
    assert interrupted.startswith("interrupted after ")
    assert sorted(outcomes) == [
        "astronaut.webp: 1 face",
        "grace_hopper.webp: 1 face",
        "notes.txt: ParamValidationError",
    ]
    assert re.fullmatch("3 done, 1 failed, [12] from before", summary)
    assert table == "3 rows in faces.csv"


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 60
