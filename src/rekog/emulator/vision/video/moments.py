"""Moments of a video."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    """A frame's number and its time in milliseconds, both from 0."""

    frame: int
    millis: int
