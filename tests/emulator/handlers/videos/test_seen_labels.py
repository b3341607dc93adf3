"""Label jobs without a declaration: the labels of the frames."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from rekog.emulator import Emulator
from tests.kit.photographs import photograph
from tests.kit.videos import VIDEO, put_video, run_job, video_file
from tests.kit.wire import WireClient, plain_image


def frame(name: str) -> Image.Image:
    with Image.open(io.BytesIO(photograph(name))) as image:
        return image.convert("RGB").resize((400, 300))


@pytest.mark.slow
def test_the_labels_of_each_moment_are_those_of_its_frame(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, video_file([frame("cat"), plain_image(400, 300), frame("motorcycle")], each=10))
    start = wire("StartLabelDetection", Video=VIDEO).body
    found = wire("GetLabelDetection", **start).body["Labels"]
    names: dict[int, list[str]] = {}
    for entry in found:
        names.setdefault(entry["Timestamp"], []).append(entry["Label"]["Name"])
    assert {time: "Cat" in listed for time, listed in names.items() if time < 900} == {0: True, 500: True}
    assert {time: "Motorcycle" in listed for time, listed in names.items() if time >= 2000} == {2000: True, 2500: True}
    assert all(listed == sorted(listed) for listed in names.values())
    cat = next(entry["Label"] for entry in found if entry["Label"]["Name"] == "Cat")
    assert len(cat["Instances"]) == 1
    assert cat["Categories"] == [{"Name": "Animals and Pets"}]

    stretches = wire("GetLabelDetection", **start, AggregateBy="SEGMENTS").body["Labels"]
    spans = {
        entry["Label"]["Name"]: (entry["StartTimestampMillis"], entry["EndTimestampMillis"]) for entry in stretches
    }
    assert (spans["Cat"], spans["Motorcycle"]) == ((0, 500), (2000, 2500))


def test_without_the_networks_the_job_of_an_undeclared_video_fails() -> None:
    with Emulator(vision="off") as emulator:
        put_video(emulator, video_file([plain_image(400, 300)]))
        response = run_job(WireClient(emulator), "LabelDetection")
    assert response["JobStatus"] == "FAILED"
    assert "labels=[...]" in response["StatusMessage"]
