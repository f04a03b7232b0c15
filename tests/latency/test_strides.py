"""Strides are those of NumPy, which reshapes without a copy where that is possible."""

from __future__ import annotations

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from costmodel import symbols
from costmodel.latency.strides import contiguous, dense, expanded, reshaped

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@st.composite
def factorizations(draw: DrawFn, size: int) -> tuple[int, ...]:
    """A shape of so many elements."""
    sizes = []
    while size > 1:
        sizes.append(draw(st.sampled_from([each for each in range(2, size + 1) if size % each == 0])))
        size //= sizes[-1]
    for _ in range(draw(st.integers(0, 2))):
        sizes.insert(draw(st.integers(0, len(sizes))), 1)
    return tuple(sizes) or (1,)


@given(st.data(), SHAPES)
def test_another_shape_is_a_view_where_numpy_need_not_copy(data: st.DataObject, shape: tuple[int, ...]) -> None:
    axes = data.draw(st.permutations(range(len(shape))))
    steps = tuple(slice(None, None, data.draw(st.integers(1, 2))) for _ in shape)
    array = np.arange(prod(shape), dtype=np.int8).reshape(shape).transpose(axes)[steps]
    result = data.draw(factorizations(array.size))
    found = reshaped(array.shape, array.strides, result)
    view = np.reshape(array, result)
    assert (found is not None) == np.shares_memory(view, array)
    if found is not None:
        long = [axis for axis, size in enumerate(result) if size != 1]
        assert [found[axis] for axis in long] == [view.strides[axis] for axis in long]


@given(SHAPES)
def test_what_lies_as_its_shape_says(shape: tuple[int, ...]) -> None:
    assert contiguous(shape) == np.zeros(shape, dtype=np.int8).strides


@given(SHAPES, st.integers(1, 3))
def test_what_is_repeated_stays_where_it_is(shape: tuple[int, ...], times: int) -> None:
    array = np.zeros(shape, dtype=np.int8)
    result = (times, *(3 if size == 1 else size for size in shape))
    assert expanded(shape, array.strides, result) == np.broadcast_to(array, result).strides


@given(st.data(), st.lists(st.integers(2, 4), min_size=1, max_size=4).map(tuple))
def test_what_is_computed_elementwise_lies_as_its_input(data: st.DataObject, shape: tuple[int, ...]) -> None:
    """NumPy's order="K" keeps the order of the axes in memory, as PyTorch does."""
    array = np.zeros(shape, dtype=np.int8).transpose(data.draw(st.permutations(range(len(shape)))))
    assert dense(array.shape, array.strides) == np.array(array, order="K").strides


def test_sizes_may_be_symbols() -> None:
    n, c = symbols("n c_i")
    assert reshaped((n, 3, c), (3 * c, c, 1), (n, 3 * c)) == (3 * c, 1)
    assert reshaped((3, n), (1, 3), (3 * n,)) is None
    assert dense((n, 2), (1, n)) is None
