"""Moderation labels of images and videos, and their taxonomy."""

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
"""The parent of each name; empty at the top level."""


def with_ancestors(labels: Sequence[models.ModerationLabel]) -> list[models.ModerationLabel]:
    """Return labels, each with parent and level, and every ancestor as a label of its own.

    The confidence of an ancestor is at least that of its descendants. A name outside the taxonomy has its declared
    parent, or is at the top level. A cycle of parents ends at the first repeated name.
    """
    parents = {**PARENTS, **{label.name: label.parent_name for label in labels if label.parent_name is not None}}
    confidences: dict[str, float] = {}
    levels = {label.name: label.taxonomy_level for label in labels}
    for label in labels:
        for name in _path(label.name, parents):
            confidences[name] = max(label.confidence, confidences.get(name, 0.0))
    return [
        models.ModerationLabel(
            name=name,
            confidence=confidence,
            parent_name=parents.get(name, ""),
            taxonomy_level=levels.get(name) or len(_path(name, parents)),
        )
        for name, confidence in confidences.items()
    ]


def _path(name: str, parents: Mapping[str, str]) -> list[str]:
    """Return a name and its ancestors, the nearest first."""
    path: list[str] = []
    while name and name not in path:
        path.append(name)
        name = parents.get(name, "")
    return path


def selected(
    labels: Sequence[models.ModerationLabel], min_confidence: float | None = None
) -> list[models.ModerationLabel]:
    """Return the labels of a response: in descending order of confidence, then of level, then by name (assumed)."""
    minimum = MIN_CONFIDENCE if min_confidence is None else min_confidence
    kept = [label for label in with_ancestors(labels) if label.confidence >= minimum]
    return sorted(kept, key=lambda label: (-label.confidence, -(label.taxonomy_level or 0), label.name))
