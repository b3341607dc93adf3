"""Drawings of results, and images converted before a call."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rekog.command import drawing
from tests.kit.backends import Scripted, json_reply
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]
PHOTO = Path("examples/images/astronaut.jpg")
BOX = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}
FACES: dict[str, Any] = {"FaceDetails": [{"BoundingBox": BOX, "Confidence": 99.0}]}
COMPARED: dict[str, Any] = {"SourceImageFace": FACES["FaceDetails"][0], "FaceMatches": []}


def changed_area(path: Path, original: Image.Image) -> bool:
    """Tell whether a drawing differs from its original."""
    with Image.open(path) as drawn:
        assert drawn.size == original.size
        return drawn.convert("RGB").tobytes() != original.convert("RGB").tobytes()


def test_a_drawing_shows_the_results_on_the_image(run: Run, service: Service, tmp_path: Path) -> None:
    service(json_reply(FACES))
    path = tmp_path / "faces.png"
    done = run("detect-faces", PHOTO, "--draw", path)
    assert (done.status, done.err) == (0, f"wrote {path}\n")
    with Image.open(PHOTO) as original:
        assert changed_area(path, original)


def test_a_drawing_does_not_replace_its_image(run: Run, service: Service, tmp_path: Path) -> None:
    service()
    image = tmp_path / "image.png"
    image.write_bytes(content := image_file(plain_image(200, 100)))
    done = run("detect-faces", image, "--draw", tmp_path / ".." / tmp_path.name / "image.png")
    assert (done.status, image.read_bytes()) == (2, content)
    assert "is the image itself: give another file" in done.err


def test_a_drawing_that_cannot_be_written_costs_no_response(
    run: Run, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    service(json_reply(FACES))
    monkeypatch.setattr(Image.Image, "save", fail)
    done = run("detect-faces", PHOTO, "--draw", tmp_path / "faces.png", "--json")
    assert (done.status, done.err) == (1, "error: No space left on device\n")
    assert '"FaceDetails"' in done.out


def test_an_image_from_the_standard_input_can_be_drawn_on(
    run: Run, service: Service, tmp_path: Path, piped: Callable[[bytes], None]
) -> None:
    service(json_reply(FACES))
    image = plain_image(200, 100)
    piped(image_file(image))
    assert run("detect-faces", "-", "--draw", tmp_path / "faces.png").status == 0
    assert changed_area(tmp_path / "faces.png", image)


@pytest.mark.parametrize(("side", "changed"), [("source", True), ("target", False)])
def test_a_comparison_has_two_sides(run: Run, service: Service, tmp_path: Path, side: str, changed: bool) -> None:
    service(json_reply(COMPARED))
    image = plain_image(200, 100)
    source = tmp_path / "image.png"
    source.write_bytes(image_file(image))
    path = tmp_path / "drawn.png"
    assert run("compare-faces", source, source, "--draw", path, "--draw-side", side).status == 0
    assert changed_area(path, image) is changed


@pytest.mark.parametrize(
    ("image", "path", "error"),
    [
        ("s3://photos/cat.jpg", "faces.png", "--draw needs a local image"),
        ('{"S3Object": {"Bucket": "photos", "Name": "cat.jpg"}}', "faces.png", "--draw needs a local image"),
        ("cat.jpg", "faces.gif", "--draw: 'faces.gif' must end in .png, .jpg, .jpeg or .webp"),
        ("cat.jpg", "no/faces.png", "--draw: there is no folder 'no'"),
    ],
)
def test_what_cannot_be_drawn_is_an_error_before_the_call(
    run: Run, service: Service, image: str, path: str, error: str
) -> None:
    scripted = service()
    done = run("detect-faces", image, "--draw", path)
    assert done.status == 2
    assert error in done.err
    assert scripted.sent == []


def test_without_pillow_a_drawing_is_an_error_before_the_call(
    run: Run, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted = service()

    def not_found(_name: str) -> None:
        """Find no module."""

    monkeypatch.setattr(drawing, "find_spec", not_found)
    done = run("detect-faces", PHOTO, "--draw", "faces.png")
    assert (done.status, scripted.sent) == (2, [])
    assert "--draw needs Pillow: pip install '.[images]'" in done.err


def test_fit_converts_local_images(run: Run, service: Service, tmp_path: Path) -> None:
    scripted = service(json_reply(FACES))
    path = tmp_path / "image.webp"
    plain_image(200, 100).save(path)
    assert "a WebP file; the service reads JPEG and PNG only: --fit converts it" in run("detect-faces", path).err
    assert run("detect-faces", path, "--fit").status == 0
    assert run("detect-faces", "s3://photos/cat.webp", "--fit").status == 0
    assert [next(iter(sent.wire["Image"])) for sent in scripted.sent] == ["Bytes", "S3Object"]
