"""Handlers without mistakes: a module implements its family's protocol, and the table keeps the context's type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_type

from rekog._core.handler_result import HandlerResult
from rekog._generated.service import (
    HANDLERS,
    CelebritiesHandlers,
    CollectionsHandlers,
    CustomLabelsHandlers,
    ImagesHandlers,
    LivenessHandlers,
    MediaAnalysisHandlers,
    Service,
    StreamsHandlers,
    TagsHandlers,
    UsersHandlers,
    VideosHandlers,
)
from rekog._values.model import Response


class LazyService:
    def __init__(
        self,
        celebrities: CelebritiesHandlers[str],
        collections: CollectionsHandlers[str],
        custom_labels: CustomLabelsHandlers[str],
        images: ImagesHandlers[object],
        liveness: LivenessHandlers[str],
        media_analysis: MediaAnalysisHandlers[str],
        streams: StreamsHandlers[str],
        users: UsersHandlers[str],
        videos: VideosHandlers[str],
    ) -> None:
        self.celebrities = celebrities
        self.collections = collections
        self.custom_labels = custom_labels
        self.images = images
        self.liveness = liveness
        self.media_analysis = media_analysis
        self.streams = streams
        self.users = users
        self.videos = videos

    # Not `cached_property`: pyright does not match such an attribute with a property of a protocol.
    @property
    def tags(self) -> TagsHandlers[str]:
        from tests.typing import tags_handlers

        return tags_handlers


def dispatch(lazy: LazyService, operation: str, request: object) -> HandlerResult[Response]:
    service: Service[str] = lazy
    handler = HANDLERS[operation](service)
    assert_type(handler, Callable[[str, Any], HandlerResult[Response]])
    return handler("context", request)
