"""Networks of parameters that nobody published, against torchvision 0.29.1 built with the same and run.

Multiply-accumulates are those of PyTorch's FlopCounterMode / 2, equal to hooks on convolutions and linear layers (on a
ViT to these and the products of attention); parameters by their elements.
"""

from __future__ import annotations

from typing import Any

import pytest

from costmodel import zoo
from costmodel.errors import SpecError
from costmodel.zoo.regnet import stages

REGNETS: list[tuple[dict[str, Any], list[tuple[int, int, int]], int, int]] = [
    (
        {"depth": 13, "w_0": 40, "w_a": 36.2, "w_m": 2.3, "group_width": 8, "squeeze_excitation": True},
        [(1, 40, 8), (2, 96, 8), (5, 208, 8), (5, 488, 8)],
        174_914_000,
        3_747_368,
    ),
    (
        {"depth": 30, "w_0": 16, "w_a": 3.4, "w_m": 1.6, "group_width": 24},
        [(2, 16, 16), (3, 24, 24), (6, 48, 24), (9, 72, 24), (10, 96, 24)],
        45_511_744,
        761_162,
    ),
    (
        {"depth": 9, "w_0": 64, "w_a": 80.0, "w_m": 3.1, "group_width": 40, "squeeze_excitation": True},
        [(1, 80, 40), (3, 200, 40), (5, 600, 40)],
        773_564_880,
        5_912_836,
    ),
    (
        {"depth": 3, "w_0": 8, "w_a": 100.0, "w_m": 2.0, "group_width": 16},
        [(1, 8, 8), (1, 128, 16), (1, 256, 16)],
        51_202_560,
        212_586,
    ),
]
"""(parameters, (blocks, channels, channels of a group) of each stage, MACs, parameters), 160 pixels, 10 classes."""

DENSENETS = [(12, 367_338_432, 1_857_460), (24, 1_404_200_832, 7_178_884), (40, 3_828_165_760, 19_662_660)]
"""(growth, MACs, parameters) of a depth of 169, 192 pixels, 100 classes, twice the growth in the first convolution."""

VITS = [
    ({"resolution": 160, "patch": 16, "depth": 5, "heads": 4, "hidden": 256, "mlp": 512}, 310_543_360, 2_861_578),
    ({"resolution": 96, "patch": 8, "depth": 3, "heads": 3, "hidden": 192, "mlp": 768}, 221_961_216, 1_401_994),
]
"""(parameters, MACs, parameters), 10 classes."""


@pytest.mark.parametrize(("parameters", "expected", "macs", "params"), REGNETS)
def test_a_regnet_of_any_line(
    parameters: dict[str, Any], expected: list[tuple[int, int, int]], macs: int, params: int
) -> None:
    line = {name: value for name, value in parameters.items() if name != "squeeze_excitation"}
    assert list(stages(**line)) == expected
    cost = zoo.regnet(**parameters, resolution=160, classes=10).cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(("growth", "macs", "params"), DENSENETS)
def test_a_densenet_of_any_growth(growth: int, macs: int, params: int) -> None:
    cost = zoo.densenet169(growth=growth, resolution=192, classes=100).cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(("parameters", "macs", "params"), VITS)
def test_a_vit_of_any_size(parameters: dict[str, Any], macs: int, params: int) -> None:
    cost = zoo.vit(**parameters, classes=10).cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(
    ("name", "resolution", "macs", "params"),
    [
        ("vit_b_16", 384, 55_484_350_464, 86_859_496),
        ("vit_b_16", 512, 107_027_890_176, 87_203_560),
        ("vit_h_14", 518, 1_016_716_764_160, 633_470_440),
    ],
)
def test_the_position_embedding_of_a_vit_grows_with_the_resolution(
    name: str, resolution: int, macs: int, params: int
) -> None:
    cost = zoo.find(name)(resolution=resolution).cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(
    ("name", "resolution", "macs", "params"),
    [("googlenet", 161, 765_480_128, 5_610_154), ("inception_v3", 160, 1_277_445_472, 21_806_058)],
)
def test_resolutions_that_do_not_halve_evenly(name: str, resolution: int, macs: int, params: int) -> None:
    cost = zoo.find(name)(resolution=resolution, classes=10).cost()
    assert (cost.macs, cost.params) == (macs, params)


def test_heads_divide_the_tokens_of_a_vit() -> None:
    with pytest.raises(SpecError, match=r"^vit: 'heads' \(=12\) must divide 'hidden' \(=100\)$"):
        zoo.vit(hidden=100)
