"""Text of images and videos."""

from __future__ import annotations

from ... import models
from .analysis import ImageAnalysis, VideoAnalysis

IMAGE_TEXT = ImageAnalysis(capability="text", model=models.TextDetection)
VIDEO_TEXT = VideoAnalysis(capability="text", model=models.TextDetectionResult)
