"""Moderation labels of images and videos."""

from __future__ import annotations

from ... import models
from .analysis import ImageAnalysis, VideoAnalysis

IMAGE_MODERATION = ImageAnalysis(capability="moderation", model=models.ModerationLabel)
VIDEO_MODERATION = VideoAnalysis(capability="moderation", model=models.ContentModerationDetection)
