"""ONNX files without their weights: the parts of a protobuf message that hold numbers are left out.

A model may have gigabytes of weights inside its file, of which only the shapes matter here. The file is walked
over, field by field, without being loaded; large tensors lose their data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Final, NamedTuple

from costmodel.errors import FileFormatError

Bytes = memoryview
_DATA_OF_TENSOR: Final = frozenset({4, 5, 6, 7, 9, 10, 11})
"""The fields of a TensorProto that hold its elements: float, int32, string, int64, raw, double, uint64 data."""
_SIZES: Final = 1
_DATA_TYPE: Final = 2
_RAW_DATA: Final = 9
_BITS: Final = {
    1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16,
    17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
"""The bits of an element, by the number of its type."""
KEPT_BYTES: Final = 16 * 1024
"""Data up to this size is kept: it may be a shape."""
MAX_FIELDS: Final = 1_000_000
"""A file of more fields, weights aside, is taken for a mistake."""
COUNTED_BYTES: Final = 4 * 1024 * 1024
"""Beyond this size all fields are counted: two bytes of a message may take two hundred in memory."""
MAX_NESTED: Final = 100
"""Messages inside each other beyond this depth are taken for a mistake, here and by protobuf."""
_DELIMITED: Final = 2

Parts = Mapping[int, "str | None"]
"""The fields of a message that are read, each with the message that it is, None where it is kept as it is."""
_MESSAGES: Final[Mapping[str, Parts]] = {
    "model": {1: None, 2: None, 3: None, 7: "graph", 8: "other", 25: "function"},
    "graph": {1: "node", 2: None, 5: "tensor", 11: "info", 12: "info", 13: "info", 15: "other"},
    "function": {1: None, 4: None, 5: None, 6: None, 7: "node", 9: "other", 10: None, 11: "attribute"},
    "node": {1: None, 2: None, 3: None, 4: None, 5: "attribute", 7: None, 8: None},
    "attribute": {
        1: None, 2: None, 3: None, 4: None, 5: "tensor", 6: "graph", 7: None, 8: None, 9: None, 10: "tensor",
        11: "graph", 20: None, 21: None,
    },
    "info": {1: None, 2: "type"},
    "type": {1: "tensor type"},
    "tensor type": {1: None, 2: "sizes"},
    "sizes": {1: "other"},
}  # fmt: skip
"""The messages of onnx.proto, with the numbers of the fields that matter for what a model costs."""


class Field(NamedTuple):
    """One field of a message: its number, its bytes with and without the header."""

    number: int
    whole: Bytes
    content: Bytes


def without_weights(model: Bytes) -> bytes:
    """The bytes of a ModelProto without the data of large tensors, documentation and what else is not read.

    Raises `FileFormatError` where the bytes are no such message, or one of far too many parts.
    """
    small = _Cutter().cut(model)
    if len(small) > COUNTED_BYTES:
        _Counter().count(memoryview(small), "model")
    return small


class _Bounded:
    """Walks over messages, of which all together must not have too many fields."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def fields(self, message: Bytes, kind: str, depth: int) -> Iterator[tuple[Field, str | None]]:
        """The fields of a message that are read, each with the message that it is."""
        if depth > MAX_NESTED:
            raise FileFormatError(f"is no ONNX model: it is nested more than {MAX_NESTED} deep")
        parts = _MESSAGES[kind]
        for field in fields(message):
            self._left -= 1
            if self._left < 0:
                raise FileFormatError(f"has more than {MAX_FIELDS} fields besides its weights")
            if field.number not in parts:
                continue
            inner = parts[field.number]
            if inner is not None and field.whole[0] & 7 != _DELIMITED:
                raise FileFormatError(f"is no ONNX model: field {field.number} of a {kind} must be a message")
            yield field, inner


class _Cutter(_Bounded):
    """Leaves out the data of large tensors, and what is not read of models and graphs."""

    def cut(self, message: Bytes, kind: str = "model", depth: int = 0) -> bytes:
        """The message without them."""
        return b"".join(
            _delimited(field.number, self._part(field, inner, depth))
            if inner in _CUT and (len(field.content) > KEPT_BYTES or inner == "graph")
            else bytes(field.whole)
            for field, inner in self.fields(message, kind, depth)
        )

    def _part(self, field: Field, kind: str | None, depth: int) -> bytes:
        return _tensor(field.content) if kind == "tensor" else self.cut(field.content, str(kind), depth + 1)


_CUT: Final = frozenset({"graph", "function", "node", "attribute", "tensor"})
"""The messages that tensors may lie in."""


class _Counter(_Bounded):
    """Counts all fields of a message."""

    def count(self, message: Bytes, kind: str, depth: int = 0) -> None:
        """Raise where there are too many."""
        for field, inner in self.fields(message, kind, depth):
            if inner in _MESSAGES:
                self.count(field.content, str(inner), depth + 1)


def _tensor(tensor: Bytes) -> bytes:
    """The message of a tensor without its data, of which there must be as much as its sizes say."""
    kept, sizes, data_type, data = [], [], 0, None
    for field in fields(tensor):
        if field.number not in _DATA_OF_TENSOR:
            kept.append(bytes(field.whole))
        if field.number == _SIZES and field.whole[0] & 7 == _DELIMITED:
            sizes += list(_varints(field.content))
        elif field.number == _SIZES:
            sizes.append(_varint(field.content, 0)[0])
        elif field.number == _DATA_TYPE:
            data_type = _varint(field.content, 0)[0]
        elif field.number == _RAW_DATA:
            data = len(field.content)
    if data and len(sizes) <= MAX_NESTED and data != raw_bytes(prod(sizes), data_type):
        raise FileFormatError(f"has a tensor whose data must be as many elements as its sizes say (got {data} bytes)")
    return b"".join(kept)


def raw_bytes(elements: int, data_type: int) -> int:
    """How many bytes so many elements take, those below a byte packed."""
    return -(-elements * _BITS.get(data_type, 0) // 8)


def _varints(content: Bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def fields(message: Bytes) -> Iterator[Field]:
    """The fields of a protobuf message; raises `FileFormatError` where its bytes are none."""
    place = 0
    while place < len(message):
        start = place
        key, place = _varint(message, place)
        number, wire_type = key >> 3, key & 7
        if number == 0:
            raise FileFormatError(f"is no ONNX model: byte {start} begins no field of a protobuf message")
        if wire_type == _DELIMITED:
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
    if place < len(message) and message[place] < 0x80:
        return message[place], place + 1
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
