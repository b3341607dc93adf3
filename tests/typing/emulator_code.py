"""User code over the emulator's public names and the helpers for tests, which both type checkers must accept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, assert_type

import httpx
import httpx2
import numpy as np
from PIL import Image

from rekog import AsyncRekognitionClient, RekognitionClient, errors
from rekog.emulator import (
    AgeEstimate,
    AnalysedFace,
    AudioFacts,
    Box,
    Call,
    Calls,
    Corners,
    DecodedImage,
    DetectedFace,
    DetectedLabel,
    DetectedModeration,
    DetectedPerson,
    Emulator,
    EmulatorTransport,
    FaceAnalyser,
    FaceDetector,
    FaceEmbedder,
    Fault,
    Faults,
    Frame,
    GazeEstimate,
    GenderEstimate,
    KeyPoint,
    KeyPoints,
    LabelBox,
    LabelDetector,
    Landmarks,
    ModerationDetector,
    Notification,
    NotificationSink,
    PersonDetector,
    Point,
    StateError,
    StreamFrame,
    TextLine,
    TextWord,
    TruthError,
    Verdict,
    VideoFacts,
    VideoReader,
    pack_embedding,
)
from rekog.models import Attribute, DetectLabelsResponse, EmotionName, FaceDetail, GenderType, LandmarkType
from rekog.testing import answer_of, partial_model


class Detector:
    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        point = Point(image.width / 2, 1)
        box = Box(left=0, top=0, width=10, height=10)
        return [DetectedFace(box=box, confidence=0.9, landmarks=Landmarks(point, point, point, point, point))]

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        return pack_embedding(image.crop(face.box).pixels(8, 16).mean(axis=2).astype(np.float64))


class Labeller:
    def detect(self, image: DecodedImage) -> Sequence[DetectedLabel]:
        return [DetectedLabel(name="Cat", confidence=0.9, boxes=[LabelBox(box=Box(0, 0, 9, 9), confidence=0.8)])]


class TextReader:
    def detect(self, image: DecodedImage) -> Sequence[TextLine]:
        right = Point(image.width, 0)
        outline = Corners(Point(0, 0), right, bottom_right=right, bottom_left=Point(0, 0))
        word = TextWord(text="EXIT", confidence=0.9, corners=outline)
        return [TextLine(text=word.text, confidence=word.confidence, corners=outline, words=[word])]


class Persons:
    def detect(self, image: DecodedImage) -> list[DetectedPerson]:
        point = KeyPoint(image.width / 2, 1, confidence=0.5)
        return [DetectedPerson(Box(0, 0, 10, 10), confidence=0.9, key_points=KeyPoints(*[point] * 17))]


class Moderation:
    def detect(self, image: DecodedImage) -> list[DetectedModeration]:
        return [DetectedModeration("Weapons", confidence=0.9)] if image.width > 10 else []


class Analyser:
    def analyse(self, image: DecodedImage, face: DetectedFace, attributes: Collection[str]) -> AnalysedFace:
        return AnalysedFace(
            landmarks={LandmarkType.NOSE_LEFT: Point(1, 2)},
            age_range=AgeEstimate(20, 30),
            gender=GenderEstimate(GenderType.FEMALE, 0.9),
            emotions={EmotionName.HAPPY: 1.0},
            eye_direction=GazeEstimate(0.0, 1.0, 0.5),
            smile=Verdict(value=True, confidence=0.9) if Attribute.SMILE in attributes else None,
        )


class Reader:
    def facts(self, file: BinaryIO) -> VideoFacts | None:
        sound = AudioFacts(codec="aac", duration_millis=1000, sample_rate=44100, channels=2)
        return VideoFacts(
            codec="h264", duration_millis=1000, format="MP4", frame_rate=25.0, width=64, height=64, audio=[sound]
        )

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        yield Frame(0, DecodedImage(Image.new("RGB", (64, 64))))

    def every_frame(self, file: BinaryIO) -> Iterator[StreamFrame]:
        yield from ()


def deliver(notification: Notification) -> None:
    print(notification.topic_arn, notification.text)


def emulate() -> None:
    detector: FaceDetector = Detector()
    embedder: FaceEmbedder = Detector()
    labeller: LabelDetector = Labeller()
    persons: PersonDetector = Persons()
    moderation: ModerationDetector = Moderation()
    reader: VideoReader = Reader()
    analyser: FaceAnalyser = Analyser()
    sink: NotificationSink = deliver
    with Emulator(
        face_detector=detector,
        face_embedder=embedder,
        face_analyser=analyser,
        label_detector=labeller,
        text_detector=TextReader(),
        moderation_detector=moderation,
        person_detector=persons,
        video_reader=reader,
        notify=sink,
    ) as emulator:
        assert_type(emulator.transport(), EmulatorTransport)
        httpx.Client(transport=emulator.transport())
        httpx.AsyncClient(transport=emulator.transport())
        httpx2.Client(transport=emulator.transport())
        httpx2.AsyncClient(transport=emulator.transport())
        RekognitionClient("eu-west-1", transport=emulator.transport())
        AsyncRekognitionClient("eu-west-1", transport=emulator.transport())
        request, other = httpx.Request("POST", "http://emulator/"), httpx2.Request("POST", "http://emulator/")
        assert_type(emulator.transport().handle_request(request), httpx.Response)
        assert_type(emulator.transport().handle_request(other), httpx2.Response)
        assert_type(emulator.faults, Faults)
        assert_type(emulator.faults.add("detect_faces", calls=[1], error=errors.ThrottlingException), Fault)
        emulator.faults.add(error=errors.ThrottlingException("slow"))
        emulator.faults.add(error="NewException", reset="after")
        assert_type(emulator.calls, Calls)
        assert_type(emulator.calls.of("detect_faces"), Sequence[Call])
        assert_type([(call.account, call.region) for call in emulator.calls], list[tuple[str, str]])
        emulator.add_celebrity("Ann", [b"...", "ann.jpg"], urls=["example.com"])
        try:
            emulator.declare("s3://photos/cat.jpg", labels=[("Cat", 90)])
        except TruthError as error:
            assert_type(error.problems, list[str])
        except StateError as error:
            print(error.message)


def double(wire: Mapping[str, object]) -> None:
    assert_type(answer_of(DetectLabelsResponse, wire), DetectLabelsResponse)
    assert_type(answer_of("DetectLabels", wire), Any)
    assert_type(partial_model(FaceDetail, confidence=9.0), FaceDetail)


def fixtures(
    rekog_emulator: Emulator, rekog_session_emulator: Emulator, rekog_client: RekognitionClient, rekog_endpoint: str
) -> None:
    rekog_emulator.restore("people")
    rekog_session_emulator.reset()
    rekog_client.list_collections()
