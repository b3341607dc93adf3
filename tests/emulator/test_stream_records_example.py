"""The example of a handler of stream records."""

from __future__ import annotations

import subprocess
import sys

from tests.kit.wire import IMAGE_FOLDER

SCRIPT = IMAGE_FOLDER.parent / "stream_records.py"


def test_it_prints_the_face_of_each_record() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    first, second = done.stdout.splitlines()
    assert first.startswith("08:00:00 ann at 0.")
    assert second.startswith("08:00:01 a stranger at 0.")
    assert done.stderr == ""


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 60
