"""Kernels of a network with symbols: of which there are several, and how that is said."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import pytest
import sympy as sp

from costmodel import Network, symbols, zoo
from costmodel.algebra import assuming
from costmodel.algebra.types import Dim
from costmodel.calibration.terms import features
from costmodel.latency import estimate, lower

WIDTHS = (Fraction(1), Fraction(1, 3), Fraction(1, 100), Fraction(1))


@pytest.fixture
def network() -> Network:
    return zoo.vgg(width=symbols("width"), rounding="exact")


def test_kernels_are_those_of_the_values_whatever_was_asked_before(network: Network) -> None:
    """Blocks of 16 channels: at a width of 1 all layers work in them, at 1/3 none but the first, read as it is."""
    for width in WIDTHS:
        numbers = zoo.vgg(width=width)
        with assuming({"width": width}) as assumed:
            kernels = lower(network, rules="onnxruntime")
            amounts = features(network, runtime="onnxruntime")
        expected = lower(numbers, rules="onnxruntime")
        assert [(each.name, each.blocked) for each in kernels] == [(each.name, each.blocked) for each in expected]
        assert {name: at(amount, width) for name, amount in amounts.items()} == features(numbers, runtime="onnxruntime")
        assert all(choice.holds(partial(at, width=width)) for choice in assumed.choices)


def test_choices_are_noted_each_time(network: Network) -> None:
    noted = []
    for _ in range(2):
        with assuming({"width": 1}) as assumed:
            features(network, runtime="onnxruntime")
        noted.append(assumed.choices)
    assert noted[0] == noted[1] != ()


def test_a_latency_says_for_which_sizes_its_kernels_are(network: Network) -> None:
    said = [each for each in estimate(network, "v100", rules="onnxruntime").assumptions if "holds where" in each]
    first = "as an expression it holds where max(1, floor(64*width)) >= 16, max(1, floor(64*width)) % 4 == 0, "
    assert [each[: len(first)] for each in said] == [first]
    assert not any("holds where" in each for each in estimate(zoo.vgg(), "v100", rules="onnxruntime").assumptions)
    assert not any("holds where" in each for each in estimate(network, "v100", rules="ncnn").assumptions)


def at(value: Dim, width: Fraction) -> Dim:
    exact = sp.sympify(value)
    return exact.xreplace(dict.fromkeys(exact.free_symbols, sp.Rational(width.numerator, width.denominator)))
