"""The image of a request: its digest, its names, and the limits of its size."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Emulator
from rekog.emulator.content.images import ImageSource, decode_image, read_source
from rekog.emulator.refusals import RefusalError
from rekog.emulator.state import State
from rekog.emulator.truth.names import NamesOfBytes
from rekog.models import Image
from tests.kit.clock import NOW
from tests.kit.contexts import context_and_worker
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from tests.kit.people import People

IMAGE = image_file(plain_image())
S3_OBJECT = {"S3Object": {"Bucket": "photos", "Name": "ann.png"}}


class HashCounter:
    """Counts the SHA-256 computations over the content of each image."""

    def __init__(self) -> None:
        self.counts: dict[bytes, int] = {}

    def sha256(self, data: bytes = b"", **options: Any) -> Any:
        self.counts[bytes(data)] = self.counts.get(bytes(data), 0) + 1
        return SHA256(data, **options)


SHA256 = hashlib.sha256


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> HashCounter:
    counter = HashCounter()
    monkeypatch.setattr(hashlib, "sha256", counter.sha256)
    return counter


def test_index_faces_hashes_an_image_once_with_the_recorder_of_calls(people: People, hashes: HashCounter) -> None:
    image = people.image("Ann", "Bob")
    hashes.counts.clear()
    assert len(people("IndexFaces", Image={"Bytes": image})["FaceRecords"]) == 2
    assert hashes.counts[image] == 1


def test_index_faces_hashes_an_image_in_s3_once(people: People, hashes: HashCounter) -> None:
    image = people.image("Ann", "Bob")
    people.emulator.put_object("photos", "ann.png", image)
    hashes.counts.clear()
    assert len(people("IndexFaces", Image=S3_OBJECT)["FaceRecords"]) == 2
    assert hashes.counts[image] == 1


def test_moderation_hashes_an_image_in_s3_once_for_labels_and_content_types(
    emulator: Emulator, wire: WireClient, hashes: HashCounter
) -> None:
    emulator.put_object("photos", "ann.png", IMAGE)
    emulator.declare(IMAGE, moderation=["Gambling"], content_types=["Animated"])
    hashes.counts.clear()
    assert wire("DetectModerationLabels", Image=S3_OBJECT).body["ContentTypes"]
    assert hashes.counts[IMAGE] == 1


def test_an_undeclared_image_is_hashed_once_with_the_recorder_of_calls(hashes: HashCounter) -> None:
    with Emulator(vision="off") as emulator:
        assert WireClient(emulator)("DetectLabels", Image={"Bytes": IMAGE}).status == 501
    assert hashes.counts[IMAGE] == 1


def test_two_images_of_one_request_have_names_of_their_own(hashes: HashCounter) -> None:
    names, images = NamesOfBytes(), [bytes([1]) * 1000, bytes([2]) * 1000]
    expected = [f"sha256:{SHA256(image).hexdigest()}" for image in images]
    assert [names.of(image) for image in images * 2] == expected * 2
    assert [hashes.counts[image] for image in images] == [1, 1]


def test_the_bytes_of_an_object_have_precedence_over_its_key() -> None:
    source = ImageSource(IMAGE, "photos", "a/ann.png", "version")
    assert source.names == [f"sha256:{SHA256(IMAGE).hexdigest()}", "s3://photos/a/ann.png"]
    assert ImageSource(IMAGE).names == source.names[:1]


def test_the_bytes_are_not_shown_in_the_text_of_a_source() -> None:
    assert repr(ImageSource(b"secret", "photos", "ann.png")) == (
        "ImageSource(bucket='photos', key='ann.png', version=None)"
    )


def test_an_image_in_a_request_may_have_exactly_the_maximum_size_of_its_operation() -> None:
    with closing(State()) as state:
        context, _ = context_and_worker(state, lambda: NOW)
        for size in (9, 10):
            assert read_source(context, Image(bytes=bytes(size)), max_bytes=10).data == bytes(size)
        with pytest.raises(RefusalError, match="ImageTooLargeException"):
            read_source(context, Image(bytes=bytes(11)), max_bytes=10)


@pytest.mark.parametrize(("width", "height"), [(90, 90), (90, 120), (120, 90)])
def test_a_decoded_image_is_remembered_for_the_operations_whose_limits_it_keeps(width: int, height: int) -> None:
    source = ImageSource(image_file(plain_image(width, height)))
    small, large = min(width, height), max(width, height)
    with closing(State()) as state:
        context, _ = context_and_worker(state, lambda: NOW)
        image = decode_image(context, source, min_side=small, max_side=large)
        assert (image.width, image.height) == (width, height)
        assert decode_image(context, source) is image
        assert decode_image(context, source, min_side=small, max_side=large) is image
        for limits in ({"min_side": small + 1}, {"max_side": large - 1}):
            with pytest.raises(RefusalError):
                decode_image(context, source, **limits)
