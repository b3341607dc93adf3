"""A module of handlers in which one function takes the request of another operation."""

from __future__ import annotations

from rekog import models


def list_tags_for_resource(
    context: str, request: models.ListTagsForResourceRequest
) -> models.ListTagsForResourceResponse:
    return models.ListTagsForResourceResponse()


def tag_resource(context: str, request: models.TagResourceRequest) -> models.TagResourceResponse:
    return models.TagResourceResponse()


def untag_resource(context: str, request: models.TagResourceRequest) -> models.UntagResourceResponse:
    return models.UntagResourceResponse()
