"""`rekog bulk`: an operation over many images."""

from __future__ import annotations

import base64
import csv
import errno
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rekog.bulk import BulkRun
from rekog.command.progress import Progress
from rekog.models import S3Object
from tests.kit.backends import PNG, Scripted, Sent, error_reply, json_reply
from tests.kit.servers import until
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]

TIMEOUT = 60

LABELS = json_reply({"Labels": [{"Name": "Cat", "Confidence": 99.0}]})
REFUSED = error_reply("InvalidImageFormatException", "Not an image.")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder with two images and another file."""
    folder = tmp_path / "photos"
    (folder / "2026").mkdir(parents=True)
    for name in ("a.png", "2026/b.PNG"):
        (folder / name).write_bytes(PNG + name.encode())
    (folder / "notes.txt").write_text("no image")
    return folder


def refusing(sent: Sent) -> Any:
    """Refuse the image that ends in `b.PNG`."""
    return REFUSED if base64.b64decode(sent.wire["Image"]["Bytes"]).endswith(b"b.PNG") else LABELS


def test_a_wrong_command_or_file_is_a_usage_error(run: Run, photos: Path) -> None:
    done = run("bulk", "detect-labels", photos, "--output", "labels.xml")
    assert done.status == 2
    assert "--output: 'labels.xml' must end in .jsonl or .csv" in done.err
    for name, text in (("--checkpoint", "the checkpoint"), (None, "the list of images")):
        path = photos / "run.jsonl"
        path.write_text("kept")
        words = [photos, name, path] if name else [path]
        done = run("bulk", "detect-labels", *words, "--output", photos / ".." / "photos" / "run.jsonl")
        assert (done.status, path.read_text()) == (2, "kept")
        assert f"is {text} too: give another file" in done.err
    assert "there is no command 'list-faces'" in run("bulk", "list-faces").err
    assert "Missing option '--collection-id'" in run("bulk", "index-faces", photos).err


def test_the_help_lists_the_operations_on_images(run: Run) -> None:
    assert "recognize-celebrities" in run("bulk", "--help").out
    assert "--source-image" in (text := run("bulk", "compare-faces", "--help").out)
    assert "--target-image" not in text


def test_rows_name_the_image(run: Run, service: Service, photos: Path) -> None:
    service(LABELS)
    done = run("bulk", "detect-labels", photos, "--max-labels", 5, "--format", "csv", "--concurrency", 1)
    rows = list(csv.DictReader(done.out.splitlines()))
    assert (done.status, [row["name"] for row in rows]) == (0, ["Cat", "Cat"])
    assert sorted(row["key"] for row in rows) == sorted(str(photos / name) for name in ("a.png", "2026/b.PNG"))
    assert done.err.startswith("2 images, 0 failed, ")


@pytest.mark.parametrize("to_file", [True, False])
def test_json_has_an_object_for_each_image_and_failures_have_their_own_status(
    run: Run, service: Service, photos: Path, tmp_path: Path, to_file: bool
) -> None:
    service(refusing)
    path = tmp_path / "labels.jsonl"
    words = ["--output", path] if to_file else ["--json"]
    done = run("bulk", "detect-labels", photos, *words)
    lines = (path.read_text() if to_file else done.out).splitlines()
    found = {Path(line["key"]).name: line for line in map(json.loads, lines)}
    assert found["a.png"]["answer"]["Labels"][0]["Name"] == "Cat"
    assert "Not an image." in found["b.PNG"]["error"]
    assert done.status == 5
    assert "failed: " in done.err
    assert done.err.endswith("error: 1 of 2 images failed\n")


def test_a_csv_file_has_rows_and_errors(run: Run, service: Service, photos: Path, tmp_path: Path) -> None:
    service(refusing)
    path = tmp_path / "labels.csv"
    assert run("bulk", "detect-labels", photos, "-o", path).status == 5
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert sorted(row["name"] for row in rows) == ["", "Cat"]


def test_a_table_shows_rows_and_errors(run: Run, service: Service, photos: Path) -> None:
    service(refusing)
    header, *rows = run("bulk", "detect-labels", photos).out.splitlines()
    assert header.split("\t")[:3] == ["key", "error", "name"]
    assert sorted(row.split("\t")[2] for row in rows) == ["", "Cat"]


def test_a_run_continues_from_its_checkpoint(run: Run, service: Service, photos: Path, tmp_path: Path) -> None:
    scripted = service(LABELS)
    words = ["bulk", "detect-labels", photos, "--checkpoint", tmp_path / "run.jsonl"]
    run(*words)
    done = run(*words)
    assert done.err.startswith("2 images, 0 failed, 2 from the checkpoint, ")
    assert len(scripted.sent) == 2


def test_fit_takes_images_of_other_formats_and_without_it_they_are_counted(
    run: Run, service: Service, tmp_path: Path
) -> None:
    for name in ("a.webp", "b.GIF", "c.png", "notes.txt"):
        (tmp_path / name).write_bytes(image_file(plain_image(), "PNG"))
    service(LABELS)
    done = run("bulk", "detect-labels", tmp_path)
    note, result = done.err.splitlines()
    assert note == "left out: 2 images of formats that the service does not read; --fit converts"
    assert result.startswith("1 images, 0 failed, ")
    done = run("bulk", "detect-labels", tmp_path, "--fit")
    assert done.err.startswith("3 images, 0 failed, ")


def test_sources_are_a_pattern_or_a_manifest(run: Run, service: Service, photos: Path, tmp_path: Path) -> None:
    service(LABELS)
    manifest = tmp_path / "images.txt"
    manifest.write_text(f"{photos / 'a.png'}\ns3://photos/cat.jpg\n")
    assert run("bulk", "detect-labels", photos, "--pattern", "2026/*").err.startswith("1 images")
    assert run("bulk", "detect-labels", manifest).err.startswith("2 images")
    assert run("bulk", "detect-labels", tmp_path / "none").status == 2


def test_a_prefix_in_s3_is_listed(run: Run, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(url: str) -> list[S3Object]:
        return [S3Object(bucket="photos", name=url[-5:])]

    scripted = service(LABELS)
    monkeypatch.setattr("rekog.bulk.s3_prefix", listed)
    assert run("bulk", "detect-labels", "s3://photos/a.jpg").err.startswith("1 images")
    assert scripted.sent[0].wire["Image"]["S3Object"]["Name"] == "a.jpg"


@pytest.mark.parametrize(
    ("kind", "expected"), [("name", ["a.png", "c.d.jpg"]), ("stem", ["a", "c.d"]), (None, [None] * 2)]
)
def test_indexed_faces_have_the_name_of_the_file(
    run: Run, service: Service, photos: Path, tmp_path: Path, kind: str | None, expected: list[str | None]
) -> None:
    scripted = service(json_reply({"FaceRecords": []}))
    manifest = tmp_path / "images.txt"
    manifest.write_text(f"{photos / 'a.png'}\ns3://photos/2026/c.d.jpg\n")
    ids = [] if kind is None else ["--external-image-id", kind]
    done = run("bulk", "index-faces", manifest, "--collection-id", "staff", "--concurrency", 1, *ids)
    assert done.status == 0, done.err
    assert [sent.wire.get("ExternalImageId") for sent in scripted.sent] == expected


def test_a_run_shows_its_progress_and_lists_few_failures(
    run: Run, service: Service, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[tuple[str, object]] = []

    def record(_: Progress, text: str, *, done: float, total: int) -> None:
        assert done <= total
        texts.append((text, total))

    monkeypatch.setattr(Progress, "update", record)
    service(REFUSED)
    for number in range(5):
        shutil.copy(photos / "a.png", photos / f"{number}.png")
    done = run("bulk", "detect-labels", photos, "--concurrency", 1)
    assert texts[0] == ("detect-labels: 1/7, 1 failed", 7)
    assert texts[-1] == ("detect-labels: 7/7, 7 failed", 7)
    assert done.err.count("failed: ") == 5
    assert "and 2 more\n" in done.err


@pytest.fixture
def interruptible() -> Generator[None]:
    """Set the usual handler of Ctrl-C: a background job of a shell ignores it."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, found)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("concurrency", "calls"), [(1, "1 call"), (2, "2 calls")])
def test_ctrl_c_names_the_calls_that_the_command_waits_for(
    run: Run, service: Service, photos: Path, monkeypatch: pytest.MonkeyPatch, concurrency: int, calls: str
) -> None:
    arrived, stopped = threading.Barrier(concurrency), threading.Event()

    async def join(waiting: object) -> None:
        stopped.set()
        await usual(waiting)

    def interrupting(_sent: Sent) -> Any:
        if arrived.wait(TIMEOUT) == 0:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert stopped.wait(TIMEOUT)
        return LABELS

    usual: Any = vars(BulkRun)["_join"]  # the run starts no further call then
    monkeypatch.setattr(BulkRun, "_join", join)
    scripted = service(interrupting)
    checkpoint = photos / "run.jsonl"
    done = run("bulk", "detect-labels", photos, "--checkpoint", checkpoint, "--concurrency", concurrency)
    assert done == (130, "", f"waiting for {calls} under way; press Ctrl-C again to stop at once\n")
    assert len(checkpoint.read_text().splitlines()) - 1 == len(scripted.sent) == concurrency


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_has_its_status_without_a_standard_error(
    run: Run, service: Service, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silenced: list[object] = []

    def full(_text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def interrupting(_sent: Sent) -> Any:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert until(lambda: bool(silenced))
        return LABELS

    monkeypatch.setattr("rekog.command.groups.bulk.note", full)
    monkeypatch.setattr("rekog.command.groups.bulk.silence", silenced.append)
    service(interrupting)
    assert run("bulk", "detect-labels", photos, "--concurrency", 1).status == 130


def test_ctrl_c_before_the_first_call_is_quiet(run: Run, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    class Listed:
        def __init__(self, _url: str) -> None:
            pass

        def __iter__(self) -> Iterator[S3Object]:
            raise KeyboardInterrupt

    service(LABELS)
    monkeypatch.setattr("rekog.bulk.s3_prefix", Listed)
    assert run("bulk", "detect-labels", "s3://photos", "--json") == (130, "", "")


def test_too_many_failures_end_the_run(run: Run, service: Service, photos: Path) -> None:
    service(REFUSED)
    done = run("bulk", "detect-labels", photos, "--max-failures", 0, "--concurrency", 1)
    assert done.status == 1
    assert "max_failures is 0" in done.err
