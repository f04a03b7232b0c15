"""Random values for the parameters of zoo families, and symbols for them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from hypothesis import strategies as st

import costmodel as cm
from costmodel import zoo
from costmodel.algebra.conditions import Condition
from costmodel.algebra.types import Dim
from costmodel.zoo.family import Choice, Number

BUILT = sorted({family.family for family in zoo.families().values()})
"""The functions that build networks; variants only fix some of their parameters."""

_MOST = {"filters": 60, "stem": 40, "growth": 40, "groups": 9, "group_width": 70, "kernel": 9, "channels": 40} | {
    "second_filters": 12, "patch": 20, "heads": 13, "hidden": 100, "mlp": 200, "batch": 5, "classes": 5,
}  # fmt: skip


def width() -> st.SearchStrategy[Fraction]:
    """Narrow widths, where channel counts meet, as often as published ones."""
    divisors = st.sampled_from([100, 20, 128, 37])
    return st.one_of(
        st.builds(Fraction, st.integers(1, 30), divisors),
        st.builds(Fraction, st.integers(1, 250), divisors),
        st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1), Fraction(2)]),
    )


def _value(name: str) -> st.SearchStrategy[Any]:
    if name == "width":
        return width()
    if name == "resolution":
        return st.one_of(st.integers(1, 64), st.integers(1, 300))
    return st.integers(1, _MOST.get(name, 64))


def symbolic(name: str) -> list[str]:
    """The parameters of a family that symbols may stand for."""
    parameters = zoo.find(name).parameters.items()
    return [each for each, (kind, _) in parameters if isinstance(kind, Number) and kind.symbolic]


def roundings(name: str, *wanted: str) -> st.SearchStrategy[dict[str, str]]:
    """One of the ways to round, for a family that has a width."""
    if "rounding" not in zoo.find(name).parameters:
        return st.just({})
    return st.sampled_from(wanted).map(lambda rounding: {"rounding": rounding})


@st.composite
def configurations(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(values of what may be a symbol, the family's choices)."""
    parameters = zoo.find(name).parameters.items()
    kinds = {each: kind for each, (kind, _) in parameters if isinstance(kind, Choice) and each != "rounding"}
    values = {each: draw(_value(each)) for each in symbolic(name)}
    return values, {each: draw(st.sampled_from(kind.values)) for each, kind in kinds.items()}


def symbols_of(name: str) -> dict[str, Dim]:
    """A symbol for each parameter that takes one."""
    return {each: cm.symbols(each) for each in symbolic(name)}


def at(expression: Dim, values: Mapping[str, Any]) -> Dim:
    """The exact value of an expression where its symbols have these values."""
    exact = sp.sympify(expression)
    return exact.xreplace({symbol: sp.sympify(values[symbol.name]) for symbol in exact.free_symbols})


def hold(conditions: tuple[Condition, ...], values: Mapping[str, Any]) -> bool:
    """Whether all conditions hold at the values."""
    return all(bool(condition.holds(lambda expression: at(expression, values))) for condition in conditions)
