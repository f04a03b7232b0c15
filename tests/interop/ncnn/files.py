"""Files that tests write, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SIZE_KEYS = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 11, 1, 0)}
"""The parameters of an Input for w, h, d and c, in our order, by how many there are."""


def one_layer(line: str, inputs: Sequence[Sequence[int]]) -> str:
    """A file of inputs in0, in1, ... of these shapes, and one layer."""
    head = [
        f"Input in{index} 0 1 in{index} "
        + " ".join(f"{key}={size}" for key, size in zip(SIZE_KEYS[len(shape)], shape, strict=True))
        for index, shape in enumerate(inputs)
    ]
    blobs = len(inputs) + int(line.split()[3])
    return "\n".join(["7767517", f"{len(inputs) + 1} {blobs}", *head, line, ""])


def write(folder: Path, text: str, name: str = "model") -> Path:
    """The file of a text."""
    path = folder / f"{name}.param"
    path.write_bytes(text.encode())
    return path
