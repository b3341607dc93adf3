"""Content codings: httpx decodes the same, and no content grows beyond the maximum."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._drivers.pools.codings import TooLargeError, decode

MAXIMUM = 1 << 20


def raw(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


def same(content: bytes) -> bytes:
    return content


CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    " deflate ": raw,
    "identity": same,
}


@settings(deadline=None, derandomize=True, max_examples=100)
@given(content=st.binary(min_size=1, max_size=300), codings=st.lists(st.sampled_from(sorted(CODERS)), max_size=4))
def test_content_is_decoded_as_httpx_does(content: bytes, codings: list[str]) -> None:
    coded = content
    for coding in codings:
        coded = CODERS[coding](coded)
    header = ",".join(codings)
    theirs = httpx.Response(200, headers={"Content-Encoding": header}, content=coded).content
    assert decode(header, coded, MAXIMUM) == theirs == content


@settings(deadline=None, derandomize=True, max_examples=300)
@given(coding=st.sampled_from(["gzip", "deflate"]), content=st.binary(min_size=1, max_size=40))
def test_bytes_without_the_coding_are_refused_as_httpx_does(coding: str, content: bytes) -> None:
    try:
        httpx.Response(200, headers={"Content-Encoding": coding}, content=content)
    except httpx.DecodingError:
        with pytest.raises(ValueError, match=r"Error|end is missing"):
            decode(coding, content, MAXIMUM)


def test_the_name_of_gzip_with_an_x_is_its_old_one() -> None:
    assert decode("x-gzip", gzip.compress(b"content"), MAXIMUM) == b"content"


def test_a_file_of_gzip_may_have_several_members() -> None:
    assert decode("gzip", gzip.compress(b"con") + gzip.compress(b"tent"), MAXIMUM) == b"content"


def test_content_of_an_unknown_coding_stays_as_it_is() -> None:
    assert decode("gzip, br", b"content", MAXIMUM) == b"content"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_content_without_its_end_is_refused(coding: str) -> None:
    with pytest.raises(ValueError, match="end is missing"):
        decode(coding, CODERS[coding](b"content")[:-1], MAXIMUM)


def test_more_than_five_codings_are_refused() -> None:
    assert decode(",".join(["identity"] * 5), b"content", MAXIMUM) == b"content"
    with pytest.raises(ValueError, match="6 codings are more than 5"):
        decode(",".join(["identity"] * 6), b"content", MAXIMUM)


LARGE: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw": ("deflate", raw),
    "members": ("gzip", lambda content: gzip.compress(content[:MAXIMUM]) * 50),
    "twice": ("gzip,gzip", lambda content: gzip.compress(gzip.compress(content))),
}


@pytest.mark.parametrize("case", LARGE)
def test_content_stays_within_the_maximum_while_it_is_decoded(case: str) -> None:
    coding, code = LARGE[case]
    coded = code(bytes(50 * MAXIMUM))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decode(coding, coded, MAXIMUM)
        assert tracemalloc.get_traced_memory()[1] < 5 * MAXIMUM
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [MAXIMUM, MAXIMUM + 1])
def test_the_maximum_is_exact(size: int) -> None:
    coded = gzip.compress(bytes(size))
    if size > MAXIMUM:
        with pytest.raises(TooLargeError):
            decode("gzip", coded, MAXIMUM)
    else:
        assert len(decode("gzip", coded, MAXIMUM)) == MAXIMUM
