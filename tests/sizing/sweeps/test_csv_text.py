"""Lines of CSV: read back as the same numbers and texts, written as Python writes them."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costmodel.errors import SpecError
from costmodel.sizing.sweeps.csv_text import csv_header, csv_lines

NUMBERS = st.one_of(
    st.floats(),
    st.integers(-(2**53) + 1, 2**53 - 1).map(float),
    st.integers(-(2**63), 2**63).map(float),
    st.sampled_from([0.0, -0.0, 0.35, 1e15, 9999.0, 10000.0, 2.0**53 - 1, 2.0**53, 1e300, 5e-324]),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def objects(values: list[Any]) -> NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def expected(value: float) -> str:
    """The text of a number, by Python's own means."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.integers(1, 9))
def test_numbers_are_integers_or_the_shortest_text(values: list[float], times: int) -> None:
    column = np.repeat(np.array(values), times)
    assert read(csv_lines([column])) == [[expected(value)] for value in column.tolist()]


@given(st.lists(st.tuples(TEXTS, NUMBERS), min_size=1, max_size=20), st.integers(1, 9))
def test_texts_are_read_back(rows: list[tuple[str, float]], times: int) -> None:
    texts = [text for text, _ in rows for _ in range(times)]
    numbers = np.repeat([number for _, number in rows], times)
    found = read(csv_lines([objects(texts), numbers]))
    assert found == [[text, expected(number)] for text, number in zip(texts, numbers.tolist(), strict=True)]


def test_a_block_of_whole_numbers_of_all_lengths() -> None:
    values = [sign * 10**power + extra for power in range(16) for extra in (-1, 0, 1) for sign in (1, -1)]
    values = [value for value in values if abs(value) < 2**53]
    assert csv_lines([np.array(values, np.float64)]).decode().split() == [str(value) for value in values]


def test_choices_are_written_as_they_are_given() -> None:
    column = objects([True, False, "3x3", 'say "a, b"', "two\nlines"])
    assert csv_lines([column]) == b'true\nfalse\n3x3\n"say ""a, b"""\n"two\nlines"\n'


def test_names_are_quoted_where_they_must_be() -> None:
    assert read(csv_header(["width", "a,b", "µ"])) == [["width", "a,b", "µ"]]


def test_a_zero_character_is_refused() -> None:
    with pytest.raises(SpecError, match="no zero character"):
        csv_lines([objects(["a\0b"])])
