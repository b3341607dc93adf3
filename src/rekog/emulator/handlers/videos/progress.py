"""Progress of an analysis in the log: a line at its begin and its end, and one every five seconds in between."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...._values.clocks import monotonic

if TYPE_CHECKING:
    from ...content.videos import VideoContent
    from ...state.rows.jobs import JobRow

SECONDS = 5.0
"""Real time between two lines."""

_LOG = logging.getLogger("rekog.emulator")


class Progress:
    """Logs the progress of a job's analysis: call it with the time of each frame, in milliseconds."""

    def __init__(self, job: JobRow, content: VideoContent) -> None:
        self._job = job
        self._length = content.facts.duration_millis if content.facts else 0
        self._begin: float | None = None
        self._logged = 0.0
        self._frames = 0

    def __call__(self, millis: int) -> None:
        """Note that a frame is analysed."""
        now = monotonic()
        if self._begin is None:
            self._begin = self._logged = now
            _LOG.debug("job %s: %s of %.1f s of video", self._job.job_id, self._job.kind, self._length / 1000)
        self._frames += 1
        if now - self._logged >= SECONDS:
            self._logged = now
            percent = min(100, 100 * millis // self._length) if self._length else 0
            seconds = now - self._begin
            _LOG.info("job %s: %s, %d %% after %.0f s", self._job.job_id, self._job.kind, percent, seconds)

    def finish(self) -> None:
        """Note that the analysis has ended."""
        if self._begin is not None:
            seconds = monotonic() - self._begin
            _LOG.debug("job %s: %s, %d frames in %.1f s", self._job.job_id, self._job.kind, self._frames, seconds)
