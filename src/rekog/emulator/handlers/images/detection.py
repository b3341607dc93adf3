"""Analysis of one image: faces, labels, text, moderation, equipment, custom labels. Nothing is stored.

Content that no detector sees must be declared (docs/emulator-truth.md), or the request is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import from_wire
from ... import refusals
from ...answers import equipment, image_properties, labels, moderation, text
from ...content.custom_labels import custom_labels_in
from ...content.declared import declared
from ...content.equipment import IMAGE_EQUIPMENT
from ...content.faces import faces_in
from ...content.images import decode_image, read_source
from ...content.labels import IMAGE_LABELS
from ...content.moderation import moderation_in
from ...content.text import IMAGE_TEXT
from ...vision import needs_extra
from ..custom_labels.versions import require_adapter, require_model

if TYPE_CHECKING:
    from ...._core.handler_result import HandlerResult
    from ...context import Context

LABEL_MODEL_VERSION = "3.0"
MAX_REQUEST_BYTES = 4 * 1024 * 1024
"""Maximum size of an image in a request to DetectCustomLabels and DetectProtectiveEquipment."""
LABELS_SIDE, MODERATION_SIDE, CUSTOM_LABELS_SIDE = 300, 256, 224
"""Sides of the copies of an image that the networks of labels, moderation and custom labels read, in pixels."""
MIN_SIDE, MAX_SIDE = 64, 4096
"""Minimum and maximum width and height of an image for DetectCustomLabels and DetectProtectiveEquipment, in pixels: the
guide states them for these two operations."""

_GENERAL = models.DetectLabelsFeatureName.GENERAL_LABELS
_PROPERTIES = models.DetectLabelsFeatureName.IMAGE_PROPERTIES


def detect_faces(context: Context, request: models.DetectFacesRequest) -> models.DetectFacesResponse:
    """Return the faces of an image; an empty list if there are none."""
    faces = faces_in(context, read_source(context, request.image), "DetectFaces", request.attributes or ())
    return models.DetectFacesResponse(face_details=[face.detail for face in faces])


def detect_labels(context: Context, request: models.DetectLabelsRequest) -> HandlerResult[models.DetectLabelsResponse]:
    """Return the labels of an image, and the properties of its pixels."""
    features = request.features or [_GENERAL]
    general = request.settings.general_labels if request.settings else None
    for_labels = (request.min_confidence, request.max_labels, general)
    if _GENERAL not in features and any(argument is not None for argument in for_labels):
        raise refusals.invalid_parameter(  # our wording
            "MinConfidence, MaxLabels and Settings.GeneralLabels are valid only with the feature GENERAL_LABELS."
        )
    source = read_source(context, request.image)
    image = decode_image(context, source, enough=None if _PROPERTIES in features else LABELS_SIDE)
    response = models.DetectLabelsResponse(label_model_version=LABEL_MODEL_VERSION)
    max_colours = image_properties.max_colours(request.settings)
    if _GENERAL in features:
        given = IMAGE_LABELS.entries(context, source, image, "DetectLabels")
        response.labels = labels.selected(given, request.min_confidence, request.max_labels, general)
    if _PROPERTIES not in features:
        return response
    with needs_extra():
        response.image_properties = image_properties.of_image(image, max_colours)
        image_properties.add_to_instances(image, response.labels, max_colours)
    return image_properties.in_wire_form(response)


def detect_moderation_labels(
    context: Context, request: models.DetectModerationLabelsRequest
) -> models.DetectModerationLabelsResponse:
    """Return the moderation labels of an image. Content types are declared ones.

    An adapter learns nothing, so with one only declared labels are returned; they hold for every adapter, and a
    request for others is refused. There are no human reviewers, so a human loop is never triggered (assumed).
    """
    adapter = require_adapter(context, request.project_version) if request.project_version else None
    source = read_source(context, request.image)
    image = decode_image(context, source, enough=MODERATION_SIDE)
    kinds = declared(context, source, "content_types") or []
    given = moderation_in(context, source, image, "DetectModerationLabels", adapter)
    return models.DetectModerationLabelsResponse(
        moderation_labels=moderation.selected(given, request.min_confidence),
        moderation_model_version=moderation.MODEL_VERSION,
        project_version=adapter,
        content_types=[from_wire(models.ContentType, kind) for kind in kinds],
        human_loop_activation_output=models.HumanLoopActivationOutput() if request.human_loop_config else None,
    )


def detect_protective_equipment(
    context: Context, request: models.DetectProtectiveEquipmentRequest
) -> models.DetectProtectiveEquipmentResponse:
    """Return the persons of an image with their body parts, and a summary on request.

    Only declared persons have equipment. Nothing looks for it in the pixels, so a detected person is neither with nor
    without it in the summary.
    """
    source = read_source(context, request.image, max_bytes=MAX_REQUEST_BYTES)
    image = decode_image(context, source, min_side=MIN_SIDE, max_side=MAX_SIDE)
    analysed = IMAGE_EQUIPMENT.analyse(context, source, image, "DetectProtectiveEquipment")
    kept = equipment.numbered(analysed.entries)
    attributes = request.summarization_attributes
    return models.DetectProtectiveEquipmentResponse(
        protective_equipment_model_version=equipment.MODEL_VERSION,
        persons=kept,
        summary=equipment.summarised(kept, attributes, is_known=analysed.is_declared) if attributes else None,
    )


def detect_text(context: Context, request: models.DetectTextRequest) -> models.DetectTextResponse:
    """Return the lines and words of text in an image."""
    filters = request.filters or models.DetectTextFilters()
    text.check_regions(filters.regions_of_interest)
    source = read_source(context, request.image)
    given = IMAGE_TEXT.entries(context, source, decode_image(context, source), "DetectText")
    lines = text.filtered(text.laid_out(given), filters.word_filter, filters.regions_of_interest)
    return models.DetectTextResponse(text_detections=text.numbered(lines), text_model_version=text.MODEL_VERSION)


def detect_custom_labels(
    context: Context, request: models.DetectCustomLabelsRequest
) -> models.DetectCustomLabelsResponse:
    """Return the custom labels of an image: declared, or predicted by the trained model of a running version."""
    version = require_model(context, request.project_version_arn)
    source = read_source(context, request.image, max_bytes=MAX_REQUEST_BYTES)
    image = decode_image(context, source, min_side=MIN_SIDE, max_side=MAX_SIDE, enough=CUSTOM_LABELS_SIDE)
    kept = custom_labels_in(context, source, image, version.arn, request.min_confidence)
    return models.DetectCustomLabelsResponse(custom_labels=sorted(kept, key=_order)[: request.max_results])


def _order(label: models.CustomLabel) -> tuple[float, str]:
    return (-label.confidence, label.name)
