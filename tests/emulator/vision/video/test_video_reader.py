"""The reader of video files: the formats that it opens, their facts, and the frames that it yields."""

from __future__ import annotations

import io
import itertools
import socket
import struct
import threading
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rekog.emulator.refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rekog.emulator.vision.video.pyav import PyAvReader

av = pytest.importorskip("av", reason="rekog[video] installs PyAV")


@pytest.fixture
def reader() -> PyAvReader:
    from rekog.emulator.vision.video.pyav import PyAvReader

    return PyAvReader()


def times(reader: PyAvReader, data: bytes) -> list[int]:
    return [frame.timestamp for frame in reader.frames(io.BytesIO(data))]


def one_frame(*, form: str = "mov", codec: str = "mpeg4", width: int = 160, height: int = 120) -> bytes:
    """Return a video of one grey frame."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=4)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        container.mux(stream.encode(av.VideoFrame(width, height, stream.pix_fmt)))
        container.mux(stream.encode())
    return file.getvalue()


# Formats


@pytest.fixture
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and the requests that arrived there."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(1000))

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1], received
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


PLAYLISTS = {
    "segment": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\nhttp://127.0.0.1:{port}/segment.ts\n#EXT-X-ENDLIST\n",
    "key": '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:{port}/key"\n'
    "#EXTINF:10.0,\nhttp://127.0.0.1:{port}/segment.ts\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
    'bandwidth="1"><BaseURL>http://127.0.0.1:{port}/video.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "concat": "ffconcat version 1.0\nfile http://127.0.0.1:{port}/video.mp4\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("name", ["video.m3u8", "video.mp4", "video"])
def test_a_playlist_makes_the_reader_open_no_connection(
    reader: PyAvReader, listening: tuple[int, list[bytes]], tmp_path: Path, kind: str, name: str
) -> None:
    port, received = listening
    path = tmp_path / name
    path.write_text(PLAYLISTS[kind].format(port=port))
    with path.open("rb") as file:
        assert reader.facts(file) is None
        file.seek(0)
        assert list(reader.frames(file)) == []
    assert received == []


OTHER_FILES = {
    **PLAYLISTS,
    "session description": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=video {port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
    "empty": "",
    "text": "not a video",
    "sound": "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_a_file_of_another_format_never_reaches_ffmpeg(
    reader: PyAvReader, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    opened: list[object] = []

    def record(file: object, *_: object, **_options: object) -> None:
        opened.append(file)

    monkeypatch.setattr(av, "open", record)
    data = OTHER_FILES[kind].format(port=45_670).encode()
    assert reader.facts(io.BytesIO(data)) is None
    assert list(reader.frames(io.BytesIO(data))) == []
    assert opened == []


@pytest.mark.parametrize("form", ["matroska", "mpegts", "flv", "mpeg", "gif"])
def test_other_containers_are_no_videos(reader: PyAvReader, form: str) -> None:
    codec = {"flv": "flv1", "mpeg": "mpeg2video", "gif": "gif"}.get(form, "mpeg4")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb8" if form == "gif" else "yuv420p"
        container.mux(stream.encode(av.VideoFrame(160, 120, stream.pix_fmt)))
        container.mux(stream.encode())
    assert reader.facts(io.BytesIO(file.getvalue())) is None


@pytest.mark.parametrize(("form", "name"), [("mp4", "QuickTime / MOV"), ("mov", "QuickTime / MOV"), ("avi", "AVI")])
def test_the_format_has_the_name_that_the_service_gives_it(reader: PyAvReader, form: str, name: str) -> None:
    facts = reader.facts(io.BytesIO(one_frame(form=form)))
    assert facts is not None
    assert facts.format == name


@pytest.mark.parametrize("data", [b"", b"RIFF", b"\0\0\0\x18ftyp", b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0AVI LIST"])
def test_the_beginning_of_a_file_is_no_video(reader: PyAvReader, data: bytes) -> None:
    assert reader.facts(io.BytesIO(data)) is None
    assert list(reader.frames(io.BytesIO(data))) == []


# Facts


@pytest.mark.parametrize(("form", "codec", "tag"), [("mov", "mjpeg", b"jpeg"), ("avi", "mpeg4", b"FMP4")])
def test_a_video_stream_without_a_decoder_has_facts_without_its_details(
    reader: PyAvReader, form: str, codec: str, tag: bytes
) -> None:
    data = one_frame(form=form, codec=codec).replace(tag, b"zzzz")
    facts = reader.facts(io.BytesIO(data))
    assert facts is not None
    assert (facts.codec, facts.width, facts.height, facts.duration_millis) == (None, None, None, 250)
    assert list(reader.frames(io.BytesIO(data))) == []


def test_an_audio_stream_without_a_decoder_has_facts_without_its_details(reader: PyAvReader) -> None:
    # a phone of 2024 writes a second audio stream with the tag apac, which FFmpeg does not decode
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as container:
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=44_100, layout="stereo")
        container.mux(stream.encode(av.VideoFrame(160, 120, "yuv420p")))
        container.mux(stream.encode())
        samples = av.AudioFrame(format="s16", layout="stereo", samples=1024)
        samples.rate = 44_100
        container.mux(sound.encode(samples))
    facts = reader.facts(io.BytesIO(file.getvalue().replace(b"sowt", b"apac")))
    assert facts is not None
    assert facts.codec == "mpeg4"
    (audio,) = facts.audio
    assert (audio.codec, audio.sample_rate, audio.channels) == (None, None, None)


@pytest.mark.parametrize(
    ("turn", "size"), [((0, 1, -1, 0), (120, 160)), ((0, -1, 1, 0), (120, 160)), ((-1, 0, 0, -1), (160, 120))]
)
def test_the_size_of_a_turned_video_is_that_of_its_upright_frames(
    reader: PyAvReader, turn: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    data = bytearray(one_frame(form="mp4"))
    start = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (number * 0x10000 for number in turn)
    data[start : start + 36] = struct.pack(">9l", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    facts = reader.facts(io.BytesIO(data))
    (frame,) = reader.frames(io.BytesIO(data))
    assert facts is not None
    assert (facts.width, facts.height) == (frame.image.width, frame.image.height) == size


@pytest.mark.parametrize("is_first", [False, True])
def test_the_cover_of_an_album_is_not_the_video(reader: PyAvReader, is_first: bool) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 96, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for each in (cover, stream):
            container.mux(each.encode(av.VideoFrame(each.width, each.height, each.pix_fmt)))
            container.mux(each.encode())
    data = file.getvalue()
    if is_first:  # the stream of a cover is that of the box udta, in the order of the boxes in moov
        track, cover_box = data.index(b"trak") - 4, data.index(b"udta") - 4
        end = cover_box + int.from_bytes(data[cover_box : cover_box + 4], "big")
        data = data[:track] + data[cover_box:end] + data[track:cover_box] + data[end:]
    facts = reader.facts(io.BytesIO(data))
    assert facts is not None
    assert (facts.codec, facts.width) == ("mpeg4", 160)


# Frames


def even_video(rate: Fraction, frames: int, time_base: Fraction | None = None) -> bytes:
    """Return a video with a constant frame rate."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        if time_base is not None:
            stream.time_base = time_base
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame(96, 96, "yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (Fraction(30_000, 1001), [0, 467, 967, 1468]),  # recorded of the service
        (Fraction(25), [0, 480, 1000, 1480]),  # recorded of the service
        (Fraction(24_000, 1001), [0, 458, 959, 1459]),
        (Fraction(30), [0, 500, 1000, 1500]),
        (Fraction(3), [0, 333, 1000, 1333]),
        (Fraction(1), [0, 1000]),
        (Fraction(71), [0, 492, 1000, 1492]),  # 492.96 ms is not rounded up
    ],
)
def test_the_frames_on_screen_every_half_second_are_analysed(
    reader: PyAvReader, rate: Fraction, expected: list[int]
) -> None:
    indices = sorted({int(step * rate / 2) for step in range(4)})
    assert [int(index / rate * 1000) for index in indices] == expected
    assert times(reader, even_video(rate, int(2 * rate))) == expected


@pytest.mark.parametrize("start", [0, 5, 1000])
def test_a_frame_that_stays_on_screen_is_analysed_once(reader: PyAvReader, start: int) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        for number in (0, 1, 21, 22, 31):  # tenths of a second
            frame = av.VideoFrame(96, 96, "yuv420p")
            frame.pts, frame.time_base = start + number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert times(reader, file.getvalue()) == [0, 100, 2200]


def test_a_frame_of_more_than_10000_pixels_a_side_is_refused(reader: PyAvReader) -> None:
    data = one_frame(codec="mjpeg", width=10_016, height=64)
    assert reader.facts(io.BytesIO(data)) is not None
    with pytest.raises(RefusalError, match=r"frames are 10016 x 64 pixels, .* at most 10000 pixels a side"):
        list(reader.frames(io.BytesIO(data)))


def test_frames_larger_than_their_header_says_are_not_decoded(reader: PyAvReader) -> None:
    data = bytearray(one_frame(codec="mjpeg"))
    start = data.index(b"\xff\xc0") + 5  # height and width in the frame itself
    data[start : start + 4] = struct.pack(">2H", 16_000, 16_000)
    assert list(reader.frames(io.BytesIO(data))) == []


@pytest.mark.slow
def test_a_large_frame_keeps_its_size(reader: PyAvReader) -> None:
    (frame,) = reader.frames(io.BytesIO(one_frame(codec="mjpeg", width=4_000, height=3_000)))
    assert (frame.image.width, frame.image.height) == (4_000, 3_000)
    assert frame.image.pixels(40, 30).shape == (30, 40, 3)


# All frames


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30_000, 1001), Fraction(24_000, 1001), Fraction(1)])
@pytest.mark.parametrize("form", ["mp4", "avi"])
def test_every_frame_has_its_time_and_the_next_one_follows_without_a_gap(
    reader: PyAvReader, rate: Fraction, form: str
) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        for _ in range(50):
            container.mux(stream.encode(av.VideoFrame(96, 96, "yuv420p")))
        container.mux(stream.encode())
    found = [(frame.timestamp, frame.end) for frame in reader.every_frame(io.BytesIO(file.getvalue()))]
    times = [int(number / rate * 1000) for number in range(51)]
    assert found == [*itertools.pairwise(times)]


@pytest.mark.parametrize(
    ("codec", "pixels", "level"),
    [("mpeg4", "yuv420p", 16), ("mjpeg", "yuvj420p", 0), ("png", "rgb24", 0)],
)
def test_black_is_black_in_a_thumbnail_of_each_range(reader: PyAvReader, codec: str, pixels: str, level: int) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as container:
        stream = container.add_stream(codec, rate=4)
        stream.width, stream.height, stream.pix_fmt = 160, 120, pixels
        frame = av.VideoFrame.from_ndarray(np.zeros((120, 160, 3), np.uint8), "rgb24").reformat(format=pixels)
        assert bytes(frame.planes[0])[0] == level
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    (found,) = reader.every_frame(io.BytesIO(file.getvalue()))
    assert found.thumbnail().shape == (72, 128, 3)
    assert found.thumbnail().max() <= 2  # of 255


def test_the_image_of_every_frame_is_upright(reader: PyAvReader) -> None:
    data = bytearray(one_frame(form="mp4"))
    start = data.index(b"tkhd") + 4 + 40
    data[start : start + 36] = struct.pack(">9l", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    (frame,) = reader.every_frame(io.BytesIO(data))
    assert (frame.image().width, frame.image().height) == (120, 160)


@pytest.mark.parametrize("data", [b"", b"not a video", b"RIFF\0\0\0\0AVI LIST"])
def test_a_file_of_another_format_has_no_frames(reader: PyAvReader, data: bytes) -> None:
    assert list(reader.every_frame(io.BytesIO(data))) == []


def test_every_frame_has_the_limit_of_its_size(reader: PyAvReader) -> None:
    with pytest.raises(RefusalError, match="at most 10000 pixels a side"):
        list(reader.every_frame(io.BytesIO(one_frame(codec="mjpeg", width=10_016, height=64))))


def test_a_stream_without_a_decoder_has_no_frames(reader: PyAvReader) -> None:
    data = one_frame(form="mov", codec="mjpeg").replace(b"jpeg", b"zzzz")
    assert list(reader.every_frame(io.BytesIO(data))) == []
