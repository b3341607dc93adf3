"""Shots and technical cues of videos."""

from __future__ import annotations

from ... import models
from .analysis import VideoAnalysis

VIDEO_SEGMENTS = VideoAnalysis(capability="segments", model=models.SegmentDetection)
