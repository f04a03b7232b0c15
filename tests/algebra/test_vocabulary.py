"""The vocabulary: what is assumed of each symbol."""

import pytest

from costmodel.algebra import symbols
from costmodel.algebra.vocabulary import FLAGS, MEANING, REAL, assumption


@pytest.mark.parametrize("name", MEANING)
def test_what_is_assumed_is_what_its_symbol_is(name: str) -> None:
    symbol = symbols(name)
    assert symbol.is_positive
    assert symbol.is_integer is (None if name in REAL else True)
    assert assumption(name) == ("positive real" if name in REAL else "0 or 1" if name in FLAGS else "positive integer")


def test_only_width_multipliers_are_real() -> None:
    assert {"alpha", "width"} == REAL


def test_other_names_are_positive_integers() -> None:
    assert assumption("anything") == "positive integer"
    assert symbols("anything").is_integer
