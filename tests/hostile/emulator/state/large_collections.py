"""A collection of a million faces: results are right, others are served beside them, and memory is bounded.

The start of the server, a search, a snapshot and the deletion of the collection hold no other request for seconds.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.hostile.emulator.calls import Caller, call, judge
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.hostile.emulator.state.others import BESIDE, others_served
from tests.hostile.emulator.state.tables import add_faces

if TYPE_CHECKING:
    from tests.hostile.attack import Report

COLLECTION = {"CollectionId": "people"}
SLOW = 60.0
PAGE = 4096
SEARCHES = 20
BYTES = 700  # of memory for a face
SERVER = 250  # MiB without faces


def attack(count: int, report: Report) -> None:
    """Search, list and delete a collection of this many faces."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        with attacked_server("--data", data) as server:
            caller = server.caller()
            call(caller, "CreateCollection", COLLECTION)
            caller.close()
            server.stop()
        ids = add_faces(data, count)
        report.attempt(count)
        with attacked_server("--data", data) as server:
            caller = server.caller()
            _search(server, caller, ids, report)
            _list(server, caller, count, report)
            with others_served(server, report, "a snapshot"):
                saved = caller.send("GET", "/_rekog/snapshot", b"", {})
                judge(report, saved._replace(body=b""), "a snapshot", slow=SLOW * 5)
            with others_served(server, report, "DeleteCollection"):
                judge(report, call(caller, "DeleteCollection", COLLECTION), "DeleteCollection", slow=SLOW)
                listed = call(caller, "ListCollections", {}).json.get("CollectionIds")
                report.check(listed == [], "a deleted collection is listed")
                time.sleep(1)  # its rows are deleted in parts
            caller.close()
            server.check_errors(report)
            server.check_alive(report)


def _search(server: Attacked, caller: Caller, ids: list[str], report: Report) -> None:
    with others_served(server, report, "searches"):
        for number in range(SEARCHES):
            face = ids[number % len(ids)]
            answer = call(caller, "SearchFaces", {**COLLECTION, "FaceId": face, "FaceMatchThreshold": 99})
            judge(report, answer, "SearchFaces", slow=SLOW)
            matches = cast("list[dict[str, dict[str, str]]]", answer.json.get("FaceMatches", []))  # cast: its response
            report.check(face not in [match["Face"]["FaceId"] for match in matches], "a face matches itself")


def _list(server: Attacked, caller: Caller, count: int, report: Report) -> None:
    seen: set[str] = set()
    token: dict[str, object] = {}
    with others_served(server, report, "a listing"):
        while True:
            answer = call(caller, "ListFaces", {**COLLECTION, "MaxResults": PAGE, **token})
            judge(report, answer, "ListFaces", slow=BESIDE)
            page = answer.json
            seen.update(
                face["FaceId"] for face in cast("list[dict[str, str]]", page.get("Faces", []))
            )  # cast: as above
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
    report.check(len(seen) == count, f"the pages have {len(seen)} faces instead of {count}")
    limit = SERVER + count * BYTES // 1024**2
    report.figure("MiB of memory", server.memory())
    report.check(server.memory() < limit, f"the server takes more than {limit} MiB")
