"""A long run: after a warm-up, memory and descriptors of a server stay the same, and no file is left.

Requests that analyse an image, listings, new connections, and snapshots. The warm-up fills the recorded calls.
"""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.hostile.emulator.calls import call, judge
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.kit.wire import ASTRONAUT, image_file

if TYPE_CHECKING:
    from tests.hostile.attack import Report

CLIENTS = 4
RECORDED = 10_000  # calls that an emulator keeps
MEMORY = 60  # MiB
OPEN = 6
PARTS = {"DetectFaces": 10_000, "ListFaces": 100_000, "connection": 5_000, "snapshot": 200}


def attack(count: int, report: Report) -> None:
    """Send the same kinds of requests twice, and compare the memory after the second half with that after the first."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        attacked_server("--data", Path(temporary, "data"), env={"TMPDIR": temporary}) as server,
    ):
        _prepare(server)
        share = count / sum(PARTS.values())
        _run(server, share / 2, report, at_least=min(RECORDED, count // 2))
        memory, descriptors = server.memory(), server.descriptors()
        _run(server, share / 2, report)
        report.figure("MiB of growth", max(0, server.memory() - memory))
        report.check(server.memory() - memory <= MEMORY, f"memory grew by more than {MEMORY} MiB")
        report.check(server.descriptors() - descriptors <= OPEN, f"descriptors grew by more than {OPEN}")
        report.check(os.listdir(temporary) == ["data"], f"files are left: {os.listdir(temporary)}")
        server.check_alive(report)
        server.check_errors(report)


def _prepare(server: Attacked) -> None:
    caller = server.caller()
    call(caller, "CreateCollection", {"CollectionId": "people"})
    call(caller, "IndexFaces", {"CollectionId": "people", "Image": {"Bytes": ASTRONAUT.read_bytes()}})
    caller.close()


def _run(server: Attacked, share: float, report: Report, *, at_least: int = 0) -> None:
    counts = {name: max(1, round(number * share)) for name, number in PARTS.items()}
    counts["ListFaces"] = max(counts["ListFaces"], at_least)
    with Image.open(ASTRONAUT) as opened:
        face = image_file(opened.convert("RGB").resize((128, 128)), "JPEG")

    def client(number: int) -> None:
        caller = server.caller()
        for name, total in counts.items():
            for _ in range(total // CLIENTS + (number < total % CLIENTS)):
                if name == "DetectFaces":
                    answer = call(caller, name, {"Image": {"Bytes": face}})
                elif name == "ListFaces":
                    answer = call(caller, name, {"CollectionId": "people"})
                elif name == "snapshot":
                    answer = caller.send("GET", "/_rekog/snapshot", b"", {})
                else:
                    caller.close()
                    answer = caller.send("GET", "/_rekog/health", b"", {})
                judge(report, answer, name, slow=30)
                report.check(answer.status == 200, f"{answer.status} for {name}")
        caller.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
