"""The size of an input that a .param file leaves open, and yet fixes by its stored tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from costmodel.errors import ReadingError
from costmodel.interop.ncnn.inputs import given_shape, open_shape
from costmodel.interop.ncnn.translation import Found, Model, Translation

LARGEST: Final = 1024
"""The largest size that is tried."""
MOST_LAYERS: Final = 10_000
"""How many layers are read in all while sizes are tried."""


def open_inputs(model: Model) -> list[str]:
    """Inputs of which neither the file nor the caller gives the shape."""
    return [
        blob
        for entry in model.entries
        if entry.type == "Input" and given_shape(entry.parameters) is None
        for blob, hint in zip(entry.outputs, entry.hints, strict=True)
        if hint is None and blob not in model.asked
    ]


def smallest_square(model: Model, names: Sequence[str]) -> Found | None:
    """The network with the smallest square inputs that its layers fit, if they do not fit twice its size.

    Multiples of 32 come first. Where twice the size fits too, nothing says which one is meant: a network that
    wants nothing but a multiple of 32 takes any.
    """
    left = MOST_LAYERS
    for size in sorted(range(1, LARGEST + 1), key=lambda size: (size % 32 != 0, size)):
        attempt = Translation(of_square(model, names, size))
        try:
            found = attempt.run(f"; sizes that it leaves open are {size}, the smallest that its stored tensors fit")
        except ReadingError:
            left -= len(attempt.values) + 1
            if left < 0:
                return None
            continue
        return None if problem_with(of_square(model, names, 2 * size)) is None else found
    return None


def of_square(model: Model, names: Sequence[str], size: int) -> Model:
    """The same with that height and width of the inputs of those names."""
    shapes = {name: open_shape(model.entries, name, "") for name in names}
    asked = {
        name: tuple(axis if isinstance(axis, int) or str(axis) == "c" else size for axis in shape)
        for name, shape in shapes.items()
    }
    return replace(model, asked={**model.asked, **asked})


def problem_with(model: Model) -> str | None:
    """Why the layers do not fit each other; None where they do."""
    try:
        Translation(model).run()
    except ReadingError as problem:
        return str(problem)
    return None
