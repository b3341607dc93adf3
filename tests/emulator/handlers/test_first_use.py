"""First uses of the families of handlers, by requests and asynchronous steps in threads."""

from __future__ import annotations

import subprocess
import sys

IN_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

from rekog.emulator.handlers import Families

sys.setswitchinterval(1e-6)
families = [name for name in vars(Families) if not name.startswith("_")]
parts = ["steps", "custom_labels.declared", "custom_labels.versions", "streams.processors", "collections.folders"]
uses = [lambda name=name: getattr(Families(), name) for name in families]
uses += [lambda name=name: import_module("rekog.emulator.handlers." + name) for name in parts]
together = Barrier(len(uses))


def use(first):
    together.wait()
    first()


with ThreadPoolExecutor(len(uses)) as threads:
    assert len(list(threads.map(use, uses))) == 15
"""


def test_families_are_used_first_by_threads_at_the_same_moment() -> None:
    # Nine of ten such processes failed when the `__init__` of a family imported its modules.
    ended = subprocess.run([sys.executable, "-c", IN_THREADS], check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
