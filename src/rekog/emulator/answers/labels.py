"""Labels: their ancestors, the filters of a request, and their order. For pictures and for videos alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIN_CONFIDENCE = 55.0
MOST_LABELS = 1000


def with_ancestors(labels: Sequence[models.Label]) -> list[models.Label]:
    """Return labels with all their ancestors as parents, and with every ancestor as a label of its own.

    An ancestor is at least as sure as what is below it. One that was not given has the highest confidence of its
    descendants (as the service answers), and no ancestors (assumed), because nothing says which of the others those
    are.
    """
    parents = {label.name: [parent.name for parent in label.parents] for label in labels}
    above = {name: _above(name, parents) for name in parents}
    sure: dict[str, float] = {}
    for label in labels:
        for name in above[label.name]:
            sure[name] = max(label.confidence, sure.get(name, 0.0))
    added = [models.Label(name=name, confidence=sure[name]) for name in sure if name not in parents]
    return [_completed(label, above[label.name], sure.get(label.name, 0.0)) for label in labels] + added


def _above(name: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all ancestors of a name, the nearest first."""
    found = [name]
    for each in found:  # grows while it is gone through
        found += [parent for parent in dict.fromkeys(parents.get(each, ())) if parent not in found]
    return found[1:]


def _completed(label: models.Label, above: Sequence[str], confidence: float) -> models.Label:
    return models.Label(
        name=label.name,
        confidence=max(confidence, label.confidence),
        instances=label.instances,
        parents=[models.Parent(name=name) for name in above],
        aliases=label.aliases,
        categories=label.categories,
    )


def passes(label: models.Label, filters: models.GeneralLabelsSettings | None) -> bool:
    """Tell whether a label passes the filters (assumed): it is included or nothing is, and it is not excluded.

    Names are exact; one that no label has matches nothing.
    """
    if filters is None:
        return True
    only, only_in = filters.label_inclusion_filters or [], filters.label_category_inclusion_filters or []
    without, not_in = filters.label_exclusion_filters or [], filters.label_category_exclusion_filters or []
    categories = {category.name for category in label.categories}
    included = label.name in only or not categories.isdisjoint(only_in) or not (only or only_in)
    return included and label.name not in without and categories.isdisjoint(not_in)


def answered(
    labels: Sequence[models.Label],
    min_confidence: float | None = None,
    most: int | None = None,
    filters: models.GeneralLabelsSettings | None = None,
) -> list[models.Label]:
    """Return the labels of an answer: ancestors added, filtered, the surest first and then by name (assumed)."""
    least = MIN_CONFIDENCE if min_confidence is None else min_confidence
    kept = [label for label in with_ancestors(labels) if label.confidence >= least and passes(label, filters)]
    kept.sort(key=lambda label: (-label.confidence, label.name))
    return kept[: MOST_LABELS if most is None else min(most, MOST_LABELS)]
