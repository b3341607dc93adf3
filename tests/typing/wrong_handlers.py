"""Handlers with mistakes; the markers are those of `wrong_code.py`."""

from __future__ import annotations

from rekog import models
from rekog._core.handler_result import InWireForm
from rekog._generated.service import HANDLERS, Handler, Service, TagsHandlers
from tests.typing import tags_handlers, wrong_tags_handlers


class _Listing:
    def list_tags_for_resource(
        self, context: str, request: models.ListTagsForResourceRequest
    ) -> models.ListTagsForResourceResponse:
        return models.ListTagsForResourceResponse()


class MissingHandler(_Listing):
    def tag_resource(self, context: str, request: models.TagResourceRequest) -> models.TagResourceResponse:
        return models.TagResourceResponse()


class WrongResponse(MissingHandler):
    def untag_resource(self, context: str, request: models.UntagResourceRequest) -> models.TagResourceResponse:
        return models.TagResourceResponse()


class WrongWireForm(MissingHandler):
    def untag_resource(
        self, context: str, request: models.UntagResourceRequest
    ) -> InWireForm[models.TagResourceResponse]:
        return InWireForm({})


class PlainDict(MissingHandler):
    def untag_resource(self, context: str, request: models.UntagResourceRequest) -> dict[str, object]:
        return {}


class MissingContext(MissingHandler):
    def untag_resource(self, request: models.UntagResourceRequest) -> models.UntagResourceResponse:
        return models.UntagResourceResponse()


handlers: TagsHandlers[str]
handlers = tags_handlers
handlers = wrong_tags_handlers  # E: assignment | reportAssignmentType
handlers = MissingHandler()  # E: assignment | reportAssignmentType
handlers = WrongResponse()  # E: assignment | reportAssignmentType
handlers = WrongWireForm()  # E: assignment | reportAssignmentType
handlers = PlainDict()  # E: assignment | reportAssignmentType
handlers = MissingContext()  # E: assignment | reportAssignmentType
other_context: TagsHandlers[int] = tags_handlers  # E: assignment | reportAssignmentType


def wrong_dispatch(service: Service[str], request: models.TagResourceRequest) -> None:
    HANDLERS["TagResource"](service)(1, request)  # E: arg-type | reportArgumentType
    HANDLERS["TagResource"](tags_handlers)  # E: arg-type | reportArgumentType
    response: models.TagResourceResponse
    response = HANDLERS["TagResource"](service)("", request)  # E: assignment | reportAssignmentType
    print(response)


def no_family(service: Service[str]) -> Handler[str]:
    return service.pets.feed  # E: attr-defined, no-any-return | reportAttributeAccessIssue


def no_operation(service: Service[str]) -> Handler[str]:
    return service.tags.feed  # E: attr-defined, no-any-return | reportAttributeAccessIssue


def no_handler(service: Service[str]) -> Handler[str]:
    return service.tags  # E: return-value | reportReturnType


def wrong_context(service: Service[str]) -> Handler[int]:
    return service.tags.tag_resource  # E: return-value | reportReturnType
