"""Shots and black frames of films whose cuts are known, and of real ones."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rekog.emulator.vision.video.black_frames import BlackLimits, BlackStretch, BlackStretches, black_coverage
from rekog.emulator.vision.video.moments import Moment
from rekog.emulator.vision.video.shots import Shot, Shots, confidence, is_other_scene
from tests.kit.films import crossfade, plain, scene
from tests.kit.photographs import photograph_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FRAME_MILLIS = 40
NAMES = ("cat", "coffee", "palace", "flower", "rocket", "motorcycle", "hubble", "astronaut")
PAIRS = [*itertools.pairwise([*NAMES, NAMES[0]])]


def moment(number: int) -> Moment:
    return Moment(number, number * FRAME_MILLIS)


def shots_of(frames: Iterable[Pixels]) -> list[Shot]:
    shots, found, count = Shots(), list[Shot](), 0
    for count, frame in enumerate(frames, 1):
        found += shots.add(moment(count - 1), frame)
    return [*found, *shots.finish(moment(count))]


def starts(frames: Iterable[Pixels]) -> list[int]:
    return [shot.start.frame for shot in shots_of(frames)]


def black_of(frames: Sequence[Pixels], limits: BlackLimits = BlackLimits()) -> list[tuple[int, int]]:  # noqa: B008
    black, found = BlackStretches(limits), list[BlackStretch]()
    for number, frame in enumerate(frames):
        found += black.add(moment(number), frame)
    found += black.finish(moment(len(frames)))
    return [(stretch.start.frame, stretch.end.frame) for stretch in found]


def real_film(name: str) -> Iterator[Pixels]:
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    from rekog.emulator.vision.video.pyav import PyAvReader

    with photograph_path(name).open("rb") as file:
        for frame in PyAvReader().every_frame(file):
            yield frame.thumbnail()


# Shots


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_cut_is_found_to_the_frame(first: str, second: str) -> None:
    assert starts([*scene(first, 30), *scene(second, 30)]) == [0, 30]


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("length", [4, 12])
def test_a_cross_fade_ends_a_shot_at_its_middle(first: str, second: str, length: int) -> None:
    frames, middle = crossfade(scene(first, 40), scene(second, 40), length)
    _, start = starts(frames)
    assert abs(start - middle) <= 2


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_flash_is_no_cut(length: int) -> None:
    frames = scene("cat", 60)
    frames[25 : 25 + length] = plain(length, 255)
    assert starts(frames) == [0]


def test_a_shot_of_six_frames_is_no_flash() -> None:
    frames = scene("cat", 60)
    frames[25:31] = scene("coffee", 6)
    assert starts(frames) == [0, 25, 31]


def test_a_moving_camera_and_changing_light_are_no_cuts() -> None:
    wave = 0.7 + 0.3 * np.sin(np.arange(100) / 8)
    frames = [(frame * share).astype(np.uint8) for frame, share in zip(scene("cat", 100), wave, strict=True)]
    assert starts(frames) == [0]


def test_dark_noise_is_no_cut() -> None:
    chance = np.random.default_rng(1)
    assert starts([chance.integers(0, 8, (72, 128, 3), np.uint8) for _ in range(60)]) == [0]


def test_a_black_stretch_is_a_shot_of_its_own() -> None:
    assert starts([*scene("cat", 30), *plain(15), *scene("coffee", 30)]) == [0, 30, 45]


def test_a_fade_to_black_and_back_ends_the_shots_at_its_middles() -> None:
    out, first = crossfade(scene("cat", 40), plain(40), 12)
    both, second = crossfade(out, scene("coffee", 40), 12)
    _, *found = starts(both)
    assert np.abs(np.subtract(found, [first, second])).max() <= 2


def test_shots_follow_each_other_without_a_gap() -> None:
    frames = [frame for name in NAMES for frame in scene(name, 20)]
    found = shots_of(frames)
    assert [shot.start for shot in found] == [moment(20 * number) for number in range(len(NAMES))]
    assert [shot.end for shot in found] == [*(shot.start for shot in found[1:]), moment(len(frames))]
    assert all(50 < shot.confidence <= 100 for shot in found)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_another_scene_differs_from_that_of_a_moved_camera(first: str, second: str) -> None:
    one, other = scene(first, 20), scene(second, 20)
    assert is_other_scene(one[-1], other[0])
    assert not is_other_scene(one[0], one[12])


def test_a_film_without_frames_has_no_shot() -> None:
    assert shots_of([]) == []


@pytest.mark.parametrize("count", [1, 2, 12, 13, 25, 26])
def test_a_short_film_is_one_shot(count: int) -> None:
    (shot,) = shots_of(scene("cat", count))
    assert (shot.start, shot.end) == (moment(0), moment(count))


@pytest.mark.parametrize("before", [1, 5, 13])
@pytest.mark.parametrize("after", [1, 5, 13])
def test_a_cut_near_an_end_of_the_film_is_found(before: int, after: int) -> None:
    assert starts([*scene("cat", before), *scene("coffee", after)]) == [0, before]


def test_the_confidence_grows_with_the_boundary_and_falls_with_doubt() -> None:
    assert confidence(1, 0) == 50
    assert confidence(2, 0) < confidence(4, 0) < 100
    assert confidence(4, 1) < confidence(4, 0.5) < confidence(4, 0)


@pytest.mark.slow
def test_the_cuts_of_a_real_film_are_found_to_the_frame() -> None:
    # looked at: a bus from above, cars, a cyclist behind a van, a fence, a bicycle at a wall, a bicycle at a tree
    assert starts(real_film("bikes")) == [0, 30, 76, 137, 187, 242]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bunny", "carphone"])
def test_a_film_without_cuts_is_one_shot(name: str) -> None:
    assert starts(real_film(name)) == [0]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_film() -> None:
    frames = scene("cat", 20)

    def peak(count: int) -> int:
        tracemalloc.start()
        shots, black = Shots(), BlackStretches(BlackLimits())
        for number in range(count):
            assert not [*shots.add(moment(number), frames[0]), *black.add(moment(number), frames[0])]
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(400) < 1.1 * peak(50)


# Black frames


def test_black_frames_are_found_to_the_frame() -> None:
    assert black_of([*scene("cat", 20), *plain(8), *scene("cat", 20), *plain(5)]) == [(20, 28), (48, 53)]


def test_a_few_black_frames_are_no_stretch() -> None:
    assert black_of([*scene("cat", 20), *plain(4), *scene("cat", 20)]) == []


@pytest.mark.parametrize(("level", "limit", "is_black"), [(51, 0.2, True), (55, 0.2, False), (55, 0.25, True)])
def test_the_limit_of_a_black_pixel_is_a_part_of_the_range(level: int, limit: float, is_black: bool) -> None:
    assert bool(black_of(plain(10, level), BlackLimits(pixel=limit))) is is_black


@pytest.mark.parametrize(("coverage", "is_black"), [(94.9, True), (95.1, False)])
def test_a_black_frame_may_have_some_bright_pixels(coverage: float, is_black: bool) -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[:5] = 255
    assert black_coverage(frame, 0.2) == 95.0
    assert bool(black_of([frame] * 6, BlackLimits(coverage=coverage))) is is_black


def test_green_is_brighter_than_blue() -> None:
    frame = np.zeros((1, 2, 3), np.uint8)
    frame[0, 0, 1] = frame[0, 1, 2] = 255
    assert black_coverage(frame, 0.2) == 50.0
