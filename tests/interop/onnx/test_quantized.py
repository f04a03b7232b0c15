"""Operations on integers: what the standard defines, zero points and scales included."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from costmodel.network import Network
from tests.interop.onnx.models import network, node

X, Y = 2 * 3 * 64, 2 * 5 * 64
"""The elements of the input, and of the result."""


def whole(name: str, *shape: int, value: int = 1) -> onnx.TensorProto:
    """Stored numbers of eight bits."""
    return numpy_helper.from_array(np.full(shape, value, dtype=np.int8), name)


def scale(name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(0.5, dtype=np.float32), name)


def ledger(built: Network) -> dict[str, int]:
    """The operations that are booked at all."""
    return {name: count for name, count in built.cost().ledger._asdict().items() if count}


def quantized(op: str, weight: onnx.TensorProto, zero: int, given: Any) -> Network:
    """x - z, a product, and its result as integers; the input and its weights are quantized."""
    names = ["sx", "zx", "w", "sw", "zw", "sy", "zy"]
    stored = [*(scale(name) for name in ("sx", "sw", "sy")), *(whole(name, value=zero) for name in ("zx", "zw", "zy"))]
    return network([node(op, ["x", *names], ["y"])], given, ["y"], [weight, *stored])


@pytest.mark.parametrize(("zero", "subtracted", "added"), [(0, 0, 0), (3, X, Y)])
def test_a_convolution_is_scaled_rounded_shifted_and_clipped(zero: int, subtracted: int, added: int) -> None:
    """For each element of the result a factor and two bounds and rounding, which is free; zero points unless 0."""
    built = quantized("QLinearConv", whole("w", 5, 3, 1, 1), zero, {"x": [2, 3, 8, 8]})
    additions = {"additions": subtracted + added} if zero else {}
    rounding = network([node("Round", ["x"], ["y"])], {"x": [Y]}, ["y"]).cost().ledger.comparisons
    comparisons = {"comparisons": 2 * Y + rounding}
    found = ledger(built)
    assert found == found | {"macs": 3 * Y, "multiplications": Y} | additions | comparisons
    assert ("additions" in found) == bool(zero)


def test_a_product_is_scaled_too() -> None:
    found = ledger(quantized("QLinearMatMul", whole("w", 4, 6), 2, {"x": [5, 4]}))
    assert (found["macs"], found["multiplications"], found["additions"]) == (5 * 4 * 6, 30, 20 + 30)


@pytest.mark.parametrize(
    ("op", "weight", "given", "macs"),
    [
        ("ConvInteger", whole("w", 5, 3, 1, 1), {"x": [2, 3, 8, 8]}, 3 * Y),
        ("MatMulInteger", whole("w", 4, 6), {"x": [5, 4]}, 5 * 4 * 6),
    ],
)
def test_a_product_in_32_bits_has_no_scale(op: str, weight: onnx.TensorProto, given: Any, macs: int) -> None:
    """Only the zero point of the input is subtracted: that of the weights was, before they were stored."""
    built = network([node(op, ["x", "w", "z", "z"], ["y"])], given, ["y"], [weight, whole("z", value=3)])
    assert ledger(built) == {"macs": macs, "additions": int(np.prod(given["x"]))}
    bare = network([node(op, ["x", "w"], ["y"])], given, ["y"], [weight])
    assert ledger(bare) == {"macs": macs}


RESULT = {"multiplications": 12, "comparisons": 3 * 12}
"""Twelve elements of a result in 32 bits: its scale, rounding and two bounds; its zero point is an addition."""


def test_a_product_of_onnxruntime_is_scaled_after_its_bias() -> None:
    names = ["sx", "z", "w", "sw", "z", "c", "sy", "z"]
    made = node("QGemm", ["x", *names], ["y"], domain="com.microsoft")
    weights = [whole("w", 5, 4), whole("c", 4), whole("z", value=3), *(scale(name) for name in ("sx", "sw", "sy"))]
    built = network([made], {"x": [3, 5]}, ["y"], weights)
    assert ledger(built) == {"macs": 60, "additions": 15 + 12 + 12} | RESULT


def test_an_activation_is_between_two_changes_of_scale() -> None:
    """x - z times its scale; a comparison and a product; by the scale of the result, plus its zero point."""
    made = node("QLinearLeakyRelu", ["x", "s", "z", "s", "z"], ["y"], domain="com.microsoft")
    built = network([made], {"x": [3, 4]}, ["y"], [scale("s"), whole("z", value=3)])
    assert ledger(built) == {"additions": 24, "multiplications": 24, "divisions": 12, "comparisons": 12 + 3 * 12}


@pytest.mark.parametrize(("other", "changed"), [("s", 0), ("t", 6)])
def test_parts_of_the_same_scale_are_only_copied(other: str, changed: int) -> None:
    made = node("QLinearConcat", ["s", "z", "x", "s", "z", "v", other, "z"], ["y"], domain="com.microsoft", axis=1)
    half = numpy_helper.from_array(np.array(0.25, dtype=np.float32), "t")
    built = network([made], {"x": [2, 6], "v": [2, 3]}, ["y"], [scale("s"), half, whole("z", value=3)])
    assert ledger(built).get("divisions", 0) == changed
