"""What stored-video jobs find, and how it is told, beyond test_videos.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.test_face_rules import DEFAULT, EVERYTHING
from tests.contract.test_videos import run, start, street
from tests.kit.request_members import FACE_COLLECTION, ROLE, STREET_CONTENT, TOPIC, VIDEO, VIDEO_JOBS

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

__all__ = ["street"]  # a fixture

FILM = "s3://films/street.mp4"
BOX = [0.1, 0.1, 0.3, 0.3]
DAY = 86_400
FACE: Json = {**EVERYTHING, "Pose": [0, 0, 0], "Quality": [60, 99]}


def timestamps(answer: Json, kind: str) -> list[int]:
    return [entry["Timestamp"] for entry in answer[VIDEO_JOBS[kind][0]]]


# --- the life of a job


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_results_are_kept_for_a_week(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    job = start(rekognition, kind)
    rekognition(f"Get{kind}", JobId=job)
    control.advance_clock(7 * DAY - 1)
    assert rekognition(f"Get{kind}", JobId=job)["JobStatus"] == "SUCCEEDED"
    control.advance_clock(2)
    assert rekognition.error_code(f"Get{kind}", JobId=job) == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_every_page_tells_of_the_job_and_the_video(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    for name, said in STREET_CONTENT.items():
        if name != "video":
            when = "StartTimestampMillis" if name == "segments" else "Timestamp"
            control.declare(FILM, **{name: [{**said[0], when: 100 * number} for number in range(3)]})
    job = start(rekognition, kind, JobTag="tag")
    first = rekognition(f"Get{kind}", JobId=job, MaxResults=2)
    second = rekognition(f"Get{kind}", JobId=job, MaxResults=2, NextToken=first["NextToken"])
    for name in ("JobStatus", "VideoMetadata", "JobId", "Video", "JobTag"):
        assert first[name] == second[name]
    assert first[VIDEO_JOBS[kind][0]] != second[VIDEO_JOBS[kind][0]]


def test_a_job_without_a_tag_has_none(rekognition: Rekognition, control: ControlApi) -> None:
    answer = run(rekognition, "LabelDetection", NotificationChannel={"SNSTopicArn": TOPIC, "RoleArn": ROLE})
    assert "JobTag" not in answer
    (sent,) = control.notifications()
    assert "JobTag" not in sent["message"]


def test_a_failure_is_told_to_the_topic(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("POST", "/forget", {})
    answer = run(rekognition, "LabelDetection", NotificationChannel={"SNSTopicArn": TOPIC, "RoleArn": ROLE})
    assert answer["JobStatus"] == "FAILED"
    (sent,) = control.notifications()
    assert sent["message"]["Status"] == "FAILED"


def test_a_channel_has_a_topic_and_a_role(rekognition: Rekognition, control: ControlApi) -> None:
    foreign = TOPIC.replace(":aws:", ":aws-cn:")
    for channel in ({"SNSTopicArn": foreign, "RoleArn": ROLE}, {"SNSTopicArn": TOPIC, "RoleArn": "role"}):
        code = rekognition.error_code("StartLabelDetection", Video=VIDEO, NotificationChannel=channel)
        assert code == "InvalidParameterException"


def test_what_is_known_of_a_video_is_told(rekognition: Rekognition, control: ControlApi) -> None:
    video = {**STREET_CONTENT["video"], "Codec": "h264", "ColorRange": "LIMITED"}
    control.declare(FILM, video=video)
    assert run(rekognition, "LabelDetection")["VideoMetadata"] == video


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("LabelDetection", "LabelModelVersion"),
        ("ContentModeration", "ModerationModelVersion"),
        ("TextDetection", "TextModelVersion"),
    ],
)
def test_models_tell_their_versions(rekognition: Rekognition, kind: str, member: str) -> None:
    assert re.fullmatch(r"\d+\.\d+", run(rekognition, kind)[member])


def test_times_are_whole_milliseconds(rekognition: Rekognition) -> None:
    for kind in VIDEO_JOBS:
        when = "StartTimestampMillis" if kind == "SegmentDetection" else "Timestamp"
        assert all(type(entry[when]) is int for entry in run(rekognition, kind)[VIDEO_JOBS[kind][0]])


# --- labels and moderation


@pytest.mark.parametrize(
    ("kind", "capability", "member"),
    [("LabelDetection", "labels", "Label"), ("ContentModeration", "moderation", "ModerationLabel")],
)
def test_names_are_groups_in_which_the_surest_is_first(
    rekognition: Rekognition, control: ControlApi, kind: str, capability: str, member: str
) -> None:
    said = [(0, "Zoo", 60), (0, "Ant", 70), (5000, "Zoo", 99), (9000, "Ant", 50), (9000, "Bee", 49.9)]
    entries = [{"Timestamp": time, "Name": name, "Confidence": sure} for time, name, sure in said]
    control.declare(FILM, **{capability: entries})

    def found(**get: str) -> list[tuple[int, str, float]]:
        items = run(rekognition, kind, get)[VIDEO_JOBS[kind][0]]
        return [(item["Timestamp"], item[member]["Name"], item[member]["Confidence"]) for item in items]

    assert found() == [(0, "Ant", 70), (0, "Zoo", 60), (5000, "Zoo", 99), (9000, "Ant", 50)]
    assert found(SortBy="TIMESTAMP") == found()
    assert found(SortBy="NAME") == [(0, "Ant", 70), (9000, "Ant", 50), (5000, "Zoo", 99), (0, "Zoo", 60)]


@pytest.mark.parametrize("kind", ["LabelDetection", "ContentModeration"])
def test_a_threshold_may_be_lower(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    low = [{"Timestamp": 0, "Name": "Smoke", "Confidence": 20}]
    control.declare(FILM, labels=low, moderation=low)
    assert run(rekognition, kind)[VIDEO_JOBS[kind][0]] == []
    assert len(run(rekognition, kind, MinConfidence=20)[VIDEO_JOBS[kind][0]]) == 1


def test_a_stretch_has_no_places(rekognition: Rekognition, control: ControlApi) -> None:
    car = {"Name": "Car", "Instances": [{"BoundingBox": BOX, "DominantColors": [{"Red": 1}]}]}
    control.declare(FILM, labels=[{"Timestamp": time, **car} for time in (0, 500, 1000, 9000)])
    single = run(rekognition, "LabelDetection")["Labels"]
    assert [set(entry["Label"]["Instances"][0]) & {"DominantColors"} for entry in single] == [set()] * 4
    answer = run(rekognition, "LabelDetection", {"AggregateBy": "SEGMENTS", "SortBy": "NAME"})
    assert answer["GetRequestMetadata"] == {"SortBy": "NAME", "AggregateBy": "SEGMENTS"}
    control_api = [(each["StartTimestampMillis"], each["EndTimestampMillis"]) for each in answer["Labels"]]
    assert control_api == [(0, 1000), (9000, 9000)]
    assert all(each["Timestamp"] == each["StartTimestampMillis"] for each in answer["Labels"])
    assert not any("Instances" in each["Label"] for each in answer["Labels"])


def test_moderated_stretches_have_their_kind_of_content(rekognition: Rekognition, control: ControlApi) -> None:
    entry = {"Timestamp": 0, "ModerationLabel": {"Name": "Gambling", "Confidence": 90}}
    control.declare(FILM, moderation=[{**entry, "ContentTypes": [["Animation", 80]]}])
    for aggregate in ("TIMESTAMPS", "SEGMENTS"):
        (found,) = run(rekognition, "ContentModeration", {"AggregateBy": aggregate})["ModerationLabels"]
        assert found["ContentTypes"] == [{"Name": "Animation", "Confidence": 80}]
        assert ("DurationMillis" in found) is (aggregate == "SEGMENTS")


def test_labels_of_a_video_are_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, labels=[{"Timestamp": 0, "Name": name} for name in ("Car", "Tree")])
    settings = {"GeneralLabels": {"LabelExclusionFilters": ["Tree"]}}
    found = run(rekognition, "LabelDetection", Settings=settings, Features=["GENERAL_LABELS"])["Labels"]
    assert [each["Label"]["Name"] for each in found] == ["Car"]


# --- faces and persons


def test_all_attributes_of_a_video_are_but_two(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, faces=[{"Timestamp": 0, "Face": FACE}])
    (usual,) = run(rekognition, "FaceDetection")["Faces"]
    assert set(usual["Face"]) == DEFAULT
    (whole,) = run(rekognition, "FaceDetection", FaceAttributes="ALL")["Faces"]
    assert set(whole["Face"]) == DEFAULT | set(EVERYTHING) - {"FaceOccluded", "EyeDirection"}


def test_faces_of_persons_and_celebrities_have_the_default_attributes(
    rekognition: Rekognition, control: ControlApi
) -> None:
    control.declare(
        FILM,
        faces=[{"Timestamp": 0, "Face": {**FACE, "Identity": "Ann"}}],
        persons=[{"Timestamp": 0, "Index": 0, "Face": FACE}],
        celebrities=[{"Timestamp": 0, "Name": "Ada", "Id": "1abc", "Face": FACE}],
    )
    faces = [
        run(rekognition, "FaceSearch")["Persons"][0]["Person"]["Face"],
        run(rekognition, "PersonTracking")["Persons"][0]["Person"]["Face"],
        run(rekognition, "CelebrityRecognition")["Celebrities"][0]["Celebrity"]["Face"],
    ]
    assert [set(each) for each in faces] == [DEFAULT] * 3


def test_persons_are_one_after_the_other_each_surest_first(rekognition: Rekognition, control: ControlApi) -> None:
    said = [(0, 1, 60), (100, 0, 70), (200, 1, 90), (300, 0, 80)]
    persons = [
        {"Timestamp": time, "Index": index, "Face": {"BoundingBox": BOX, "Confidence": sure}}
        for time, index, sure in said
    ]
    control.declare(FILM, persons=persons)
    assert timestamps(run(rekognition, "PersonTracking"), "PersonTracking") == [0, 100, 200, 300]
    by_index = run(rekognition, "PersonTracking", {"SortBy": "INDEX"})
    assert timestamps(by_index, "PersonTracking") == [300, 100, 200, 0]


def test_celebrities_are_by_time_or_by_id(rekognition: Rekognition, control: ControlApi) -> None:
    said = [(0, "2b"), (100, "1a"), (200, "2b")]
    control.declare(FILM, celebrities=[{"Timestamp": time, "Name": name, "Id": name} for time, name in said])
    assert timestamps(run(rekognition, "CelebrityRecognition"), "CelebrityRecognition") == [0, 100, 200]
    by_id = run(rekognition, "CelebrityRecognition", {"SortBy": "ID"})
    assert timestamps(by_id, "CelebrityRecognition") == [100, 0, 200]


def test_matches_are_the_best_first_and_persons_by_number(rekognition: Rekognition, control: ControlApi) -> None:
    for who in ("Ann", "Bob"):
        rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people(who))
    said = [(0, "Bob"), (100, "Ann"), (200, "Bob"), (300, "Stranger")]
    control.declare(FILM, faces=[{"Timestamp": time, "Identity": who, "BoundingBox": BOX} for time, who in said])
    found = run(rekognition, "FaceSearch")
    assert timestamps(found, "FaceSearch") == [0, 100, 200]
    matches = found["Persons"][1]["FaceMatches"]
    assert len(matches) == 2  # Ann is in the collection twice
    assert matches[0]["Similarity"] >= matches[1]["Similarity"] >= 80
    by_index = run(rekognition, "FaceSearch", {"SortBy": "INDEX"})
    assert timestamps(by_index, "FaceSearch") == [0, 200, 100]
    assert [each["Person"]["Index"] for each in by_index["Persons"]] == [0, 0, 1]
    certain = run(rekognition, "FaceSearch", FaceMatchThreshold=100)["Persons"]
    assert all(match["Similarity"] == 100 for each in certain for match in each["FaceMatches"])


def test_a_face_search_without_faces_succeeds(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, faces=[])
    answer = run(rekognition, "FaceSearch")
    assert (answer["JobStatus"], answer["Persons"]) == ("SUCCEEDED", [])


def test_a_users_name_is_on_the_faces_that_are_found(rekognition: Rekognition, control: ControlApi) -> None:
    (face,) = rekognition("ListFaces", CollectionId=FACE_COLLECTION)["Faces"]
    rekognition("CreateUser", CollectionId=FACE_COLLECTION, UserId="Ann")
    rekognition("AssociateFaces", CollectionId=FACE_COLLECTION, UserId="Ann", FaceIds=[face["FaceId"]])
    (person,) = run(rekognition, "FaceSearch")["Persons"]
    assert person["FaceMatches"][0]["Face"]["UserId"] == "Ann"


# --- text and segments


def test_a_frame_has_a_hundred_words_at_most(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, text=[{"Timestamp": time, "DetectedText": " ".join(["word"] * 120)} for time in (0, 500)])
    found = run(rekognition, "TextDetection")["TextDetections"]
    words = [each["Timestamp"] for each in found if each["TextDetection"]["Type"] == "WORD"]
    assert (words.count(0), words.count(500)) == (100, 100)
    assert found[0]["TextDetection"]["Id"] == 0


def test_words_of_a_video_are_filtered(rekognition: Rekognition, control: ControlApi) -> None:
    said = [("left", 0.1, 79), ("right", 0.6, 95)]
    text = [
        {"Timestamp": 0, "DetectedText": word, "Confidence": sure, "Geometry": [left, 0.1, 0.3, 0.1]}
        for word, left, sure in said
    ]
    control.declare(FILM, text=text)

    def found(**filters: object) -> list[str]:
        answer = run(rekognition, "TextDetection", Filters=filters)
        detections = [each["TextDetection"] for each in answer["TextDetections"]]
        return [each["DetectedText"] for each in detections if each["Type"] == "WORD"]

    assert found() == ["right"]
    assert found(WordFilter={"MinConfidence": 70}) == ["left", "right"]
    left_half = {"BoundingBox": {"Left": 0, "Top": 0, "Width": 0.5, "Height": 1}}
    assert found(WordFilter={"MinConfidence": 70}, RegionsOfInterest=[left_half]) == ["left"]


SEGMENTS: list[Json] = [
    {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 2000, "ShotSegment": {"Confidence": 60}},
    {"Type": "SHOT", "StartTimestampMillis": 2000, "EndTimestampMillis": 4000, "ShotSegment": {"Confidence": 90}},
    *(
        {
            "Type": "TECHNICAL_CUE",
            "StartTimestampMillis": start_millis,
            "EndTimestampMillis": start_millis + 500,
            "TechnicalCueSegment": {"Type": kind, "Confidence": sure},
        }
        for start_millis, kind, sure in (
            (3000, "EndCredits", 95),
            (0, "ColorBars", 51),
            (100, "BlackFrames", 55),
            (200, "OpeningCredits", 99),
            (300, "StudioLogo", 99),
            (400, "Slate", 99),
            (500, "Content", 99),
        )
    ),
]


def test_segments_are_kind_by_kind_as_asked_for(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, segments=SEGMENTS)

    def found(*kinds: str, **filters: Json) -> list[tuple[str, int]]:
        answer = run(rekognition, "SegmentDetection", SegmentTypes=list(kinds), Filters=filters)
        assert [each["Type"] for each in answer["SelectedSegmentTypes"]] == list(kinds)
        assert all(each["ModelVersion"] for each in answer["SelectedSegmentTypes"])
        return [(each["Type"], each["StartTimestampMillis"]) for each in answer["Segments"]]

    shots = [("SHOT", 0), ("SHOT", 2000)]
    cues = [("TECHNICAL_CUE", time) for time in (0, 100, 200, 300, 400, 500, 3000)]
    assert found("SHOT", "TECHNICAL_CUE") == shots + cues
    assert found("TECHNICAL_CUE", "SHOT") == cues + shots
    sure = {"ShotFilter": {"MinSegmentConfidence": 90}, "TechnicalCueFilter": {"MinSegmentConfidence": 55}}
    assert found("SHOT", "TECHNICAL_CUE", **sure) == shots[1:] + cues[1:]


def test_a_segment_is_a_shot_or_a_cue(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(FILM, segments=SEGMENTS)
    answer = run(rekognition, "SegmentDetection", SegmentTypes=["SHOT", "TECHNICAL_CUE"])
    for segment in answer["Segments"]:
        own, other = "ShotSegment", "TechnicalCueSegment"
        if segment["Type"] == "TECHNICAL_CUE":
            own, other = other, own
        assert own in segment
        assert other not in segment
        assert segment["DurationMillis"] == segment["EndTimestampMillis"] - segment["StartTimestampMillis"]
    shots = [segment["ShotSegment"]["Index"] for segment in answer["Segments"] if segment["Type"] == "SHOT"]
    assert shots == [0, 1]


@pytest.mark.parametrize(
    ("rate", "end", "code", "frame"),
    [(25, 4000, "00:00:04:00", 100), (29.97, 60_060, "00:01:00;02", 1800), (30, 60_000, "00:01:00:00", 1800)],
)
def test_rates_that_drop_frames_have_a_semicolon(
    rekognition: Rekognition, control: ControlApi, rate: float, end: int, code: str, frame: int
) -> None:
    shot = {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": end}
    control.declare(FILM, video={**STREET_CONTENT["video"], "FrameRate": rate, "DurationMillis": end}, segments=[shot])
    (segment,) = run(rekognition, "SegmentDetection")["Segments"]
    assert (segment["EndTimecodeSMPTE"], segment["EndFrameNumber"]) == (code, frame)


@pytest.mark.parametrize(
    "filters",
    [
        {"TechnicalCueFilter": {"BlackFrame": {"MaxPixelThreshold": 1.1}}},
        {"TechnicalCueFilter": {"BlackFrame": {"MinCoveragePercentage": 101}}},
        {"TechnicalCueFilter": {"MinSegmentConfidence": 101}},
    ],
)
def test_a_filter_of_segments_has_its_range(rekognition: Rekognition, filters: Json) -> None:
    members = {"Video": VIDEO, "SegmentTypes": ["TECHNICAL_CUE"], "Filters": filters}
    assert rekognition.error_code("StartSegmentDetection", **members) == "InvalidParameterException"


# --- files


@pytest.mark.parametrize(("form", "name_of_form"), [("mp4", "MP4"), ("mov", "MOV"), ("avi", "AVI")])
def test_faces_of_a_film_are_seen(
    rekognition: Rekognition, control: ControlApi, astronaut: Json, form: str, name_of_form: str
) -> None:
    from tests.kit.videos import frames_of_people, video_file

    control.request("POST", "/forget", {})
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=astronaut)
    place = control.put_object("films", f"real.{form}", video_file(frames_of_people(), each=4, rate=4, form=form))
    answer = run(rekognition, "FaceSearch", Video=place)
    assert answer["JobStatus"] == "SUCCEEDED", answer.get("StatusMessage")
    metadata = answer["VideoMetadata"]
    assert (metadata["Format"], metadata["FrameWidth"], metadata["DurationMillis"]) == (name_of_form, 256, 3000)
    assert answer["Persons"]
    assert all(person["Timestamp"] < 1000 for person in answer["Persons"])
