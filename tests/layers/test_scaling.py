"""Sizes times factors: as NumPy multiplies them in single and in double precision."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from costmodel.layers.scaling import scaled_size

SIZES = st.integers(1, 4096)
SCALES = st.floats(2**-6, 2**6, width=32)


@given(SIZES, SCALES)
def test_a_scale_of_single_precision_is_multiplied_in_single_precision(size: int, scale: float) -> None:
    assert scaled_size(size, Fraction(scale)) == int(np.float32(size) * np.float32(scale))


@given(SIZES, SCALES)
def test_pytorch_multiplies_the_same_scale_in_double_precision(size: int, scale: float) -> None:
    assert scaled_size(size, Fraction(scale), in_double=True) == int(np.float64(size) * np.float64(scale))


def test_the_two_differ() -> None:
    scale = Fraction(float(np.float32(0.7)))
    assert (scaled_size(10, scale), scaled_size(10, scale, in_double=True)) == (7, 6)
