"""Take screenshots of the console in light and dark colours and on a narrow screen.

    python -m tests.emulator.serving.console_screenshots [FOLDER]
    python -m tests.emulator.serving.console_screenshots --references

The folder is examples/output by default. The second command writes the references of `test_console_pictures.py` again,
after a deliberate change of the console: look at each of them before you commit it.
"""

from __future__ import annotations

import base64
import io
import json
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from PIL import Image, ImageDraw, ImageFont

from rekog import RekognitionClient, ServiceError
from rekog.emulator import Emulator, ManualClock
from tests.kit.browser import browser
from tests.kit.wire import ASTRONAUT, HOPPER

if TYPE_CHECKING:
    from tests.kit.browser import Browser

DESKTOP, NARROW = (1280, 860), (390, 844)
"""Sizes of windows in pixels."""


class Look(NamedTuple):
    """The size of the window in pixels, and the colour scheme."""

    size: tuple[int, int]
    dark: bool = False


LOOKS = {"light": Look(DESKTOP), "dark": Look(DESKTOP, dark=True), "narrow": Look(NARROW)}
REFERENCES = {
    "image": ("light", "dark", "narrow"),
    "collections": ("light", "narrow"),
    "calls": ("dark",),
    "call": ("light",),
    "faults": ("light", "dark"),
}
"""The scenes and looks with a stored reference."""

FOLDER = Path(__file__).parent / "console_references"
QUALITY = 55  # of WebP: the comparison averages blocks of pixels
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


@contextmanager
def console(folder: Path) -> Generator[tuple[Browser, Emulator]]:
    """Open the console of an emulator whose clock and ids are the same each time; `folder` is an empty folder."""
    numbers = random.Random(0)
    with (
        patch.object(uuid, "uuid4", lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)),
        Emulator(clock=ManualClock(1_780_000_000)) as emulator,
        emulator.serve() as url,
        browser(folder / "profile") as page,
    ):
        fill(emulator, folder)
        page.look(DESKTOP)
        page.go(f"{url}/_rekog/console")
        page.wait("document.getElementById('server').className == 'up'")
        yield page, emulator


def scenes(page: Browser, emulator: Emulator, folder: Path) -> Iterator[str]:
    """Go through the console, and yield the name of each scene while the page shows it."""
    yield "start"
    image = group_image(folder)
    emulator.declare(image, moderation=[("Alcoholic Beverages", 88.0)])  # to show a label: the networks see none
    analyse(page, image)
    yield "image"
    show(page, "collections", "document.querySelectorAll('#collections li').length == 3")
    page.evaluate("[...document.querySelectorAll('#collections button')].find((b) => b.textContent == 'staff').click()")
    page.wait("document.querySelectorAll('#faces li').length == 2")
    page.choose("#search-file", HOPPER)
    page.wait("document.querySelectorAll('#faces .match').length")
    page.choose("#index-file", ASTRONAUT)
    page.wait("document.querySelectorAll('#faces canvas').length")
    yield "collections"
    emulator.calls.clear()  # the four analyses came in any order
    make_calls(emulator)
    show(page, "calls", "document.querySelectorAll('#calls tr').length == 6")
    yield "calls"
    page.evaluate("document.querySelector('#calls button').click()")
    yield "call"
    page.evaluate("document.getElementById('call').close()")
    fill_faults(emulator)
    show(page, "faults", "document.querySelectorAll('#faults li').length == 2")
    yield "faults"


def take(page: Browser, name: str, style: str = "") -> Image.Image:
    """Return a screenshot of the present scene with a look, and with further rules of CSS."""
    look = LOOKS[name]
    page.look(look.size, dark=look.dark)
    page.evaluate(
        "{ const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];"
        f" sheet.replaceSync({json.dumps(style)}) }}"
    )
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        return taken.convert("RGB")


def fix_font(page: Browser) -> str:
    """Load the font that Pillow contains, and return the rules that use it: system fonts have other widths."""
    font = ImageFont.load_default(16)
    assert isinstance(font, ImageFont.FreeTypeFont)
    content = base64.b64encode(font.font_bytes).decode()
    page.evaluate(
        f"new FontFace('fixed', Uint8Array.from(atob('{content}'), (each) => each.charCodeAt(0))).load()"
        ".then((face) => { document.fonts.add(face); return 1 })"
    )
    return "* { font-family: fixed !important }"


def write(folder: Path) -> None:
    """Write all screenshots with the fonts of the system into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, console(Path(scratch)) as (page, emulator):
        for scene in scenes(page, emulator, Path(scratch)):
            for look in LOOKS:
                take(page, look).save(path := folder / f"console-{scene}-{look}.png")
                print(path)
            page.look(DESKTOP)


def write_references() -> None:
    """Write the references."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, console(Path(scratch)) as (page, emulator):
        font = fix_font(page)
        for scene in scenes(page, emulator, Path(scratch)):
            for look in REFERENCES.get(scene, ()):
                take(page, look, font).save(path := FOLDER / f"{scene}-{look}.webp", quality=QUALITY, method=6)
                print(path)
            page.look(DESKTOP)


def make_calls(emulator: Emulator) -> None:
    """Make a few calls, two with an error."""
    with RekognitionClient.local(emulator) as client:
        client.list_collections()
        for collection in ("staff", "nobody"):
            with suppress(ServiceError):
                client.describe_collection(collection)
        client.detect_faces(HOPPER)
        with suppress(ServiceError):
            client.delete_collection("nobody")
        client.index_faces("visitors", HOPPER, external_image_id="grace")


def fill_faults(emulator: Emulator) -> None:
    """Inject two faults."""
    emulator.faults.add("DetectLabels", every=3, error="ThrottlingException")
    emulator.faults.add(latency=(0.1, 0.4), probability=0.2)


if __name__ == "__main__":
    if sys.argv[1:] == ["--references"]:
        write_references()
    else:
        write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "output")
