"""Persons and body parts on photographs, against boxes and parts that were read from the images by eye."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.faces.yunet import YuNet
from rekog.emulator.vision.persons.body_parts import body_parts
from rekog.emulator.vision.persons.movenet import MoveNet
from tests.kit.photographs import FILES, photograph

from .images import package_image
from .tables import Table

if TYPE_CHECKING:
    from rekog.emulator.vision.faces import DetectedFace
    from rekog.emulator.vision.images import DecodedImage
    from rekog.emulator.vision.persons import DetectedPerson
    from rekog.emulator.vision.persons.body_parts import BodyPartName

TRUTH = Path(__file__).with_suffix(".toml")
_LETTERS: Mapping[BodyPartName, str] = {"face": "F", "head": "H", "left_hand": "L", "right_hand": "R"}
_WORDS = {"F": "face", "H": "head", "L": "left hand", "R": "right hand"}
_SAME = 0.5


class _Image(TypedDict):
    name: str
    boxes: list[list[float]]
    parts: NotRequired[list[str]]


class _Without(TypedDict):
    names: list[str]


class _Truth(TypedDict):
    image: list[_Image]
    without: _Without


def named_image(name: str) -> DecodedImage:
    """Return an image of an installed package, by its key, or of a downloaded one, by package and file."""
    return decode(photograph(name) if name in FILES else package_image(name))


def tables() -> list[Table]:
    """Measure persons, body parts and false alarms."""
    truth = cast("_Truth", tomllib.loads(TRUTH.read_text("utf-8")))
    detector, faces = MoveNet(), YuNet()
    persons: list[Sequence[object]] = []
    parts: list[Sequence[object]] = []
    for stated in truth["image"]:
        image = named_image(stated["name"])
        found = detector.detect(image)
        matches = list(_matches(image, stated["boxes"], found))
        persons.append(_persons_row(stated["name"], matches, found))
        if "parts" in stated:
            parts += _part_rows(image, stated, matches, faces.detect(image))
    alarms = {name: detector.detect(named_image(name)) for name in truth["without"]["names"]}
    count = sum(len(each["boxes"]) for each in truth["image"])
    hits = sum(int(str(row[2])) for row in persons)
    false = sum(len(each) for each in alarms.values())
    return [
        Table(
            f"Persons: {hits} of {count} have a box that overlaps the stated one by at least half.",
            ("image", "persons", "found", "overlaps", "boxes beside"),
            persons,
        ),
        Table(
            "Body parts, of the persons whose visible parts were stated.",
            ("image", "visible", "missed", "not there"),
            parts,
        ),
        Table(
            f"False boxes: {false} in {len(alarms)} images without a person.",
            ("image", "false boxes"),
            [(name, _confidences(found)) for name, found in alarms.items() if found],
        ),
    ]


def _matches(
    image: DecodedImage, boxes: Sequence[Sequence[float]], found: Sequence[DetectedPerson]
) -> Iterator[tuple[DetectedPerson | None, float]]:
    """Yield for each stated box the detected person with the largest overlap, and the overlap; each person once."""
    left = list(found)
    for one, top, right, bottom in boxes:
        box = Box(one, top, right - one, bottom - top).scaled(image.width, image.height)
        best = max(left, key=lambda person: person.box.overlap(box), default=None)
        overlap = best.box.overlap(box) if best else 0.0
        if best and overlap >= _SAME:
            left.remove(best)
        yield (best if overlap >= _SAME else None), overlap


def _persons_row(
    name: str, matches: Sequence[tuple[DetectedPerson | None, float]], found: Sequence[DetectedPerson]
) -> Sequence[object]:
    known = [person for person, _ in matches if person is not None]
    others = [person for person in found if person not in known]
    overlaps = ", ".join(f"{overlap:.2f}" for _, overlap in matches)
    return (name, len(matches), len(known), overlaps, _confidences(others))


def _part_rows(
    image: DecodedImage,
    stated: _Image,
    matches: Sequence[tuple[DetectedPerson | None, float]],
    faces: Sequence[DetectedFace],
) -> Iterator[Sequence[object]]:
    for visible, (person, _) in zip(stated.get("parts", ()), matches, strict=True):
        seen = {_LETTERS[part.name] for part in body_parts(image, person, faces)} if person else set[str]()
        yield (stated["name"], _words(visible), _words(set(visible) - seen), _words(seen - set(visible)))


def _words(letters: str | set[str]) -> str:
    return ", ".join(_WORDS[letter] for letter in "FHLR" if letter in letters) or "none"


def _confidences(persons: Sequence[DetectedPerson]) -> str:
    return ", ".join(f"{100 * person.confidence:.0f} %" for person in persons) or "none"
