"""Operations on celebrities, and their enrolment."""

from __future__ import annotations

from .recognition import get_celebrity_info, recognize_celebrities

__all__ = ["get_celebrity_info", "recognize_celebrities"]
