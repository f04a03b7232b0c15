"""The ledger: addition entry by entry."""

from functools import reduce
from operator import add

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import symbols
from costmodel.counting import ENTRIES, Ledger, sum_ledgers

COUNTS = st.integers(0, 2**70)
LEDGERS = st.builds(Ledger, *[COUNTS] * 6)


def test_the_entries_are_those_of_the_design() -> None:
    assert ENTRIES == ("macs", "additions", "multiplications", "comparisons", "divisions", "transcendentals")


@given(LEDGERS, LEDGERS, LEDGERS)
def test_addition_is_associative_and_commutative_and_has_a_zero(one: Ledger, two: Ledger, three: Ledger) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one
    assert one + Ledger() == one


@given(LEDGERS, LEDGERS)
def test_addition_is_entry_by_entry(one: Ledger, two: Ledger) -> None:
    for entry in ENTRIES:
        assert getattr(one + two, entry) == getattr(one, entry) + getattr(two, entry)


@given(st.lists(LEDGERS, max_size=5))
def test_a_sum_of_many_is_repeated_addition(ledgers: list[Ledger]) -> None:
    assert sum_ledgers(ledgers) == reduce(add, ledgers, Ledger())


@given(LEDGERS, st.integers(0, 9))
def test_scaling_is_repeated_addition(ledger: Ledger, times: int) -> None:
    assert ledger.scaled(times) == sum_ledgers([ledger] * times)


def test_entries_may_be_expressions() -> None:
    alpha, r = symbols("alpha r")
    assert sum_ledgers([Ledger(macs=alpha * r), Ledger(macs=alpha * r, divisions=3)]) == Ledger(
        2 * alpha * r, divisions=3
    )
    assert Ledger(macs=r).scaled(alpha).macs == alpha * r
    assert isinstance((Ledger(macs=r) + Ledger(macs=1)).macs, sp.Expr)


@pytest.mark.parametrize("other", [0, 1, (1, 2), "ledger"])
def test_nothing_else_can_be_added(other: object) -> None:
    with pytest.raises(TypeError):
        Ledger() + other
