"""Bounds of slices mean what they mean in NumPy, for numbers and for symbols that are bound later."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import parse
from costmodel.interop.slices import extent

BOUNDS = st.integers(-8, 8) | st.sampled_from([2**40, -(2**40)])


def number(x: Any, size: int) -> int:
    return int(x.subs(dict.fromkeys(x.free_symbols, size))) if hasattr(x, "free_symbols") else int(x)


@given(size=st.integers(1, 7), start=BOUNDS, end=BOUNDS, step=st.integers(-3, 3).filter(bool), symbolic=st.booleans())
def test_the_elements_are_those_that_numpy_takes(size: int, start: int, end: int, step: int, symbolic: bool) -> None:
    # Backwards, ONNX begins at the first element where NumPy finds none.
    taken = np.arange(size)[max(start, -size) if step < 0 else start : end : step]
    begin, length = (number(x, size) for x in extent(parse("h") if symbolic else size, start, end, step))
    assert length == len(taken)
    if length:
        assert begin == taken[0]


@pytest.mark.parametrize("shift", [1, 2, 5])
def test_two_parts_of_a_roll_are_the_whole(shift: int) -> None:
    size = parse("4*floor(h/2) - 4*floor(3*floor(h/2)/4)")
    parts = [extent(size, shift, 2**40, 1), extent(size, 0, shift, 1)]
    assert parts[0][1] + parts[1][1] == size


def test_what_was_padded_to_a_multiple_is_cut_to_what_it_was() -> None:
    rows = parse("floor(h/2)")
    padded = (
        rows
        + (4 - rows + 4 * parse("floor(floor(h/2)/4)"))
        - 4 * parse("floor((4 - floor(h/2) + 4*floor(floor(h/2)/4))/4)")
    )
    assert extent(padded, 0, rows, 1) == (0, rows)
