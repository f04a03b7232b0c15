"""ncnn's .param text: one layer in each line, with names of blobs and parameters by number.

::

    7767517                                              the magic number
    3 3                                                  layers, blobs
    Input         data  0 1 data 0=4 1=4 2=1             type, name, inputs, outputs, their blobs, key=value ...
    InnerProduct  ip    1 1 data fc 0=10 1=1 2=160
    Softmax       prob  1 1 fc prob

A blob is written by one layer, before any layer reads it. Key 30 (-23330) may hold, for each output, four
integers: its number of axes, w, h and c, as they were in some run; all zero where that run had none.

Source: ncnn, docs/developer-guide/param-and-model-file-structure.md
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from costmodel.errors import FileFormatError, shorten
from costmodel.interop.ncnn.parameters import MAX_INTEGER, Parameters, parse_parameters

MAGIC: Final = "7767517"
MAX_LAYERS: Final = 20_000
"""A file of more layers is taken for a mistake."""
MAX_BLOBS: Final = 100_000
"""A file of more blobs is taken for a mistake."""
MAX_NAME: Final = 255
"""Characters of the longest name."""
HINT_KEY: Final = 30
"""The parameter of the output shapes."""

_COUNT = re.compile(r"\d{1,9}", re.ASCII)

Hint = tuple[int, ...]
"""The shape of an output that the file gives, in our order: (w), (h, w) or (c, h, w)."""


class Entry(NamedTuple):
    """One layer of the file."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Parameters
    hints: tuple[Hint | None, ...]
    """A shape for each output; None where the file gives none."""


def parse_param(raw: bytes) -> tuple[Entry, ...]:
    r"""The layers of a .param file, in order; raises `FileFormatError` for what is none, with the line.

    >>> [entry.type for entry in parse_param(b"7767517\n2 2\nInput in 0 1 x 0=4\nReLU relu 1 1 x y\n")]
    ['Input', 'ReLU']
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise FileFormatError(f"a .param file must be text in UTF-8, and byte {problem.start} is not") from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line and not line.isspace()]
    if not lines:
        raise FileFormatError(f"a .param file must begin with the magic number {MAGIC}, and this is empty")
    if lines[0][1].strip() != MAGIC:
        raise FileFormatError(
            f"a .param file must begin with the magic number {MAGIC} (got {shorten(repr(lines[0][1].strip()))})"
        )
    layers, blobs = _counts(lines[1:2])
    if len(lines) - 2 != layers:
        raise FileFormatError(
            f"line {lines[1][0]}: the file must have as many layers as it says (got {len(lines) - 2} for {layers})"
        )
    entries = tuple(_entry(number, line) for number, line in lines[2:])
    _check_graph(entries, blobs)
    return entries


def _counts(lines: list[tuple[int, str]]) -> tuple[int, int]:
    """The numbers of layers and blobs."""
    if not lines:
        raise FileFormatError(
            "a .param file must have the numbers of layers and blobs in its second line, and it ends before"
        )
    number, line = lines[0]
    words = line.split()
    if len(words) != 2 or not all(map(_COUNT.fullmatch, words)):
        raise FileFormatError(
            f"line {number}: must be the numbers of layers and blobs (got {shorten(repr(line.strip()))})"
        )
    layers, blobs = map(int, words)
    for count, most, what in ((layers, MAX_LAYERS, "layers"), (blobs, MAX_BLOBS, "blobs")):
        if not 1 <= count <= most:
            raise FileFormatError(f"line {number}: a .param file must have 1 to {most} {what} (got {count})")
    return layers, blobs


def _entry(number: int, line: str) -> Entry:
    """The layer in a line."""
    head = line.split(None, 4)
    if len(head) < 4 or not all(map(_COUNT.fullmatch, head[2:4])):
        raise FileFormatError(
            f"line {number}: must begin with a layer's type, its name and its numbers of inputs and outputs"
            f" (got {shorten(repr(line.strip()))})"
        )
    kind, name, *counts = head[:4]
    inputs, outputs = map(int, counts)
    place = f"line {number}, {shorten(kind, 40)} {shorten(name)}"
    words = head[4].split(None, inputs + outputs) if len(head) > 4 else []
    blobs = tuple(words[: inputs + outputs])
    if len(blobs) < inputs + outputs or any(_looks_like_parameter(blob) for blob in blobs):
        raise FileFormatError(f"{place}: must name its {inputs} input and {outputs} output blobs")
    for each in (kind, name, *blobs):
        if len(each) > MAX_NAME or not each.isprintable():
            raise FileFormatError(f"{place}: a name must have at most {MAX_NAME} characters, all printable")
    parameters = parse_parameters(place, words[inputs + outputs] if len(words) > inputs + outputs else "")
    return Entry(kind, name, blobs[:inputs], blobs[inputs:], parameters, _hints(parameters, outputs))


def _looks_like_parameter(word: str) -> bool:
    """Whether a word that should be a blob's name is a parameter: the line names fewer blobs than it says."""
    return re.match(r"-?\d{1,6}=", word) is not None


def _hints(parameters: Parameters, outputs: int) -> tuple[Hint | None, ...]:
    """The shapes of the outputs that the file gives."""
    values = parameters.integers(HINT_KEY, "shapes of the outputs")
    if not values:
        return (None,) * outputs
    if len(values) != 4 * outputs:
        parameters.refuse(f"its shapes must have four integers for each of {outputs} outputs (got {len(values)})")
    return tuple(_hint(parameters, values[4 * index : 4 * index + 4]) for index in range(outputs))


def _hint(parameters: Parameters, values: tuple[int, ...]) -> Hint | None:
    axes, *sizes = values
    if axes == 0:
        return None
    if axes not in (1, 2, 3) or not all(1 <= size <= MAX_INTEGER for size in sizes[:axes]):
        parameters.refuse(f"a shape must be 1 to 3 axes and their sizes w, h, c, each at least 1 (got {values})")
    return tuple(reversed(sizes[:axes]))


def _check_graph(entries: tuple[Entry, ...], blobs: int) -> None:
    """Every blob has one writer, which stands before its readers; names of layers differ."""
    names: set[str] = set()
    written: set[str] = set()
    for entry in entries:
        place = entry.parameters.place
        if entry.name in names:
            raise FileFormatError(f"{place}: two layers have this name; give each its own")
        names.add(entry.name)
        for blob in entry.inputs:
            if blob not in written:
                raise FileFormatError(f"{place}: input {shorten(blob)!r} must be the output of a layer before it")
        for blob in entry.outputs:
            if blob in written:
                raise FileFormatError(f"{place}: output {shorten(blob)!r} must not be the output of another layer")
            written.add(blob)
    if len(written) != blobs:
        raise FileFormatError(f"line 2: the file must have as many blobs as it says (got {len(written)} for {blobs})")
