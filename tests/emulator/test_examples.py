"""The programs in `examples/`, which run unchanged; `quickstart.py` and `people.py` have tests of their own."""

from __future__ import annotations

import csv
import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.kit.wire import IMAGE_FOLDER

FOLDER = IMAGE_FOLDER.parent
PROGRAMS = {path.stem: path for path in FOLDER.glob("*.py")}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines_of(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run a program in this process, and return the lines that it prints."""
    monkeypatch.setattr(sys, "argv", [str(PROGRAMS[name])])
    runpy.run_path(str(PROGRAMS[name]), run_name="__main__")
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_an_example_is_short(name: str) -> None:
    assert len(PROGRAMS[name].read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.slow
def test_fit_sends_images_in_other_formats(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_of("fit", capsys, monkeypatch)
    assert lines[0].startswith("image: is a WebP file; the service reads JPEG and PNG only: rekog.images.fit(image)")
    assert [line.rpartition(", ")[2].rpartition(": ")[2] for line in lines[1:]] == ["1 face"] * 4
    assert [line.split(", ")[1] for line in lines[1:3]] == ["512 x 512", "2000 x 2000"]


@pytest.mark.slow
def test_rows_writes_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    lines = lines_of("rows", capsys, monkeypatch)
    tables: dict[str, list[dict[str, str]]] = {}
    for name in ("faces", "labels"):
        with (folder / "output" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            tables[name] = list(csv.DictReader(file))
    assert [row["image"] for row in tables["faces"]] == ["astronaut.jpg", "grace_hopper.jpg"]
    assert [row["smile"] for row in tables["faces"]] == ["True", "False"]
    assert {"Person"} <= {row["name"] for row in tables["labels"]}
    assert lines[0] == f"{Path('output/labels.csv')}: {len(tables['labels'])} rows"
    assert lines[2].split()[::5] == ["astronaut.jpg", "HAPPY"]


@pytest.mark.slow
def test_draw_writes_images(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    lines = lines_of("draw", capsys, monkeypatch)
    sizes: dict[str, tuple[int, int]] = {}
    for path in (folder / "output").iterdir():
        with Image.open(path) as image:
            sizes[path.stem] = image.size
    assert len(lines) == len(sizes) == 6
    assert (sizes["faces"], sizes["comparison-target"]) == ((512, 512), (800, 400))
    assert sizes["face-1"][0] < 200


def test_jobs_prints_the_results_of_a_job_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = lines_of("jobs", capsys, monkeypatch)
    assert lines[-4:] == ["0.0 s: Car", "0.5 s: Person", "2.5 s: Car", "SUCCEEDED label_detection ['Car', 'Person']"]
    assert {line.partition(": ")[2] for line in lines[:-4]} == {"waiting", "success"}
