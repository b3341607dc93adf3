"""The operations on one image, from the modules of this family."""

from __future__ import annotations

from .comparison import compare_faces
from .detection import (
    detect_custom_labels,
    detect_faces,
    detect_labels,
    detect_moderation_labels,
    detect_protective_equipment,
    detect_text,
)

__all__ = [
    "compare_faces",
    "detect_custom_labels",
    "detect_faces",
    "detect_labels",
    "detect_moderation_labels",
    "detect_protective_equipment",
    "detect_text",
]
