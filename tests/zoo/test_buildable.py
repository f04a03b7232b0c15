"""Where a family with symbols says that it can be built, it can, and nowhere else: against building it."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import Network, vectorize, zoo
from costmodel.algebra import assuming
from costmodel.algebra.conditions import Condition, margin
from costmodel.errors import CostModelError
from costmodel.network import buildable_where
from tests.conftest import CI
from tests.zoo.drawing import BUILT, at, configurations, hold, roundings, symbolic, symbols_of

DRAWS = settings(max_examples=40 if CI else 5)
Setting = tuple[tuple[str, Any], ...]


def buildable(name: str, setting: dict[str, Any], values: dict[str, Any]) -> bool:
    try:
        zoo.find(name)(**values, **setting)
    except CostModelError:
        return False
    return True


@cache
def conditions(name: str, setting: Setting) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """(where layers are chosen as symbols choose them, where the network can be built)."""
    with assuming() as assumed:
        network: Network = zoo.find(name)(**symbols_of(name), **dict(setting))
        return assumed.choices, buildable_where(network)


def conditions_at(name: str, setting: dict[str, Any], values: dict[str, Any]) -> tuple[Condition, ...]:
    """Where the network can be built whose layers are those at the values."""
    choices, where = conditions(name, tuple(setting.items()))
    if hold(choices, values):
        return where
    with assuming(values) as assumed:
        where = buildable_where(zoo.find(name)(**symbols_of(name), **setting))
    assert hold(assumed.choices, values)
    return where


@pytest.mark.parametrize("name", BUILT)
@DRAWS
@given(data=st.data())
def test_a_family_can_be_built_exactly_where_its_conditions_hold(name: str, data: st.DataObject) -> None:
    values, choices = data.draw(configurations(name))
    setting = {**choices, **data.draw(roundings(name, "exact", "exact", "none"))}
    where = conditions_at(name, setting, values)
    assert hold(where, values) == buildable(name, setting, values)
    names = symbolic(name)
    masks = vectorize(margin(where), names)(*(float(values[each]) for each in names)) >= 1
    assert bool(masks) == (at(margin(where), values) >= 1) == hold(where, values)


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("mobilenet_v1", []),
        ("vgg", ["resolution >= 32"]),
        ("inception_v3", ["resolution >= 75"]),
        ("alexnet", ["resolution >= 63"]),
        ("document_000", ["-4*kernel + resolution + 4 >= 1"]),
        ("vit", ["floor((-patch + resolution)/patch) + 1 >= 1", "hidden % heads == 0"]),
    ],
)
def test_they_are_few(name: str, stated: list[str]) -> None:
    assert [str(each) for each in conditions(name, (("rounding", "exact"),))[1]] == stated


def test_a_network_of_other_layers_is_another_network() -> None:
    """At a width of 1/4, MobileNetV2's first block keeps its 8 channels, and adds a shortcut: as its authors' code."""
    width = symbols_of("mobilenet_v2")["width"]
    apart = zoo.mobilenet_v2(width=width, rounding="exact")
    assert "round_to_multiple(32*width, 8) != round_to_multiple(16*width, 8)" in apart.holds_where
    with pytest.raises(CostModelError, match="round_to_multiple"):
        apart.bind(width="1/4")
    assert apart.bind(width="1/2").cost() == zoo.mobilenet_v2(width="1/2").renamed("mobilenet_v2").cost()
    with assuming({"width": Fraction(1, 4)}) as assumed:
        together = zoo.mobilenet_v2(width=width, rounding="exact")
    assert len(together.nodes) == len(apart.nodes) + 1 == len(zoo.mobilenet_v2(width="1/4").nodes)
    assert together.holds_where == ()
    assert "round_to_multiple(32*width, 8) == round_to_multiple(16*width, 8)" in map(str, assumed.choices)
