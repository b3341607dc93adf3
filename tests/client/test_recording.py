"""`rekog.testing.record`: answers as declarations that an emulator loads, with both clients."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from PIL import Image

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, RetryPolicy
from rekog._core.flow import Blocking, HttpRequest, HttpResponse
from rekog._core.recording.answers import IMAGES, VIDEOS
from rekog._core.recording.watching import watched
from rekog._generated.operations import METHODS
from rekog._settings.timeout import Timeout
from rekog.emulator import Emulator
from rekog.errors import DecodeError, ParamValidationError, RekogError, RekogWarning, ServiceError, TransportError
from rekog.testing import record
from tests.kit.backends import KEYS, PNG, Backend, Scripted, json_reply
from tests.kit.people import face_declaration
from tests.kit.samples import sample
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from rekog._core.flow import Effect

SYNC = pytest.mark.parametrize("backend", ["sync"], indirect=True)
"""For facts that do not depend on the kind of client: both run the same Flows."""
METHODS_BY_NAME = {operation.name: method for method, operation in METHODS.items()}
STAFF = "secret-collection"
_SHADES = count(1)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(vision="off") as opened:
        yield opened


class Studio:
    """A client of an emulator, whose answers are recorded in a file."""

    def __init__(self, backend: Backend, emulator: Emulator, path: Path) -> None:
        self.backend, self.emulator, self.path = backend, emulator, path
        emulator.reset()
        self.client = self.local(emulator)

    def local(self, emulator: Emulator) -> RekognitionClient:
        kind: Any = self.backend.choose(RekognitionClient, AsyncRekognitionClient)
        keys = Credentials("AKIDOFATEST", "a-secret-key")
        client: RekognitionClient = self.backend.closing(kind.local(emulator, credentials=keys))
        return client

    def image(self, *faces: str) -> bytes:
        """Return a new image with declared faces side by side; the first face is the largest."""
        data = image_file(Image.new("RGB", (200, 100), (next(_SHADES), 9, 90)))
        quality = {"Quality": {"Brightness": 80.0, "Sharpness": 90.0}}
        self.emulator.declare(data, faces=[face_declaration(name, 4 * at) | quality for at, name in enumerate(faces)])
        return data

    def record(self, work: Callable[[RekognitionClient], list[Any]], **settings: Any) -> list[Any]:
        """Record the answers to some calls, and return them."""
        recording: Any = record(self.client, self.path, **settings)
        answers: list[Any] = self.backend.run(partial(self._work, recording, work))
        return answers

    def _work(self, recording: Any, work: Callable[[RekognitionClient], list[Any]]) -> Any:
        if self.backend.choose(RekognitionClient, AsyncRekognitionClient) is RekognitionClient:
            with recording as client:
                return [call() for call in work(client)]

        async def each() -> list[Any]:
            async with recording as client:
                return [await call() for call in work(client)]

        return each()

    def declared(self) -> dict[str, Any]:
        """Return the recorded declarations by name."""
        return {entry.pop("of"): entry for entry in json.loads(self.path.read_text())["declare"]}


@pytest.fixture
def studio(backend: Backend, emulator: Emulator, tmp_path: Path) -> Studio:
    return Studio(backend, emulator, tmp_path / "recorded.json")


def calls(client: RekognitionClient, image: Any) -> list[Any]:
    """Return calls of the operations whose answers are content of an image."""
    return [
        partial(client.detect_faces, image, attributes=["DEFAULT", "SMILE", "AGE_RANGE"]),
        partial(client.detect_labels, image, min_confidence=20),
        partial(client.detect_text, image),
        partial(client.detect_moderation_labels, image),
        partial(client.detect_protective_equipment, image),
        partial(client.recognize_celebrities, image),
    ]


def declare_all(emulator: Emulator, image: Any) -> None:
    """Declare content of each kind."""
    boxes = [0.1, 0.1, 0.2, 0.3], [0.6, 0.1, 0.2, 0.3]
    faces = [{"BoundingBox": box, "Confidence": 99.5, "Smile": [True, 0.25], "AgeRange": [20, 30]} for box in boxes]
    emulator.declare(
        image,
        faces=[{**face, "Landmarks": [["nose", 0.2, 0.2]], "Pose": [1, 2, 3], "Quality": [50, 60]} for face in faces],
        labels=[{"Name": "Cat", "Confidence": 91.5, "Parents": ["Animal"], "Instances": [boxes[0]]}, ("Sofa", 30)],
        text=[{"DetectedText": "EXIT NOW", "Geometry": boxes[0]}],
        moderation=[("Smoking", 88)],
        content_types=[("Illustrated", 75)],
        ppe=[{"BoundingBox": boxes[0], "BodyParts": [{"Name": "HEAD", "EquipmentDetections": ["HEAD_COVER"]}]}],
        celebrities=[{"Name": "Ada", "Face": {"BoundingBox": boxes[0]}}],
    )


@pytest.mark.filterwarnings("ignore:faces")
def test_a_replay_gives_the_answers_of_the_recording(studio: Studio) -> None:
    image = studio.image()
    declare_all(studio.emulator, image)
    answers = studio.record(lambda client: calls(client, image))
    assert len(answers[0].face_details) == 2
    assert answers[5].unrecognized_faces
    with Emulator(vision="off") as other:
        other.declare_file(studio.path)  # without a warning, although a confidence is less than 1
        client = studio.local(other)
        assert [studio.backend.run(call) for call in calls(client, image)] == answers


@SYNC
@pytest.mark.filterwarnings("ignore:faces")
def test_an_image_in_s3_is_named_by_its_place(studio: Studio) -> None:
    studio.emulator.put_object("photographs", "2026/cat.png", studio.image())
    declare_all(studio.emulator, "s3://photographs/2026/cat.png")
    studio.record(lambda client: calls(client, "s3://photographs/2026/cat.png")[1:2])
    assert studio.declared().keys() == {"s3://photographs/2026/cat.png"}


@SYNC
def test_the_file_has_neither_secrets_nor_images_nor_ids_of_collections(studio: Studio) -> None:
    image = studio.image("ann")
    studio.record(
        lambda client: [
            partial(client.create_collection, STAFF),
            partial(client.index_faces, STAFF, image, external_image_id="ann.jpg"),
            partial(client.detect_faces, image),
        ]
    )
    text = studio.path.read_text()
    assert f"sha256:{hashlib.sha256(image).hexdigest()}" in text
    secrets = ["AKIDOFATEST", "a-secret-key", STAFF, "ann.jpg", "arn:", "Bytes", studio.emulator.calls[0].request_id]
    assert [secret for secret in secrets if secret in text] == []
    assert max(map(len, text.split())) < 80  # no encoded image


@SYNC
def test_faces_that_the_service_matched_have_one_identity(studio: Studio) -> None:
    first, second, stranger, alone = (studio.image(name) for name in ("ann", "ann", "eve", "bob"))
    run, client = studio.backend.run, studio.client
    run(lambda: client.create_collection(STAFF))
    run(lambda: client.create_user(STAFF, "ann.smith"))
    indexed = run(lambda: client.index_faces(STAFF, studio.image("ann"))).face_records[0].face.face_id

    def work(client: RekognitionClient) -> list[Any]:
        return [
            partial(client.index_faces, STAFF, first),
            partial(client.associate_faces, STAFF, "ann.smith", face_ids=[indexed]),
            partial(client.search_faces, STAFF, indexed),
            partial(client.search_users_by_image, STAFF, second),
            partial(client.search_faces_by_image, STAFF, stranger),
            partial(client.detect_faces, alone),
        ]

    studio.record(work)
    declared = studio.declared()
    people = [declared[f"sha256:{hashlib.sha256(image).hexdigest()}"]["faces"][0].get("Identity")
              for image in (first, second, stranger, alone)]  # fmt: skip
    assert people == ["ann.smith", "ann.smith", None, None]
    with Emulator(vision="off") as other:
        other.declare_file(studio.path)
        replay = studio.local(other)
        run(lambda: replay.create_collection("other"))
        run(lambda: replay.index_faces("other", first))
        assert run(lambda: replay.search_faces_by_image("other", second)).face_matches
        assert not run(lambda: replay.search_faces_by_image("other", stranger)).face_matches
    studio.record(work, redact=True)
    text = studio.path.read_text()
    assert ("ann.smith" in text, '"Identity": "person-1"' in text) == (False, True)


def test_compared_faces_are_declared_and_match_again(studio: Studio) -> None:
    one, both, other = studio.image("ann"), studio.image("ann", "bob"), studio.image("cat")

    def work(client: RekognitionClient) -> list[Any]:
        return [partial(client.compare_faces, one, image, similarity_threshold=0) for image in (both, other)]

    answers = studio.record(work)
    faces = [content["faces"] for content in studio.declared().values()]
    assert [[face.get("Identity") for face in each] for each in faces] == [["person-1"], ["person-1", None], [None]]
    with Emulator(vision="off") as again:
        again.declare_file(studio.path)
        replayed = [studio.backend.run(call) for call in work(studio.local(again))]
    boxes = [[match.face.bounding_box for match in answer.face_matches if match.similarity > 80] for answer in answers]
    assert [
        [match.face.bounding_box for match in answer.face_matches if match.similarity > 80] for answer in replayed
    ] == boxes
    assert [len(found) for found in boxes] == [1, 0]


@SYNC
def test_two_matches_of_one_place_are_one_person(studio: Studio) -> None:
    first, second, third = (studio.image("ann") for _ in range(3))
    studio.record(lambda client: [partial(client.compare_faces, *pair) for pair in ((first, third), (second, third))])
    assert {face["Identity"] for content in studio.declared().values() for face in content["faces"]} == {"person-1"}


@SYNC
def test_a_comparison_without_names_of_its_images_declares_nothing(backend: Backend, tmp_path: Path) -> None:
    wire: dict[str, object] = {"SourceImage": {}, "TargetImage": {}}
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.call("CompareFaces", wire), json_reply())
    assert recording.skipped == {"CompareFaces": 1}


@SYNC
def test_a_face_search_of_a_video_is_not_recorded_with_a_warning(backend: Backend, tmp_path: Path) -> None:
    reply = json_reply({"JobStatus": "SUCCEEDED", "Persons": []})
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.get_face_search("1"), reply)
    with pytest.warns(RekogWarning, match="r.json has no results of face searches in videos: declare faces with"):
        recording.save()
    assert recording.skipped == {"GetFaceSearch": 1}


@SYNC
def test_the_answer_with_the_most_content_is_kept(studio: Studio) -> None:
    image = studio.image()
    studio.emulator.declare(image, labels=["Cat", ("Sofa", 60)])
    wanted = [partial(studio.client.detect_labels, image, min_confidence=each) for each in (99, 55, 99)]
    studio.record(lambda client: [partial(client.detect_labels, *call.args, **call.keywords) for call in wanted])
    (content,) = studio.declared().values()
    assert [label["Name"] for label in content["labels"]] == ["Cat", "Sofa"]


@SYNC
def test_labels_that_were_not_requested_are_not_declared(studio: Studio) -> None:
    image = studio.image()
    with pytest.warns(RekogWarning, match="recorded.json has no image properties: the emulator measures them"):
        studio.record(lambda client: [partial(client.detect_labels, image, features=["IMAGE_PROPERTIES"])])
    assert studio.declared() == {}


@SYNC
def test_a_later_recording_keeps_the_rest_of_the_file(studio: Studio) -> None:
    image = studio.image()
    studio.path.write_text(
        json.dumps({
            "declare": [
                {"of": "s3://b/k", "labels": ["Dog"]},
                {"of": f"sha256:{hashlib.sha256(image).hexdigest()}", "text": [], "labels": ["Dog"]},
            ]
        })
    )  # fmt: skip
    studio.emulator.declare(image, labels=["Cat"])
    studio.record(lambda client: [partial(client.detect_labels, image)])
    first, second = studio.declared().values()
    assert (first, second["text"], second["labels"][0]["Name"]) == ({"labels": ["Dog"]}, [], "Cat")


@SYNC
def test_people_of_two_recordings_in_a_file_stay_different(studio: Studio) -> None:
    images = [studio.image(name) for name in ("ann", "eve")]
    studio.backend.run(lambda: studio.client.create_collection(STAFF))
    studio.record(lambda client: [partial(client.index_faces, STAFF, images[0])])
    studio.record(lambda client: [partial(client.index_faces, STAFF, images[1])])
    people = [declared["faces"][0]["Identity"] for declared in studio.declared().values()]
    assert people == ["person-1", "person-2"]
    studio.record(lambda client: [partial(client.index_faces, STAFF, images[1])])
    assert [declared["faces"][0]["Identity"] for declared in studio.declared().values()] == people


@SYNC
def test_recordings_in_one_file_at_the_same_time_keep_each_other(studio: Studio) -> None:
    images = [studio.image() for _ in range(3)]
    first, second = (record(studio.client, studio.path) for _ in range(2))
    for recording, image in ((first, images[0]), (second, images[1]), (first, images[2])):
        recording.client.detect_faces(image)
        recording.save()
    assert len(studio.declared()) == 3
    studio.path.write_text("damaged")
    second.save()
    assert len(studio.declared()) == 2


@SYNC
def test_errors_and_other_operations_are_not_declared(studio: Studio) -> None:
    recording: Any = record(studio.client, studio.path)
    image = studio.image()
    studio.emulator.faults.add("detect_faces", calls=[1], error="AccessDeniedException")
    run, client = studio.backend.run, recording.client
    with pytest.raises(ServiceError):
        run(lambda: client.detect_faces(image))
    run(client.list_collections)
    assert recording.document == {"recorded": True, "declare": []}
    assert recording.skipped == {"ListCollections": 1}
    assert repr(recording).endswith("recorded.json>")


def test_a_retried_call_is_recorded_once_and_pagers_and_options_are_watched(studio: Studio) -> None:
    image = studio.image()
    studio.emulator.declare(image, text=["EXIT"])
    studio.emulator.faults.add("detect_text", calls=[1], error="ThrottlingException")
    recording: Any = record(studio.client, studio.path)
    retry = RetryPolicy(pause=lambda _: 0.0)
    quick = recording.client.with_options(retry=retry)
    studio.backend.run(lambda: quick.detect_text(image))
    studio.backend.items(quick.paginate_list_collections)
    assert (len(recording.document["declare"]), recording.skipped) == (1, {"ListCollections": 1})


def test_the_file_is_written_after_an_error_too(studio: Studio) -> None:
    image = studio.image("ann")
    with pytest.raises(ServiceError):
        studio.record(lambda client: [partial(client.detect_faces, image), partial(client.describe_collection, "none")])
    assert len(studio.declared()) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"], indirect=True)
def test_the_file_is_written_when_the_task_is_cancelled(studio: Studio) -> None:
    image = studio.image("ann")
    recording: Any = record(studio.client, studio.path)

    async def work() -> bool:
        with anyio.CancelScope() as scope:
            async with recording as client:
                await client.detect_faces(image)
                scope.cancel()
                await anyio.lowlevel.checkpoint()  # ends in the cancelled scope
        return scope.cancelled_caught

    run: Any = studio.backend.run
    assert run(work)
    assert len(studio.declared()) == 1


def test_the_client_goes_on_after_the_recording(studio: Studio) -> None:
    studio.record(lambda client: [client.list_collections])
    assert studio.backend.run(studio.client.list_collections).collection_ids == []


def test_a_file_that_cannot_be_written_leaves_the_earlier_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.path.write_text('{"declare": []}')

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rekog._core.recording.recorder.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        studio.record(lambda client: [client.list_collections])
    assert {file.name: file.read_text() for file in studio.path.parent.iterdir()} == {
        "recorded.json": '{"declare": []}'
    }


# --- Responses that an emulator does not send --------------------------------------------------------------------


def recorded(backend: Backend, path: Path, work: Callable[[Any], Any], *script: Any, redact: bool = False) -> Any:
    """Return the recording of one call, with scripted responses."""
    recording: Any = record(backend.client(Scripted(*script)), path, redact=redact)
    backend.run(lambda: work(recording.client))
    return recording


@SYNC
def test_unknown_members_and_nulls_are_left_out(backend: Backend, tmp_path: Path) -> None:
    label = {"Name": "Cat", "Confidence": 99.5, "Instances": [None], "Later": {"A": 1}, "Parents": None}
    recording = recorded(
        backend, tmp_path / "r.json", lambda client: client.detect_labels(PNG), json_reply({"Labels": [label, None]})
    )
    ((content),) = recording.document["declare"]
    assert content["labels"] == [{"Name": "Cat", "Confidence": 99.5, "Instances": []}]
    with Emulator() as emulator:
        emulator.declare_document(recording.document)


VERSION = "arn:aws:rekognition:eu-west-1:123456789012:project/lids/version/one/1700000000000"
OTHER = VERSION.replace("one", "two")


@SYNC
@pytest.mark.parametrize("redact", [False, True])
def test_custom_labels_belong_to_their_version(backend: Backend, tmp_path: Path, redact: bool) -> None:
    reply = json_reply({"CustomLabels": [{"Name": "Lid", "Confidence": 12.5}]})
    recording: Any = record(backend.client(Scripted(reply)), tmp_path / "r.json", redact=redact)
    backend.run(lambda: recording.client.detect_custom_labels(VERSION, PNG))
    backend.run(lambda: recording.client.detect_custom_labels(OTHER, PNG, min_confidence=5))
    (content,) = recording.document["declare"]
    labels = content["custom_labels"]
    plain = {"Name": "Lid", "Confidence": 12.5}
    wanted = {"": [plain]} if redact else {VERSION: [{**plain, "AssumedThreshold": 0}], OTHER: [plain]}
    assert labels == wanted
    with Emulator() as emulator:
        emulator.declare_document(recording.document)


@SYNC
def test_a_search_without_a_face_declares_an_image_without_faces(backend: Backend, tmp_path: Path) -> None:
    reply = json_reply({"SearchedFaceBoundingBox": None, "FaceMatches": []})
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.search_faces_by_image("c", PNG), reply)
    assert recording.document["declare"][0]["faces"] == []


@SYNC
def test_a_match_below_the_default_threshold_does_not_tell_a_person(backend: Backend, tmp_path: Path) -> None:
    box = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}
    matches = [{"Similarity": 79.5, "Face": {"FaceId": "1"}}, {"Similarity": None, "Face": {"FaceId": "2"}}]
    users = [{"Similarity": 50.0, "User": {"UserId": "eve"}}]
    reply = json_reply({
        "SearchedFaceBoundingBox": box, "SearchedFaceConfidence": 99.5, "FaceMatches": matches, "UserMatches": users,
    })  # fmt: skip
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.search_faces_by_image("c", PNG), reply)
    assert recording.document["declare"][0]["faces"] == [{"BoundingBox": box, "Confidence": 99.5}]


@SYNC
def test_faces_beside_the_searched_one_are_declared_too(backend: Backend, tmp_path: Path) -> None:
    reply = json_reply({
        "SearchedFace": {"FaceDetail": {"Confidence": 99.5}},
        "UnsearchedFaces": [{"FaceDetails": {"Confidence": 88.5}, "Reasons": ["FACE_NOT_LARGEST"]}],
        "UserMatches": [],
    })  # fmt: skip
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.search_users_by_image("c", PNG), reply)
    assert recording.document["declare"][0]["faces"] == [{"Confidence": 99.5}, {"Confidence": 88.5}]


@SYNC
def test_faces_without_a_box_or_an_id_have_no_identity(backend: Backend, tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"FaceDetail": {"Confidence": 9.5}, "Face": {"FaceId": "1"}},
        {"FaceDetail": {}, "Face": None},
        {},
    ]
    reply = json_reply({"FaceRecords": records, "UnindexedFaces": [{"Reasons": ["LOW_SHARPNESS"]}]})
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.index_faces("c", PNG), reply)
    assert recording.document["declare"][0]["faces"] == [{"Confidence": 9.5}, {}]


def test_a_body_that_is_no_json_is_not_recorded(backend: Backend, tmp_path: Path) -> None:
    recording: Any = record(backend.client(Scripted(json_reply()._replace(content=b"<html>"))), tmp_path / "r.json")
    with pytest.raises(DecodeError):
        backend.run(lambda: recording.client.detect_labels(PNG))
    assert (recording.document["declare"], recording.skipped) == ([], {})


@SYNC
def test_a_body_of_another_form_is_not_recorded(backend: Backend, tmp_path: Path) -> None:
    recording: Any = record(backend.client(Scripted(json_reply([]))), tmp_path / "r.json")
    with pytest.raises(DecodeError):
        backend.run(lambda: recording.client.detect_labels(PNG))
    assert recording.document["declare"] == []


def video(number: int, token: object = None, **others: object) -> Any:
    """Return a page of label detections."""
    return json_reply({
        "JobStatus": "SUCCEEDED",
        "Video": {"S3Object": {"Bucket": "films", "Name": "street.mp4"}},
        "VideoMetadata": {"DurationMillis": 4000, "FrameRate": 25.0, "Codec": "h264"},
        "Labels": [{"Timestamp": number, "Label": {"Name": "Car", "Confidence": 90.0}}],
        "NextToken": token,
        **others,
    })  # fmt: skip


def test_the_pages_of_a_video_job_are_joined(backend: Backend, tmp_path: Path) -> None:
    script = json_reply({"JobStatus": "IN_PROGRESS"}), video(0, "more"), video(0, "more"), video(500)
    recording: Any = record(backend.client(Scripted(*script)), tmp_path / "r.json")
    backend.run(lambda: recording.client.get_label_detection("job"))
    backend.run(lambda: recording.client.get_label_detection("job", max_results=1))
    assert recording.document["declare"] == []
    backend.items(lambda: recording.client.paginate_get_label_detection("job"))
    (content,) = recording.document["declare"]
    assert (content["of"], content["video"]["DurationMillis"]) == ("s3://films/street.mp4", 4000)
    assert [entry["Timestamp"] for entry in content["labels"]] == [0, 500]
    with Emulator() as emulator:
        emulator.declare_document(recording.document)


@SYNC
def test_pages_without_their_beginning_and_aggregated_ones_are_left_out(backend: Backend, tmp_path: Path) -> None:
    recording: Any = record(backend.client(Scripted(video(0), video(0), video(0, Video={}))), tmp_path / "r.json")
    backend.run(lambda: recording.client.get_label_detection("job", next_token="more"))
    backend.run(lambda: recording.client.get_label_detection("job", aggregate_by="SEGMENTS"))
    backend.run(lambda: recording.client.get_label_detection("job"))
    assert (recording.document["declare"], recording.skipped) == ([], {"GetLabelDetection": 2})


@SYNC
def test_a_page_with_the_default_aggregation_is_recorded(backend: Backend, tmp_path: Path) -> None:
    def work(client: Any) -> Any:
        return client.get_label_detection("job", aggregate_by="TIMESTAMPS")

    (content,) = recorded(backend, tmp_path / "r.json", work, video(0)).document["declare"]
    assert [entry["Timestamp"] for entry in content["labels"]] == [0]


@SYNC
def test_of_several_users_that_a_face_matches_the_first_is_its_person(backend: Backend, tmp_path: Path) -> None:
    box = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}
    users = [{"Similarity": 99.0, "User": {"UserId": name}} for name in ("ann", "bob")]
    found = {"SearchedFace": {"FaceDetail": {"BoundingBox": box, "Confidence": 99.5}}, "UserMatches": users}
    recording: Any = record(backend.client(Scripted(json_reply(found))), tmp_path / "r.json")
    backend.run(lambda: recording.client.search_users_by_image("c", PNG))
    (face,) = recording.document["declare"][0]["faces"]
    assert face["Identity"] == "ann"


@SYNC
def test_segments_have_lists_of_metadata(backend: Backend, tmp_path: Path) -> None:
    segment = {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 4000}
    lists: dict[str, object] = {
        "VideoMetadata": [{"DurationMillis": 4000}],
        "AudioMetadata": [{"Codec": "aac", "Later": 1}],
    }
    reply = video(0, Segments=[segment], **lists)
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.get_segment_detection("job"), reply)
    (content,) = recording.document["declare"]
    assert (content["segments"], content["audio"]) == ([segment], [{"Codec": "aac"}])
    reply = video(0, Segments=[segment], VideoMetadata=[])
    empty = recorded(backend, tmp_path / "r.json", lambda client: client.get_segment_detection("job"), reply)
    assert "video" not in empty.document["declare"][0]


def recorded_sample(path: Path, name: str, *arguments: object) -> Any:
    """Return the recording of a response that has each member."""
    wire = json.loads(json.dumps(sample(f"{name}Response")).replace("text-0", "text0"))
    reply = json_reply({**wire, "JobStatus": "SUCCEEDED", "NextToken": None})
    with RekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted(reply)) as client:
        recording = record(client, path)
        getattr(recording.client, METHODS_BY_NAME[name])(*arguments)
    return recording


@pytest.mark.parametrize("name", [*IMAGES, "DetectCustomLabels", "IndexFaces", "SearchUsersByImage"])
def test_each_member_of_a_response_can_be_declared(emulator: Emulator, tmp_path: Path, name: str) -> None:
    extra = {"IndexFaces": ("c",), "SearchUsersByImage": ("c",), "DetectCustomLabels": (VERSION,)}.get(name, ())
    recording = recorded_sample(tmp_path / "r.json", name, *extra, PNG)
    (content,) = recording.document["declare"]
    assert len(content) > 1
    emulator.declare_document(recording.document)


@pytest.mark.filterwarnings("ignore:the service has announced")
@pytest.mark.parametrize("name", VIDEOS)
def test_each_member_of_a_page_can_be_declared(emulator: Emulator, tmp_path: Path, name: str) -> None:
    recording = recorded_sample(tmp_path / "r.json", name, "job")
    (content,) = recording.document["declare"]
    assert {"of", VIDEOS[name][0], "video"} <= content.keys()
    emulator.declare_document(recording.document)


@SYNC
def test_moderation_without_content_types_declares_none(backend: Backend, tmp_path: Path) -> None:
    reply = json_reply({"ModerationLabels": []})
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.detect_moderation_labels(PNG), reply)
    assert recording.document["declare"][0].keys() == {"of", "moderation"}


@SYNC
def test_a_request_without_an_image_is_skipped(backend: Backend, tmp_path: Path) -> None:
    wire = {"Image": {"S3Object": {"Bucket": "photographs"}}}
    recording = recorded(backend, tmp_path / "r.json", lambda client: client.call("DetectLabels", wire), json_reply())
    assert (recording.document["declare"], recording.skipped) == ([], {"DetectLabels": 1})


# --- Arguments and the watched Flow ------------------------------------------------------------------------------


@SYNC
@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("r.toml", None, "path: must end in .json, not 'r.toml'"),
        ("none/r.json", None, "path: the folder '.*none' does not exist: create it first"),
        ("r.json", "[", "path: 'r.json' is not JSON"),
        ("r.json", "[]", "path: 'r.json' is no file of declarations: it must have a list 'declare'"),
        ("r.json", '{"declare": [{"labels": []}]}', "path: 'r.json' is no file of declarations"),
    ],
)
def test_another_path_is_refused(backend: Backend, tmp_path: Path, name: str, text: str | None, problem: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ParamValidationError, match=f"record: {problem}"):
        record(backend.client(Scripted()), tmp_path / name)


def test_another_client_is_refused(tmp_path: Path) -> None:
    other: Any = object()
    with pytest.raises(
        ParamValidationError, match=r"record: client: must be a RekognitionClient or an Async.*, not obj"
    ):
        record(other, tmp_path / "r.json")


REQUEST = HttpRequest("http://host/", (), (b"{}",), Timeout(1))


def flow() -> Generator[Effect, object, object]:
    try:
        return (yield REQUEST)
    except TransportError:
        return (yield REQUEST)


def test_a_watched_flow_passes_errors_on_and_sees_responses() -> None:
    seen: list[HttpResponse] = []
    running = watched(flow(), lambda _, response: seen.append(response))
    assert next(running) is REQUEST
    assert running.throw(TransportError("lost")) is REQUEST
    effect: Any = running.send(response := HttpResponse(200, {}, b"{}"))
    assert isinstance(effect, Blocking)
    with pytest.raises(StopIteration) as ended:
        running.throw(RekogError("no thread"))
    assert (ended.value.value, seen) == (response, [response])


def unseen(request: HttpRequest, _: HttpResponse) -> None:
    raise AssertionError(request)


def test_a_watched_flow_closes_the_other_one() -> None:
    inner = flow()
    running = watched(inner, unseen)
    next(running)
    running.close()
    with pytest.raises(StopIteration):
        next(inner)
