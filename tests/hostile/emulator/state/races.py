"""Races through two servers on one folder: each limit and each uniqueness holds exactly, whatever the order of calls.

Many clients do the same at once: create one resource, delete it, repeat a request token, or reach a limit.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from tests.hostile.emulator.calls import Answer, call, judge
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.kit.request_members import (
    FACE_COLLECTION,
    OUTPUT,
    ROLE,
    connected_home_processor,
    face_search_processor,
    training_manifest,
)
from tests.kit.service import blank_png
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.attack import Report
    from tests.kit.clients import Json

CLIENTS = 32
CALLS = 128  # of each race
ARN = "arn:aws:rekognition:us-east-1:123456789012:collection/shared"
PEOPLE = {"CollectionId": "shared"}
VIDEO = {"S3Object": {"Bucket": "videos", "Name": "trip.mp4"}}


class Race(NamedTuple):
    """An operation with the members of each call, and the exact number of calls that succeed, None for all.

    With `distinct`, the successful responses have this number of distinct values of a member.
    """

    operation: str
    members: Callable[[int], Json]
    succeed: int | None = None
    distinct: tuple[str, int] | None = None


def attack(count: int, report: Report) -> None:
    """Run each race, half of its calls through each server."""
    with tempfile.TemporaryDirectory() as folder:
        with attacked_server("--data", folder) as one, attacked_server("--data", folder) as two:
            face, project, other = _prepare(one)
            races = _races(face, project, other)
            calls = max(2, min(CALLS, count // len(races)))
            with ThreadPoolExecutor(CLIENTS) as pool:
                for race in races:
                    answers = list(pool.map(partial(_call, (one, two), race), range(calls)))
                    _check(race, answers, report)
            for server in (one, two):
                server.check_errors(report)
        report.check("state.sqlite3" in {path.name for path in Path(folder).iterdir()}, "the state is gone")


def _prepare(server: Attacked) -> tuple[str, str, str]:
    """Create the resources of the races; return the ids of a face and of two projects."""
    caller = server.caller()

    def done(operation: str, **members: object) -> Json:
        answer = call(caller, operation, members)
        assert answer.status == 200, answer
        return answer.json

    done("CreateCollection", **PEOPLE)
    indexed = done("IndexFaces", **PEOPLE, Image={"Bytes": ASTRONAUT.read_bytes()}, MaxFaces=1)
    records = cast("list[Mapping[str, Mapping[str, str]]]", indexed["FaceRecords"])  # cast: of the response
    for user in ("ann", "gone"):
        done("CreateUser", **PEOPLE, UserId=user)
    done("CreateCollection", CollectionId="gone")
    done("CreateCollection", CollectionId=FACE_COLLECTION)
    done("CreateStreamProcessor", **face_search_processor("gone", RoleArn=ROLE))
    caller.send("PUT", "/_rekog/objects/videos/trip.mp4", b"not a video", {})
    for number in range(10):
        caller.send("PUT", f"/_rekog/objects/photos/{number}.png", blank_png(number), {})
    project = str(done("CreateProject", ProjectName="dogs")["ProjectArn"])
    dataset = done("CreateDataset", ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
    done("UpdateDatasetEntries", DatasetArn=dataset, Changes={"GroundTruth": training_manifest().encode()})
    other = str(done("CreateProject", ProjectName="gone")["ProjectArn"])
    caller.close()
    return records[0]["Face"]["FaceId"], project, other


def _races(face: str, project: str, other: str) -> list[Race]:
    version = {"ProjectArn": project, "OutputConfig": OUTPUT}
    processor = connected_home_processor("door")
    return [
        Race("CreateCollection", _same({"CollectionId": "one"}), 1),
        Race("DeleteCollection", _same({"CollectionId": "gone"}), 1),
        Race("CreateUser", _same({**PEOPLE, "UserId": "one"}), 1),
        Race("CreateUser", _same({**PEOPLE, "UserId": "two", "ClientRequestToken": "once"})),
        Race("DeleteUser", _same({**PEOPLE, "UserId": "gone"}), 1),
        Race("CreateProject", _same({"ProjectName": "one"}), 1),
        Race("DeleteProject", _same({"ProjectArn": other}), 1),
        Race("CreateProjectVersion", _same({**version, "VersionName": "v1"}), 1),
        Race("CreateDataset", _same({"ProjectArn": project, "DatasetType": "TEST"}), 1),
        Race("CreateStreamProcessor", _same(processor), 1),
        Race("DeleteStreamProcessor", _same({"Name": "gone"}), 1),
        Race(
            "StartFaceDetection",
            _same({"Video": VIDEO, "ClientRequestToken": "once"}),
            distinct=("JobId", 1),
        ),
        Race(
            "CreateFaceLivenessSession",
            _one_of_four_tokens,
            distinct=("SessionId", 4),
        ),
        Race("TagResource", _four_new_tags, 50),
        Race("DeleteFaces", _same({**PEOPLE, "FaceIds": [face]})),
    ]


def _same(members: Json) -> Callable[[int], Json]:
    def members_of(_number: int) -> Json:
        return members

    return members_of


def _one_of_four_tokens(number: int) -> Json:
    return {"ClientRequestToken": f"t{number % 4}"}


def _four_new_tags(number: int) -> Json:
    """Return a quarter of the tags, of which a resource has 200 at most."""
    return {"ResourceArn": ARN, "Tags": {f"t{number}-{each}": "a" for each in range(4)}}


def _call(servers: tuple[Attacked, Attacked], race: Race, number: int) -> Answer:
    caller = servers[number % 2].caller()
    try:
        return call(caller, race.operation, race.members(number))
    finally:
        caller.close()


def _check(race: Race, answers: list[Answer], report: Report) -> None:
    for answer in answers:
        judge(report, answer, race.operation, slow=60)
    succeeded = [answer.json for answer in answers if answer.status == 200]
    expected = len(answers) if race.succeed is None else min(race.succeed, len(answers))
    codes = Counter(answer.code for answer in answers if answer.code)
    report.check(len(succeeded) == expected, f"{len(succeeded)} x {race.operation} instead of {expected}; {codes}")
    if race.distinct is not None:
        member, number = race.distinct
        values = {str(response.get(member)) for response in succeeded}
        wanted = min(number, len(answers))
        report.check(len(values) == wanted, f"{len(values)} {member} of {race.operation} instead of {wanted}")
    if race.operation == "DeleteFaces":
        deleted = sum(len(cast("list[str]", response.get("DeletedFaces") or [])) for response in succeeded)  # cast: ids
        report.check(deleted == 1, f"one face was deleted {deleted} times")
