"""Terms: amounts that can be counted by hand, and what their coefficients are measured in."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Network, zoo
from costmodel.calibration import TERMS, features
from costmodel.calibration.terms import amounts, data_type, term, terms_of, work
from costmodel.latency import lower
from costmodel.layers import (
    Add,
    Conv2d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    SiLU,
)
from costmodel.layers.elementwise import Elementwise, two_per_element
from costmodel.layers.formulas import Formulas

NETWORKS = ("mobilenet_v1", "squeezenet1_0", "resnet18", "alexnet", "shufflenet_v1_g3")


class Listed(Elementwise):
    """A kind with a field that has no hash, which is in no registry."""

    kind: str = ""
    formulas: ClassVar[Formulas] = Formulas(comparisons=two_per_element)
    sizes: list[int]


@pytest.fixture(scope="module")
def network() -> Network:
    b = Builder("by hand")
    x = b.input("image", (1, 8, 10, 6))
    y = x.then(Conv2d(out_channels=8, kernel=3, padding=1, bias=False), ReLU(), name="dense")
    y = y.then(DepthwiseConv2d(kernel=5, padding=2, bias=False), name="depthwise")
    y = b.add(Add(), x, y).then(Conv2d(out_channels=4, kernel=3, stride=2, padding=1, bias=False), name="strided")
    return b.build(y.then(Flatten(), Linear(out_features=10, bias=False), name="head"))


class TestAmounts:
    """A 3x3, a depthwise 5x5, an addition, a strided 3x3 and a linear layer 60 -> 10, on 8 x 10 x 6."""

    def test_are_counted_by_hand(self, network: Network) -> None:
        elements, tiles = 8 * 60, 36 * 3 * 2
        strided, head = (4 * 15) * 8 * 9, 60 * 10
        assert features(network) == {
            "macs": strided + head,
            "macs_winograd": tiles * 8 * 8,
            "macs_depthwise": 0,
            "macs_depthwise_large": elements * 25,
            "sustained_macs": 0,
            "transcendentals": 0,
            "activation_bytes": 4 * (2 * elements + 3 * elements),
            "product_bytes": 4 * (elements + 60 + 60 + 10),
            "product_reads": 4 * (elements + 60),
            "winograd_elements": tiles * (8 + 8),
            "unary_bytes": 0,
            "normalization_bytes": 0,
            "resize_bytes": 0,
            "detection_bytes": 0,
            "patch_elements": 15 * 8 * 9,
            "weight_bytes": 4 * (4 * 8 * 8 * 9 + 8 * 25 + 4 * 8 * 9 + 60 * 10),
            "streamed_bytes": 0,
            "kernels": 4,
            "dispatches": 4,
            "light_kernels": 1,
        }

    def test_bytes_follow_the_data_type(self, network: Network) -> None:
        assert features(network, "uint8")["weight_bytes"] * 4 == features(network)["weight_bytes"]

    @pytest.mark.parametrize("name", NETWORKS)
    def test_of_kernels_make_those_of_the_network(self, name: str) -> None:
        network = zoo.find(name)()
        kernels = [amounts(kernel) for kernel in lower(network)]
        for each in TERMS:
            assert sum(kernel[each.name] for kernel in kernels) == features(network)[each.name]

    @pytest.mark.parametrize("name", NETWORKS)
    def test_are_those_of_every_kernel_though_counted_once_for_equal_ones(self, name: str) -> None:
        found = work(zoo.find(name)())
        assert len(set(found.rows)) == len(found.amounts) <= len(found.kernels)
        for kernel, row in zip(found.kernels, found.rows, strict=True):
            assert found.amounts[row] == tuple(amounts(kernel).values())

    def test_of_a_layer_whose_fields_have_no_hash(self) -> None:
        b = Builder("listed")
        made = b.build(b.input("image", (1, 8)).then(Listed(sizes=[1, 2]), name="own"))
        assert features(made)["unary_bytes"] == 2 * 8 * 4

    def test_may_be_expressions(self) -> None:
        found = features(zoo.mobilenet_v1(batch="n"))
        assert str(found["macs"] + found["macs_depthwise"]) == "568740352*n"

    def test_of_groups_are_launches_of_their_own(self) -> None:
        b = Builder("grouped")
        made = b.build(b.input("image", (1, 12, 8, 8)).then(Conv2d(out_channels=12, kernel=1, groups=3)))
        assert features(made)["kernels"] == 3

    @pytest.mark.parametrize(
        ("groups", "launched", "patches"), [(1, 1, 0), (4, 4, 0), (16, 1, 16 * 19 * 19 * (25 + 7))]
    )
    def test_of_transposed_groups_are_launches_or_patches(self, groups: int, launched: int, patches: int) -> None:
        """Group by group; with a channel in each, every element of the kernel is tried for each of 19 x 19 outputs."""
        b = Builder("transposed")
        layer = ConvTranspose2d(out_channels=16, kernel=5, stride=2, groups=groups)
        found = features(b.build(b.input("image", (1, 16, 8, 8)).then(layer)), runtime="ncnn")
        assert (found["kernels"], found["patch_elements"]) == (launched, patches)

    def test_of_a_function_of_each_element_are_what_the_kernel_before_has_written(self) -> None:
        b = Builder("elementwise")
        x, y = (b.input(name, (1, 12, 8, 8)) for name in ("one", "other"))
        found = features(b.build(b.add(Add(), x, y).then(SiLU())), runtime="ncnn")
        assert (found["unary_bytes"], found["activation_bytes"]) == (2 * 4 * 768, 3 * 4 * 768)

    def test_of_groups_in_blocks_are_one_launch(self) -> None:
        b = Builder("grouped")
        made = b.build(b.input("image", (1, 64, 8, 8)).then(Conv2d(out_channels=64, kernel=3, groups=4)))
        assert [features(made, runtime=name)["kernels"] for name in ("ncnn", "onnxruntime")] == [4, 1]

    def test_beyond_the_cache_are_streamed(self) -> None:
        b = Builder("large")
        made = b.build(b.input("image", (1, 64, 200, 200)).then(MaxPool2d(kernel=2)))
        assert features(made)["streamed_bytes"] == 4 * (64 * 200 * 200 + 64 * 100 * 100) - 4 * 2**20


class TestSwitchingOff:
    """A part that is switched off goes back to what it is part of; nothing is counted twice or lost."""

    @pytest.mark.parametrize("name", NETWORKS)
    def test_multiply_accumulates(self, name: str) -> None:
        network = zoo.find(name)()
        direct = [each for each in TERMS if each.name != "macs_winograd"]
        kinds = ("macs", "macs_depthwise", "macs_depthwise_large")
        assert sum(features(network, terms=direct)[kind] for kind in kinds) == network.cost().macs
        assert features(network, terms=[term("macs")]) == {"macs": network.cost().macs}

    @given(st.sets(st.sampled_from([each.name for each in TERMS if each.part_of == "activation_bytes"])), st.data())
    def test_bytes_of_activations(self, off: set[str], data: st.DataObject) -> None:
        network = zoo.find(data.draw(st.sampled_from(NETWORKS)))()
        on = [each for each in TERMS if each.name not in off | {"winograd_elements"}]
        moved = sum(kernel.input_bytes + kernel.output_bytes for kernel in lower(network))
        found = features(network, terms=on)
        assert sum(amount for name, amount in found.items() if name.endswith("_bytes") and name in BYTES) == moved


BYTES = {each.name for each in TERMS if "activation_bytes" in {each.name, each.part_of}}


class TestWinograd:
    """A dense 3x3 convolution of stride 1 with eight channels or more on either side, and nothing else."""

    @pytest.mark.parametrize(
        ("layer", "counted"),
        [
            (Conv2d(out_channels=8, kernel=3, padding=1), True),
            (Conv2d(out_channels=16, kernel=3, padding=1, groups=2), True),
            (Conv2d(out_channels=8, kernel=3, padding=1, groups=2), False),
            (Conv2d(out_channels=7, kernel=3, padding=1), False),
            (Conv2d(out_channels=8, kernel=3, padding=1, stride=2), False),
            (Conv2d(out_channels=8, kernel=3, padding=2, dilation=2), False),
            (Conv2d(out_channels=8, kernel=5, padding=2), False),
            (Conv2d(out_channels=8, kernel=(1, 3)), False),
            (DepthwiseConv2d(kernel=3, padding=1), False),
        ],
    )
    def test_is_told_from_others(self, layer: Layer, counted: bool) -> None:
        b = Builder("one")
        found = features(b.build(b.input("image", (1, 16, 8, 8)).then(layer)))
        assert bool(found["macs_winograd"]) == counted == (not found["macs"] and not found["macs_depthwise"])

    def test_multiplies_a_quarter_as_often_on_whole_tiles(self) -> None:
        """36 multiplications for 16 outputs of 9 each: Lavin and Gray, arXiv 1509.09308, table 1."""
        b = Builder("one")
        made = b.build(b.input("image", (2, 16, 8, 12)).then(Conv2d(out_channels=8, kernel=3, padding=1)))
        assert features(made)["macs_winograd"] * 4 == made.cost().macs

    @pytest.mark.parametrize(("runtime", "counted"), [("ncnn", True), ("onnxruntime", False), ("torch", False)])
    def test_is_what_the_runtime_has(self, runtime: str, counted: bool) -> None:
        """On x86: the operator suite, 3x3 of stride 1 beside other dense convolutions (docs/kernels.md)."""
        b = Builder("one")
        made = b.build(b.input("image", (1, 16, 8, 8)).then(Conv2d(out_channels=16, kernel=3, padding=1)))
        found = features(made, runtime=runtime)
        assert (found["macs_winograd"] > 0) == (found["macs"] == 0) == counted
        assert counted or found["macs"] == made.cost().macs


PATCHES = 8 * 8 * 24 * 9
"""Elements of the patches of 3x3 under 24 channels of 8 x 8."""


class TestPatches:
    """What is gathered for a product; a runtime with blocks of 16 channels gathers it outside of them alone."""

    @pytest.mark.parametrize(
        ("layer", "in_one_layout", "with_blocks"),
        [
            (Conv2d(out_channels=32, kernel=3, stride=2, padding=1), PATCHES // 4, 0),
            (Conv2d(out_channels=32, kernel=1), 0, 0),
            (Conv2d(out_channels=24, kernel=3, padding=1, groups=6), PATCHES, PATCHES),
            (DepthwiseConv2d(kernel=3, padding=1), 0, 0),
        ],
    )
    def test_of_24_channels(self, layer: Layer, in_one_layout: int, with_blocks: int) -> None:
        b = Builder("one")
        made = b.build(b.input("image", (1, 24, 8, 8)).then(layer))
        found = [features(made, runtime=runtime)["patch_elements"] for runtime in ("ncnn", "onnxruntime")]
        assert found == [in_one_layout, with_blocks]

    def test_of_a_depthwise_convolution_that_fits_no_block(self) -> None:
        b = Builder("odd")
        made = b.build(b.input("image", (1, 33, 8, 8)).then(DepthwiseConv2d(kernel=3, padding=1)))
        found = [features(made, runtime=runtime)["patch_elements"] for runtime in ("ncnn", "onnxruntime")]
        assert found == [0, 33 * 8 * 8 * 9]


class TestTerms:
    """Every coefficient has a unit and a meaning."""

    def test_units_are_seconds_for_something(self) -> None:
        assert {each.unit for each in TERMS} == {"s/MAC", "s/op", "s/B", "s/element", "s/kernel"}
        assert all(each.worth > 0 and each.meaning for each in TERMS)

    def test_names_are_found(self) -> None:
        assert term("weight_bytes").resource == "memory"
        assert term("networks").unit == "s/network"

    def test_parts_are_of_terms(self) -> None:
        assert {each.part_of for each in TERMS} - {None} <= {each.name for each in TERMS}

    def test_processors_have_their_own(self) -> None:
        assert len(terms_of(TERMS, "cpu")) == len(TERMS) - 3
        on_gpu = {each.name: each.worth for each in terms_of(TERMS, "gpu")}
        assert on_gpu["light_kernels"] > term("light_kernels").worth
        assert {each.name for each in TERMS if each.only == "gpu"} <= set(on_gpu)
        assert "kernels" not in on_gpu

    @pytest.mark.parametrize("name", NETWORKS)
    def test_a_gpu_does_all_groups_at_once(self, name: str) -> None:
        found = features(zoo.find(name)())
        assert found["dispatches"] == sum(kernel.macs > 0 for kernel in lower(zoo.find(name)())) <= found["kernels"]


@pytest.mark.parametrize(
    ("precision", "expected"), [("fp32", "float32"), ("FP16", "float16"), ("uint8", "uint8"), ("", "float32")]
)
def test_precision_names_a_data_type(precision: str, expected: str) -> None:
    assert data_type(precision) == expected
