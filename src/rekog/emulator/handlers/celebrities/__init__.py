"""Celebrity operations, and the enrolment of celebrities."""

from __future__ import annotations

from .recognition import get_celebrity_info, recognize_celebrities

__all__ = ["get_celebrity_info", "recognize_celebrities"]
