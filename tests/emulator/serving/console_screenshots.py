"""Take screenshots of the console in light and dark colours and on a narrow screen.

Run it as `python -m tests.emulator.serving.console_screenshots [FOLDER]`; the folder is examples/output by default.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from rekog import RekognitionClient, ServiceError
from rekog.emulator import Emulator, ManualClock
from tests.kit.browser import browser
from tests.kit.wire import ASTRONAUT, HOPPER

if TYPE_CHECKING:
    from tests.kit.browser import Browser

DESKTOP, NARROW = (1280, 860), (390, 844)
"""Sizes of windows in pixels."""

ROOT = Path(__file__).resolve().parents[3]


def group_image(folder: Path) -> Path:
    """Write an image with two faces and a line of text, and return its path."""
    image = Image.new("RGB", (1100, 640), "#dfe5ee")
    for left, path in ((30, HOPPER), (560, ASTRONAUT)):
        with Image.open(path) as opened:
            image.paste(opened.convert("RGB").resize((510, 510)), (left, 20))
    ImageDraw.Draw(image).text((330, 555), "WELCOME ABOARD", "#223", ImageFont.load_default(56))
    path = folder / "group.png"
    image.save(path)
    return path


def fill(emulator: Emulator, folder: Path) -> None:
    """Create collections, faces, and calls."""
    people = folder / "people"
    for name, image in (("grace/portrait.jpg", HOPPER), ("eileen/portrait.jpg", ASTRONAUT)):
        (people / name).parent.mkdir(parents=True)
        shutil.copy(image, people / name)
    emulator.add_faces("staff", people)
    with RekognitionClient.local(emulator) as client:
        client.create_collection("visitors")
        client.create_collection("contractors-2026")
        client.list_faces("staff")
        for collection in ("staff", "nobody"):
            with suppress(ServiceError):
                client.describe_collection(collection)
        client.detect_faces(HOPPER)


def analyse(page: Browser, file: Path) -> None:
    """Analyse an image in the tab of images, and wait for the results."""
    page.choose("#image-file", file)
    page.wait("/pixels.*: faces: \\d/.test(document.getElementById('image-note').textContent)")


def show(page: Browser, tab: str, ready: str) -> None:
    """Show a tab, and wait until a condition is true."""
    page.evaluate(f"document.getElementById('tab-{tab}').click()")
    page.wait(ready)


def take(page: Browser, folder: Path, name: str) -> None:
    """Write screenshots of the present tab in both colour schemes, and on a narrow screen."""
    for kind, look in (("light", DESKTOP), ("dark", DESKTOP), ("narrow", NARROW)):
        page.look(look, dark=kind == "dark")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        path = folder / f"console-{name}-{kind}.png"
        path.write_bytes(page.screenshot())
        print(path)
    page.look(DESKTOP)


def main(folder: Path) -> None:
    """Take all screenshots."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        Emulator(clock=ManualClock(1_780_000_000)) as emulator,
        emulator.serve() as url,
        browser(Path(scratch) / "profile") as page,
    ):
        fill(emulator, Path(scratch))
        page.look(DESKTOP)
        page.go(f"{url}/_rekog/console")
        page.wait("document.getElementById('server').className == 'up'")
        take(page, folder, "start")
        image = group_image(Path(scratch))
        emulator.declare(image, moderation=[("Alcoholic Beverages", 88.0)])  # to show a label: the networks see none
        analyse(page, image)
        take(page, folder, "image")
        show(page, "collections", "document.querySelectorAll('#collections li').length == 3")
        page.evaluate(
            "[...document.querySelectorAll('#collections button')].find((b) => b.textContent == 'staff').click()"
        )
        page.wait("document.querySelectorAll('#faces li').length == 2")
        page.choose("#search-file", HOPPER)
        page.wait("document.querySelectorAll('#faces .match').length")
        page.choose("#index-file", ASTRONAUT)
        page.wait("document.querySelectorAll('#faces canvas').length")
        take(page, folder, "collections")
        fill_faults(emulator)
        show(page, "calls", "document.querySelectorAll('#calls tr').length > 5")
        take(page, folder, "calls")
        page.evaluate("document.querySelector('#calls button').click()")
        take(page, folder, "call")
        page.evaluate("document.getElementById('call').close()")
        show(page, "faults", "document.querySelectorAll('#faults li').length == 2")
        take(page, folder, "faults")


def fill_faults(emulator: Emulator) -> None:
    """Inject two faults."""
    emulator.faults.add("DetectLabels", every=3, error="ThrottlingException")
    emulator.faults.add(latency=(0.1, 0.4), probability=0.2)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "output")
