"""The programs of `tests/api/programs.py`, run as they are.

Those with a client of a Region reach an emulator by the environment, as any AWS client may; what they expect in S3 is
put there before. To add a program, write it there and a test of its output here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from PIL import Image

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.models import NotificationChannel
from tests.api import programs
from tests.kit.wire import IMAGE_FOLDER

VIDEO = "s3://videos/party.mp4"
CHANNEL = NotificationChannel(
    sns_topic_arn="arn:aws:sns:eu-west-1:123456789012:jobs", role_arn="arn:aws:iam::123456789012:role/jobs"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with the examples the current one."""
    copytree(IMAGE_FOLDER, tmp_path / "examples" / "images")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve an emulator as the Region of all clients, with a video and its labels."""
    with Emulator(vision="off") as emulator, emulator.serve() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", url)
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        emulator.put_object("videos", "party.mp4", b"")
        labels = [{"Timestamp": at, "Name": name} for at, name in ((0, "Balloon"), (1500, "Person"))]
        emulator.declare(VIDEO, labels=labels)
        yield emulator


def test_faces_are_printed_and_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs.faces()
    assert capsys.readouterr().out == "100.0 % PixelBox(left=178, top=62, right=269, bottom=176)\n"
    with Image.open(folder / "faces.png") as drawn:
        assert drawn.size == (512, 512)


@pytest.mark.usefixtures("emulator")
def test_a_video_is_analysed(capsys: pytest.CaptureFixture[str]) -> None:
    programs.video()
    started, waited, *found = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"started [0-9a-f]{64}", started)
    assert waited == "0 s: success"
    assert found == ["0.0 s Balloon", "1.5 s Person"]


@pytest.fixture
def card(folder: Path, emulator: Emulator) -> None:
    """Make an image with declared labels and text, in the folders that the programs name."""
    for name in ("photos/sub/card.jpg", "pages/card.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True)
        Image.new("RGB", (120, 90), "navy").save(path)
        emulator.declare(path, labels=["Card"], text=["WELCOME ABOARD"])


@pytest.mark.usefixtures("card")
def test_a_folder_of_images_is_analysed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "photos" / "broken.jpg").write_bytes(b"no image")
    programs.many_images()
    *lines, total = capsys.readouterr().out.splitlines()
    found = dict(line.replace("\\", "/").split(maxsplit=1) for line in lines)
    assert found.pop("photos/broken.jpg").startswith("failed: ")
    assert found == {"photos/sub/card.jpg": "['Card']"}
    assert total == "2 done, 1 failed"


@pytest.mark.usefixtures("card")
def test_the_text_of_pages_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    programs.many_pages()
    name, found = capsys.readouterr().out.split(maxsplit=1)
    assert name.replace("\\", "/") == "pages/card.jpg"
    assert found == "['WELCOME ABOARD', 'WELCOME', 'ABOARD']\n"


def test_a_person_is_enrolled_and_identified(capsys: pytest.CaptureFixture[str]) -> None:
    programs.people()
    assert capsys.readouterr().out == "1 face, rejected: []\ngrace 100.0\n"


def test_a_lambda_function_prints_the_results_of_a_notification(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    with RekognitionClient("eu-west-1") as client:
        client.jobs.start_label_detection(VIDEO, notification_channel=CHANNEL).wait()
    envelope = {"Message": json.dumps(dict(emulator.notifications[0].message))}
    programs.function({"Records": [{"EventSource": "aws:sns", "Sns": envelope}]})
    assert [line.split("'")[1] for line in capsys.readouterr().out.splitlines()] == ["Balloon", "Person"]
