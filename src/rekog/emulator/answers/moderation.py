"""Moderation labels and their taxonomy. For pictures and for videos alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ... import models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Tree: TypeAlias = Mapping[str, "Tree"]

MIN_CONFIDENCE = 50.0
MODEL_VERSION = "7.0"

TAXONOMY: Tree = {
    "Explicit": {
        "Explicit Nudity": {
            "Exposed Male Genitalia": {},
            "Exposed Female Genitalia": {},
            "Exposed Buttocks or Anus": {},
            "Exposed Female Nipple": {},
        },
        "Explicit Sexual Activity": {},
        "Sex Toys": {},
    },
    "Non-Explicit Nudity of Intimate parts and Kissing": {
        "Non-Explicit Nudity": {
            "Bare Back": {},
            "Exposed Male Nipple": {},
            "Partially Exposed Buttocks": {},
            "Partially Exposed Female Breast": {},
            "Implied Nudity": {},
        },
        "Obstructed Intimate Parts": {"Obstructed Female Nipple": {}, "Obstructed Male Genitalia": {}},
        "Kissing on the Lips": {},
    },
    "Swimwear or Underwear": {"Female Swimwear or Underwear": {}, "Male Swimwear or Underwear": {}},
    "Violence": {
        "Weapons": {},
        "Graphic Violence": {
            "Weapon Violence": {},
            "Physical Violence": {},
            "Self-Harm": {},
            "Blood & Gore": {},
            "Explosions and Blasts": {},
        },
    },
    "Visually Disturbing": {
        "Death and Emaciation": {"Emaciated Bodies": {}, "Corpses": {}},
        "Crashes": {"Air Crash": {}},
    },
    "Drugs & Tobacco": {
        "Products": {"Pills": {}},
        "Drugs & Tobacco Paraphernalia & Use": {"Smoking": {}},
    },
    "Alcohol": {"Alcohol Use": {"Drinking": {}}, "Alcoholic Beverages": {}},
    "Rude Gestures": {"Middle Finger": {}},
    "Gambling": {},
    "Hate Symbols": {"Nazi Party": {}, "White Supremacy": {}, "Extremist": {}},
}
"""The names of the service's moderation model 7.0, from its public guide."""


def _parents(tree: Tree, parent: str = "") -> Iterator[tuple[str, str]]:
    for name, below in tree.items():
        yield name, parent
        yield from _parents(below, name)


PARENTS: Mapping[str, str] = dict(_parents(TAXONOMY))
"""The name above each name, empty at the top level."""


def with_ancestors(labels: Sequence[models.ModerationLabel]) -> list[models.ModerationLabel]:
    """Return labels, each with parent and level, and with every ancestor as a label, at least as sure as those below.

    A name that the taxonomy lacks has the parent that it is given with, or is at the top level. A circle of parents is
    cut where it closes.
    """
    parents = {**PARENTS, **{label.name: label.parent_name for label in labels if label.parent_name is not None}}
    sure: dict[str, float] = {}
    levels = {label.name: label.taxonomy_level for label in labels}
    for label in labels:
        for name in _line(label.name, parents):
            sure[name] = max(label.confidence, sure.get(name, 0.0))
    return [
        models.ModerationLabel(
            name=name,
            confidence=confidence,
            parent_name=parents.get(name, ""),
            taxonomy_level=levels.get(name) or len(_line(name, parents)),
        )
        for name, confidence in sure.items()
    ]


def _line(name: str, parents: Mapping[str, str]) -> list[str]:
    """Return a name and those above it."""
    line: list[str] = []
    while name and name not in line:
        line.append(name)
        name = parents.get(name, "")
    return line


def answered(
    labels: Sequence[models.ModerationLabel], min_confidence: float | None = None
) -> list[models.ModerationLabel]:
    """Return the labels of an answer: the surest first, among equals the deepest level, then by name (assumed)."""
    least = MIN_CONFIDENCE if min_confidence is None else min_confidence
    kept = [label for label in with_ancestors(labels) if label.confidence >= least]
    return sorted(kept, key=lambda label: (-label.confidence, -(label.taxonomy_level or 0), label.name))
