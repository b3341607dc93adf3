"""Analysis of pictures: nothing is stored.

What no model here can see comes from what was declared (docs/emulator-truth.md), or is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .... import models
from ...._core.wire import from_wire
from ... import refusals
from ...answers import equipment, image_properties, labels, moderation, text
from ...content.declared import declared, known, known_custom_labels
from ...content.faces import faces_in
from ...content.images import decode_image, read_source
from ...vision import needs_extra
from ..custom_labels.versions import require_adapter, require_model
from .comparison import compare_faces

if TYPE_CHECKING:
    from ...context import Context

__all__ = [
    "compare_faces",
    "detect_custom_labels",
    "detect_faces",
    "detect_labels",
    "detect_moderation_labels",
    "detect_protective_equipment",
    "detect_text",
]

LABEL_MODEL_VERSION = "3.0"
MOST_REQUEST_BYTES = 4 * 1024 * 1024
"""Of a picture in a request to DetectCustomLabels and DetectProtectiveEquipment."""
EQUIPMENT_SIDES = (64, 4096)
ASSUMED_THRESHOLD = 50.0
"""Of a custom label that was declared without one (assumed)."""

_GENERAL = models.DetectLabelsFeatureName.GENERAL_LABELS
_PROPERTIES = models.DetectLabelsFeatureName.IMAGE_PROPERTIES


def detect_faces(context: Context, request: models.DetectFacesRequest) -> models.DetectFacesResponse:
    """Find the faces of a picture; none is an empty list."""
    found = faces_in(context, read_source(context, request.image), "DetectFaces", request.attributes or ())
    return models.DetectFacesResponse(face_details=[face.detail for face in found])


def detect_labels(context: Context, request: models.DetectLabelsRequest) -> models.DetectLabelsResponse:
    """Tell what is in a picture, as declared, and the properties of its pixels."""
    features = request.features or [_GENERAL]
    general = request.settings.general_labels if request.settings else None
    for_labels = (request.min_confidence, request.max_labels, general)
    if _GENERAL not in features and any(argument is not None for argument in for_labels):
        raise refusals.invalid_parameter(  # ours
            "MinConfidence, MaxLabels and Settings.GeneralLabels are valid only with the feature GENERAL_LABELS."
        )
    source = read_source(context, request.image)
    image = decode_image(source)
    response = models.DetectLabelsResponse(label_model_version=LABEL_MODEL_VERSION)
    most_colours = image_properties.most_colours(request.settings)
    if _GENERAL in features:
        entries = known(context, source, "labels", "DetectLabels")
        found = [from_wire(models.Label, entry) for entry in entries]
        response.labels = labels.answered(found, request.min_confidence, request.max_labels, general)
    if _PROPERTIES in features:
        with needs_extra():
            response.image_properties = image_properties.of_image(image, most_colours)
            image_properties.add_to_instances(image, response.labels, most_colours)
    return response


def detect_moderation_labels(
    context: Context, request: models.DetectModerationLabelsRequest
) -> models.DetectModerationLabelsResponse:
    """Tell what in a picture might be unwanted, as declared.

    An adapter is looked up and changes nothing else: what was declared is what a picture shows. No human is asked, so
    a human loop is never triggered (assumed).
    """
    adapter = require_adapter(context, request.project_version) if request.project_version else None
    source = read_source(context, request.image)
    decode_image(source)
    found = [
        from_wire(models.ModerationLabel, entry)
        for entry in known(context, source, "moderation", "DetectModerationLabels")
    ]
    kinds = declared(context, source, "content_types") or []
    return models.DetectModerationLabelsResponse(
        moderation_labels=moderation.answered(found, request.min_confidence),
        moderation_model_version=moderation.MODEL_VERSION,
        project_version=adapter,
        content_types=[from_wire(models.ContentType, kind) for kind in kinds],
        human_loop_activation_output=models.HumanLoopActivationOutput() if request.human_loop_config else None,
    )


def detect_protective_equipment(
    context: Context, request: models.DetectProtectiveEquipmentRequest
) -> models.DetectProtectiveEquipmentResponse:
    """Tell who wears what protective equipment, as declared, and sum it up if asked to."""
    source = read_source(context, request.image, most_bytes=MOST_REQUEST_BYTES)
    least, greatest = EQUIPMENT_SIDES
    decode_image(source, least=least, greatest=greatest)
    entries = known(context, source, "ppe", "DetectProtectiveEquipment")
    persons = [from_wire(models.ProtectiveEquipmentPerson, {**entry, "Id": 0}) for entry in entries]
    kept = equipment.numbered(persons)
    asked = request.summarization_attributes
    return models.DetectProtectiveEquipmentResponse(
        protective_equipment_model_version=equipment.MODEL_VERSION,
        persons=kept,
        summary=equipment.summarised(kept, asked) if asked else None,
    )


def detect_text(context: Context, request: models.DetectTextRequest) -> models.DetectTextResponse:
    """Tell the lines and words of text in a picture, as declared."""
    filters = request.filters or models.DetectTextFilters()
    text.check_regions(filters.regions_of_interest)
    source = read_source(context, request.image)
    decode_image(source)
    found = [from_wire(models.TextDetection, entry) for entry in known(context, source, "text", "DetectText")]
    lines = text.filtered(text.laid_out(found), filters.word_filter, filters.regions_of_interest)
    return models.DetectTextResponse(text_detections=text.numbered(lines), text_model_version=text.MODEL_VERSION)


def detect_custom_labels(
    context: Context, request: models.DetectCustomLabelsRequest
) -> models.DetectCustomLabelsResponse:
    """Tell what a running model finds in a picture, as declared."""
    version = require_model(context, request.project_version_arn)
    source = read_source(context, request.image, most_bytes=MOST_REQUEST_BYTES)
    decode_image(source)
    found = [
        (from_wire(models.CustomLabel, entry), _least(entry, request.min_confidence))
        for entry in known_custom_labels(context, source, version.arn)
    ]
    kept = sorted((label for label, least in found if label.confidence >= least), key=_surest_first)
    return models.DetectCustomLabelsResponse(custom_labels=kept[: request.max_results])


def _least(entry: dict[str, object], min_confidence: float | None) -> float:
    if min_confidence is not None:
        return min_confidence
    return cast("float", entry.get("AssumedThreshold", ASSUMED_THRESHOLD))  # cast: it was checked when declared


def _surest_first(label: models.CustomLabel) -> tuple[float, str]:
    return (-label.confidence, label.name)
