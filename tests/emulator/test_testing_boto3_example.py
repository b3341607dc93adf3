"""The example of tests of code that uses boto3."""

from __future__ import annotations

import subprocess
import sys

from tests.kit.wire import IMAGE_FOLDER

SCRIPT = IMAGE_FOLDER.parent / "testing_boto3.py"


def test_its_tests_pass() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == ("calls: DetectFaces ThrottlingException DetectFaces OK\n", "")


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 60
