"""A count of .param files that knows nothing of layers of ours: from the numbers of weights in the file alone.

Each weight of a convolution or a product meets every position of the output once (of the input, where it is
transposed); the positions are those of the shapes in the file. Attention adds two products of queries and keys.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    """A layer of the file."""

    type: str
    inputs: list[str]
    outputs: list[str]
    numbers: dict[int, str]


class Count(NamedTuple):
    """What a file holds and does."""

    macs: int
    weights: int


def lines(path: Path) -> list[Line]:
    """The layers of a file, without any check."""
    found = []
    for text in path.read_text().splitlines()[2:]:
        kind, _, n_in, n_out, *words = text.split()
        blobs, pairs = words[: int(n_in) + int(n_out)], words[int(n_in) + int(n_out) :]
        numbers = dict(pair.split("=") for pair in pairs)
        found.append(Line(kind, blobs[: int(n_in)], blobs[int(n_in) :], {int(k): v for k, v in numbers.items()}))
    return found


def hints(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every blob for which the file has one: (w), (h, w) or (c, h, w)."""
    shapes = {}
    for line in lines(path):
        if -23330 in line.numbers:
            values = list(map(int, line.numbers[-23330].split(",")[1:]))
            for index, blob in enumerate(line.outputs):
                axes, *sizes = values[4 * index : 4 * index + 4]
                shapes[blob] = tuple(reversed(sizes[:axes]))
    return shapes


def positions(shape: tuple[int, ...]) -> int:
    """The positions of a map, or the rows of a matrix."""
    if len(shape) == 3:
        return shape[1] * shape[2]
    return shape[0] if len(shape) == 2 else 1


def count(path: Path, shapes: dict[str, tuple[int, ...]]) -> Count:
    """Multiply-accumulates and stored weights, for blobs of these shapes."""
    counts = [one(line, shapes) for line in lines(path)]
    return Count(sum(each.macs for each in counts), sum(each.weights for each in counts))


def one(line: Line, shapes: dict[str, tuple[int, ...]]) -> Count:
    """What one layer holds and does."""
    at = {key: int(value) for key, value in line.numbers.items() if key >= 0 and value.lstrip("-").isdigit()}
    output = shapes[line.outputs[0]]
    if line.type.startswith(("Convolution", "Deconvolution")):
        slid = shapes[line.inputs[0]] if line.type.startswith("Deconvolution") else output
        return Count(at[6] * positions(slid), at[6] + at.get(5, 0) * at[0])
    if line.type == "InnerProduct":
        return Count(at[2] * positions(output), at[2] + at.get(1, 0) * at[0])
    if line.type == "Gemm":
        return Count(at[8] * at[9] * positions(output), at[8] * at[9] + at[8])
    if line.type == "MultiHeadAttention":
        length, width = output
        return Count(4 * at[2] * length + 2 * length * length * width, 4 * at[2] + 4 * at[0])
    if line.type == "MemoryData":
        return Count(0, at[0] * at[1])
    return Count(0, 2 * at[0] if line.type in ("BatchNorm", "LayerNorm") else 0)
