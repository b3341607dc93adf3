"""Custom labels of images: declared, else seen by the model of a version, else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ... import models
from ..._core.wire import from_wire
from ..._values.narrow import is_mapping
from .. import refusals
from ..state.rows import trainings, truth
from ..truth.capabilities import ANY_VERSION
from ..vision import NetworksOffError, needs_extra
from . import declared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import Context
    from ..state.rows.trainings import ModelRow
    from ..vision.efficientnet import EfficientNet
    from ..vision.images import DecodedImage
    from .images import ImageSource

ASSUMED_THRESHOLD = 50.0
"""Of a custom label that is declared without one (assumed)."""


def custom_labels_in(
    context: Context, source: ImageSource, image: DecodedImage, version: str, min_confidence: float | None
) -> Iterable[models.CustomLabel]:
    """Return the custom labels of at least a confidence; without one, of at least their assumed thresholds."""
    entries = _declared(context, source, version)
    if entries is not None:
        for entry in entries:
            threshold = cast("float", entry.get("AssumedThreshold", ASSUMED_THRESHOLD))  # cast: checked when declared
            label = from_wire(models.CustomLabel, entry)
            if label.confidence >= (threshold if min_confidence is None else min_confidence):
                yield label
        return
    with context.state.read() as connection:
        model = trainings.model_of(connection, version)
    if model is None:
        raise _without_model(version)
    for name, score in _scores(context, image, model).items():
        threshold = 100 * model.thresholds[name] if min_confidence is None else min_confidence
        if 100 * score >= threshold:
            yield models.CustomLabel(name=name, confidence=100 * score)


def classifier_for_training(context: Context) -> EfficientNet | None:
    """Return the network whose features are learnt from; None without it, because it is off or not installed."""
    try:
        return context.vision.classifier
    except (NetworksOffError, ModuleNotFoundError):
        return None


def _declared(context: Context, source: ImageSource, version: str) -> declared.Entries | None:
    """Return the labels declared for a project version, or else for any version; None if there are none."""
    with context.state.read() as connection:
        versions = truth.find(connection, source.names, "custom_labels")
    if not is_mapping(versions):
        return None
    return cast("declared.Entries | None", versions.get(version, versions.get(ANY_VERSION)))  # cast: lists are kept


def _without_model(version: str) -> refusals.RefusalError:
    return refusals.not_served(
        "DetectCustomLabels: this emulator can't detect the custom_labels of an image and does not make up values: no"
        f" model was trained for {version}, because the networks were off or not installed, or all of its images have"
        f" the same labels. Declare them with {declared.declaring('image, custom_labels=[...]')}; an empty list says"
        " that there are none."
    )


def _scores(context: Context, image: DecodedImage, model: ModelRow) -> dict[str, float]:
    try:
        with needs_extra():
            features = context.vision.classifier.classify(image).features
    except NetworksOffError:
        raise declared.undeclared("DetectCustomLabels", "custom_labels") from None
    from ..vision.custom_classifier import CustomClassifier

    return CustomClassifier.from_bytes(model.classifier).scores(features)
