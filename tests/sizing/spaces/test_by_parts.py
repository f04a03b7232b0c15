"""Evaluation by parts: the costs of whole networks built with numbers, whatever is chosen in each stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import Builder, zoo
from costmodel.errors import SizingError
from costmodel.hardware import Profile, find_profile
from costmodel.layers import ReLU6
from costmodel.network import Network
from costmodel.sizing.searches.places import evaluator, row_of, values_at
from costmodel.sizing.spaces.by_parts import ByParts, by_parts
from costmodel.sizing.spaces.costs import cost_expression, question
from costmodel.sizing.spaces.space import Space, space
from costmodel.zoo.blocks import inverted_bottleneck
from costmodel.zoo.part import Part

OVER: dict[str, Any] = {
    "resolution": "1,33,96,224",
    "stem": "1,8,32",
    "head": "4,1280",
    **{f"w{stage}": "1,7,8,24,96" for stage in range(1, 8)},
    **{f"d{stage}": "1,2,4" for stage in range(1, 8)},
    **{f"k{stage}": "3,7" for stage in range(1, 8)},
    **{f"e{stage}": "1,3,6" for stage in range(1, 8)},
    **{f"t{stage}": "inverted,fused,separable,conv" for stage in range(1, 8)},
}
SPACE = space("staged", OVER, {"batch": 2}, most=float("inf"))
COUNTS = ("macs", "params", "weight_bytes", "activations", "peak_memory_bytes", "flops")
DEVICES = {
    "pixel-1": (*COUNTS, "latency_s", "ram_bytes"),
    "stm32h743": ("latency_s", "ram_bytes", "flash_bytes"),
    "raspberry-pi-4": ("latency_s", "energy_j", "ram_bytes"),
}
EVALUATORS = {device: evaluator(SPACE, question(costs, device=device)) for device, costs in DEVICES.items()}
"""Each keeps what it compiled from one example to the next."""


@st.composite
def places(draw: st.DrawFn) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([draw(st.integers(0, each.size - 1)) for each in SPACE.axes])


@settings(max_examples=40)
@given(rows=st.lists(places(), min_size=1, max_size=3), device=st.sampled_from(sorted(DEVICES)))
def test_parts_add_up_to_the_networks_that_are_built(rows: list[Any], device: str) -> None:
    costs, profile = DEVICES[device], find_profile(device)
    table = EVALUATORS[device](np.array(rows))
    for row, found in zip(rows, table.T.tolist(), strict=True):
        network = zoo.staged(batch=2, **values_at(SPACE, row))
        expected = [cost_expression(network, name, profile) for name in costs]
        for name, ours, theirs in zip(costs, found, expected, strict=True):
            assert ours == (theirs if isinstance(theirs, int) else pytest.approx(theirs, rel=1e-12)), name


def test_the_staged_family_is_evaluated_by_parts() -> None:
    assert isinstance(by_parts(SPACE, question(("macs",))), ByParts)
    assert by_parts(space("mobilenet_v2", {"width": "0.5,1"}), question(("macs",))) is None


def under(runtime: str) -> Profile:
    """A device as if its times had been measured under another runtime."""
    measured = find_profile("pixel-1")
    assert measured.calibration is not None
    where = measured.calibration.provenance
    setup = where.model_copy(update={"setup": {**where.setup, "runtime": runtime}})
    calibration = measured.calibration.model_copy(update={"provenance": setup})
    return measured.model_copy(update={"calibration": calibration})


def test_narrow_convolutions_are_those_that_a_runtime_does_without_winograd() -> None:
    profile = under("ncnn")
    chosen = space("staged", {"w1": "4,7,8,9", "w4": "7,8,64", "t1": "fused,conv", "t4": "conv", "d1": "2", "d4": "2"})
    every = np.array(list(np.ndindex(*(each.size for each in chosen.axes))))
    expected = [zoo.staged(**values_at(chosen, row)).latency(profile).latency_s for row in every]
    asked = question(("latency_s",), device=profile)
    assert by_parts(chosen, asked) is not None
    np.testing.assert_allclose(evaluator(chosen, asked)(every)[0], expected, rtol=1e-12)


def test_a_device_whose_runtime_copies_between_layouts_is_asked_for_whole_networks() -> None:
    profile = under("onnxruntime")
    asked = question(("latency_s",), device=profile)
    chosen = space("staged", {"w1": "16,20", "t2": "inverted,fused"})
    assert by_parts(chosen, asked) is None
    every = np.array([(structure, width) for structure in (0, 1) for width in (0, 1)])
    expected = [zoo.staged(**values_at(chosen, row)).latency(profile).latency_s for row in every]
    np.testing.assert_allclose(evaluator(chosen, asked)(every)[0], expected, rtol=1e-12)


def test_a_part_that_numbers_would_choose_is_refused() -> None:
    def build(*, stem: Any, w1: Any) -> Network:
        b = Builder("part")
        x = b.input("x", (1, stem, 8, 8))
        return b.build(inverted_bottleneck(x, x.channels, w1, stride=1, activation=ReLU6()))  # a shortcut where equal

    family = replace(zoo.staged, parts=(Part("first", ("stem", "w1"), build),))
    chosen = space(family, {"stem": "8,16", "w1": "8,16"})
    with pytest.raises(SizingError, match=r"^staged: the part 'first' must be the same for all values .* leave it"):
        evaluator(chosen, question(("macs",)))(np.zeros((1, 2), dtype=np.int64))


def test_a_cost_that_no_device_gives_is_an_error_and_not_a_network_that_cannot_be_built() -> None:
    with pytest.raises(SizingError, match="has no energies"):
        evaluator(SPACE, question(("energy_j",), device="stm32h743"))(np.zeros((1, len(SPACE.axes)), dtype=np.int64))


@pytest.mark.parametrize(
    ("name", "over"),
    [
        ("mobilenet_v2", {"width": "0.1:1.4:0.05", "resolution": "32:224:16"}),
        ("resnet", {"depth": "18,50", "width": "0.25:1:0.25", "resolution": "64,65,224"}),
        ("regnet", {"depth": "1:80:1", "w_a": "8:60:4", "w_0": "24,48"}),
    ],
)
def test_families_without_parts_are_evaluated_too(name: str, over: dict[str, str]) -> None:
    chosen = space(name, over)
    generator = np.random.default_rng(1)
    some = np.stack([generator.integers(0, each.size, 12) for each in chosen.axes], axis=1)
    found = evaluator(chosen, question(("macs", "params")))(some)
    for row, column in zip(some, found.T.tolist(), strict=True):
        cost = zoo.find(name)(**values_at(chosen, row)).cost()
        assert column == [cost.macs, cost.params]


def test_what_cannot_be_built_has_no_cost() -> None:
    chosen = space("vgg16", {"resolution": "31,32"})
    found = evaluator(chosen, question(("macs",)))(np.array([[0], [1]]))
    assert np.isnan(found[0, 0])
    assert found[0, 1] == zoo.vgg16(resolution=32).cost().macs


def test_rows_of_places_are_those_of_the_space() -> None:
    generator = np.random.default_rng(2)
    for _ in range(20):
        row = np.array([generator.integers(0, each.size) for each in SPACE.axes])
        assert Space.at(SPACE, row_of(SPACE, row)) == values_at(SPACE, row)
