"""Stream processor operations."""

from __future__ import annotations

from .processors import (
    create_stream_processor,
    delete_stream_processor,
    describe_stream_processor,
    list_stream_processors,
    start_stream_processor,
    stop_stream_processor,
    update_stream_processor,
)

__all__ = [
    "create_stream_processor",
    "delete_stream_processor",
    "describe_stream_processor",
    "list_stream_processors",
    "start_stream_processor",
    "stop_stream_processor",
    "update_stream_processor",
]
