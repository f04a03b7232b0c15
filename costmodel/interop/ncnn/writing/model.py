"""An ncnn model: the lines of its .param text, and the bytes of its weights."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from costmodel.interop.ncnn.param import MAGIC

Number = int | float
Parameters = Mapping[int, Number | Sequence[int]]

ARRAY: Final = -23300
"""A list under key k is written under this minus k."""
FLOAT32: Final = struct.pack("<I", 0)
"""The tag in front of weights that are plain 32-bit floats."""


class NcnnModel(NamedTuple):
    """The two files of an ncnn model, and the names of its input and output blobs in the network's order."""

    param: str
    weights: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(eq=False)
class Line:
    """One layer of the text."""

    type: str
    name: str
    inputs: list[str]
    outputs: list[str]
    parameters: dict[int, Number | Sequence[int]]

    def text(self) -> str:
        """The line as ncnn reads it."""
        counts = [str(len(self.inputs)), str(len(self.outputs))]
        values = [_parameter(key, value) for key, value in self.parameters.items()]
        return " ".join([self.type, self.name, *counts, *self.inputs, *self.outputs, *values])


def _parameter(key: int, value: Number | Sequence[int]) -> str:
    if isinstance(value, Sequence):
        return f"{ARRAY - key}={','.join(map(str, (len(value), *value)))}"
    return f"{key}={value:e}" if isinstance(value, float) else f"{key}={value}"


@dataclass(eq=False)
class Lines:
    """The layers of a model so far; names of layers and of blobs have no spaces, and are each given once."""

    lines: list[Line] = field(default_factory=list)
    weights: list[bytes] = field(default_factory=list)
    _taken: Counter[str] = field(default_factory=Counter)

    def fresh(self, name: str) -> str:
        """The name without spaces, numbered where it is taken."""
        plain = "_".join(name.split())[:200] or "blob"
        found = plain
        while found in self._taken:
            self._taken[plain] += 1
            found = f"{plain}_{self._taken[plain]}"
        self._taken[found] += 1
        return found

    def add(
        self, kind: str, name: str, inputs: Sequence[str], parameters: Parameters | None = None, outputs: int = 1
    ) -> list[str]:
        """Add a layer; the names of its output blobs, of which the first has the layer's name."""
        fresh = self.fresh(name)
        blobs = [fresh, *(self.fresh(f"{fresh}_{index}") for index in range(1, outputs))]
        self.lines.append(Line(kind, fresh, list(inputs), blobs, dict(parameters or {})))
        return blobs

    def store(self, array: Any, *, is_tagged: bool) -> None:
        """Append weights to the binary file; convolutions and matrix products have a tag in front of theirs."""
        self.weights.append(FLOAT32 * is_tagged + array.astype("<f4").tobytes())

    def text(self) -> str:
        """The whole .param text, in which a blob that several layers read is split."""
        lines = split_shared(self)
        blobs = sum(len(line.outputs) for line in lines)
        return "\n".join([MAGIC, f"{len(lines)} {blobs}", *(line.text() for line in lines), ""])


def split_shared(model: Lines) -> list[Line]:
    """The layers with a Split behind each blob that several read, as ncnn needs them."""
    readers = Counter(blob for line in model.lines for blob in line.inputs)
    copies: dict[str, list[str]] = {}
    lines = []
    for line in model.lines:
        inputs = [copies[blob].pop(0) if blob in copies else blob for blob in line.inputs]
        lines.append(Line(line.type, line.name, inputs, line.outputs, line.parameters))
        for blob in line.outputs:
            if readers[blob] > 1:
                names = [model.fresh(f"{blob}_split{index}") for index in range(readers[blob])]
                lines.append(Line("Split", model.fresh(f"split_{blob}"), [blob], names, {}))
                copies[blob] = list(names)
    return lines
