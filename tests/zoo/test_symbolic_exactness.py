"""What a family with symbols costs is, at all values of the symbols, what the family costs with the values in place.

Expressions are evaluated as sweeps evaluate them: over arrays, with a width in units of its denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import Network, zoo
from costmodel.algebra import assuming
from costmodel.algebra.blocks import Blocks
from costmodel.algebra.conditions import Condition
from costmodel.algebra.plan import plan
from costmodel.algebra.types import Dim
from costmodel.calibration.terms import features
from costmodel.errors import CostModelError
from costmodel.latency import Latency, estimate
from tests.conftest import CI
from tests.zoo.drawing import BUILT, configurations, hold, roundings, symbols_of

COUNTS = ("macs", "flops", "params", "buffers", "activations", "weight_bytes", "input_bytes", "output_bytes")
RUNTIMES = ("ncnn", "onnxruntime", "torch", "tensorrt")
"""Runtimes that do one operation by several algorithms, in several layouts, and fuse what others do not."""


def counts(network: Network) -> dict[str, Dim]:
    cost = network.cost()
    return {**cost.ledger._asdict(), **{name: getattr(cost, name) for name in (*COUNTS, "peak_memory_bytes")}}


def of_latency(device: str, latency: Latency) -> dict[str, Dim]:
    assert latency.memory is not None
    found = {"latency_s": latency.latency_s, "peak_ram_bytes": latency.memory.peak_ram_bytes}
    found |= {"weight_bytes": latency.memory.weight_bytes, "activation_bytes": latency.memory.activation_bytes}
    if latency.energy is not None:
        found["energy_j"] = latency.energy_j
    return {f"{name} on {device}": value for name, value in found.items()}


def on_devices(network: Network, runtime: str) -> dict[str, Dim]:
    """What a runtime makes of a network, a calibrated latency, and two by the roofline, with energies of a chip."""
    amounts = features(network, "float32", runtime)
    return {
        **{f"{name} under {runtime}": amount for name, amount in amounts.items()},
        **of_latency("pixel-1", network.latency("pixel-1")),
        **of_latency("v100", estimate(network, "v100", rules=runtime if runtime != "torch" else "pytorch")),
        **of_latency(
            "h100", estimate(network, "h100", data_type="int8", rules="tensorrt").with_technology("jouppi-7nm")
        ),
    }


def built(name: str, values: Mapping[str, Any], setting: Mapping[str, Any]) -> Network | None:
    try:
        return zoo.find(name)(**values, **setting)
    except CostModelError:
        return None


def evaluated(found: Mapping[str, Dim], values: Mapping[str, Any]) -> dict[str, float]:
    """The expressions at the values, over arrays: exact below 2**53."""
    names = sorted(values)
    fractions = {name: Fraction(value) for name, value in values.items()}
    denominators = {name: fractions[name].denominator for name in names}
    tables = [np.array([[float(fractions[name].numerator)]]) for name in names]
    results = Blocks(plan(list(found.values()), names, (), denominators))(tables)
    return {name: float(result.item()) for name, result in zip(found, results, strict=True)}


def assert_equal(found: Mapping[str, Dim], expected: Mapping[str, Dim], values: Mapping[str, Any]) -> None:
    for name, value in evaluated(found, values).items():
        if isinstance(expected[name], int) and expected[name] < 2**53:
            assert value == expected[name], name
        else:
            assert value == pytest.approx(float(expected[name]), rel=1e-12), name


@cache
def network_with_symbols(name: str, setting: tuple[tuple[str, Any], ...]) -> tuple[Network, tuple[Condition, ...]]:
    with assuming() as assumed:
        return zoo.find(name)(**symbols_of(name), **dict(setting)), assumed.choices


@pytest.mark.parametrize("name", BUILT)
@settings(max_examples=10 if CI else 3)
@given(data=st.data())
def test_counts_of_expressions_are_those_of_numbers(name: str, data: st.DataObject) -> None:
    values, choices = data.draw(configurations(name))
    setting = {**choices, **data.draw(roundings(name, "exact", "exact", "none"))}
    numbers = built(name, values, setting)
    if numbers is None:
        return
    network, apart = network_with_symbols(name, tuple(setting.items()))
    if not hold(apart, values):
        with assuming(values) as assumed:
            network = zoo.find(name)(**symbols_of(name), **setting)
        assert hold(assumed.choices, values)
    assert_equal(counts(network), counts(numbers), values)


@pytest.mark.parametrize("name", BUILT)
@settings(max_examples=3 if CI else 2)
@given(data=st.data())
def test_kernels_of_expressions_are_those_of_numbers(name: str, data: st.DataObject) -> None:
    values, choices = data.draw(configurations(name))
    setting = {**choices, **data.draw(roundings(name, "exact"))}
    runtime = data.draw(st.sampled_from(RUNTIMES))
    numbers = built(name, values, setting)
    if numbers is None:
        return
    with assuming(values) as assumed:
        network = zoo.find(name)(**symbols_of(name), **setting)
        found = on_devices(network, runtime)
    assert hold(assumed.choices, values)
    assert_equal(found, on_devices(numbers, runtime), values)
