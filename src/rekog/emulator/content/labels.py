"""Labels of images and videos."""

from __future__ import annotations

from ... import models
from .analysis import ImageAnalysis, VideoAnalysis

IMAGE_LABELS = ImageAnalysis(capability="labels", model=models.Label)
VIDEO_LABELS = VideoAnalysis(capability="labels", model=models.LabelDetection)
