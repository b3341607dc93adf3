"""Results of stored-video jobs: order, filters and members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.declared_faces import DEFAULT_MEMBERS, EVERY_ATTRIBUTE
from tests.contract.video_calls import STREET_OBJECT, run_job, start_job, timestamps
from tests.kit.request_members import FACE_COLLECTION, STREET_CONTENT, VIDEO_JOBS

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

pytestmark = pytest.mark.usefixtures("street_video")


BOX = [0.1, 0.1, 0.3, 0.3]
FACE: Json = {**EVERY_ATTRIBUTE, "Pose": [0, 0, 0], "Quality": [60, 99]}
LABELS = [
    {"Timestamp": 0, "Name": "Van", "Confidence": 88},
    {"Timestamp": 1000, "Name": "Car", "Confidence": 51},
    {"Timestamp": 0, "Name": "Tree", "Confidence": 49.9},
]


# --- all kinds


@pytest.mark.parametrize(
    ("kind", "orders"),
    [
        ("LabelDetection", ["TIMESTAMP", "NAME"]),
        ("ContentModeration", ["TIMESTAMP", "NAME"]),
        ("FaceSearch", ["TIMESTAMP", "INDEX"]),
        ("PersonTracking", ["TIMESTAMP", "INDEX"]),
        ("CelebrityRecognition", ["TIMESTAMP", "ID"]),
    ],
)
def test_results_are_sorted_in_each_documented_order(rekognition: Rekognition, kind: str, orders: list[str]) -> None:
    job = start_job(rekognition, kind)
    for order in orders:
        assert rekognition(f"Get{kind}", JobId=job, SortBy=order)["JobStatus"] == "SUCCEEDED"
    assert rekognition.error_code(f"Get{kind}", JobId=job, SortBy="SIZE") == "ValidationException"


# --- labels and moderation


def test_labels_are_sorted_and_have_a_confidence_of_at_least_fifty(
    rekognition: Rekognition, control: ControlApi
) -> None:
    control.declare("s3://films/street.mp4", labels=LABELS)

    def results(**get: str) -> list[str]:
        return [each["Label"]["Name"] for each in run_job(rekognition, "LabelDetection", get)["Labels"]]

    assert results() == ["Van", "Car"]
    assert results(SortBy="NAME") == ["Car", "Van"]


def test_the_response_repeats_sort_order_and_aggregation(rekognition: Rekognition) -> None:
    for kind in ("LabelDetection", "ContentModeration"):
        response = run_job(rekognition, kind)
        assert response["GetRequestMetadata"] == {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"}
        entry = response[VIDEO_JOBS[kind][0]][0]
        assert "StartTimestampMillis" not in entry


@pytest.mark.parametrize(
    ("kind", "capability", "member"),
    [("LabelDetection", "labels", "Label"), ("ContentModeration", "moderation", "ModerationLabel")],
)
def test_labels_are_sorted_by_time_and_name_or_by_name_and_confidence(
    rekognition: Rekognition, control: ControlApi, kind: str, capability: str, member: str
) -> None:
    declared = [(0, "Zoo", 80), (0, "Ant", 70), (5000, "Zoo", 99), (9000, "Ant", 50), (9000, "Bee", 49.9)]
    entries = [{"Timestamp": time, "Name": name, "Confidence": confidence} for time, name, confidence in declared]
    control.declare(STREET_OBJECT, **{capability: entries})

    def results(**get: str) -> list[tuple[int, str, float]]:
        items = run_job(rekognition, kind, get)[VIDEO_JOBS[kind][0]]
        return [(item["Timestamp"], item[member]["Name"], item[member]["Confidence"]) for item in items]

    by_time = [(0, "Ant", 70), (0, "Zoo", 80), (5000, "Zoo", 99), (9000, "Ant", 50)]
    by_name = [(0, "Ant", 70), (9000, "Ant", 50), (5000, "Zoo", 99), (0, "Zoo", 80)]
    assert results() == results(SortBy="TIMESTAMP") == by_time  # within one moment by name
    assert results(SortBy="NAME") == by_name
    # the stretches of a label are more than a second apart here, so there are as many of them as sightings
    assert results(SortBy="TIMESTAMP", AggregateBy="SEGMENTS") == by_time
    assert results(SortBy="NAME", AggregateBy="SEGMENTS") == by_name


@pytest.mark.parametrize("kind", ["LabelDetection", "ContentModeration"])
def test_min_confidence_may_be_lower_than_the_default(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    low = [{"Timestamp": 0, "Name": "Smoke", "Confidence": 20}]
    control.declare(STREET_OBJECT, labels=low, moderation=low)
    assert run_job(rekognition, kind)[VIDEO_JOBS[kind][0]] == []
    assert len(run_job(rekognition, kind, MinConfidence=20)[VIDEO_JOBS[kind][0]]) == 1


def test_label_segments_have_a_start_and_an_end(rekognition: Rekognition) -> None:
    (entry,) = run_job(rekognition, "LabelDetection", {"AggregateBy": "SEGMENTS"})["Labels"]
    assert entry["Timestamp"] == entry["StartTimestampMillis"]
    assert entry["DurationMillis"] == entry["EndTimestampMillis"] - entry["StartTimestampMillis"]


def test_label_segments_have_no_instances(rekognition: Rekognition, control: ControlApi) -> None:
    car = {"Name": "Car", "Instances": [{"BoundingBox": BOX, "DominantColors": [{"Red": 1}]}]}
    control.declare(STREET_OBJECT, labels=[{"Timestamp": time, **car} for time in (0, 500, 1000, 9000)])
    single = run_job(rekognition, "LabelDetection")["Labels"]
    assert [set(entry["Label"]["Instances"][0]) & {"DominantColors"} for entry in single] == [set()] * 4
    response = run_job(rekognition, "LabelDetection", {"AggregateBy": "SEGMENTS", "SortBy": "NAME"})
    assert response["GetRequestMetadata"] == {"SortBy": "NAME", "AggregateBy": "SEGMENTS"}
    times = [(each["StartTimestampMillis"], each["EndTimestampMillis"]) for each in response["Labels"]]
    assert times == [(0, 1000), (9000, 9000)]
    assert all(each["Timestamp"] == each["StartTimestampMillis"] for each in response["Labels"])
    assert not any("Instances" in each["Label"] for each in response["Labels"])


def test_moderation_results_have_content_types(rekognition: Rekognition, control: ControlApi) -> None:
    entry = {"Timestamp": 0, "ModerationLabel": {"Name": "Gambling", "Confidence": 90}}
    control.declare(STREET_OBJECT, moderation=[{**entry, "ContentTypes": [["Animation", 80]]}])
    for aggregate in ("TIMESTAMPS", "SEGMENTS"):
        (result,) = run_job(rekognition, "ContentModeration", {"AggregateBy": aggregate})["ModerationLabels"]
        assert result["ContentTypes"] == [{"Name": "Animation", "Confidence": 80}]
        assert ("DurationMillis" in result) is (aggregate == "SEGMENTS")


def test_labels_of_a_video_are_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(STREET_OBJECT, labels=[{"Timestamp": 0, "Name": name} for name in ("Car", "Tree")])
    settings = {"GeneralLabels": {"LabelExclusionFilters": ["Tree"]}}
    result = run_job(rekognition, "LabelDetection", Settings=settings, Features=["GENERAL_LABELS"])["Labels"]
    assert [each["Label"]["Name"] for each in result] == ["Car"]


# --- faces and persons


def test_faces_have_all_attributes_only_on_request(rekognition: Rekognition) -> None:
    (face,) = run_job(rekognition, "FaceDetection")["Faces"]
    assert face["Timestamp"] == 500
    assert "AgeRange" not in face["Face"]


def test_faces_of_a_video_have_all_attributes_but_two(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(STREET_OBJECT, faces=[{"Timestamp": 0, "Face": FACE}])
    (default,) = run_job(rekognition, "FaceDetection")["Faces"]
    assert set(default["Face"]) == DEFAULT_MEMBERS
    (complete,) = run_job(rekognition, "FaceDetection", FaceAttributes="ALL")["Faces"]
    assert set(complete["Face"]) == DEFAULT_MEMBERS | set(EVERY_ATTRIBUTE) - {"FaceOccluded", "EyeDirection"}


def test_faces_of_persons_and_celebrities_have_the_default_attributes(
    rekognition: Rekognition, control: ControlApi
) -> None:
    control.declare(
        STREET_OBJECT,
        faces=[{"Timestamp": 0, "Face": {**FACE, "Identity": "Ann"}}],
        persons=[{"Timestamp": 0, "Index": 0, "Face": FACE}],
        celebrities=[{"Timestamp": 0, "Name": "Ada", "Id": "1abc", "Face": FACE}],
    )
    faces = [
        run_job(rekognition, "FaceSearch")["Persons"][0]["Person"]["Face"],
        run_job(rekognition, "PersonTracking")["Persons"][0]["Person"]["Face"],
        run_job(rekognition, "CelebrityRecognition")["Celebrities"][0]["Celebrity"]["Face"],
    ]
    assert [set(each) for each in faces] == [DEFAULT_MEMBERS] * 3


def test_a_face_search_lists_every_face_with_its_matches_in_the_collection(
    rekognition: Rekognition, control: ControlApi
) -> None:
    two_faces = [{**STREET_CONTENT["faces"][0]}, {"Timestamp": 0, "Identity": "Bob", "BoundingBox": [0, 0, 0.1, 0.1]}]
    control.declare("s3://films/street.mp4", faces=two_faces)
    stranger, person = run_job(rekognition, "FaceSearch")["Persons"]
    (match,) = person["FaceMatches"]
    assert (person["Timestamp"], match["Similarity"] >= 80) == (500, True)
    assert (stranger["Timestamp"], stranger["FaceMatches"]) == (0, [])
    assert stranger["Person"]["Face"]["BoundingBox"] == stranger["Person"]["BoundingBox"]
    assert stranger["Person"]["Index"] != person["Person"]["Index"]


def test_matches_are_ordered_by_similarity_and_persons_by_index(rekognition: Rekognition, control: ControlApi) -> None:
    for person in ("Ann", "Bob"):
        rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people(person))
    declared = [(0, "Bob"), (100, "Ann"), (200, "Bob"), (300, "Stranger")]
    control.declare(
        STREET_OBJECT, faces=[{"Timestamp": time, "Identity": person, "BoundingBox": BOX} for time, person in declared]
    )
    result = run_job(rekognition, "FaceSearch")
    assert timestamps(result, "FaceSearch") == [0, 100, 200, 300]
    matches = result["Persons"][1]["FaceMatches"]
    assert len(matches) == 2  # Ann is in the collection twice
    assert matches[0]["Similarity"] >= matches[1]["Similarity"] >= 80
    by_index = run_job(rekognition, "FaceSearch", {"SortBy": "INDEX"})
    assert timestamps(by_index, "FaceSearch") == [0, 200, 100, 300]
    assert [each["Person"]["Index"] for each in by_index["Persons"]] == [0, 0, 1, 2]
    certain = run_job(rekognition, "FaceSearch", FaceMatchThreshold=100)["Persons"]
    assert all(match["Similarity"] == 100 for each in certain for match in each["FaceMatches"])


def test_a_face_search_without_faces_succeeds(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(STREET_OBJECT, faces=[])
    response = run_job(rekognition, "FaceSearch")
    assert (response["JobStatus"], response["Persons"]) == ("SUCCEEDED", [])


def test_matched_faces_have_the_id_of_their_user(rekognition: Rekognition, control: ControlApi) -> None:
    (face,) = rekognition("ListFaces", CollectionId=FACE_COLLECTION)["Faces"]
    rekognition("CreateUser", CollectionId=FACE_COLLECTION, UserId="Ann")
    rekognition("AssociateFaces", CollectionId=FACE_COLLECTION, UserId="Ann", FaceIds=[face["FaceId"]])
    (person,) = run_job(rekognition, "FaceSearch")["Persons"]
    assert person["FaceMatches"][0]["Face"]["UserId"] == "Ann"


def test_persons_sorted_by_index_have_the_highest_confidence_first(
    rekognition: Rekognition, control: ControlApi
) -> None:
    declared = [(0, 1, 60), (100, 0, 70), (200, 1, 90), (300, 0, 80)]
    persons = [
        {"Timestamp": time, "Index": index, "Face": {"BoundingBox": BOX, "Confidence": confidence}}
        for time, index, confidence in declared
    ]
    control.declare(STREET_OBJECT, persons=persons)
    assert timestamps(run_job(rekognition, "PersonTracking"), "PersonTracking") == [0, 100, 200, 300]
    by_index = run_job(rekognition, "PersonTracking", {"SortBy": "INDEX"})
    assert timestamps(by_index, "PersonTracking") == [300, 100, 200, 0]


def test_celebrities_are_sorted_by_time_or_id(rekognition: Rekognition, control: ControlApi) -> None:
    declared = [(0, "2b"), (100, "1a"), (200, "2b")]
    control.declare(
        STREET_OBJECT, celebrities=[{"Timestamp": time, "Name": name, "Id": name} for time, name in declared]
    )
    assert timestamps(run_job(rekognition, "CelebrityRecognition"), "CelebrityRecognition") == [0, 100, 200]
    by_id = run_job(rekognition, "CelebrityRecognition", {"SortBy": "ID"})
    assert timestamps(by_id, "CelebrityRecognition") == [100, 0, 200]


def test_persons_of_a_video_file_keep_their_index(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    from tests.kit.videos import frames_of_people, video_file

    control.request("POST", "/forget", {})
    location = control.put_object("films", "real.mp4", video_file(frames_of_people()[:2], each=2))
    response = run_job(rekognition, "PersonTracking", Video=location)
    assert response["JobStatus"] == "SUCCEEDED", response.get("StatusMessage")
    assert [(each["Timestamp"], each["Person"]["Index"]) for each in response["Persons"]] == [(0, 0), (200, 1)]
    assert all({"BoundingBox", "Face"} <= set(each["Person"]) for each in response["Persons"])


def test_an_enrolled_celebrity_of_a_video_file_is_recognised(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    import base64

    from tests.kit.videos import frames_of_people, video_file

    portrait = base64.b64encode(astronaut["Bytes"]).decode()
    chosen = control.request("POST", "/celebrities", {"name": "Eileen", "images": [portrait]})["id"]
    location = control.put_object("films", "real.mp4", video_file(frames_of_people(), each=2, rate=4))
    response = run_job(rekognition, "CelebrityRecognition", Video=location)
    assert response["JobStatus"] == "SUCCEEDED", response.get("StatusMessage")
    assert [(each["Timestamp"], each["Celebrity"]["Id"]) for each in response["Celebrities"]] == [(0, chosen)]
    assert response["Celebrities"][0]["Celebrity"]["Name"] == "Eileen"


# --- text


def test_a_frame_has_at_most_a_hundred_words(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(
        STREET_OBJECT, text=[{"Timestamp": time, "DetectedText": " ".join(["word"] * 120)} for time in (0, 500)]
    )
    result = run_job(rekognition, "TextDetection")["TextDetections"]
    words = [each["Timestamp"] for each in result if each["TextDetection"]["Type"] == "WORD"]
    assert (words.count(0), words.count(500)) == (100, 100)
    assert result[0]["TextDetection"]["Id"] == 0


def test_words_of_a_video_are_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    declared = [("left", 0.1, 79), ("right", 0.6, 95)]
    text = [
        {"Timestamp": 0, "DetectedText": word, "Confidence": confidence, "Geometry": [left, 0.1, 0.3, 0.1]}
        for word, left, confidence in declared
    ]
    control.declare(STREET_OBJECT, text=text)

    def results(**filters: object) -> list[str]:
        response = run_job(rekognition, "TextDetection", Filters=filters)
        detections = [each["TextDetection"] for each in response["TextDetections"]]
        return [each["DetectedText"] for each in detections if each["Type"] == "WORD"]

    assert results() == ["right"]
    assert results(WordFilter={"MinConfidence": 70}) == ["left", "right"]
    left_half = {"BoundingBox": {"Left": 0, "Top": 0, "Width": 0.5, "Height": 1}}
    assert results(WordFilter={"MinConfidence": 70}, RegionsOfInterest=[left_half]) == ["left"]
