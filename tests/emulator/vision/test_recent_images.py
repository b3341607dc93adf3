"""Images are decoded and analysed once for several operations, and a few at a time."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.emulator.vision import Vision, admission
from rekog.emulator.vision.admission import Admission
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.images import DecodedImage, remembered
from rekog.emulator.vision.networks import Network
from rekog.emulator.vision.recent_images import RecentImages
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.photographs import photograph
from tests.kit.wire import ASTRONAUT, image_file

if TYPE_CHECKING:
    from rekog.emulator.vision.networks import Floats

SECONDS = 20
"""Until a thread that should run counts as hanging."""


def grey(width: int, height: int) -> DecodedImage:
    return DecodedImage(Image.new("RGB", (width, height), "grey"))


def test_the_images_used_last_are_remembered_within_a_number_of_pixels() -> None:
    recent, one, two, three = RecentImages(300), grey(10, 10), grey(10, 10), grey(20, 10)
    recent.add("one", one)
    recent.add("two", two)
    assert recent.find("one") is one
    recent.add("three", three)
    assert (recent.find("one"), recent.find("two"), recent.find("three")) == (one, None, three)
    large = grey(100, 100)
    recent.add("large", large)
    assert (recent.find("one"), recent.find("three"), recent.find("large")) == (None, None, large)


def test_a_result_is_computed_once_for_each_key_and_image() -> None:
    numbers = iter(range(10))
    image, other = grey(10, 10), grey(10, 10)
    assert [remembered(image, "a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    assert remembered(image, "b", lambda: next(numbers)) == 1
    assert remembered(other, "a", lambda: next(numbers)) == 2


def test_operations_on_one_image_share_its_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    run = Network.run

    def counted(network: Network, image: Floats) -> tuple[Floats, ...]:
        runs.append(type(network).__name__)
        return run(network, image)

    monkeypatch.setattr(Network, "run", counted)
    image = ASTRONAUT.read_bytes()
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        (face,) = client.recognize_celebrities(image).unrecognized_faces
        first = len(runs)
        assert client.recognize_celebrities(image).unrecognized_faces == [face]
        assert (first > 0, len(runs)) == (True, first)


def test_a_remembered_image_has_the_limits_of_each_operation() -> None:
    image = image_file(Image.new("RGB", (70, 70)))
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        emulator.declare(image, ppe=[], faces=[])
        assert client.detect_protective_equipment(image).persons == []
        with pytest.raises(Exception, match="70 x 70 pixels"):
            client.detect_faces(image)


@pytest.mark.parametrize("enough", [40, 100, 150, 500])
def test_a_jpeg_decoded_in_part_has_its_whole_when_more_is_asked(enough: int) -> None:
    jpeg = photograph("astronaut")
    whole, part = decode(jpeg), decode(jpeg, enough=enough)
    small = part.pixels(enough, enough)
    assert np.abs(small.astype(int) - whole.pixels(enough, enough)).mean() < 3
    assert (part.width, part.height) == Image.open(io.BytesIO(jpeg)).size
    assert np.array_equal(part.pixels(), whole.pixels())


def test_pixels_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        grey(10, 10).pixels()[0, 0] = 0


def test_only_a_few_threads_are_admitted_at_once_and_free_memory_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    returned: list[int] = []
    monkeypatch.setattr(admission, "return_free_memory", lambda: returned.append(1))
    door, both, lock, inside, most = Admission(2), threading.Barrier(2), threading.Lock(), 0, 0

    def enter() -> None:
        nonlocal inside, most
        with door:
            with lock:
                inside += 1
                most = max(most, inside)
            both.wait(SECONDS)  # passes in pairs: two are always let in
            with lock:
                inside -= 1

    with door:
        pass
    assert returned == []  # a thread alone does not pay for it
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(enter) for _ in range(8)]:
            future.result(SECONDS)
    assert most == 2
    assert returned


def test_a_replaced_detector_is_not_limited() -> None:
    assert isinstance(Vision().admission, Admission)
    assert not isinstance(Vision(face_detector=ColourFaceDetector()).admission, Admission)
