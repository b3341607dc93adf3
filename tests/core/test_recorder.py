"""The recorder of answers, with requests and responses given by hand: the content and the people of its file."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from rekog._core.flow import HttpRequest, HttpResponse
from rekog._core.recording.answers import IMAGES, VIDEOS
from rekog._core.recording.recorder import Recorder
from rekog._settings.timeout import Timeout
from rekog.errors import ParamValidationError, RekogWarning
from tests.kit.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json: TypeAlias = Any

IMAGE = b"an image"
NAME = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"
PLACE = {"S3Object": {"Bucket": "films", "Name": "street.jpg"}}
PLACE_NAME = "s3://films/street.jpg"
WHOLE = {"Left": 0, "Top": 0, "Width": 1, "Height": 1}


def bytes_of(image: bytes) -> dict[str, str]:
    """Return the argument for an image in the request."""
    return {"Bytes": base64.b64encode(image).decode()}


REQUEST = {"Image": bytes_of(IMAGE), "CollectionId": "staff"}


class Studio:
    """A recorder in a folder, which sees responses of operations by their names."""

    def __init__(self, folder: Path, *, redact: bool = False, stored: list[Json] | None = None) -> None:
        self.path = folder / "recorded.json"
        if stored is not None:
            self.path.write_text(json.dumps({"recorded": True, "declare": stored}))
        self.recorder = Recorder(self.path, redact=redact)

    def see(self, operation: str, request: Json, response: Json, status: int = 200) -> None:
        headers = ((b"Host", b"host"), (b"X-Amz-Target", f"RekognitionService.{operation}".encode()))
        text = json.dumps(request).encode()
        answer = HttpResponse(status, {}, json.dumps(response).encode())
        self.recorder.see(HttpRequest("http://host/", headers, (text[:5], text[5:]), Timeout(1)), answer)

    def declared(self) -> dict[str, Json]:
        document: Json = self.recorder.document()
        return {
            entry["of"]: {key: value for key, value in entry.items() if key != "of"} for entry in document["declare"]
        }

    def identities(self, name: str = NAME) -> list[object]:
        """Return the identity of each declared face of an image, None without one."""
        return [face.get("Identity") for face in self.declared()[name]["faces"]]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


# --- Content -----------------------------------------------------------------------------------------------------

FACE, OTHER, THIRD = (sample("FaceDetail", number) for number in range(3))
KNOWN, UNKNOWN = (sample("ComparedFace", number) for number in range(2))


def image_responses() -> Iterator[tuple[str, Json, dict[str, Json]]]:
    """Yield an operation, a response to it, and the content that the response stands for."""
    for operation, lists in IMAGES.items():
        response: Json = {member: [sample(shape, number) for number in (0, 1)] for _, member, shape in lists}
        content: dict[str, Json] = {capability: response[member] for capability, member, _ in lists}
        if operation == "RecognizeCelebrities":
            celebrities: list[Json] = [
                {**sample("Celebrity", 0), "Face": KNOWN},
                {**sample("Celebrity", 1), "Face": {}},
            ]
            response = {"CelebrityFaces": celebrities, "UnrecognizedFaces": [UNKNOWN]}
            content = {"celebrities": celebrities, "faces": [KNOWN, {}, UNKNOWN]}
        yield operation, response, content
    indexed = {"FaceRecords": [{"FaceDetail": FACE}], "UnindexedFaces": [{"FaceDetail": OTHER, "Reasons": ["SMALL"]}]}
    yield "IndexFaces", indexed, {"faces": [FACE, OTHER]}
    labels = [{"Name": "Lid", "Confidence": 1.5}]
    yield (
        "DetectCustomLabels",
        {"CustomLabels": labels},
        {"custom_labels": {"": [{**labels[0], "AssumedThreshold": 0}]}},
    )
    others = [{"FaceDetails": OTHER, "Reasons": ["SMALL"]}]
    for operation in ("SearchFacesByImage", "SearchUsersByImage"):
        yield operation, {"SearchedFace": {"FaceDetail": FACE}, "UnsearchedFaces": others}, {"faces": [FACE, OTHER]}
        box = {"SearchedFaceBoundingBox": WHOLE, "SearchedFaceConfidence": 98.5}
        yield operation, box, {"faces": [{"BoundingBox": WHOLE, "Confidence": 98.5}]}
        yield operation, {"SearchedFace": {"FaceDetail": FACE}, **box}, {"faces": [FACE]}


@pytest.mark.parametrize(("media", "name"), [(bytes_of(IMAGE), NAME), (PLACE, PLACE_NAME)], ids=["bytes", "s3"])
def test_the_response_to_each_operation_on_an_image_declares_its_content(
    tmp_path: Path, media: Json, name: str
) -> None:
    for operation, response, content in image_responses():
        studio = Studio(tmp_path)
        studio.see(operation, {"Image": media}, response)
        assert (studio.declared(), studio.recorder.skipped) == ({name: content}, {}), operation


@pytest.mark.parametrize("operation", VIDEOS)
def test_the_results_of_each_job_declare_the_content_of_its_video(studio: Studio, operation: str) -> None:
    capability, member, shape = VIDEOS[operation]
    entries = [sample(shape, number) for number in (0, 1)]
    metadata = sample("VideoMetadata", 3)
    is_list = operation == "GetSegmentDetection"
    audio = {"AudioMetadata": [sample("AudioMetadata", 4)]} if is_list else {}
    studio.see(operation, {"JobId": "job"}, {
        "JobStatus": "SUCCEEDED", "Video": PLACE, "VideoMetadata": [metadata] if is_list else metadata, member: entries,
        **audio,
    })  # fmt: skip
    content = {capability: entries, "video": metadata} | ({"audio": audio["AudioMetadata"]} if is_list else {})
    assert (studio.declared(), studio.recorder.skipped) == ({PLACE_NAME: content}, {})


def test_a_comparison_declares_the_faces_of_both_images(studio: Studio) -> None:
    studio.see("CompareFaces", {"SourceImage": bytes_of(IMAGE), "TargetImage": PLACE}, {
        "SourceImageFace": FACE, "FaceMatches": [{"Similarity": 1, "Face": OTHER}], "UnmatchedFaces": [THIRD],
    })  # fmt: skip
    assert studio.declared() == {NAME: {"faces": [FACE]}, PLACE_NAME: {"faces": [OTHER, THIRD]}}


@pytest.mark.parametrize(
    "media",
    [None, [], "x", {}, {"Bytes": 1}, {"Bytes": "A"}, {"S3Object": {"Bucket": "b"}}, {"S3Object": {"Name": "n"}},
     {"S3Object": {"Bucket": "", "Name": "n"}}, {"S3Object": "s3://b/n"}],
)  # fmt: skip
def test_a_response_about_an_image_without_a_name_declares_nothing(studio: Studio, media: Json) -> None:
    studio.see("DetectFaces", {"Image": media}, {"FaceDetails": [FACE]})
    studio.see(
        "CompareFaces", {"SourceImage": media, "TargetImage": media}, {"FaceMatches": [], "SourceImageFace": FACE}
    )
    assert (studio.declared(), studio.recorder.skipped) == ({}, {"DetectFaces": 1, "CompareFaces": 1})


def places_of(value: Json, depth: int = 3) -> Iterator[tuple[Json, Json]]:
    """Yield each dict or list in a value down to a depth, with each of its keys."""
    entries: list[tuple[Json, Json]] = [*(value.items() if isinstance(value, dict) else enumerate(value[:1]))]
    for key, item in entries:
        yield value, key
        if isinstance(item, dict | list) and depth > 1:
            yield from places_of(item, depth - 1)


def small(value: Json) -> Json:
    """Return a copy with the first five members of each dict and the first item of each list."""
    if isinstance(value, dict):
        members: list[tuple[str, Json]] = [*value.items()]
        return {name: small(item) for name, item in members[:5]}
    if isinstance(value, list):
        items: list[Json] = [*value]
        return [small(item) for item in items[:1]]
    return value


VIDEO_RESPONSE = {
    "JobStatus": "SUCCEEDED", "Video": PLACE, "VideoMetadata": [sample("VideoMetadata")],
    "AudioMetadata": [sample("AudioMetadata")], "Segments": [sample("SegmentDetection")],
}  # fmt: skip
LEARNT = {"FaceMatches": [{"Similarity": 99.5, "Face": {"FaceId": "f"}}],
          "UserMatches": [{"Similarity": 99.5, "User": {"UserId": "u"}}],
          "AssociatedFaces": [{"FaceId": "f"}]}  # fmt: skip


def test_values_of_any_kind_in_a_response_are_no_error(tmp_path: Path) -> None:
    requests = {"SourceImage": PLACE, "TargetImage": PLACE, "Image": PLACE, "JobId": "j", "FaceId": "f", "UserId": "u"}
    responses: list[tuple[str, Json]] = [
        *((operation, {**response, **LEARNT}) for operation, response, _ in image_responses()),
        ("GetSegmentDetection", VIDEO_RESPONSE),
        ("CompareFaces", {"SourceImageFace": FACE, "FaceMatches": [{"Similarity": 99.5, "Face": OTHER}]}),
        ("SearchFaces", LEARNT), ("AssociateFaces", LEARNT), ("ListFaces", LEARNT),
    ]  # fmt: skip
    for operation, response in responses:
        studio, copied = Studio(tmp_path), {name: small(value) for name, value in response.items()}
        for container, key in places_of(copied):
            before = container[key]
            for other in (None, 7, "text", [None, 7], {"Later": 1}):
                container[key] = other
                studio.see(operation, requests, copied)
            container[key] = before
        assert json.dumps(studio.recorder.document())


def test_entries_and_members_that_are_null_or_unknown_are_left_out(studio: Studio) -> None:
    entry = {"Name": "Cat", "Parents": [None, {"Name": "Animal", "Later": 1}], "Instances": None, "Later": [1]}
    studio.see("DetectLabels", REQUEST, {"Labels": [entry, None, "Dog", 1]})
    assert studio.declared() == {NAME: {"labels": [{"Name": "Cat", "Parents": [{"Name": "Animal"}]}]}}


def test_the_features_of_a_request_for_labels_decide_whether_its_response_has_labels(tmp_path: Path) -> None:
    for features, has_labels in [
        (None, True), ([], True), (["GENERAL_LABELS"], True), (["IMAGE_PROPERTIES", "GENERAL_LABELS"], True),
        (["IMAGE_PROPERTIES"], False),
    ]:  # fmt: skip
        studio = Studio(tmp_path)
        studio.see("DetectLabels", {**REQUEST, "Features": features}, {"Labels": []})
        assert studio.declared() == ({NAME: {"labels": []}} if has_labels else {}), features


def test_a_minimum_in_a_request_for_custom_labels_is_their_threshold(studio: Studio) -> None:
    response = {"CustomLabels": [{"Name": "Lid"}, {"Name": "Box"}]}
    studio.see("DetectCustomLabels", {**REQUEST, "ProjectVersionArn": "arn", "MinConfidence": 5}, response)
    assert studio.declared() == {NAME: {"custom_labels": {"arn": response["CustomLabels"]}}}


def test_only_successful_json_responses_count(studio: Studio) -> None:
    for status in (100, 199, 300, 400, 503):
        studio.see("DetectText", REQUEST, {"TextDetections": []}, status)
    bodies: list[tuple[Json, Json]] = [([], {}), ({}, []), ("a", {}), ({}, None)]
    for request, response in bodies:
        studio.see("DetectText", request, response)
    assert (studio.declared(), studio.recorder.skipped) == ({}, {})
    for status in (200, 204, 299):
        studio.see(f"Later{status}", {}, {}, status)
    assert studio.recorder.skipped == {"Later200": 1, "Later204": 1, "Later299": 1}


def test_responses_without_content_are_counted_except_those_about_people(studio: Studio) -> None:
    for operation in ("ListFaces", "ListFaces", "AssociateFaces", "SearchFaces", "GetFaceSearch", "GetFaceDetection"):
        studio.see(operation, {"FaceId": "f", "UserId": "u"}, {})
    studio.see("DetectFaces", REQUEST, {})
    assert studio.recorder.skipped == {"ListFaces": 2, "GetFaceSearch": 1, "GetFaceDetection": 1}


def test_a_request_without_a_target_is_of_no_known_operation(studio: Studio) -> None:
    studio.recorder.see(HttpRequest("http://host/", (), (b"{}",), Timeout(1)), HttpResponse(200, {}, b"{}"))
    assert studio.recorder.skipped == {"": 1}


def page(number: int, token: object = None, **others: object) -> Json:
    """Return a page of the labels of a video."""
    label = {"Timestamp": number, "Label": {"Name": "Car"}}
    return {"JobStatus": "SUCCEEDED", "Video": PLACE, "Labels": [label], "NextToken": token, **others}


def times(studio: Studio) -> list[int]:
    """Return the times of the declared labels of the video."""
    found: Json = studio.declared().get(PLACE_NAME, {}).get("labels", [])
    return [entry["Timestamp"] for entry in found]


def test_the_pages_of_jobs_are_joined_by_job_and_from_the_first_one(studio: Studio) -> None:
    def see(job: str, token: object, response: Json) -> None:
        studio.see("GetLabelDetection", {"JobId": job, "NextToken": token}, response)

    see("one", "a", page(5))  # without its first page
    see("one", None, page(1, "a"))
    see("two", None, page(7, "b"))
    assert times(studio) == []
    see("one", None, page(1, "a"))  # read again from the start
    see("one", "a", page(2, "b"))
    see("one", "b", page(3))
    assert times(studio) == [1, 2, 3]
    see("two", "b", page(8, ""))
    assert times(studio) == [1, 2, 3]  # more entries than 7 and 8
    assert studio.recorder.skipped == {}


def test_only_pages_of_finished_jobs_by_time_count(studio: Studio) -> None:
    for request, response in [
        ({"AggregateBy": "SEGMENTS"}, page(1)), ({}, page(1, JobStatus="IN_PROGRESS")), ({}, page(1, JobStatus=None)),
        ({}, page(1, Video=None)),
    ]:  # fmt: skip
        studio.see("GetLabelDetection", request, response)
    assert (times(studio), studio.recorder.skipped) == ([], {"GetLabelDetection": 4})
    studio.see("GetLabelDetection", {"AggregateBy": "TIMESTAMPS"}, page(1))
    assert times(studio) == [1]


# --- Several responses about one image ---------------------------------------------------------------------------


def faces(*confidences: float) -> list[Json]:
    return [{"Confidence": confidence} for confidence in confidences]


def test_of_several_responses_that_of_the_highest_rank_then_with_the_most_content_is_kept(studio: Studio) -> None:
    searched, indexed = "SearchFacesByImage", "IndexFaces"
    for operation, response, kept in [
        (searched, {"UnsearchedFaces": [{"FaceDetails": face} for face in faces(1, 2, 3)]}, faces(1, 2, 3)),
        (searched, {"UnsearchedFaces": [{"FaceDetails": face} for face in faces(40, 50)]}, faces(1, 2, 3)),
        (indexed, {"FaceRecords": [{"FaceDetail": face} for face in faces(5, 6)]}, faces(5, 6)),
        (searched, {"UnsearchedFaces": [{"FaceDetails": face} for face in faces(1, 2, 3)]}, faces(5, 6)),
        ("RecognizeCelebrities", {"UnrecognizedFaces": faces(1, 2, 3)}, faces(5, 6)),
        ("DetectFaces", {"FaceDetails": faces(7)}, faces(7)),
        (indexed, {"FaceRecords": [{"FaceDetail": face} for face in faces(5, 6)]}, faces(7)),
        ("DetectFaces", {"FaceDetails": faces(77)}, faces(77)),  # a longer text
        ("DetectFaces", {"FaceDetails": faces(8)}, faces(77)),
        ("DetectFaces", {"FaceDetails": faces(88)}, faces(88)),  # as long, and newer
        ("DetectFaces", {"FaceDetails": faces(1, 2)}, faces(1, 2)),
        ("DetectFaces", {"FaceDetails": [{"Confidence": 99.123456789, "BoundingBox": WHOLE}]}, faces(1, 2)),
    ]:
        studio.see(operation, REQUEST, response)
        assert studio.declared()[NAME]["faces"] == kept
    studio.see("DetectText", REQUEST, {"TextDetections": []})
    assert studio.declared()[NAME].keys() == {"faces", "text", "celebrities"}


@pytest.mark.parametrize("redact", [False, True])
def test_custom_labels_of_several_versions_are_kept_or_the_last_ones_to_redact(tmp_path: Path, redact: bool) -> None:
    studio = Studio(tmp_path, redact=redact)
    for version, label in (("arn-1", "Lid"), ("arn-2", "Box"), ("arn-1", "Can")):
        request = {**REQUEST, "ProjectVersionArn": version, "MinConfidence": 1}
        studio.see("DetectCustomLabels", request, {"CustomLabels": [{"Name": label}]})
    both = {"arn-1": [{"Name": "Can"}], "arn-2": [{"Name": "Box"}]}
    assert studio.declared()[NAME]["custom_labels"] == ({"": [{"Name": "Box"}]} if redact else both)


# --- People ------------------------------------------------------------------------------------------------------


def face_at(left: float, width: float = 0.25, height: float = 0.5, **others: Json) -> Json:
    return {"BoundingBox": {"Left": left, "Top": 0.25, "Width": width, "Height": height}, **others}


def indexed(*records: tuple[str, Json]) -> Json:
    """Return a response of IndexFaces for ids with their faces."""
    return {"FaceRecords": [{"Face": {"FaceId": face_id}, "FaceDetail": detail} for face_id, detail in records]}


def matched(*face_ids: str, similarity: float = 80, users: tuple[str, ...] = ()) -> Json:
    """Return the matches of a search."""
    return {
        "FaceMatches": [{"Similarity": similarity, "Face": {"FaceId": face_id}} for face_id in face_ids],
        "UserMatches": [{"Similarity": similarity, "User": {"UserId": user_id}} for user_id in users],
    }


def test_each_indexed_face_is_a_person_of_its_own_with_a_number(studio: Studio) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0)), ("f2", face_at(0.5))))
    assert studio.identities() == ["person-1", "person-2"]


def test_a_search_joins_the_faces_that_it_matches_in_any_collection(studio: Studio) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0)), ("f2", face_at(0.3)), ("f3", face_at(0.6))))
    studio.see("SearchFaces", {"CollectionId": "other", "FaceId": "f3"}, matched("f1"))
    studio.see("SearchFaces", {"CollectionId": "staff", "FaceId": "f2"}, matched("f1", similarity=79.99))
    one, two, three = studio.identities()
    assert one == three != two


def test_users_name_their_faces_and_differ_between_collections(studio: Studio) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0)), ("f2", face_at(0.3)), ("f3", face_at(0.6))))
    for collection, user, face in (("a", "ann", "f1"), ("a", "bob", "f2"), ("b", "ann", "f3")):
        rows = {"AssociatedFaces": [{"FaceId": face}]}
        studio.see("AssociateFaces", {"CollectionId": collection, "UserId": user}, rows)
    assert studio.identities() == ["ann", "bob", "ann"]
    studio.see("SearchFaces", {"CollectionId": "a", "FaceId": "f3"}, matched(users=("bob",)))
    joined = studio.identities()
    assert joined[0] == "ann"
    assert joined[1] == joined[2]
    assert str(joined[1]).startswith("person-")  # a person with two users has the name of neither


def test_a_search_by_a_face_finds_the_user_of_its_own_collection(studio: Studio) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0)), ("f2", face_at(0.5))))
    studio.see("SearchFaces", {"CollectionId": "a", "FaceId": "f1"}, matched(users=("ann",)))
    studio.see("SearchFaces", {"CollectionId": "b", "FaceId": "f2"}, matched(users=("ann",)))
    studio.see("AssociateFaces", {"CollectionId": "a", "UserId": "ann"}, {"AssociatedFaces": [{"FaceId": "f3"}]})
    assert studio.identities() == ["ann", "ann"]
    studio.see("IndexFaces", {**REQUEST, "Image": PLACE}, indexed(("f3", face_at(0)), ("f4", face_at(0.5))))
    studio.see("SearchFaces", {"CollectionId": "a", "FaceId": "f4"}, matched("f2", users=("bob",)))
    assert studio.identities()[0] == studio.identities(PLACE_NAME)[0] == "ann"
    assert studio.identities()[1] == studio.identities(PLACE_NAME)[1] != "ann"


@pytest.mark.parametrize("operation", ["SearchFacesByImage", "SearchUsersByImage"])
def test_a_search_by_an_image_names_the_searched_face(studio: Studio, operation: str) -> None:
    response = {"SearchedFace": {"FaceDetail": face_at(0)}, **matched("f1", users=("ann", "bob"))}
    response["UnsearchedFaces"] = [{"FaceDetails": face_at(0.5)}]
    studio.see(operation, REQUEST, response)
    studio.see("IndexFaces", {**REQUEST, "Image": PLACE}, indexed(("f1", face_at(0)), ("bob", face_at(0.5))))
    assert studio.identities() == ["ann", None]
    assert studio.identities(PLACE_NAME) == ["ann", "person-2"]
    studio.see("AssociateFaces", {"CollectionId": "b", "UserId": "ann"}, {"AssociatedFaces": [{"FaceId": "bob"}]})
    assert studio.identities() == ["ann", None]


def test_a_comparison_joins_the_source_with_each_match(studio: Studio) -> None:
    studio.see("CompareFaces", {"SourceImage": bytes_of(IMAGE), "TargetImage": PLACE}, {
        "SourceImageFace": face_at(0),
        "FaceMatches": [{"Similarity": 80, "Face": face_at(0.3)}, {"Similarity": 79.9, "Face": face_at(0)}],
        "UnmatchedFaces": [face_at(0.6)],
    })  # fmt: skip
    assert (studio.identities(), studio.identities(PLACE_NAME)) == (["person-1"], ["person-1", None, None])
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0.5))))
    source = {"SourceImage": bytes_of(IMAGE), "TargetImage": PLACE}
    response = {"SourceImageFace": face_at(0.5), "FaceMatches": [{"Similarity": 99, "Face": face_at(0.6)}]}
    studio.see("CompareFaces", source, response)
    assert studio.identities() == ["person-2"]


@pytest.mark.parametrize(("width", "is_same"), [(0.125, True), (0.1249, False)])
def test_faces_of_one_image_whose_boxes_share_half_of_their_union_are_one(
    studio: Studio, width: float, is_same: bool
) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0, width=0.25)), ("f9", face_at(0.75))))
    studio.see("IndexFaces", REQUEST, indexed(("f2", face_at(0, width=width))))
    studio.see("AssociateFaces", {"CollectionId": "b", "UserId": "ann"}, {"AssociatedFaces": [{"FaceId": "f2"}]})
    assert studio.identities()[0] == ("ann" if is_same else "person-1")


@pytest.mark.parametrize("box", [None, {}, {"Left": 0, "Top": 0, "Width": 1}, {**WHOLE, "Height": "1"}])
def test_a_face_without_the_four_sides_of_its_box_has_no_identity(studio: Studio, box: Json) -> None:
    studio.see("IndexFaces", REQUEST, indexed(("f1", {"BoundingBox": box}), ("f2", face_at(0))))
    assert studio.identities() == [None, "person-1"]


def test_to_redact_people_have_numbers_in_place_of_users(tmp_path: Path) -> None:
    studio = Studio(tmp_path, redact=True)
    studio.see("SearchUsersByImage", REQUEST, {"SearchedFace": {"FaceDetail": face_at(0)}, **matched(users=("ann",))})
    assert studio.identities() == ["person-1"]
    faces = indexed(("f1", face_at(0)), ("f2", face_at(0.3)), ("f3", face_at(0.6)))
    studio.see("IndexFaces", {**REQUEST, "Image": PLACE}, faces)
    for collection, face in (("staff", "f1"), ("other", "f2")):
        rows = {"AssociatedFaces": [{"FaceId": face}]}
        studio.see("AssociateFaces", {"CollectionId": collection, "UserId": "ann"}, rows)
    studio.see("SearchFaces", {"CollectionId": "other", "FaceId": "f3"}, matched(users=("ann",)))
    first, second, third = studio.identities(PLACE_NAME)
    assert [first] == studio.identities() != [second]  # a user is one in its collection
    assert second == third


@pytest.mark.parametrize(
    ("identity", "following"),
    [("person-7", 8), ("person-999999999", 1_000_000_000), ("person-1234567890", 1), ("ann", 1), ("person-", 1),
     ("person-²", 1), (7, 1), (None, 1)],
)  # fmt: skip
def test_new_people_have_numbers_above_those_of_the_file(tmp_path: Path, identity: Json, following: int) -> None:
    other = {"of": "s3://b/n", "faces": [{"Identity": identity}, {"Identity": "person-0"}, None]}
    replaced = {"of": NAME, "faces": [{"Identity": "person-70"}]}
    studio = Studio(tmp_path, stored=[{"of": "s3://b/m", "labels": []}, other, replaced])
    studio.see("IndexFaces", REQUEST, indexed(("f1", face_at(0))))
    assert studio.identities() == [f"person-{following}"]


# --- The file ----------------------------------------------------------------------------------------------------


def test_the_file_is_indented_json_of_the_old_and_the_new_declarations(tmp_path: Path) -> None:
    studio = Studio(tmp_path, stored=[{"of": NAME, "labels": [], "faces": [1]}, {"of": "s3://b/n", "text": []}])
    studio.see("DetectFaces", REQUEST, {"FaceDetails": []})
    studio.recorder.save()
    entries: list[Json] = [{"of": NAME, "labels": [], "faces": []}, {"of": "s3://b/n", "text": []}]
    assert studio.path.read_text() == json.dumps({"recorded": True, "declare": entries}, indent=2) + "\n"
    assert [path.name for path in tmp_path.iterdir()] == ["recorded.json"]
    assert Recorder(studio.path, redact=False).document() == {"recorded": True, "declare": entries}


def test_declarations_that_others_write_or_remove_meanwhile_are_kept_and_replaced_by_own_ones(tmp_path: Path) -> None:
    others: list[Json] = [[{"of": "s3://b/o", "text": []}, {"of": "s3://b/n", "text": [1]}], None]
    for other in others:
        studio = Studio(tmp_path, stored=[{"of": "s3://b/n", "text": []}])
        studio.see("DetectFaces", REQUEST, {"FaceDetails": []})
        if other is None:
            studio.path.unlink()
        else:
            studio.path.write_text(json.dumps({"declare": other}))
        studio.recorder.save()
        saved = {entry["of"]: entry for entry in json.loads(studio.path.read_text())["declare"]}
        assert saved[NAME] == {"of": NAME, "faces": []}
        assert saved["s3://b/n"]["text"] == ([] if other is None else [1])
        assert ("s3://b/o" in saved) == (other is not None)
    damaged = Studio(tmp_path, stored=[{"of": "s3://b/n", "text": []}])
    damaged.path.write_text("[")
    damaged.recorder.save()
    assert [entry["of"] for entry in json.loads(damaged.path.read_text())["declare"]] == ["s3://b/n"]


def test_a_file_is_read_in_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "recorded.JSON"
    document = {"recorded": True, "declare": [{"of": "s3://b/é", "text": ["ж"]}]}
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(json.dumps(document, ensure_ascii=False), encoding=encoding)
        assert Recorder(path, redact=False).document() == document


def test_content_that_the_file_cannot_have_is_reported_once(studio: Studio) -> None:
    studio.see("GetFaceSearch", {"JobId": "job"}, {"JobStatus": "SUCCEEDED"})
    studio.see("DetectLabels", REQUEST, {"Labels": [], "ImageProperties": {}})
    with pytest.warns(RekogWarning) as caught:
        studio.recorder.warn()
    remedy = "declare faces with Timestamp and Identity"
    assert sorted(str(warning.message) for warning in caught) == [
        "rekog.testing.record: recorded.json has no image properties: the emulator measures them",
        f"rekog.testing.record: recorded.json has no results of face searches in videos: {remedy}",
    ]
    studio.recorder.warn()  # a further warning would be an error


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("r.toml", None, "path: must end in .json, not 'r.toml'"),
        ("none/r.json", None, "path: the folder '{folder}/none' does not exist: create it first"),
        ("r.json", "[", "path: 'r.json' is not JSON (Expecting value: line 1 column 2 (char 1))"),
        *(
            ("r.json", text, "path: 'r.json' is no file of declarations: it must have a list 'declare'")
            for text in ("[]", "{}", '{"declare": 1}', '{"declare": [1]}', '{"declare": [{"of": 1}]}')
        ),
    ],
)
def test_another_file_is_refused_with_its_problem(tmp_path: Path, name: str, text: str | None, problem: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ParamValidationError) as caught:
        Recorder(tmp_path / name, redact=False)
    whole = problem.format(folder=tmp_path)
    assert (str(caught.value), [*caught.value.problems]) == (f"record: {whole}", [whole])
