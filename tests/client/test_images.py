"""Images and videos in every form; an invalid form is refused before a request is sent."""

from __future__ import annotations

import base64
import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import PIL.Image
import pytest

from rekog import Image, S3Object, Video
from rekog.errors import ParamValidationError
from rekog.images import MAX_BYTES, FittedImage
from tests.kit.backends import PNG, Backend, Scripted, Unused, json_reply

JPEG = b"\xff\xd8\xff\xe0 the pixels of the tests"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.png"
    path.write_bytes(PNG)
    return path


def sent(backend: Backend, image: Any) -> object:
    """Return the wire form in which an image is sent."""
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_faces(image))
    return transport.sent[0].wire["Image"]


def refusal(backend: Backend, image: Any) -> str:
    """Return the problem for which an image is refused."""
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_faces(image))
    assert caught.value.problems[0].startswith("image: ")
    assert str(caught.value) == f"detect_faces: {caught.value.problems[0]}"
    return caught.value.problems[0].removeprefix("image: ")


BYTES = {"Bytes": base64.b64encode(PNG).decode()}
OBJECT = {"S3Object": {"Bucket": "bucket", "Name": "a/b.jpg"}}

FORMS: dict[str, tuple[object, object]] = {
    "bytes": (PNG, BYTES),
    "bytearray": (bytearray(PNG), BYTES),
    "memoryview": (memoryview(PNG), BYTES),
    "memoryview of wider items": (memoryview(PNG + b"\0" * (-len(PNG) % 4)).cast("I"), None),
    "memoryview with gaps": (
        memoryview(bytes(byte for pair in zip(PNG, PNG, strict=True) for byte in pair))[::2],
        BYTES,
    ),
    "image of bytes": (Image(bytes=PNG), BYTES),
    "image of a view with gaps": (Image(bytes=memoryview(PNG[::-1])[::-1]), BYTES),  # type: ignore[arg-type]  # runtime check
    "image of an object": (Image(s3_object=S3Object(bucket="bucket", name="a/b.jpg")), OBJECT),
    "object": (S3Object(bucket="bucket", name="a/b.jpg"), OBJECT),
    "S3 URL": ("s3://bucket/a/b.jpg", OBJECT),
}


@pytest.mark.parametrize(("image", "wire"), FORMS.values(), ids=FORMS)
def test_every_form_of_an_image_is_sent(backend: Backend, image: object, wire: object) -> None:
    assert sent(backend, image) == (wire or {"Bytes": base64.b64encode(bytes(image)).decode()})  # type: ignore[call-overload]  # a view


@pytest.mark.parametrize("form", [Path, str], ids=["path", "text"])
def test_a_file_is_read(backend: Backend, image: Path, form: Callable[[Path], object]) -> None:
    assert sent(backend, form(image)) == BYTES


def test_a_jpeg_file_is_read(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "image.jpg").write_bytes(JPEG)
    assert sent(backend, tmp_path / "image.jpg") == {"Bytes": base64.b64encode(JPEG).decode()}


def test_a_file_object_is_read_from_its_position_and_stays_open(backend: Backend, image: Path) -> None:
    with image.open("rb") as file:
        assert sent(backend, file) == BYTES
        assert not file.closed
    later = io.BytesIO(b"skipped" + PNG)
    later.seek(7)
    assert sent(backend, later) == BYTES
    with tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(PNG)
        spooled.seek(0)
        assert sent(backend, spooled) == BYTES


def test_a_large_file_object_is_not_read_to_its_end(backend: Backend) -> None:
    file = io.BytesIO(PNG + bytes(2 * MAX_BYTES))
    assert refusal(backend, file).startswith(f"has {MAX_BYTES + 1} bytes, more than the {MAX_BYTES} that fit")
    assert file.tell() == MAX_BYTES + 1


def test_an_image_of_pillow_is_encoded(backend: Backend) -> None:
    wire: Any = sent(backend, PIL.Image.new("RGBA", (90, 80), (255, 0, 0, 0)))
    with PIL.Image.open(io.BytesIO(base64.b64decode(wire["Bytes"]))) as image:
        assert (image.format, image.size, image.getpixel((1, 1))) == ("JPEG", (90, 80), (255, 255, 255))


def test_a_fitted_image_is_sent_as_it_is(backend: Backend) -> None:
    assert sent(backend, FittedImage(data=PNG, width=1, height=1, media_type="image/png")) == BYTES


def test_a_key_of_an_s3_url_may_have_any_characters(backend: Backend) -> None:
    wire = {"S3Object": {"Bucket": "bucket", "Name": "a//b c/\n?x=ü"}}
    assert sent(backend, "s3://bucket/a//b c/\n?x=ü") == wire


SQUARE = np.frombuffer(PNG + b"\0" * (-len(PNG) % 4), np.uint8).reshape(4, -1)
VIEWS = {
    "two dimensions": SQUARE.data,
    "another order": np.asfortranarray(SQUARE).data,
    "big-endian items": SQUARE.reshape(-1).view(">u4").data,
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_view_of_any_shape_is_sent(backend: Backend, view: memoryview) -> None:
    assert sent(backend, view) == {"Bytes": base64.b64encode(SQUARE.tobytes()).decode()}


def test_a_view_of_no_items_is_refused(backend: Backend) -> None:
    assert refusal(backend, np.empty((0, 4), np.uint8).data) == "has no bytes: the image is empty"


def test_the_version_of_an_object_is_sent(backend: Backend) -> None:
    wire = {"S3Object": {"Bucket": "bucket", "Name": "key", "Version": "7"}}
    assert sent(backend, S3Object(bucket="bucket", name="key", version="7")) == wire


def test_only_the_first_bytes_of_an_image_are_checked(backend: Backend) -> None:
    assert sent(backend, b"\xff\xd8\xff broken") == {"Bytes": base64.b64encode(b"\xff\xd8\xff broken").decode()}


def test_bytes_of_the_maximum_size_are_sent(backend: Backend) -> None:
    largest = PNG.ljust(MAX_BYTES, b"\0")
    assert sent(backend, largest) == {"Bytes": base64.b64encode(largest).decode()}


def test_both_images_of_a_comparison_are_loaded(backend: Backend, image: Path) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.compare_faces(image, "s3://bucket/a/b.jpg"))
    assert transport.sent[0].wire == {"SourceImage": BYTES, "TargetImage": OBJECT}


# --- Refusals ----------------------------------------------------------------------------------------------------

BASE64 = base64.b64encode(JPEG).decode()
RAW = "is base64 text: give the image's raw bytes, the client encodes them itself"
DECODE = "is base64 text in place of a path or raw bytes: decode it, the client encodes bytes itself"
TOO_MANY = "more than the 5242880 that fit in a request: rekog.images.fit(image) shrinks it, or put it in S3"
FROM_ARRAY = "rekog.images.from_array(array, channels='RGB' or 'BGR') converts it"
FORMS_RULE = "must be bytes, a path, 's3://bucket/key', a file object, an image of Pillow, an S3Object or an Image"


class AsyncFile:
    """A file of an async library."""

    async def read(self, _size: int = -1) -> bytes:
        return PNG


class Promise:
    """A value that has to be awaited, but is no coroutine."""

    def __await__(self) -> Iterator[None]:
        yield


class PromisedFile:
    """A file of another async library."""

    def read(self, _size: int = -1) -> Promise:
        return Promise()


class OddFile:
    """An object whose `read` is about something else."""

    def read(self, _size: int = -1) -> int:
        return 5


class DecodingFile:
    """An image that was opened in text mode."""

    def read(self, _size: int = -1) -> str:
        return PNG.decode()


class BrokenFile:
    """A file of a share that is gone."""

    def read(self, _size: int = -1) -> bytes:
        raise OSError(5, "no such share")


class Tensor:
    """An array of another library than NumPy."""

    def __array__(self) -> object:
        return np.zeros((1, 1, 3), np.uint8)


CLOSED = io.BytesIO(PNG)
CLOSED.close()

INVALID: dict[str, tuple[object, str]] = {
    "neither": (Image(), "must have either bytes or s3_object, and neither is there"),
    "both": (
        Image(bytes=PNG, s3_object=S3Object(bucket="b", name="k")),
        "must have either bytes or s3_object, and both are there",
    ),
    "empty bytes": (b"", "has no bytes: the image is empty"),
    "empty view": (memoryview(b""), "has no bytes: the image is empty"),
    "empty bytes in an image": (Image(bytes=b""), "has no bytes: the image is empty"),
    "too many bytes": (bytes(MAX_BYTES + 1), f"has 5242881 bytes, {TOO_MANY}"),
    "too wide a view": (memoryview(bytes(MAX_BYTES + 4)).cast("I"), f"has 5242884 bytes, {TOO_MANY}"),
    "too many bytes in an image": (Image(bytes=bytes(MAX_BYTES + 1)), f"has 5242881 bytes, {TOO_MANY}"),
    "base64 bytes": (BASE64.encode(), RAW),
    "base64 of a PNG": (base64.b64encode(PNG), RAW),
    "base64 bytes in an image": (Image(bytes=BASE64.encode()), RAW),
    "base64 text": (BASE64, DECODE),
    "base64 text with line ends": (BASE64[:20] + "\n" + BASE64[20:], DECODE),
    "base64 as a path": (PurePosixPath("iVBORw0KGgo", "abc"), DECODE),
    "base64 text in an image": (
        Image(bytes=BASE64),  # type: ignore[arg-type]
        "bytes must be raw bytes, not text: give the file's bytes, the client encodes them itself",
    ),
    "data URL": (f"data:image/jpeg;base64,{BASE64}", DECODE),
    "data URL as bytes": (f"data:image/jpeg;base64,{BASE64}".encode(), RAW),
    "other base64 text": (
        base64.b64encode(b"GIF89a" * 900).decode(),
        "is a text of 7200 characters, which cannot be a path",
    ),
    "GIF as bytes": (
        b"GIF89a...",
        "is a GIF file; the service reads JPEG and PNG only: rekog.images.fit(image) converts it",
    ),
    "GIF as a bytearray": (
        bytearray(b"GIF89a..."),
        "is a GIF file; the service reads JPEG and PNG only: rekog.images.fit(image) converts it",
    ),
    "GIF in an image": (
        Image(bytes=b"GIF89a..."),
        "is a GIF file; the service reads JPEG and PNG only: rekog.images.fit(image) converts it",
    ),
    "S3 object without key": (S3Object(bucket="b"), "its s3_object must have both a bucket and a name"),
    "S3 object without bucket": (
        Image(s3_object=S3Object(name="k")),
        "its s3_object must have both a bucket and a name",
    ),
    "S3 URL without key": ("s3://bucket/", "must be 's3://bucket/key' with both a bucket and a key"),
    "S3 URL without slash": ("s3://bucket", "must be 's3://bucket/key' with both a bucket and a key"),
    "S3 URL without bucket": ("s3:///key", "must be 's3://bucket/key' with both a bucket and a key"),
    "number": (
        7,
        f"{FORMS_RULE}, not int",
    ),
    "list": (
        [PNG],
        f"{FORMS_RULE}, not list",
    ),
    "dict": (
        {"Bytes": PNG},
        f"{FORMS_RULE}, not dict: pass the bytes themselves, or use client.call, which takes boto3's dicts",
    ),
    "video": (
        Video(),
        f"{FORMS_RULE}, not rekog.models.Video",
    ),
    "text file": (io.StringIO("text"), "its read() returned text: open the file in binary mode, 'rb'"),
    "async file": (AsyncFile(), "its read() is a coroutine: pass what it returns"),
    "promised file": (PromisedFile(), "its read() is a coroutine: pass what it returns"),
    "file of something else": (OddFile(), "its read() returned int, not bytes"),
    "empty file object": (io.BytesIO(), "its read() returned no bytes: it is empty, or was read before: use seek(0)"),
    "image in text mode": (DecodingFile(), "its read() decodes text: open the file in binary mode, 'rb'"),
    "closed file": (CLOSED, "its read() failed: I/O operation on closed file."),
    "broken file": (BrokenFile(), "its read() failed: [Errno 5] no such share"),
    "tensor": (Tensor(), f"{FORMS_RULE}, not tests.client.test_images.Tensor: {FROM_ARRAY}"),
    "array": (
        np.zeros((1, 1, 3), np.uint8),
        f"{FORMS_RULE}, not numpy.ndarray: {FROM_ARRAY}",
    ),
}


@pytest.mark.parametrize(("image", "rule"), INVALID.values(), ids=INVALID)
def test_an_image_in_an_invalid_form_is_refused(backend: Backend, image: object, rule: str) -> None:
    assert refusal(backend, image) == rule


@pytest.mark.parametrize("image", [value for value, _ in INVALID.values()], ids=INVALID)
def test_the_error_does_not_show_the_image(backend: Backend, image: object) -> None:
    text = refusal(backend, image)
    assert len(text) < 250
    assert BASE64[8:20] not in text


def test_none_is_refused_as_an_image(backend: Backend) -> None:
    client = backend.client(Unused())
    none: Any = None
    with pytest.raises(ParamValidationError, match=r"detect_faces: image: must be bytes, a path, .* not NoneType"):
        backend.run(lambda: client.detect_faces(none))


def test_a_field_of_an_image_with_a_wrong_type_is_refused(backend: Backend) -> None:
    client = backend.client(Unused())
    number: Any = 7
    with pytest.raises(ParamValidationError, match=r"detect_faces: image\.bytes: must be bytes, not int"):
        backend.run(lambda: client.detect_faces(Image(bytes=number)))


# --- Files -------------------------------------------------------------------------------------------------------


def test_an_empty_file_is_refused(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert refusal(backend, tmp_path / "empty.jpg").endswith("empty.jpg' has no bytes: the image is empty")


def test_a_directory_is_refused(backend: Backend, tmp_path: Path) -> None:
    assert refusal(backend, str(tmp_path)) == f"{str(tmp_path)!r} is a directory, not an image"


def test_a_missing_file_is_refused(backend: Backend, tmp_path: Path) -> None:
    text = refusal(backend, tmp_path / "missing.jpg")
    assert text.endswith("missing.jpg' cannot be read: No such file or directory")


def test_an_unreadable_file_is_refused(backend: Backend, tmp_path: Path) -> None:
    # A path through a file is unreadable for every user, root included.
    (tmp_path / "file").touch()
    assert refusal(backend, tmp_path / "file" / "image.jpg").endswith("cannot be read: Not a directory")


def test_a_path_with_a_null_byte_is_refused(backend: Backend) -> None:
    assert refusal(backend, "a\0b").endswith("cannot be read: embedded null byte")


@pytest.mark.parametrize("url", ["https://host.test/a.jpg", "file:///a.jpg", "S3://bucket/a.jpg"])
def test_a_url_other_than_an_s3_url_is_refused(backend: Backend, url: str) -> None:
    assert "the only URLs accepted are 's3://bucket/key'" in refusal(backend, url)


def test_an_s3_url_in_a_path_object_is_refused(backend: Backend) -> None:
    assert refusal(backend, PurePosixPath("s3://bucket/a.jpg")).endswith(
        "the only URLs accepted are 's3://bucket/key', as text"
    )


def test_a_file_in_another_format_is_refused(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "picture.gif").write_bytes(b"GIF89a")
    text = refusal(backend, tmp_path / "picture.gif")
    assert text.endswith(
        "picture.gif' is a GIF file; the service reads JPEG and PNG only: rekog.images.fit(image) converts it"
    )
    (tmp_path / "picture.jpg").write_bytes(b"no image")
    text = refusal(backend, tmp_path / "picture.jpg")
    assert text.endswith(
        "picture.jpg' is neither a JPEG nor a PNG image, the only formats that the service reads:"
        " rekog.images.fit(image) converts an image of another format"
    )


def test_a_file_of_base64_text_is_refused(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_text(BASE64)
    assert "picture.jpg' is base64 text: give the image's raw bytes" in refusal(backend, tmp_path / "picture.jpg")


def test_the_error_for_a_file_over_the_limit_has_its_size(backend: Backend, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(PNG)
    os.truncate(path, 3 * MAX_BYTES)
    assert "large.png' has 15728640 bytes, more than the 5242880 that fit in a request" in refusal(backend, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_with_more_bytes_than_the_limit_is_refused(backend: Backend, tmp_path: Path) -> None:
    path = tmp_path / "pipe.png"
    os.mkfifo(path)

    def write() -> None:
        with suppress(BrokenPipeError), path.open("wb") as pipe:
            pipe.write(PNG + bytes(MAX_BYTES))

    writer = threading.Thread(target=write)
    writer.start()
    assert f"has {MAX_BYTES + 1} bytes, more than the {MAX_BYTES} that fit" in refusal(backend, path)
    writer.join()


def test_a_file_of_the_maximum_size_is_sent(backend: Backend, image: Path) -> None:
    os.truncate(image, MAX_BYTES)
    assert sent(backend, image) == {"Bytes": base64.b64encode(image.read_bytes()).decode()}


def test_a_bytes_path_is_refused(backend: Backend) -> None:
    class BytesPath(os.PathLike[bytes]):
        def __fspath__(self) -> bytes:
            return b"image.jpg"

    assert refusal(backend, BytesPath()) == "must be a text path, not a bytes path"


def test_the_os_error_is_the_cause(backend: Backend, tmp_path: Path) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_faces(tmp_path / "missing.jpg"))
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_the_second_image_of_a_comparison_is_named(backend: Backend) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="compare_faces: target_image: has no bytes"):
        backend.run(lambda: client.compare_faces(PNG, b""))


# --- Videos ------------------------------------------------------------------------------------------------------

VIDEO = S3Object(bucket="bucket", name="film.mp4")


@pytest.mark.parametrize(
    "video", ["s3://bucket/film.mp4", VIDEO, Video(s3_object=VIDEO)], ids=["URL", "object", "video"]
)
def test_every_form_of_a_video_is_sent(backend: Backend, video: Any) -> None:
    transport = Scripted(json_reply({"JobId": "job"}))
    client = backend.client(transport)
    backend.run(lambda: client.start_face_detection(video))
    assert transport.sent[0].wire == {"Video": {"S3Object": {"Bucket": "bucket", "Name": "film.mp4"}}}


INVALID_VIDEOS: dict[str, tuple[object, str]] = {
    "path": ("film.mp4", "must be 's3://bucket/key', an S3Object or a Video, not other text"),
    "path object": (Path("film.mp4"), "must be 's3://bucket/key', an S3Object or a Video, not pathlib.PosixPath"),
    "array": (np.zeros((1, 1, 3)), "must be 's3://bucket/key', an S3Object or a Video, not numpy.ndarray"),
    "bytes": (b"film", "must be 's3://bucket/key', an S3Object or a Video, not bytes"),
    "image": (Image(s3_object=VIDEO), "must be 's3://bucket/key', an S3Object or a Video, not rekog.models.Image"),
    "object without key": (S3Object(bucket="bucket"), "its s3_object must have both a bucket and a name"),
    "video without an object": (Video(), "must have an s3_object: the service reads videos from S3 only"),
    "malformed URL": ("s3://bucket", "must be 's3://bucket/key' with both a bucket and a key"),
}


@pytest.mark.parametrize(("video", "rule"), INVALID_VIDEOS.values(), ids=INVALID_VIDEOS)
def test_a_video_in_an_invalid_form_is_refused(backend: Backend, video: Any, rule: str) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.start_face_detection(video))
    assert str(caught.value) == f"start_face_detection: video: {rule}"


# --- strict=["images"] -------------------------------------------------------------------------------------------


def encoded(size: tuple[int, int], form: str = "PNG") -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", size).save(file, form)
    return file.getvalue()


SMALL = encoded((80, 80))
VERSION = "arn:aws:rekognition:eu-west-1:123456789012:project/lids/version/one/1700000000000"
STRICT: dict[str, tuple[str, bytes, str]] = {
    "narrow PNG": (
        "detect_faces",
        encoded((79, 200)),
        "has 79 x 200 pixels; DetectFaces takes 80 to 10000 pixels a side",
    ),
    "low JPEG": (
        "detect_faces",
        encoded((200, 79), "JPEG"),
        "has 200 x 79 pixels; DetectFaces takes 80 to 10000 pixels a side",
    ),
    "wide PNG": (
        "detect_faces",
        encoded((10_001, 80)),
        "has 10001 x 80 pixels; DetectFaces takes 80 to 10000 pixels a side",
    ),
    "cut-off PNG": ("detect_faces", encoded((80, 80))[:-12], "is cut off: its end marker is missing"),
    "cut-off JPEG": ("detect_faces", encoded((80, 80), "JPEG")[:-2], "is cut off: its end marker is missing"),
    "damaged PNG": (
        "detect_faces",
        PNG[:12] + b"IDAT" + PNG,
        "has a damaged header: it does not tell the image's size",
    ),
    "damaged JPEG": ("detect_faces", JPEG, "has a damaged header: it does not tell the image's size"),
    "small for equipment": (
        "detect_protective_equipment",
        encoded((63, 80)),
        "has 63 x 80 pixels; DetectProtectiveEquipment takes 64 to 4096 pixels a side",
    ),
    "heavy for equipment": (
        "detect_protective_equipment",
        SMALL + bytes(4 * 1024 * 1024 + 1 - len(SMALL)),
        "has 4194305 bytes, more than the 4194304 that DetectProtectiveEquipment takes",
    ),
    "heavy for custom labels": (
        "detect_custom_labels",
        SMALL + bytes(4 * 1024 * 1024 + 1 - len(SMALL)),
        "has 4194305 bytes, more than the 4194304 that DetectCustomLabels takes",
    ),
    "wide for equipment": (
        "detect_protective_equipment",
        encoded((64, 4097)),
        "has 64 x 4097 pixels; DetectProtectiveEquipment takes 64 to 4096 pixels a side",
    ),
}


@pytest.mark.parametrize(("method", "image", "rule"), STRICT.values(), ids=STRICT)
@pytest.mark.parametrize("strict", [True, ["images"]], ids=["all", "images"])
def test_a_strict_client_reads_the_header_of_an_image(
    backend: Backend, strict: Any, method: str, image: bytes, rule: str
) -> None:
    client = backend.client(Unused(), strict=strict)
    arguments = (VERSION, image) if method == "detect_custom_labels" else (image,)
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: getattr(client, method)(*arguments))
    assert str(caught.value) == f"{method}: image: {rule}"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_strict_client_sends_a_complete_image_of_the_minimum_size(backend: Backend, form: str) -> None:
    transport = Scripted()
    client = backend.client(transport, strict=["images"])
    backend.run(lambda: client.detect_faces(encoded((80, 80), form)))
    backend.run(lambda: client.detect_faces("s3://bucket/a.jpg"))
    backend.run(lambda: client.start_label_detection("s3://bucket/a.mp4"))
    assert len(transport.sent) == 3


def test_a_strict_client_sends_images_at_the_limits_of_their_operation(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport, strict=["images"])
    for size in ((80, 10_000), (10_000, 80)):
        backend.run(partial(client.detect_faces, encoded(size)))
    for size in ((64, 4096), (4096, 64)):
        backend.run(partial(client.detect_protective_equipment, encoded(size)))
    heavy = SMALL + bytes(4 * 1024 * 1024 - len(SMALL))
    backend.run(lambda: client.detect_protective_equipment(heavy))
    backend.run(lambda: client.detect_custom_labels(VERSION, heavy))
    backend.run(lambda: client.detect_faces(SMALL + bytes(MAX_BYTES - len(SMALL))))
    assert len(transport.sent) == 7
