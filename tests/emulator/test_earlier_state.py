"""A state folder that an earlier emulator wrote: its pending steps still run, and its resources still read back.

The folder is `data/state_before_the_move.zip`. The database stores the kind of a step as text, so a kind that is
renamed, or a function that its kind no longer leads to, leaves the steps of existing folders undone. These tests use
public names and plain sqlite3 only: they do not change when modules move.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from rekog import Credentials, RekognitionClient, models
from rekog.emulator import Emulator, ManualClock
from rekog.errors import ResourceInUseException, ResourceNotFoundException
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.videos import VIDEO, put_video, video_file
from tests.kit.wire import WireClient

ARCHIVE = Path(__file__).parent / "data" / "state_before_the_move.zip"
ASTRONAUT = Path(__file__).resolve().parents[2] / "examples" / "images" / "astronaut.jpg"
WRITTEN = 1_700_086_400
"""The time of the folder's clock when its process was killed."""
DAY = 86_400
LIMIT_SECONDS = 60.0
"""Seconds of real time after which a test that waits for the worker fails."""

WORKER_KINDS = ("video_work.look", "video_work.finish", "video_work.send", "media_analysis.finish")
KINDS = (
    "projects.finish_creation",
    "projects.finish_deletion",
    "versions.finish_step",
    "versions.finish_deletion",
    "datasets.finish_change",
    "datasets.finish_deletion",
    "streams.finish_step",
    "streams.free_name",
    *WORKER_KINDS,
    "video_work.expire",
)
WAITING, HANDED_OVER, TAKEN = range(3)
"""Stages of a worker's step. The worker that took those of stage 2 was killed."""


class Earlier(NamedTuple):
    """An emulator on a copy of the folder, and the names of the resources in it."""

    folder: Path
    names: dict[str, str]
    clock: ManualClock
    emulator: Emulator
    client: RekognitionClient
    abroad: RekognitionClient
    received: list[dict[str, object]]
    """Messages that the emulator delivered, those of retried steps included."""
    detected: set[str]
    """Ids of the jobs for which the worker had stored detections before they were due."""


class Ending(NamedTuple):
    """The result of one pending step, as clients see it."""

    name: str
    kind: str
    read: Callable[[Earlier], object]
    expected: object


def unpack(folder: Path) -> dict[str, str]:
    """Extract the archive, and return the names of its resources; its folder is `state`."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    names: dict[str, str] = json.loads((folder / "known.json").read_text())
    return names


def rows(folder: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Return the rows of a query on the folder's database."""
    with closing(sqlite3.connect(folder / "state" / "state.sqlite3")) as connection:
        return connection.execute(query, values).fetchall()


def keep_only(folder: Path, kinds: Sequence[str]) -> None:
    """Remove the steps of all other kinds from the folder."""
    with closing(sqlite3.connect(folder / "state" / "state.sqlite3")) as connection, connection:
        for (kind,) in connection.execute("SELECT DISTINCT kind FROM event").fetchall():
            if kind not in kinds:
                connection.execute("DELETE FROM event WHERE kind = ?", (kind,))


@contextmanager
def opened(folder: Path, kinds: Sequence[str] = KINDS) -> Generator[Earlier]:
    """Open a copy of the folder with its steps of some kinds, at the time when it was written."""
    names = unpack(folder)
    keep_only(folder, kinds)
    clock = ManualClock(WRITTEN)
    received: list[dict[str, object]] = []
    with (
        Emulator(
            data=folder / "state", clock=clock, notify=lambda sent: received.append(dict(sent.message))
        ) as emulator,
        RekognitionClient.local(emulator) as client,
        RekognitionClient(
            "eu-west-1", transport=emulator.transport(), credentials=Credentials("AKID", "secret")
        ) as abroad,
    ):
        yield Earlier(folder, names, clock, emulator, client, abroad, received, set())


def run_steps(earlier: Earlier) -> None:
    """Advance the clock until every step of the folder has been due, and wait for the worker each time."""
    _wait_for_worker(earlier)
    _advance(earlier, 30)
    earlier.detected.update(
        str(job_id)
        for (job_id,) in rows(earlier.folder, "SELECT job_id FROM job JOIN job_look ON job.key = job_look.job_key")
    )
    _advance(earlier, 60)
    _advance(earlier, 6 * DAY)


def _advance(earlier: Earlier, seconds: float) -> None:
    earlier.clock.advance(seconds)
    earlier.client.list_collections()  # each request runs the quick steps that are due, and wakes the worker
    _wait_for_worker(earlier)


def _wait_for_worker(earlier: Earlier) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while busy := rows(earlier.folder, "SELECT kind, stage FROM event WHERE stage > 0"):
        assert time.monotonic() < end, busy
        time.sleep(0.01)


# --- readers of results


def project(name: str, *, abroad: bool = False) -> Callable[[Earlier], object]:
    """Return a reader of a project's status; None without such a project."""

    def read(earlier: Earlier) -> object:
        client = earlier.abroad if abroad else earlier.client
        statuses = {item.project_arn: item.status for item in client.describe_projects().project_descriptions}
        return statuses.get(earlier.names[f"project {name}"])

    return read


def version(name: str) -> Callable[[Earlier], object]:
    """Return a reader of a version's status; None without such a version."""

    def read(earlier: Earlier) -> object:
        arn = earlier.names[f"version {name}"]
        project_name = arn.split("/")[1]
        response = earlier.client.describe_project_versions(earlier.names[f"project {project_name}"])
        statuses = {item.project_version_arn: item.status for item in response.project_version_descriptions}
        return statuses.get(arn)

    return read


def dataset(name: str) -> Callable[[Earlier], object]:
    """Return a reader of a dataset's status; None without such a dataset."""

    def read(earlier: Earlier) -> object:
        try:
            described = earlier.client.describe_dataset(earlier.names[f"dataset {name}"]).dataset_description
        except ResourceNotFoundException:
            return None
        assert described is not None
        return described.status

    return read


def stream(name: str) -> Callable[[Earlier], object]:
    """Return a reader of a stream processor's status and of the second of its last change."""

    def read(earlier: Earlier) -> object:
        described = earlier.client.describe_stream_processor(name)
        assert described.last_update_timestamp is not None
        return described.status, described.last_update_timestamp.timestamp() - WRITTEN

    return read


def can_create_stream(earlier: Earlier) -> object:
    """Create a stream processor with the name of the deleted one, and tell whether the name is free."""
    video = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/other/1"
    data = "arn:aws:kinesis:us-east-1:123456789012:stream/other"
    try:
        earlier.client.create_stream_processor(
            name="deleted",
            input=models.StreamProcessorInput(kinesis_video_stream=models.KinesisVideoStream(arn=video)),
            output=models.StreamProcessorOutput(kinesis_data_stream=models.KinesisDataStream(arn=data)),
            role_arn="arn:aws:iam::123456789012:role/rekognition",
            settings=models.StreamProcessorSettings(face_search=models.FaceSearchSettings(collection_id="people")),
        )
    except ResourceInUseException:
        return False
    return True


def detected(name: str) -> Callable[[Earlier], object]:
    """Return a reader that tells whether the worker stored a job's detections before the job was due."""
    return lambda earlier: earlier.names[f"job {name}"] in earlier.detected


def faces(name: str) -> Callable[[Earlier], object]:
    """Return a reader of the status of a face detection job, and of the times of its faces."""

    def read(earlier: Earlier) -> object:
        response = earlier.client.get_face_detection(earlier.names[f"job {name}"])
        return response.job_status, [item.timestamp for item in response.faces or []]

    return read


def persons(earlier: Earlier) -> object:
    """Return the status of the face search job, and the external ids of the faces that it matched."""
    response = earlier.client.get_face_search(earlier.names["job search"])
    matches = [match.face for item in response.persons or [] for match in item.face_matches or []]
    return response.job_status, sorted(str(face.external_image_id) for face in matches)


def labels(name: str) -> Callable[[Earlier], object]:
    """Return a reader of the status of a label detection job, and of its labels; None without such a job."""

    def read(earlier: Earlier) -> object:
        try:
            response = earlier.client.get_label_detection(earlier.names[f"job {name}"])
        except ResourceNotFoundException:
            return None
        return response.job_status, [item.label.name for item in response.labels or []]

    return read


def notifications(name: str) -> Callable[[Earlier], object]:
    """Return a reader of the statuses in the notifications about a job."""

    def read(earlier: Earlier) -> object:
        job_id = earlier.names[f"job {name}"]
        return [message["Status"] for message in earlier.received if message["JobId"] == job_id]

    return read


def analysis(name: str) -> Callable[[Earlier], object]:
    """Return a reader of the status of a media analysis job, and of the labels in its results in the bucket."""

    def read(earlier: Earlier) -> object:
        response = earlier.client.get_media_analysis_job(earlier.names[f"media {name}"])
        if response.results is None or response.results.s3_object is None:
            return response.status, None
        location = response.results.s3_object
        content = earlier.emulator.get_object(str(location.bucket), str(location.name))
        lines = [json.loads(line)["detect-moderation-labels"] for line in content.decode().splitlines()]
        return response.status, [[label["Name"] for label in line["ModerationLabels"]] for line in lines]

    return read


SEEN = ("SUCCEEDED", ["Car"])
MODERATED = ("SUCCEEDED", [["Smoking", "Drugs & Tobacco Paraphernalia & Use", "Drugs & Tobacco"], []])
ENDINGS = (
    Ending("a project is created", "projects.finish_creation", project("creating"), "CREATED"),
    Ending(
        "a project of another Region is created",
        "projects.finish_creation",
        project("abroad", abroad=True),
        "CREATED",
    ),
    Ending("a project is deleted", "projects.finish_deletion", project("deleted"), None),
    Ending("a version is trained", "versions.finish_step", version("training"), "TRAINING_COMPLETED"),
    Ending("the training of a version fails", "versions.finish_step", version("failing"), "TRAINING_FAILED"),
    Ending("a version is copied", "versions.finish_step", version("copied"), "COPYING_COMPLETED"),
    Ending("a version runs", "versions.finish_step", version("starting"), "RUNNING"),
    Ending("a version is stopped", "versions.finish_step", version("stopping"), "STOPPED"),
    Ending("a version is deleted", "versions.finish_deletion", version("deleted"), None),
    Ending("a dataset is created", "datasets.finish_change", dataset("new"), "CREATE_COMPLETE"),
    Ending("a dataset is updated", "datasets.finish_change", dataset("updated"), "UPDATE_COMPLETE"),
    Ending("a dataset fails to be distributed", "datasets.finish_change", dataset("small train"), "UPDATE_FAILED"),
    Ending("a dataset receives no entries", "datasets.finish_change", dataset("small test"), "UPDATE_FAILED"),
    Ending("a dataset is deleted", "datasets.finish_deletion", dataset("deleted"), None),
    Ending("a stream processor runs", "streams.finish_step", stream("starting"), ("RUNNING", 60)),
    Ending("a stream processor stops after 30 seconds", "streams.finish_step", stream("short"), ("STOPPED", 90)),
    Ending("a stream processor is stopped", "streams.finish_step", stream("stopping"), ("STOPPED", 60)),
    Ending("a stream processor is updated", "streams.finish_step", stream("changing"), ("STOPPED", 60)),
    Ending("the name of a stream processor is free", "streams.free_name", can_create_stream, True),
    Ending("detections are stored by a step that was handed over", "video_work.look", detected("faces"), True),
    Ending("detections are stored by a step that was taken", "video_work.look", detected("search"), True),
    Ending("detections are stored by a step that is retried", "video_work.look", detected("faces retried"), True),
    Ending("a face detection job ends", "video_work.finish", faces("faces"), ("SUCCEEDED", [0])),
    Ending("a job with stored detections ends", "video_work.finish", faces("faces detected"), ("SUCCEEDED", [0])),
    Ending("a face search job ends", "video_work.finish", persons, ("SUCCEEDED", ["astronaut", "astronaut-small"])),
    Ending("a job that was handed over ends", "video_work.finish", labels("labels handed over"), SEEN),
    Ending("a job that was taken ends", "video_work.finish", labels("labels taken"), SEEN),
    Ending("an ended job is notified of", "video_work.finish", notifications("labels taken"), ["SUCCEEDED"]),
    Ending("a notification is sent", "video_work.send", notifications("notify handed over"), ["SUCCEEDED"]),
    Ending("a notification that was taken is sent", "video_work.send", notifications("notify taken"), ["SUCCEEDED"]),
    Ending("a notification is sent again", "video_work.send", notifications("notify retried"), ["SUCCEEDED"]),
    Ending("the results of a job expire", "video_work.expire", labels("ended"), None),
    Ending("a media analysis job ends", "media_analysis.finish", analysis("waiting"), MODERATED),
    Ending(
        "a media analysis job that was handed over ends", "media_analysis.finish", analysis("handed over"), MODERATED
    ),
    Ending("a media analysis job that was taken ends", "media_analysis.finish", analysis("taken"), MODERATED),
)
each_ending = pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.name.replace(" ", "-"))


# --- the file


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the extracted archive, which no emulator opens."""
    folder = tmp_path_factory.mktemp("archived")
    unpack(folder)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_has_pending_steps_of_each_kind(archived: Path, kind: str) -> None:
    assert rows(archived, "SELECT 1 FROM event WHERE kind = ?", kind)


def test_the_file_has_no_steps_of_other_kinds(archived: Path) -> None:
    assert {kind for (kind,) in rows(archived, "SELECT kind FROM event")} == set(KINDS)


@pytest.mark.parametrize("kind", WORKER_KINDS)
def test_the_file_has_steps_of_the_worker_in_each_stage(archived: Path, kind: str) -> None:
    stages = {stage for (stage,) in rows(archived, "SELECT stage FROM event WHERE kind = ?", kind)}
    assert stages == {WAITING, HANDED_OVER, TAKEN}


def test_a_worker_took_the_steps_in_the_last_stage_and_left_its_lock_file(archived: Path) -> None:
    lock_files = {f"worker-{name}.lock" for (name,) in rows(archived, "SELECT taker FROM event WHERE stage = 2")}
    assert lock_files == {file.name for file in (archived / "state").glob("worker-*")} != set()


def test_each_table_of_the_file_has_rows(archived: Path) -> None:
    tables = rows(archived, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert [name for (name,) in tables if not rows(archived, f"SELECT 1 FROM {name} LIMIT 1")] == []


def test_each_kind_has_a_result_that_is_checked() -> None:
    assert {ending.kind for ending in ENDINGS} == set(KINDS)


# --- steps


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earlier]:
    """Return an emulator that has run every step of the folder."""
    with opened(tmp_path_factory.mktemp("finished")) as earlier:
        run_steps(earlier)
        yield earlier


@pytest.fixture(scope="module")
def without_steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earlier]:
    """Return an emulator on the folder without its steps, after the same time."""
    with opened(tmp_path_factory.mktemp("without"), kinds=()) as earlier:
        run_steps(earlier)
        yield earlier


@each_ending
def test_a_pending_step_ends(finished: Earlier, ending: Ending) -> None:
    assert ending.read(finished) == ending.expected


@each_ending
def test_no_result_comes_without_its_step(without_steps: Earlier, ending: Ending) -> None:
    assert ending.read(without_steps) != ending.expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_steps_of_one_kind_end_by_themselves(tmp_path: Path, kind: str) -> None:
    """Fail for a renamed kind alone: in a folder with steps of all kinds, one unknown kind stops every request."""
    endings = [ending for ending in ENDINGS if ending.kind == kind]
    with opened(tmp_path, kinds=[kind]) as earlier:
        run_steps(earlier)
        results = {ending.name: ending.read(earlier) for ending in endings}
    assert results == {ending.name: ending.expected for ending in endings}


def test_no_step_of_the_file_is_left(finished: Earlier, archived: Path) -> None:
    ((last,),) = rows(archived, "SELECT max(key) FROM event")
    assert rows(finished.folder, "SELECT kind FROM event WHERE key <= ?", last) == []


def test_finished_steps_leave_the_expiry_of_each_ended_job_only(finished: Earlier, archived: Path) -> None:
    ended = rows(archived, "SELECT json_extract(detail, '$.JobId') FROM event WHERE kind = 'video_work.finish'")
    left = rows(finished.folder, "SELECT kind, json_extract(detail, '$.JobId') FROM event")
    assert sorted(left) == sorted(("video_work.expire", job_id) for (job_id,) in ended)


def test_the_lock_file_of_the_killed_worker_is_removed(finished: Earlier, archived: Path) -> None:
    (lock,) = (archived / "state").glob("worker-*")
    assert not (finished.folder / "state" / lock.name).exists()


# --- a job of celebrities, which the folder lacks


MATCH: Mapping[str, object] = {
    "Timestamp": 1000,
    "Celebrity": {
        "Urls": [],
        "Name": "Grace Hopper",
        "Id": "Q11641",
        "Confidence": 99.99995,
        "BoundingBox": {"Width": 0.355, "Height": 0.393, "Left": 0.343, "Top": 0.18},
        "Face": {"BoundingBox": {"Width": 0.355, "Height": 0.393, "Left": 0.343, "Top": 0.18}, "Confidence": 99.97},
    },
}
"""A detection that the emulator of f7caf739^ stored for such a job: later ones store the faces before they match."""


def test_a_celebrity_job_with_the_matches_of_an_earlier_emulator_ends_with_them(tmp_path: Path) -> None:
    pytest.importorskip("av")
    clock, own = ManualClock(WRITTEN), ColourFaceDetector()
    with Emulator(
        data=tmp_path / "state", clock=clock, durations={"job": 60}, face_detector=own, face_embedder=own
    ) as emulator:
        put_video(emulator, video_file([Image.new("RGB", (128, 128), "red")], each=1))
        job = WireClient(emulator)("StartCelebrityRecognition", Video=VIDEO).body
        end = time.monotonic() + LIMIT_SECONDS
        while not rows(tmp_path, "SELECT 1 FROM job_look"):
            assert time.monotonic() < end
            time.sleep(0.01)
    with closing(sqlite3.connect(tmp_path / "state" / "state.sqlite3")) as connection, connection:
        connection.execute("UPDATE job_look SET seen = ?", (json.dumps([MATCH]),))
    with Emulator(data=tmp_path / "state", clock=clock, face_detector=own, face_embedder=own) as emulator:
        clock.advance(60)
        response = WireClient(emulator)("GetCelebrityRecognition", **job).body
    assert response["JobStatus"] == "SUCCEEDED", response
    found = [(each["Timestamp"], each["Celebrity"]["Id"]) for each in response["Celebrities"]]
    assert found == [(1000, "Q11641")]


# --- resources


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earlier]:
    """Return an emulator on the folder at the time when it was written."""
    with opened(tmp_path_factory.mktemp("earlier")) as made:
        yield made


def test_collections_are_listed(earlier: Earlier) -> None:
    listed = [collection.collection_id for collection in earlier.client.paginate_list_collections()]
    assert listed == ["empty", "people"]


def test_a_page_token_of_the_earlier_emulator_is_still_valid(earlier: Earlier) -> None:
    response = earlier.client.list_collections(max_results=1, next_token=earlier.names["page token"])
    assert response.collection_ids == ["people"]


def test_tags_are_listed(earlier: Earlier) -> None:
    assert earlier.client.list_tags_for_resource(earlier.names["collection"]).tags == {"team": "red", "floor": "2"}


def test_indexed_faces_are_listed(earlier: Earlier) -> None:
    listed = {face.external_image_id: face.face_id for face in earlier.client.paginate_list_faces("people")}
    assert listed == {
        "astronaut": earlier.names["astronaut"],
        "astronaut-small": earlier.names["astronaut small"],
        "hopper": earlier.names["hopper"],
    }


def test_an_indexed_face_finds_the_other_of_the_same_person(earlier: Earlier) -> None:
    response = earlier.client.search_faces("people", earlier.names["astronaut"])
    assert [match.face.face_id for match in response.face_matches or []] == [earlier.names["astronaut small"]]


def test_an_image_finds_the_indexed_faces(earlier: Earlier) -> None:
    response = earlier.client.search_faces_by_image("people", ASTRONAUT.read_bytes())
    first, second = response.face_matches or []
    assert [first.face.face_id, second.face.face_id] == [earlier.names["astronaut"], earlier.names["astronaut small"]]
    assert first.similarity == pytest.approx(100, abs=0.01)


def test_users_are_listed(earlier: Earlier) -> None:
    assert {user.user_id: user.user_status for user in earlier.client.paginate_list_users("people")} == {
        "ann": "ACTIVE",
        "bob": "CREATED",
    }


def test_a_user_matches_the_face_of_another_image(earlier: Earlier) -> None:
    response = earlier.client.search_users("people", face_id=earlier.names["astronaut small"])
    assert [match.user.user_id for match in response.user_matches or []] == ["ann"]


def test_an_enrolled_celebrity_is_described(earlier: Earlier) -> None:
    response = earlier.client.get_celebrity_info(earlier.names["celebrity"])
    assert (response.name, response.urls) == ("Grace Hopper", ["example.com/hopper"])


def test_an_enrolled_celebrity_is_recognized(earlier: Earlier) -> None:
    image = ASTRONAUT.with_name("grace_hopper.jpg").read_bytes()
    recognized = earlier.client.recognize_celebrities(image).celebrity_faces or []
    assert [celebrity.id for celebrity in recognized] == [earlier.names["celebrity"]]


def test_declared_content_is_returned(earlier: Earlier) -> None:
    image = models.Image(s3_object=models.S3Object(bucket="photos", name="street.png"))
    seen = earlier.client.detect_labels(image).labels or []
    assert [label.name for label in seen] == ["Cat"]


def test_an_object_is_read(earlier: Earlier) -> None:
    assert earlier.emulator.get_object("notes", "hello.txt") == b"hello"


def test_both_versions_of_an_object_are_read(earlier: Earlier) -> None:
    old = earlier.emulator.get_object("notes", "twice.txt", earlier.names["old object"])
    assert (old, earlier.emulator.get_object("notes", "twice.txt")) == (b"first", b"second")


def test_a_liveness_session_has_its_result(earlier: Earlier) -> None:
    response = earlier.client.get_face_liveness_session_results(earlier.names["liveness session"])
    assert (response.status, response.confidence) == ("SUCCEEDED", 98.5)


def test_a_request_token_still_returns_the_liveness_session_that_it_created(earlier: Earlier) -> None:
    response = earlier.client.create_face_liveness_session(client_request_token="token-2")
    assert response.session_id == earlier.names["liveness session"]


def test_a_request_token_still_returns_the_job_that_it_started(earlier: Earlier) -> None:
    video = models.Video(s3_object=models.S3Object(bucket="videos", name="street.mp4"))
    response = earlier.client.start_label_detection(video, job_tag="ended", client_request_token="token-1")
    assert response.job_id == earlier.names["job ended"]


def test_an_ended_job_has_its_results(earlier: Earlier) -> None:
    assert labels("ended")(earlier) == SEEN


def test_a_project_policy_is_listed(earlier: Earlier) -> None:
    policies = earlier.client.list_project_policies(earlier.names["project dogs"]).project_policies or []
    assert [(policy.policy_name, policy.policy_revision_id) for policy in policies] == [
        ("copy", earlier.names["policy"])
    ]


def test_a_trained_version_has_its_declared_score(earlier: Earlier) -> None:
    described = earlier.client.describe_project_versions(
        earlier.names["project dogs"], version_names=["trained"]
    ).project_version_descriptions
    assert [item.evaluation_result and item.evaluation_result.f1_score for item in described or []] == [0.75]


def test_a_dataset_has_its_entries(earlier: Earlier) -> None:
    entries = earlier.client.paginate_list_dataset_entries(earlier.names["dataset of dogs"])
    assert [json.loads(line)["source-ref"] for line in entries] == [f"s3://photos/{n}.jpg" for n in range(10)]


def test_a_dataset_has_its_labels(earlier: Earlier) -> None:
    labels_of_dogs = earlier.client.paginate_list_dataset_labels(earlier.names["dataset of dogs"])
    assert [item.label_name for item in labels_of_dogs] == ["dog"]
