"""Bytes of elements by data type."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import symbols
from costmodel.counting import BITS, bytes_of
from costmodel.errors import UnknownNameError

STORED = {
    "float64": 8000,
    "float32": 4000,
    "tfloat32": 4000,
    "float16": 2000,
    "bfloat16": 2000,
    "float8": 1000,
    "int64": 8000,
    "int32": 4000,
    "int16": 2000,
    "int8": 1000,
    "uint8": 1000,
    "int4": 500,
    "int2": 250,
    "bool": 1000,
}
"""Bytes of 1,000 elements."""


def test_every_data_type_by_hand() -> None:
    assert {name: bytes_of(1000, name) for name in BITS} == STORED


@pytest.mark.parametrize(
    ("elements", "data_type", "stored"),
    [(0, "int4", 0), (1, "int4", 1), (2, "int4", 1), (3, "int4", 2), (1, "int2", 1), (4, "int2", 1), (5, "int2", 2)],
)
def test_a_last_incomplete_byte_counts_whole(elements: int, data_type: str, stored: int) -> None:
    assert bytes_of(elements, data_type) == stored


@given(elements=st.integers(0, 2**80), data_type=st.sampled_from(sorted(BITS)))
def test_integers_stay_exact(elements: int, data_type: str) -> None:
    stored = bytes_of(elements, data_type)
    assert (
        stored == math.ceil(elements * BITS[data_type] / 8)
        if elements < 2**40
        else stored * 8 >= elements * BITS[data_type]
    )
    assert type(stored) is int


@given(elements=st.integers(1, 10**6), data_type=st.sampled_from(sorted(BITS)))
def test_expressions_agree_with_integers(elements: int, data_type: str) -> None:
    r = symbols("r")
    assert bytes_of(r, data_type).subs(r, elements) == bytes_of(elements, data_type)


def test_an_unknown_data_type_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match=r"^there is no data type named 'fp16'; the nearest are .*float16"):
        bytes_of(1, "fp16")
