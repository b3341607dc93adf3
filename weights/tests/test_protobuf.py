"""The wire format, against the examples of its specification."""

from __future__ import annotations

import pytest

from convert.protobuf import FormatError, fields, floats, integers, signed, varint, write


def test_the_examples_of_the_specification_are_read() -> None:
    # https://protobuf.dev/programming-guides/encoding/: a = 150; b = "testing"; f = [3, 270, 86942]
    assert list(fields(bytes.fromhex("089601"))) == [(1, 150)]
    assert list(fields(bytes.fromhex("120774657374696e67"))) == [(2, b"testing")]
    assert integers(dict(fields(bytes.fromhex("3206038e029ea705")))[6]) == [3, 270, 86942]


def test_the_examples_of_the_specification_are_written() -> None:
    assert write(1, 150).hex() == "089601"
    assert write(2, "testing").hex() == "120774657374696e67"


@pytest.mark.parametrize("value", [0, 1, -1, 127, 128, -(2**63), 2**63 - 1])
def test_an_integer_survives(value: int) -> None:
    assert [signed(number) for _, number in fields(write(7, value)) if isinstance(number, int)] == [value]


def test_a_float_survives() -> None:
    assert [floats(value) for _, value in fields(write(2, 0.25))] == [[0.25]]


@pytest.mark.parametrize("data", [b"\x08", b"\x08\x96", b"\x12\x07test", b"\x0b"])
def test_a_truncated_message_is_an_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        list(fields(data))


def test_negative_integers_take_ten_bytes() -> None:
    assert len(varint(-1)) == 10
