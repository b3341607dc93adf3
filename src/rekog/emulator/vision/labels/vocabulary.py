"""The service's names for the classes of our networks: categories, parents, aliases, and which have boxes.

`label_names.csv` has a row for each name that can be answered: those of classes, and all their ancestors. Names,
categories, aliases and boxes are those of the service's label model 3.0. Its responses and documentation show the
parents of some names; the others follow the same pattern (assumed). `label_classes.csv` has a row for each class of
COCO and ImageNet; a class without a label is never answered, because the service has no name for it.
docs/design/vision-labels.md says how a class was given its name.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SEPARATOR = "; "


class LabelName(NamedTuple):
    """A name of the service; `parents` are the nearest ones only. `has_boxes` says whether it is located in images."""

    name: str
    category: str
    has_boxes: bool
    parents: Sequence[str]
    aliases: Sequence[str]


@cache
def label_names() -> Mapping[str, LabelName]:
    """Return the names that can be answered."""
    return {
        row["name"]: LabelName(
            row["name"], row["category"], row["boxes"] == "yes", _listed(row["parents"]), _listed(row["aliases"])
        )
        for row in _rows("label_names.csv")
    }


@cache
def label_classes(network: str) -> Mapping[int, str]:
    """Return the labels of the classes of `coco` (numbers from 1) or `imagenet` (from 0) that have one."""
    rows = _rows("label_classes.csv")
    return {int(row["number"]): row["label"] for row in rows if row["network"] == network and row["label"]}


@cache
def ancestors(name: str) -> Sequence[str]:
    """Return all ancestors of a name, the nearest first; none of a name that is not among `label_names`.

    >>> list(ancestors("Beagle"))
    ['Hound', 'Dog', 'Canine', 'Pet', 'Mammal', 'Animal']
    """
    above = list(label_names()[name].parents) if name in label_names() else []
    for each in above:  # the list grows during the loop
        above += [parent for parent in label_names()[each].parents if parent not in above]
    return above


def _listed(text: str) -> list[str]:
    return text.split(_SEPARATOR) if text else []


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    yield from csv.DictReader(files("rekog.emulator.vision.labels").joinpath(name).read_text("utf-8").splitlines())
