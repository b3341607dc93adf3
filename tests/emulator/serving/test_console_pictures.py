"""Screenshots of the console, compared with stored references, also after changes that must be noticed.

`python -m tests.emulator.serving.console_screenshots --references` writes the references again. The font is that of
Pillow on every machine; the comparison tolerates another smoothing of letters and edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.emulator.serving.console_screenshots import DESKTOP, FOLDER, REFERENCES, console, fix_font, scenes, take

pytestmark = pytest.mark.slow

Shots: TypeAlias = Mapping[tuple[str, str], Image.Image]

BLOCK = 8  # pixels
REACH = 4  # pixels: content may be this much beside its place
LARGE = 20  # of 255 levels, between the means of blocks
TOLERATED = 30  # blocks: harmless differences make up to 17 of them, the smallest of the changes 64

REWRITE = "python -m tests.emulator.serving.console_screenshots --references, and look at them"

HARMLESS = (
    "* { text-rendering: geometricPrecision; letter-spacing: .1px } main, header, nav { filter: blur(.5px) }"
    " body { padding-top: 1px }"
)
"""Differences such as another version of the browser or of its fonts may cause."""

CHANGES = {
    "boxes-elsewhere": ("image-light", "#overlay .faces { transform: translate(6%, 0) }"),
    "boxes-elsewhere-in-the-dark": ("image-dark", "#overlay .faces { transform: translate(6%, 0) }"),
    "one-box-elsewhere": ("image-light", "#overlay .text { transform: translate(0, -5%) }"),
    "boxes-larger": ("image-light", "#overlay .faces { transform: scale(1.08) }"),
    "no-boxes-of-faces": ("image-light", "#overlay .faces { display: none }"),
    "no-boxes-of-faces-on-a-narrow-screen": ("image-narrow", "#overlay .faces { display: none }"),
    "boxes-of-another-colour": ("image-light", "#overlay .faces { --kind: #f0f }"),
    "no-results": ("image-light", "#results { display: none }"),
    "no-moderation": ("image-light", "#results .moderation { display: none }"),
    "no-chips": ("image-dark", "#chips { display: none }"),
    "two-columns-on-a-narrow-screen": ("image-narrow", ".analysis { grid-template-columns: 3fr 2fr }"),
    "no-contrast": ("image-dark", ":root { --text: #2a2f37; --dim: #2a2f37 }"),
    "no-contrast-of-small-letters": ("image-dark", ":root { --dim: #2a2f37 }"),
    "light-in-the-dark": ("image-dark", ":root { --surface: #fff; --back: #f6f7f9 }"),
    "no-tabs": ("image-light", "nav { visibility: hidden }"),
    "no-faces": ("collections-light", "#faces { display: none }"),
    "no-frame-of-the-match": ("collections-light", ".cards .match { border-color: #d5d9e0; box-shadow: none }"),
    "no-list-on-a-narrow-screen": ("collections-narrow", "#collections { display: none }"),
    "no-calls": ("calls-dark", "table { visibility: hidden }"),
    "no-contrast-of-calls": ("calls-dark", ":root { --text: #2a2f37 }"),
    "no-dialog": ("call-light", "dialog { visibility: hidden }"),
    "dialog-elsewhere": ("call-light", "dialog { margin-left: 20px }"),
    "no-clock": ("faults-light", "#clock-title, #clock-title ~ * { visibility: hidden }"),
    "no-faults": ("faults-dark", "#faults { visibility: hidden }"),
    "no-button": ("faults-light", "#clear-faults { display: none }"),
}
"""Changes that must be noticed: a reference, and rules of CSS."""

REFERENCE_NAMES = [f"{scene}-{look}" for scene, looks in REFERENCES.items() for look in looks]


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    """Take the screenshot of each reference, without a change and with each of its changes."""
    folder = tmp_path_factory.mktemp("console")
    taken: dict[tuple[str, str], Image.Image] = {}
    with console(folder) as (page, emulator):
        font = fix_font(page)
        for scene in scenes(page, emulator, folder):
            for look in REFERENCES.get(scene, ()):
                name = f"{scene}-{look}"
                changes = {change: rules for change, (changed, rules) in CHANGES.items() if changed == name}
                for change, rules in ({"": "", "harmless": HARMLESS} | changes).items():
                    taken[name, change] = take(page, look, f"{font} {rules}")
            page.look(DESKTOP)
    return taken


def smoothed(image: Image.Image) -> np.ndarray:
    """Return the mean colour around each pixel, with an edge that repeats the outermost pixels."""
    means = np.asarray(image.filter(ImageFilter.BoxBlur((BLOCK - 1) / 2)), dtype=np.int16)
    return np.pad(means, ((REACH, REACH), (REACH, REACH), (0, 0)), mode="edge")


def lost(one: np.ndarray, other: np.ndarray) -> int:
    """Return the number of blocks of an image that have no similar block near their place in another."""
    height, width, _ = one.shape
    blocks = one[REACH : height - REACH : BLOCK, REACH : width - REACH : BLOCK]
    steps = range(2 * REACH + 1)
    near = [
        np.abs(other[y : height - 2 * REACH + y : BLOCK, x : width - 2 * REACH + x : BLOCK] - blocks).max(axis=2)
        for y in steps
        for x in steps
    ]
    return int((np.minimum.reduce(near) > LARGE).sum())


def difference(shot: Image.Image, name: str) -> int:
    """Return the number of blocks that only a screenshot has, or only its reference."""
    with Image.open(FOLDER / f"{name}.webp") as opened:
        assert opened.size == shot.size
        one, other = smoothed(opened.convert("RGB")), smoothed(shot)
    return lost(one, other) + lost(other, one)


@pytest.mark.parametrize("name", REFERENCE_NAMES)
def test_a_screenshot_is_that_of_its_reference(shots: Shots, name: str) -> None:
    assert difference(shots[name, ""], name) <= TOLERATED, REWRITE


@pytest.mark.parametrize("name", REFERENCE_NAMES)
def test_another_rendering_of_letters_is_tolerated(shots: Shots, name: str) -> None:
    assert shots[name, "harmless"] != shots[name, ""]
    assert difference(shots[name, "harmless"], name) <= TOLERATED


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(shots: Shots, change: str) -> None:
    name, _ = CHANGES[change]
    assert difference(shots[name, change], name) > TOLERATED


def test_the_references_are_those_that_are_compared_and_small() -> None:
    files = list(FOLDER.iterdir())
    assert {file.name for file in files} == {f"{name}.webp" for name in REFERENCE_NAMES}
    assert sum(file.stat().st_size for file in files) < 400_000
