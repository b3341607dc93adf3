"""Programs that end without closing anything: the exit status is 0, nothing is printed, and the end takes seconds.

With a state in memory and in a folder: clients, servers, jobs in progress, threads and loops stay open.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile.attack import Report

LIMIT = 60.0
SLOW = 20.0  # seconds; the slowest takes two, the most of it for imports

HEAD = """
import asyncio, contextlib, sys, threading, time
from rekog import AsyncRekognitionClient, RekogError, RekognitionClient
from rekog.emulator import Emulator
data = sys.argv[1] or None
"""
PROGRAMS = {
    "an emulator": "emulator = Emulator(data=data)",
    "a client": "client = RekognitionClient.local(Emulator(data=data)); client.create_collection('a')",
    "a server": "manager = Emulator(data=data).serve(); url = manager.__enter__()",
    "a job": """
emulator = Emulator(data=data, durations=60)
emulator.put_object("films", "a.mp4", b"not a video")
client = RekognitionClient.local(emulator)
client.start_label_detection("s3://films/a.mp4")
""",
    "a job that runs": """
class Slow:
    def detect(self, image): time.sleep(1); return []
emulator = Emulator(data=data, face_detector=Slow())
emulator.put_object("films", "a.mp4", b"not a video")
client = RekognitionClient.local(emulator)
client.start_face_detection("s3://films/a.mp4")
""",
    "a daemon thread": """
client = RekognitionClient.local(Emulator(data=data))
def run():
    with contextlib.suppress(RekogError):  # the emulator is closed at the end
        for number in range(1_000_000): client.create_collection(f"c{number}")
threading.Thread(target=run, daemon=True).start(); time.sleep(0.3)
""",
    "an async client": """
async def main():
    client = AsyncRekognitionClient.local(Emulator(data=data))
    await client.create_collection("a")
asyncio.run(main())
""",
    "a cycle": """
class Node: pass
node = Node(); node.self = node; node.emulator = Emulator(data=data)
node.client = RekognitionClient.local(node.emulator); node.client.list_collections(); del node
""",
    "an exit": "client = RekognitionClient.local(Emulator(data=data)); client.list_collections(); sys.exit()",
}


def attack(count: int, report: Report) -> None:
    """Run each program with a state in memory, and with one in a folder."""
    for number in range(count):
        name, program = list(PROGRAMS.items())[number // 2 % len(PROGRAMS)]
        with tempfile.TemporaryDirectory() as folder:
            data = str(Path(folder, "data")) if number % 2 else ""
            began = time.monotonic()
            command = [sys.executable, "-W", "error", "-c", HEAD + program, data]
            try:
                ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
            except subprocess.TimeoutExpired:
                report.fault(f"a program with {name} does not end")
                continue
            report.attempt()
            printed = (ended.stdout + ended.stderr).strip()
            report.check(ended.returncode == 0, f"{name}: exit status {ended.returncode}")
            report.check(printed == "", f"{name}: {printed[-150:]!r}")
            report.check(time.monotonic() - began < SLOW, f"{name}: the end takes more than {SLOW:g} s")
