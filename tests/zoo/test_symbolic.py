"""Laws of zoo networks: expressions agree with integers, costs are linear in the batch, JSON keeps everything."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import costmodel as cm
from costmodel import Network, zoo
from costmodel.algebra.types import Dim
from costmodel.counting import Cost

ALPHA, BATCH, RESOLUTION, R = cm.symbols("alpha batch resolution r")
LEAST = {"lenet_5": 16, "lenet_300_100": 1, "document_000": 9, "document_002": 10, "inception_v3": 75}
"""The smallest resolution, where it is not 64."""
BUILT = sorted({family.family for family in zoo.families().values()})
"""The functions that build networks; variants only fix some of their parameters."""
HALVING = sorted(set(BUILT) - LEAST.keys() - {"staged"} | {"inception_v3"})
"""Networks that halve the resolution five times, with or without borders."""
ROUNDED: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in BUILT if name not in {"mobilenet_v3", "mnasnet", "shufflenet_v1", "staged"}),
    *((name, {}) for name in ("mobilenet_v3_large", "mobilenet_v3_small", "mnasnet_a1", "mnasnet_b1")),
    ("regnet_y_400mf", {}),
    *(("shufflenet_v1", {"groups": groups}) for groups in (1, 2, 3, 4, 8)),
]
"""Networks of every rounding rule."""
ROUNDINGS = (sp.floor, sp.ceiling)
WIDTHS = ["0.25", "0.35", "0.5", "0.75", "1", "1.25", "1.4", "2", "0.9", "3.3"]
"""Widths for the rounding rules; the authors' own, and two that nobody published."""


@cache
def in_batch_and_resolution(name: str) -> Cost:
    return zoo.find(name)(batch=BATCH, resolution=RESOLUTION).cost()


@cache
def of_one_image(name: str) -> Cost:
    return zoo.find(name)().cost()


def quantities(cost: Cost) -> dict[str, Dim]:
    return {**cost.ledger._asdict(), "params": cost.params, "buffers": cost.buffers, "activations": cost.activations}


def at(expression: Dim, values: dict[Any, Any]) -> Dim:
    return expression if isinstance(expression, int) else expression.subs(values)


class TestExpressions:
    @given(name=st.sampled_from(BUILT), above=st.integers(0, 200), batch=st.integers(1, 9))
    def test_substituting_numbers_gives_the_integer_counts(self, name: str, above: int, batch: int) -> None:
        resolution = LEAST.get(name, 64) + above
        numbers = quantities(zoo.find(name)(batch=batch, resolution=resolution).cost())
        symbolic = quantities(in_batch_and_resolution(name))
        values = {BATCH: batch, RESOLUTION: resolution}
        assert {key: at(value, values) for key, value in symbolic.items()} == numbers

    @pytest.mark.parametrize(("name", "extra"), ROUNDED)
    def test_the_exact_rounding_of_a_symbolic_width_is_that_of_a_number(self, name: str, extra: dict[str, Any]) -> None:
        expression = zoo.find(name)(width=ALPHA, rounding="exact", **extra).cost()
        for width in WIDTHS:
            number = zoo.find(name)(width=width, **extra).cost()
            assert at(expression.macs, {ALPHA: Fraction(width)}) == number.macs
            assert at(expression.params, {ALPHA: Fraction(width)}) == number.params

    @pytest.mark.parametrize(("name", "extra"), ROUNDED)
    def test_the_compiled_rounding_gives_the_integer_counts(self, name: str, extra: dict[str, Any]) -> None:
        macs = zoo.find(name)(width=ALPHA, resolution=96 * R, rounding="exact", **extra).cost().macs
        compiled = cm.vectorize(macs, "alpha r")(np.array([float(width) for width in WIDTHS]), 1)
        numbers = [zoo.find(name)(width=width, resolution=96, **extra).cost().macs for width in WIDTHS]
        assert compiled.tolist() == numbers

    @pytest.mark.parametrize("name", [name for name in zoo.families() if "width" in zoo.find(name).parameters])
    def test_a_symbolic_width_of_one_is_the_network_itself(self, name: str) -> None:
        expression = zoo.find(name)(width=ALPHA).cost()
        assert {key: at(value, {ALPHA: 1}) for key, value in quantities(expression).items()} == quantities(
            zoo.find(name)().cost()
        )

    def test_multiples_of_32_leave_polynomials(self) -> None:
        for name in HALVING:
            assert not zoo.find(name)(resolution=32 * R, width=ALPHA).cost().macs.atoms(*ROUNDINGS)

    def test_mobilenet_v1_is_this_polynomial(self) -> None:
        macs = zoo.mobilenet_v1(width=ALPHA, resolution=32 * R).cost().macs
        assert macs.expand() == 11_010_048 * ALPHA**2 * R**2 + 576_000 * ALPHA * R**2 + 1_024_000 * ALPHA

    def test_groups_channels_and_classes_may_be_symbols(self) -> None:
        c, g = cm.symbols("classes g")
        assert zoo.vgg16(classes=c).cost().params == zoo.vgg16(classes=1).cost().params + 4097 * (c - 1)
        assert zoo.alexnet(groups=g).cost().macs.subs(g, 2) == 724_406_816
        assert zoo.resnext50_32x4d(width=ALPHA).cost().macs.subs(ALPHA, 1) == 4_230_479_872
        k = cm.symbols("k")
        stack = zoo.document_000(kernel=k, depth=2, channels=c)
        assert stack.cost().params.expand() == 3 * c * k**2 + c**2 * k**2


class TestLaws:
    @given(name=st.sampled_from(BUILT), batch=st.integers(2, 64))
    def test_a_batch_costs_its_size_times_one_image(self, name: str, batch: int) -> None:
        one, many = of_one_image(name), zoo.find(name)(batch=batch).cost()
        assert many.ledger == one.ledger.scaled(batch)
        assert (many.activations, many.params, many.buffers) == (batch * one.activations, one.params, one.buffers)

    @pytest.mark.parametrize("name", zoo.families())
    def test_json_gives_the_same_network(self, name: str) -> None:
        net = zoo.find(name)()
        assert Network.from_json(net.to_json()) == net

    @pytest.mark.parametrize("name", BUILT)
    def test_json_keeps_symbols(self, name: str) -> None:
        net = zoo.find(name)(batch=BATCH, resolution=RESOLUTION)
        assert Network.from_json(net.to_json()).cost().ledger == net.cost().ledger

    @pytest.mark.parametrize("name", zoo.families())
    def test_a_family_states_its_source_its_width_rule_and_its_parameters(self, name: str) -> None:
        family = zoo.find(name)
        assert family.source
        assert family.width_rule
        for kind, default in family.parameters.values():
            assert kind.meaning
            assert kind.range
            assert kind.convert(default) == default
        assert family().name == name
