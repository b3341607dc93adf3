"""Persons of videos."""

from __future__ import annotations

from ... import models
from .analysis import VideoAnalysis

VIDEO_PERSONS = VideoAnalysis(capability="persons", model=models.PersonDetection)
