"""Celebrities of videos. Those of an image are in `handlers/celebrities/recognition.py`."""

from __future__ import annotations

from ... import models
from .analysis import VideoAnalysis

VIDEO_CELEBRITIES = VideoAnalysis(capability="celebrities", model=models.CelebrityRecognition)
