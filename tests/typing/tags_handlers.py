"""A module of handlers: its functions implement the protocol of their family."""

from __future__ import annotations

from rekog import models
from rekog._core.handler_result import HandlerResult, InWireForm


def list_tags_for_resource(
    context: str, request: models.ListTagsForResourceRequest
) -> InWireForm[models.ListTagsForResourceResponse]:
    return InWireForm({"Tags": {context: request.resource_arn}})


def tag_resource(context: str, request: models.TagResourceRequest) -> models.TagResourceResponse:
    return models.TagResourceResponse()


def untag_resource(
    context: object, request: models.UntagResourceRequest
) -> HandlerResult[models.UntagResourceResponse]:
    return InWireForm({}) if request.tag_keys else models.UntagResourceResponse()
