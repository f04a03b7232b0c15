"""Which terms a table determines: the choice is made by what was measured, never by the times."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from costmodel.calibration import TERMS, choose_terms
from costmodel.calibration.table import Table
from tests.calibration.tables import amounts, measured, table

ALL = [term.name for term in TERMS]


def reasons(chosen: Table) -> dict[str, str]:
    return dict(choose_terms(chosen).dropped)


@given(st.integers(0, 1000), st.integers(2, 30))
def test_times_do_not_matter(seed: int, count: int) -> None:
    columns = amounts(seed, count)
    first, second = np.random.default_rng(seed).lognormal(0, 3, (2, count))
    assert choose_terms(table(first, columns)) == choose_terms(table(second, columns))


@given(st.integers(0, 1000), st.integers(2, 30))
def test_every_term_is_chosen_or_dropped_with_a_reason(seed: int, count: int) -> None:
    choice = choose_terms(measured(seed, count))
    assert sorted([*choice.names, *(each.name for each in choice.dropped)]) == sorted(ALL)
    assert len(choice.names) <= max(1, count // 3)


def test_absent_term_is_dropped() -> None:
    assert reasons(measured(1, 20))["macs_depthwise"] == "nothing measured has any"


def test_three_networks_are_needed_for_each() -> None:
    assert choose_terms(measured(1, 8)).names == ("macs", "kernels")
    assert choose_terms(measured(1, 9)).names == ("macs", "kernels", "activation_bytes")
    assert reasons(measured(1, 8))["weight_bytes"] == "8 networks determine 2 coefficients, 3 for each"


def test_term_that_others_make_up_is_dropped() -> None:
    columns = amounts(1, 20)
    columns["weight_bytes"] = 0.3 * columns["macs"] + 1e6 * columns["kernels"]
    assert reasons(table(np.ones(20), columns))["weight_bytes"] == (
        "the measurements cannot tell it from macs and kernels and activation_bytes"
    )


def test_term_of_one_network_alone_is_told_apart() -> None:
    columns = amounts(1, 20)
    columns["macs_depthwise"] = np.where(np.arange(20) == 3, columns["macs"], 0.0)
    assert "macs_depthwise" in choose_terms(table(np.ones(20), columns)).names


def test_repeated_measurements_of_a_network_count_once() -> None:
    once = measured(1, 5)
    thrice = Table(
        once.rows * 3,
        once.families * 3,
        np.tile(once.latencies_s, 3),
        {k: np.tile(v, 3) for k, v in once.amounts.items()},
    )
    assert choose_terms(thrice).names == choose_terms(once).names == ("macs",)
