"""The class `Emulator`: what it passes on, and the warnings and errors that name the caller's own line."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Durations, Emulator, ManualClock, declarations
from rekog.emulator import emulator as module
from rekog.emulator.vision import Vision
from rekog.errors import RekogWarning
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from pathlib import Path

CAPABILITIES = [
    "faces", "labels", "text", "moderation", "content_types", "ppe", "celebrities", "custom_labels", "persons",
    "segments", "video", "audio",
]  # fmt: skip


# --- Arguments ----------------------------------------------------------------------------------------------------


def test_each_argument_is_checked_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class CheckedError(Exception):
        pass

    seen: list[dict[str, object]] = []

    def check(**arguments: object) -> None:
        seen.append(arguments)
        raise CheckedError

    monkeypatch.setattr(module, "check_arguments", check)
    names = [name for name in inspect.signature(Emulator).parameters if name not in ("limits", "durations")]
    given: dict[str, Any] = {name: f"the {name}" for name in names}
    with pytest.raises(CheckedError):
        Emulator(**given)
    assert seen == [given]


class Detector:
    """Every detector and reader in one object, which is never called."""

    def __init__(self, name: str) -> None:
        self.name = name

    def detect(self) -> None:
        """Detect nothing."""

    embed = analyse = facts = frames = detect


def test_detectors_and_readers_replace_the_built_in_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, object]] = []
    original: Any = Vision

    def vision(**arguments: object) -> object:
        seen.append(arguments)
        return original(**arguments)

    monkeypatch.setattr(module, "Vision", vision)
    names = [
        "face_detector", "face_embedder", "label_detector", "text_detector", "video_reader", "moderation_detector",
        "person_detector", "face_analyser",
    ]  # fmt: skip
    given: dict[str, Any] = {name: Detector(name) for name in names}
    Emulator(vision="off", **given).close()
    Emulator().close()
    assert seen == [{"switch": "off", **given}, {"switch": "on", **dict.fromkeys(names)}]


def test_each_part_of_an_emulator_gets_its_argument(tmp_path: Path) -> None:
    clock = ManualClock(1000)
    (tmp_path / "root" / "b").mkdir(parents=True)
    (tmp_path / "root" / "b" / "k").write_bytes(b"file")
    notes: list[object] = []
    with Emulator(
        clock=clock, region="eu-west-1", account="1" * 12, data=tmp_path / "data", s3_root=tmp_path / "root",
        notify=notes.append, limits={"collections": 1}, durations={"job": 2},
        validation_code="InvalidParameterException",
    ) as emulator:  # fmt: skip
        assert (emulator.clock, emulator.durations) == (clock, Durations(job=2))
        assert emulator.get_object("b", "k") == b"file"
        wire = WireClient(emulator)
        created = wire("CreateCollection", CollectionId="a")
        assert created.body["CollectionArn"] == f"aws:rekognition:eu-west-1:{'1' * 12}:collection/a"
        assert wire("CreateCollection", CollectionId="b").refusal[0] == "ServiceQuotaExceededException"
        assert wire("CreateCollection").refusal[0] == "InvalidParameterException"
        assert [(call.region, call.account, call.time) for call in emulator.calls] == [
            ("eu-west-1", "1" * 12, 1000)
        ] * 3
    assert (tmp_path / "data" / "state.sqlite3").is_file()


# --- Declarations -------------------------------------------------------------------------------------------------


def test_each_capability_is_declared_under_its_own_name(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def checked(content: dict[str, object]) -> dict[str, object]:
        seen.append(content)
        return {}

    monkeypatch.setattr(declarations, "checked", checked)
    given: dict[str, Any] = {name: [f"a {name}"] for name in CAPABILITIES}
    emulator.declare("s3://b/k", **given)
    emulator.declare("s3://b/k")
    assert seen == [given, dict.fromkeys(CAPABILITIES)]


def test_a_ratio_in_place_of_a_percentage_is_a_warning_of_the_callers_line(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "content.toml"
    file.write_text('[[declare]]\nof = "s3://b/k"\nlabels = [["Cat", 0.9]]\n')
    session = WireClient(emulator)("CreateFaceLivenessSession").body["SessionId"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        emulator.declare("s3://b/k", labels=[("Cat", 0.9)])
        emulator.declare_document({"declare": [{"of": "s3://b/k", "labels": [["Cat", 0.9]]}]})
        emulator.declare_file(file)
        emulator.declare_liveness(session, confidence=0.9)
        emulator.declare("s3://b/k", labels=[("Cat", 90)])
        emulator.declare_document({"declare": [{"of": "s3://b/k", "labels": [["Cat", 90]]}]})
    path = "declare[0].labels[0].Confidence"
    texts = [str(each.message) for each in caught]
    remedy = texts[0].removeprefix("labels[0].Confidence: ")
    assert remedy.startswith("0.9 is 0.9 percent")
    starts = ["labels[0].Confidence", path, f"{file}: {path}", "confidence"]
    assert texts == [f"{start}: {remedy}" for start in starts]
    assert {(each.category, each.filename) for each in caught} == {(RekogWarning, __file__)}


def test_a_recording_keeps_its_small_confidences(emulator: Emulator, tmp_path: Path) -> None:
    document = '{"recorded": true, "declare": [{"of": "s3://b/k", "labels": [{"Name": "Cat", "Confidence": 0.9}]}]}'
    (tmp_path / "content.json").write_text(document)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        emulator.declare_file(tmp_path / "content.json")


def test_one_image_of_a_celebrity_may_be_given_without_a_list(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rekog.emulator.handlers.celebrities import enrolment

    seen: list[object] = []

    def add(_context: object, name: str, images: object, **more: object) -> str:
        seen.append((name, images, more))
        return "id"

    monkeypatch.setattr(enrolment, "add_celebrity", add)
    none = {"celebrity_id": None, "urls": (), "gender": None}
    every: dict[str, Any] = {"urls": ["u"], "gender": "Female"}
    for image in (b"1", "s3://b/k", tmp_path):
        assert emulator.add_celebrity("Ada", image) == "id"
        assert emulator.add_celebrity("Ada", [image, image], id="a1", **every) == "id"
        assert seen[-2:] == [("Ada", [image], none), ("Ada", [image, image], {"celebrity_id": "a1", **every})]
    buffers: list[Any] = [bytearray(b"1"), memoryview(b"1")]
    for buffer in buffers:
        emulator.add_celebrity("Ada", buffer)
        assert seen[-1] == ("Ada", [b"1"], none)


# --- State --------------------------------------------------------------------------------------------------------


def test_a_missing_object_is_named(emulator: Emulator) -> None:
    emulator.put_object("b", "k", b"1")
    for key, version in (("other", None), ("k", "other")):
        with pytest.raises(LookupError) as caught:
            emulator.get_object("b", key, version)
        assert caught.value.args == (f"there is no object {key!r} in bucket 'b'",)


def test_a_reset_deletes_one_region_of_an_account_or_everything() -> None:
    def lists(emulator: Emulator) -> list[list[str]]:
        return [
            WireClient(emulator, region)("ListCollections").body["CollectionIds"]
            for region in ("eu-west-1", "us-east-1")
        ]

    with Emulator() as emulator:
        for region in ("eu-west-1", "us-east-1"):
            WireClient(emulator, region)("CreateCollection", CollectionId="a")
        emulator.put_object("b", "k", b"1")
        emulator.faults.add("detect_faces", error="ThrottlingException")
        emulator.reset(account="1" * 12, region="us-east-1")
        assert lists(emulator) == [["a"], ["a"]]
        emulator.reset(account="123456789012", region="us-east-1")
        assert lists(emulator) == [["a"], []]
        emulator.reset(region="eu-west-1")
        assert lists(emulator) == [[], []]
        assert (len(emulator.faults), len(emulator.calls) > 0, emulator.get_object("b", "k")) == (1, True, b"1")
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
            emulator.reset(account="123456789012")
        assert str(caught.value) == "account requires a region; without both, reset deletes everything"
        emulator.reset()
        assert (len(emulator.faults), len(emulator.calls)) == (0, 0)
        with pytest.raises(LookupError):
            emulator.get_object("b", "k")


def test_a_host_name_is_a_name_of_the_server_beside_the_given_ones(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    from rekog.emulator.serving import server

    def asgi(self: Emulator, **arguments: object) -> str:
        return f"{arguments}"

    monkeypatch.setattr(Emulator, "asgi", asgi)

    def serving(*arguments: object) -> None:
        seen.append(arguments)

    monkeypatch.setattr(server, "serving", serving)
    emulator.serve()
    emulator.serve("emulator.example.com", 5, cors=["http://x"], allow_hosts=["y"])
    emulator.serve("0.0.0.0", 5, allow_hosts=["y"])
    named: dict[str, object] = {"cors": ["http://x"], "allow_hosts": ["y", "emulator.example.com"]}
    assert seen == [
        (str({"cors": (), "allow_hosts": ()}), "127.0.0.1", 0),
        (str(named), "emulator.example.com", 5),
        (str({"cors": (), "allow_hosts": ["y"]}), "0.0.0.0", 5),
    ]
