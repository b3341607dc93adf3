"""Shots of a video: its cuts, cross fades and fades, found in the thumbnails of all frames.

Theory of operation:

- A cut is a frame that differs from the one before it: in hue, saturation and value at 64 x 36 pixels by more than
  three times the median of the differences around it, so that fast movement is none; and that no shift makes alike, so
  that a change of the light is none.
- A flash is no cut: the frame before it is like one of the frames that follow within a sixth of a second.
- A cross fade is a stretch of frames that are all mixtures of its two ends, as far as a tenth of their difference; a
  pan or a person who passes gives frames that are none. The next shot begins at the first frame that is nearer to the
  later end. A fade to or from black is a cross fade with black.
- A decision about a frame needs the fifteen frames after it, and the state is that of 31 thumbnails: memory does not
  grow with the length of a video.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from .moments import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SIZE = (64, 36)
"""Width and height at which frames are compared."""
_FADE_SIZE = (16, 9)
"""Size at which cross fades are found: small, so that movement within the two scenes changes little."""
AROUND = 15
"""Frames before and after a frame by which it is judged."""
_MIN_DIFFERENCE = 12.0
"""Mean difference of hue, saturation and value at a cut: 33 and more at real cuts, up to 6 in a film without any."""
_RATIO = 3.0
"""Difference at a cut as a multiple of the median around it."""
_MAX_CUT_LIKENESS = 0.43
"""Phase correlation from which two frames in a row are no cut, whatever their light: 0.45 and more in films with fast
movement, and up to 0.41 at cuts."""
_MIN_HISTOGRAM = 0.12
"""Part of the pixels that must have another colour after a cross fade."""
_LIKE_HISTOGRAM = 0.25
"""Part of the pixels that may have another colour after a flash."""
_GREY = 16
"""Difference of the largest and the smallest of red, green and blue below which a pixel has no hue."""
_FLASH_FRAMES = 4
_BINS = 8
_STEP = 1.6
"""Difference at a cut as a multiple of those of the frames beside it; each frame of a short cross fade has the same."""
_FADE_SPANS = (4, 8, 14, 20)
"""Frames from one end of a cross fade to the other. One of 12 frames fits into 14."""
_MAX_RESIDUAL = 0.42
"""Maximum distance of a mixture from the line between the two ends, as a part of their distance: movement in the two
scenes gives up to 0.4, and a film without cross fades 0.44 and more."""
_MAX_OUTSIDE = 0.15
"""Part of their difference by which frames before and after the ends may go on in their direction, as in a pan."""
_PURE = 0.12
"""Part of the other end in a frame up to which it counts as an end and not as a mixture."""
_MAX_LIKENESS = 0.35
"""Phase correlation from which the ends of a change show one scene in another light or from a camera that moves: that
of different scenes is up to 0.38, and in 95 of 100 cases 0.28; of frames of a shot that are 8 to 20 apart 0.4."""
_WINDOW = cv2.createHanningWindow(SIZE, cv2.CV_32F)
_FADE_DIFFERENCE = 20.0
"""Mean difference of the ends of a cross fade in red, green and blue."""


class Shot(NamedTuple):
    """A shot from its first frame to the first one of the next shot; `confidence` is 50 to 100."""

    start: Moment
    end: Moment
    confidence: float


class _Measured(NamedTuple):
    """A frame at the size of the comparison; `difference` is that to the one before."""

    moment: Moment
    pixels: NDArray[np.float32]
    hsv: NDArray[np.int16]
    histogram: NDArray[np.float32]
    difference: float = 0.0


class Shots:
    """Collects the shots of a video, frame by frame."""

    def __init__(self) -> None:
        self._window: deque[_Measured] = deque(maxlen=2 * AROUND + 1)
        self._start: Moment | None = None
        self._boundary = math.inf
        self._doubt = 0.0
        self._last_boundary = -math.inf
        self._fading = 0

    def add(self, moment: Moment, thumbnail: NDArray[np.uint8]) -> Iterator[Shot]:
        """Take the next frame, and yield the shot that has ended, fifteen frames after its end."""
        measured = _measure(moment, thumbnail)
        if self._window:
            before = self._window[-1]
            measured = measured._replace(difference=_difference(before, measured))
        else:
            self._start = moment
        self._window.append(measured)
        if len(self._window) > AROUND:
            yield from self._decide(len(self._window) - 1 - AROUND)

    def finish(self, end: Moment) -> Iterator[Shot]:
        """Yield the shots at the end of the video, of which `end` is the moment after the last frame."""
        for position in range(max(0, len(self._window) - AROUND), len(self._window)):
            yield from self._decide(position)
        if self._start is not None:
            yield self._shot(self._start, end, math.inf)

    def _decide(self, position: int) -> Iterator[Shot]:
        """Yield the shot before a frame of the window if another begins with it."""
        frame = self._window[position]
        if self._start is None or frame.moment == self._start:
            return
        window = list(self._window)
        since, strength = frame.moment.frame - self._last_boundary, 0.0
        if since > self._fading:
            strength = _cut(window, position)
        fading = 0
        if strength <= 1 and since > AROUND:
            self._doubt = max(self._doubt, strength)
            strength, fading = _fade(window, position)
        if strength > 1:
            self._fading = fading // 2
            yield self._shot(self._start, frame.moment, strength)
            self._start, self._boundary, self._doubt = frame.moment, strength, 0.0
            self._last_boundary = frame.moment.frame

    def _shot(self, start: Moment, end: Moment, strength: float) -> Shot:
        return Shot(start, end, confidence(min(self._boundary, strength), self._doubt))


def confidence(boundary: float, doubt: float) -> float:
    """Return the confidence of a shot: that of its weaker boundary, or of the absence of a cut within it.

    `boundary` is above 1, `doubt` at most 1, both as multiples of the threshold of a cut. The form is ours (assumed).

    >>> confidence(3.0, 0.2), confidence(3.0, 1.0)
    (87.5, 50.0)
    """
    left: float = 0.5**boundary
    return 100.0 * min(1 - left, 1 - doubt / 2)


def is_other_scene(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Return whether there is a cut between two frames of a video that are less than a second apart."""
    before, after = _measure(Moment(0, 0), one), _measure(Moment(1, 0), other)
    return _difference(before, after) > _RATIO * _MIN_DIFFERENCE / 2 and _likeness(before, after) < _MAX_CUT_LIKENESS


def _measure(moment: Moment, thumbnail: NDArray[np.uint8]) -> _Measured:
    small = np.asarray(cv2.resize(thumbnail, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    hsv = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2HSV), np.int16)
    hsv[..., 1] = hsv[..., 1] * hsv[..., 2].astype(np.int32) // 255  # a dark pixel may have any saturation, and any hue
    hsv[..., 0][hsv[..., 1] < _GREY] = 0
    bins = (small // (256 // _BINS)).astype(np.int32)
    cells = (bins[..., 0] * _BINS + bins[..., 1]) * _BINS + bins[..., 2]
    counts = np.bincount(cells.ravel(), minlength=_BINS**3)
    histogram = np.asarray(counts / cells.size, np.float32)
    tiny = np.asarray(cv2.resize(small, _FADE_SIZE, interpolation=cv2.INTER_AREA), np.float32)
    return _Measured(moment, tiny, hsv, histogram)


def _difference(one: _Measured, other: _Measured) -> float:
    """Return the mean difference of hue, saturation and value."""
    apart = np.abs(one.hsv - other.hsv)
    hue = np.minimum(apart[..., 0], 180 - apart[..., 0])
    return float(hue.mean() + apart[..., 1].mean() + apart[..., 2].mean()) / 3


def _histogram_difference(one: _Measured, other: _Measured) -> float:
    """Return the part of the pixels that change their colour, 0 to 1."""
    return float(np.abs(one.histogram - other.histogram).sum()) / 2


def _cut(window: Sequence[_Measured], position: int) -> float:
    """Return the strength of a cut at a frame: above 1 if it is one."""
    frame = window[position]
    around = [each.difference for each in window if each is not frame and each.difference]
    threshold = max(_MIN_DIFFERENCE, _RATIO * float(np.median(around)) if around else 0.0)
    if frame.difference <= threshold:
        return frame.difference / threshold
    unlikeness = (1 - _likeness(window[position - 1], frame)) / (1 - _MAX_CUT_LIKENESS)
    if unlikeness <= 1:
        return max(0.0, unlikeness)
    beside = max(each.difference for each in (window[position - 1], *window[position + 1 : position + 2]))
    if beside * _STEP > frame.difference or _is_flash(window, position, threshold):
        return 0.0
    return math.sqrt(frame.difference / threshold * unlikeness)


def _is_flash(window: Sequence[_Measured], position: int, threshold: float) -> bool:
    """Return whether a flash begins or ends at a frame, so that the frames around it are alike."""
    last = len(window) - 1
    pairs = [(position - 1, min(last, position + length)) for length in range(1, _FLASH_FRAMES + 1)]
    pairs += [(max(0, position - 1 - length), position) for length in range(1, _FLASH_FRAMES + 1)]
    return any(
        _difference(window[before], window[after]) < threshold
        and _histogram_difference(window[before], window[after]) < _LIKE_HISTOGRAM
        for before, after in pairs
    )


def _fade(window: Sequence[_Measured], position: int) -> tuple[float, int]:
    """Return the strength of a cross fade with its middle before a frame, above 1 if it is one, and its length."""
    return max((_fade_of(window, position, span), span) for span in _FADE_SPANS)


def _fade_of(window: Sequence[_Measured], position: int, span: int) -> float:
    first, last = position - span // 2, position + span // 2
    if first < 0 or last >= len(window):
        return 0.0
    start = window[first].pixels
    change = window[last].pixels - start
    size = float(np.abs(change).mean())
    if size < _FADE_DIFFERENCE:
        return 0.0
    square = float((change * change).sum())
    parts: list[float] = []
    for index in range(first + 1, last):
        moved = window[index].pixels - start
        part = float((moved * change).sum()) / square
        rest = moved - part * change
        if float((rest * rest).sum()) > _MAX_RESIDUAL**2 * square:
            return 0.0
        parts.append(part)
    if _continues(window, first, last, change, square):
        return 0.0
    middle = position - first - 1
    if not parts[middle - 1] <= 0.5 < parts[middle] or all(not _PURE < part < 1 - _PURE for part in parts):
        return 0.0
    if _histogram_difference(window[first], window[last]) < _MIN_HISTOGRAM:
        return 0.0
    if _likeness(window[first], window[last]) > _MAX_LIKENESS:
        return 0.0
    return max(size / _FADE_DIFFERENCE, 1.001)


def _continues(window: Sequence[_Measured], first: int, last: int, change: NDArray[np.float32], square: float) -> bool:
    """Return whether the change goes on before or after the two ends, so that they are none."""
    start, more = window[first].pixels, max(2, (last - first) // 4)
    outside = [window[max(0, first - more)], window[min(len(window) - 1, last + more)]]
    before, after = (float(((each.pixels - start) * change).sum()) / square for each in outside)
    return before < -_MAX_OUTSIDE or after > 1 + _MAX_OUTSIDE


def _likeness(one: _Measured, other: _Measured) -> float:
    """Return how far a shift makes two frames alike, about 0 to 1, whatever their light: the phase correlation."""
    first, second = (each.hsv[..., 2].astype(np.float32) for each in (one, other))
    if not (first.std() > 1 and second.std() > 1):
        return 0.0  # a frame of a single colour is like no other
    return cv2.phaseCorrelate(first, second, _WINDOW)[1]
