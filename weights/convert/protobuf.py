"""The wire format of protocol buffers, as far as ONNX files and TensorFlow graphs use it.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5


class FormatError(ValueError):
    """The bytes are not a message of the expected kind."""


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the unsigned integer at a position, and the position behind it."""
    value = shift = 0
    while True:
        if position >= len(data):
            raise FormatError("the message ends inside an integer")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def signed(value: int) -> int:
    """Return the signed 64-bit integer with the same bits."""
    return value - (1 << 64) if value >> 63 else value


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field: an unsigned integer for a varint, the bytes for all other types."""
    position = 0
    while position < len(data):
        key, position = read_varint(data, position)
        match key & 7:
            case 0:
                value, position = read_varint(data, position)
                yield key >> 3, value
                continue
            case 1:
                length = 8
            case 2:
                length, position = read_varint(data, position)
            case 5:
                length = 4
            case kind:
                raise FormatError(f"unknown wire type {kind} at byte {position}")
        if position + length > len(data):
            raise FormatError(f"field {key >> 3} ends behind the message")
        yield key >> 3, data[position : position + length]
        position += length


def integers(value: int | bytes) -> list[int]:
    """Return the signed integers of a repeated field: a single one, or all of its packed form."""
    if isinstance(value, int):
        return [signed(value)]
    numbers: list[int] = []
    position = 0
    while position < len(value):
        number, position = read_varint(value, position)
        numbers.append(signed(number))
    return numbers


def floats(value: int | bytes) -> list[float]:
    """Return the 32-bit floats of a repeated field: a single one, or all of its packed form."""
    data = content(value)
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def content(value: int | bytes) -> bytes:
    """Return the bytes of a field that is no varint."""
    if isinstance(value, int):
        raise FormatError("an integer where bytes were expected")
    return value


def text(value: int | bytes) -> str:
    """Return the text of a field."""
    return content(value).decode()


def number(value: int | bytes) -> int:
    """Return the signed integer of a varint field."""
    if isinstance(value, bytes):
        raise FormatError("bytes where an integer was expected")
    return signed(value)


def varint(value: int) -> bytes:
    """Return the encoding of an integer, negative ones as 64 bits."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def write(field: int, value: int | float | str | bytes) -> bytes:
    """Return a field: a varint for an integer, 32 bits for a float, a length and the bytes for text and bytes."""
    if isinstance(value, int):
        return varint(field << 3 | VARINT) + varint(value)
    if isinstance(value, float):
        return varint(field << 3 | FIXED_32) + struct.pack("<f", value)
    encoded = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | LENGTH) + varint(len(encoded)) + encoded


def write_all(field: int, values: Iterable[int | float | str | bytes]) -> bytes:
    """Return a repeated field in its unpacked form."""
    return b"".join(write(field, value) for value in values)
