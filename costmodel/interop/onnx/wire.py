"""ONNX files without their weights: the parts of a protobuf message that hold numbers are left out.

A model may have gigabytes of weights inside its file, of which only the shapes matter here. The file is walked
over, field by field, without being loaded; large tensors lose their data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from costmodel.errors import FileFormatError

Bytes = memoryview
_GRAPH_OF_MODEL: Final = 7
_INITIALIZER_OF_GRAPH: Final = 5
_DATA_OF_TENSOR: Final = frozenset({4, 5, 6, 7, 9, 10, 11})
"""The fields of a TensorProto that hold its elements: float, int32, string, int64, raw, double, uint64 data."""
KEPT_BYTES: Final = 16 * 1024
"""Data up to this size is kept: it may be a shape."""


class Field(NamedTuple):
    """One field of a message: its number, its bytes with and without the header."""

    number: int
    whole: Bytes
    content: Bytes


def without_weights(model: Bytes) -> bytes:
    """The bytes of a ModelProto without the data of its graph's large initializers."""
    return b"".join(
        _delimited(field.number, _graph(field.content)) if field.number == _GRAPH_OF_MODEL else bytes(field.whole)
        for field in fields(model)
    )


def _graph(graph: Bytes) -> bytes:
    return b"".join(
        _delimited(field.number, _tensor(field.content))
        if field.number == _INITIALIZER_OF_GRAPH and len(field.content) > KEPT_BYTES
        else bytes(field.whole)
        for field in fields(graph)
    )


def _tensor(tensor: Bytes) -> bytes:
    return b"".join(bytes(field.whole) for field in fields(tensor) if field.number not in _DATA_OF_TENSOR)


def fields(message: Bytes) -> Iterator[Field]:
    """The fields of a protobuf message; raises `FileFormatError` where its bytes are none."""
    place = 0
    while place < len(message):
        start = place
        key, place = _varint(message, place)
        number, wire_type = key >> 3, key & 7
        if wire_type == 2:
            length, place = _varint(message, place)
        elif wire_type in (1, 5):
            length = 8 if wire_type == 1 else 4
        elif wire_type == 0:
            end = _varint(message, place)[1]
            length = end - place
        else:
            raise FileFormatError(f"is no ONNX model: byte {start} begins no field of a protobuf message")
        if length > len(message) - place:
            raise FileFormatError(
                f"is cut off: a field at byte {start} claims {length} bytes and is longer than the rest"
            )
        yield Field(number, message[start : place + length], message[place : place + length])
        place += length


def _varint(message: Bytes, place: int) -> tuple[int, int]:
    """(value, where it ends) of a number of variable length."""
    value = 0
    for index in range(10):
        if place + index >= len(message):
            raise FileFormatError("is cut off in the middle of a number")
        byte = message[place + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise FileFormatError(f"is no ONNX model: the number at byte {place} has more than 10 bytes")


def _delimited(number: int, content: bytes) -> bytes:
    """A field of a message that holds these bytes."""
    return _encoded(number << 3 | 2) + _encoded(len(content)) + content


def _encoded(value: int) -> bytes:
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
