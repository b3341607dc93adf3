"""The Python blocks of Markdown documents, and an emulator with everything that they name.

A block runs unless a comment directly above it says why not: `<!-- not run: it needs an AWS account -->`. The blocks of
a page run as one program, in order. A block with tests or fixtures is a file of pytest
instead, and can import the blocks of its page that begin with a comment such as `# app.py`.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rekog import RekognitionClient
from rekog.emulator import Emulator
from tests.kit.request_members import STREET_CONTENT
from tests.kit.wire import ASTRONAUT, HOPPER

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(sorted(path for pattern in ("*.md", "docs/**/*.md", "weights/*.md") for path in ROOT.glob(pattern)))
URL = "http://127.0.0.1:8680"
"""The URL of the documents' emulator, which the URL of the test's takes the place of."""

_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MODULE = re.compile(r"# (\w+\.py)\n")
_IMAGE = re.compile(r"[\w./-]+\.(?:jpe?g|png|heic|webp)")
_FOLDERS = ("pages", "photographs", "photos")
"""Folders of images that the documents name."""
_OBJECT = re.compile(r"s3://([\w.-]+)/([\w./-]+)")


class Block(NamedTuple):
    """A block of code: its source, the line where it begins, and the reason why it does not run, or an empty text."""

    code: str
    line: int
    reason: str

    @property
    def is_test_file(self) -> bool:
        """True if pytest has to run the block."""
        return re.search(r"^(?:async )?def test_|^@pytest\.fixture", self.code, re.MULTILINE) is not None


class Page(NamedTuple):
    """A document with its blocks."""

    path: Path
    blocks: list[Block]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def program(self) -> str:
        """The blocks that run as one program, at the same lines as in the document."""
        lines: list[str] = []
        for block in self.blocks:
            if not block.reason and not block.is_test_file:
                lines += [""] * (block.line - len(lines)) + block.code.splitlines()
        return "\n".join(lines)

    @property
    def test_files(self) -> dict[str, str]:
        """The blocks that pytest runs, as files, with the modules of the page that they import."""
        folder = re.sub(r"\W", "_", self.name)
        tests = [block for block in self.blocks if block.is_test_file and not block.reason]
        modules = [(named[1], block) for block in self.blocks if (named := _MODULE.match(block.code))]
        files = {f"{folder}/test_{folder}_{block.line}.py": block.code for block in tests}
        return files | {f"{folder}/{name}": block.code for name, block in modules} if files else {}


def page(path: Path) -> Page:
    """Read the blocks of a document."""
    text = path.read_text("utf-8")
    found = _BLOCK.finditer(text)
    blocks = [Block(each["code"], text.count("\n", 0, each.start("code")), each["reason"] or "") for each in found]
    return Page(path, blocks)


def pages() -> list[Page]:
    """Return the documents that have Python blocks."""
    return [each for each in map(page, PAGES) if each.blocks]


def prepare(folder: Path, code: str) -> None:
    """Create the images that code names, all of them the same photograph, folders of images, and the examples."""
    for image in (ASTRONAUT, HOPPER):
        target = folder / "examples" / "images" / image.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(image.read_bytes())
        for name in _FOLDERS:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / image.name).with_suffix(".jpg").write_bytes(image.read_bytes())
    for name in _IMAGE.findall(code):
        target = folder / name
        if not target.is_absolute() or target.is_relative_to(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.write_bytes(ASTRONAUT.read_bytes())


@contextmanager
def world(code: str) -> Generator[str]:
    """Serve an emulator with the collections, the objects and the videos that the documents use, and yield its URL."""
    with Emulator(durations=0) as emulator, RekognitionClient.local(emulator, region_name="eu-west-1") as client:
        emulator.declare(ASTRONAUT, labels=["Person", ("Flag", 97.5)], text=["NASA"], moderation=[], ppe=[])
        for bucket, key in _OBJECT.findall(code):
            is_video = key.endswith(".mp4")
            emulator.put_object(bucket, key, b"a declared video" if is_video else ASTRONAUT.read_bytes())
            if is_video:
                emulator.declare(f"s3://{bucket}/{key}", **STREET_CONTENT)
        for collection in ("people", "staff"):
            client.create_collection(collection)
        client.index_faces("people", ASTRONAUT, external_image_id="ann")
        with emulator.serve() as url:
            yield url
