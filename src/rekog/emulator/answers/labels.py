"""Labels of images and videos: their ancestors, the filters of a request, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIN_CONFIDENCE = 55.0
MAX_LABELS = 1000


def with_ancestors(labels: Sequence[models.Label]) -> list[models.Label]:
    """Return labels with all their ancestors as parents, and with every ancestor as a label of its own.

    The confidence of an ancestor is at least that of its descendants. An ancestor that is not among the labels has the
    highest confidence of its descendants (as in the service's responses) and no ancestors (assumed), because its own
    ancestors are unknown.
    """
    parents = {label.name: [parent.name for parent in label.parents] for label in labels}
    above = {name: _above(name, parents) for name in parents}
    confidences: dict[str, float] = {}
    for label in labels:
        for name in above[label.name]:
            confidences[name] = max(label.confidence, confidences.get(name, 0.0))
    added = [models.Label(name=name, confidence=confidences[name]) for name in confidences if name not in parents]
    return [_completed(label, above[label.name], confidences.get(label.name, 0.0)) for label in labels] + added


def _above(name: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all ancestors of a name, the nearest first."""
    names = [name]
    for each in names:  # the list grows during the loop
        names += [parent for parent in dict.fromkeys(parents.get(each, ())) if parent not in names]
    return names[1:]


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
    """Tell whether a label passes the filters (assumed): included, or no inclusions are given, and not excluded.

    Names match exactly; an unknown name matches no label.
    """
    if filters is None:
        return True
    only, only_in = filters.label_inclusion_filters or [], filters.label_category_inclusion_filters or []
    without, not_in = filters.label_exclusion_filters or [], filters.label_category_exclusion_filters or []
    categories = {category.name for category in label.categories}
    included = label.name in only or not categories.isdisjoint(only_in) or not (only or only_in)
    return included and label.name not in without and categories.isdisjoint(not_in)


def selected(
    labels: Sequence[models.Label],
    min_confidence: float | None = None,
    limit: int | None = None,
    filters: models.GeneralLabelsSettings | None = None,
) -> list[models.Label]:
    """Return the labels of a response: with ancestors, and filtered.

    They are in descending order of confidence, then by name (assumed).
    """
    minimum = MIN_CONFIDENCE if min_confidence is None else min_confidence
    kept = [label for label in with_ancestors(labels) if label.confidence >= minimum and passes(label, filters)]
    kept.sort(key=lambda label: (-label.confidence, label.name))
    return kept[: MAX_LABELS if limit is None else min(limit, MAX_LABELS)]
