"""Axes: what texts, ranges and lists stand for, exactly, and which are refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import SizingError
from costmodel.sizing.spaces.axes import MOST_LISTED, axis


class TestTexts:
    def test_a_range_has_its_stop_where_a_step_meets_it(self) -> None:
        widths = axis("width", "0.25:1.4:0.05")
        assert widths.size == 24
        assert (widths.value(0), widths.value(2), widths.value(23)) == (Fraction(1, 4), Fraction(7, 20), Fraction(7, 5))
        assert [axis("r", "96:256:50").value(index) for index in range(4)] == [96, 146, 196, 246]

    def test_a_range_may_run_down(self) -> None:
        downwards = axis("r", "4:1:-1")
        assert [downwards.value(index) for index in range(downwards.size)] == [4, 3, 2, 1]

    def test_a_list_has_numbers_and_choices(self) -> None:
        assert axis("depth", "18, 34").values == (18, 34)
        assert axis("convolution", "full,depthwise_separable").values == ("full", "depthwise_separable")
        assert axis("width", "1/3,0.5").values == (Fraction(1, 3), Fraction(1, 2))

    @given(start=st.integers(-50, 50), step=st.integers(1, 9), count=st.integers(1, 30), places=st.integers(0, 3))
    def test_a_range_is_what_counting_by_steps_says(self, start: int, step: int, count: int, places: int) -> None:
        unit = Fraction(1, 10**places)
        texts = [str(float(each * unit)) for each in (start, start + (count - 1) * step, step)]
        found = axis("x", ":".join(texts))
        assert [found.value(index) for index in range(found.size)] == [(start + k * step) * unit for k in range(count)]

    @given(st.lists(st.fractions(-99, 99, max_denominator=60), min_size=1, max_size=9, unique=True))
    def test_numerators_over_the_denominator_are_the_values(self, values: list[Fraction]) -> None:
        found = axis("x", values)
        numerators = found.numerators(np.arange(found.size))
        assert [Fraction(int(each), found.denominator) for each in numerators] == values
        assert found.settings(np.arange(found.size)).tolist() == [float(each) for each in values]

    def test_choices_stay_what_they_are(self) -> None:
        found = axis("shallow", [False, True])
        assert found.settings(np.array([1, 0, 1])).tolist() == [True, False, True]


class TestMistakes:
    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ("1:0:1", "must have its stop where its steps lead"),
            ("1:2:0", "the step of 'x' must not be zero"),
            ("1:2:3:4", "must be start:stop or start:stop:step in numbers"),
            ("a:b", "must be start:stop or start:stop:step in numbers"),
            ("1:2:1/0", "the step of 'x' must not be zero"),
            ("0:1e30:1e-30", "must have at most 2"),
            ([5e-324], "over a common denominator below 2"),
            ("1,,2", "must have a value in each place"),
            ("", "must have a value in each place"),
            ([], "must have a value in each place"),
            (range(0), "must have a value"),
            ("1,2,1.0", "must have each value once"),
            ([float("nan")], "must be numbers or choices"),
            ("1e17,0.0001", "must be below 2"),
            ([object()], "must be numbers or choices"),
            (range(MOST_LISTED + 1).__iter__(), "must have at most 1,000,000 values"),
        ],
    )
    def test_a_sentence_names_the_axis_and_the_rule(self, given: object, rule: str) -> None:
        with pytest.raises(SizingError, match=rule):
            axis("x", given)

    def test_true_is_not_one(self) -> None:
        assert axis("x", [True, 1]).size == 2
