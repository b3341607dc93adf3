"""The first example of the README."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.kit.wire import ASTRONAUT, IMAGE_FOLDER, exif_orientation, image_file, plain_image

SCRIPT = IMAGE_FOLDER.parent / "quickstart.py"


def run(*arguments: str | Path) -> str:
    command = [sys.executable, str(SCRIPT), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == ""
    return done.stdout


def close(image: Image.Image, point: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.getpixel(point)
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 16 for a, b in zip(pixel, colour, strict=True))


def test_it_prints_the_faces_and_writes_the_annotated_image(tmp_path: Path) -> None:
    output = tmp_path / "new folder" / "faces.png"
    lines = run("--output", output).splitlines()
    assert lines[0] == "astronaut.jpg, 512 x 512 pixels; faces: 1"
    assert lines[1].startswith("1: 100.0 %, left 0.348 top 0.123 width 0.177 height 0.221, HAPPY, ")
    assert re.fullmatch(r"Labels: Person [789]\d %", lines[2])
    assert lines[3] == f"Annotated image: {output}"
    with Image.open(output) as drawn, Image.open(ASTRONAUT) as photograph:
        assert drawn.size == photograph.size
        assert close(drawn, (222, 63), (230, 159, 0))
        assert close(drawn, (222, 125), (255, 255, 255))  # the nose
        assert not close(photograph, (222, 63), (230, 159, 0))


@pytest.mark.slow
def test_it_draws_on_the_upright_image(tmp_path: Path) -> None:
    lying = tmp_path / "lying.jpg"
    with Image.open(ASTRONAUT) as photograph:
        tall = photograph.crop((0, 0, 400, 512)).transpose(Image.Transpose.ROTATE_90)
    lying.write_bytes(image_file(tall, "JPEG", quality=95, exif=exif_orientation(6)))
    assert "lying.jpg, 400 x 512 pixels; faces: 1" in run(lying, "--output", tmp_path / "faces.png")
    with Image.open(tmp_path / "faces.png") as drawn:
        assert drawn.size == (400, 512)


@pytest.mark.slow
def test_it_reports_an_image_without_faces(tmp_path: Path) -> None:
    (tmp_path / "wall.png").write_bytes(image_file(plain_image()))
    lines = run(tmp_path / "wall.png", "--output", tmp_path / "faces.png").splitlines()
    assert lines == [
        "wall.png, 100 x 100 pixels; faces: 0",
        "Labels: none",
        f"Annotated image: {tmp_path / 'faces.png'}",
    ]


@pytest.mark.slow
def test_it_converts_an_image_that_the_service_would_refuse(tmp_path: Path) -> None:
    with Image.open(ASTRONAUT) as photograph:
        photograph.save(tmp_path / "own.webp")
    assert "own.webp, 512 x 512 pixels; faces: 1" in run(tmp_path / "own.webp", "--output", tmp_path / "faces.png")


@pytest.mark.parametrize("name", ["nowhere.jpg", "words.txt"])
def test_an_unreadable_image_is_reported_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "words.txt").write_text("no image")
    command = [sys.executable, str(SCRIPT), str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    line = done.stderr.splitlines()[-1]
    assert line.startswith("quickstart.py: error: rekog.images: source: ")
