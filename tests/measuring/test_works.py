"""What is measured: rows that name it, and from which it is built again."""

from __future__ import annotations

import json

import pytest

from costmodel import zoo
from costmodel.calibration import finder, parse_measurements
from costmodel.calibration.targets import layer_network
from costmodel.cli.target import build
from costmodel.errors import CostModelError, MeasuringError
from costmodel.latency import lower
from costmodel.measuring import COLUMNS, Timing, Work, kernel_works, network_work, operator_suite, suite_works
from costmodel.measuring.rows import Setting, row
from costmodel.network import Network

TIMING = Timing(10, 0.001, 0.001, 0.001, 0.002, 0.01, 0.001)


def read_back(work: Work) -> Network:
    """The network that whoever reads the row of a work builds."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerow(row(Setting("mine", "ncnn", "1.0", 1), work.cells, TIMING, "random", 0.5))
    (found,) = parse_measurements(text.getvalue().encode()).rows
    return finder()(found)


class TestNetworks:
    """A whole network by its name."""

    @pytest.mark.parametrize("settings", [{}, {"width": "0.5"}, {"width": "0.35", "resolution": "96", "batch": "2"}])
    def test_is_built_again_from_its_row(self, settings: dict[str, str]) -> None:
        network = build("mobilenet_v2", settings)
        found = read_back(network_work("mobilenet_v2", network, settings))
        assert found.cost().macs == network.cost().macs

    def test_a_setting_that_a_row_cannot_name_is_refused(self) -> None:
        with pytest.raises(MeasuringError, match="'classes' is none of them"):
            network_work("resnet18", zoo.resnet18(classes=10), {"classes": "10"})

    def test_a_symbol_is_refused(self) -> None:
        with pytest.raises(MeasuringError, match="symbols \\(n\\); give them numbers"):
            network_work("lenet_5", zoo.lenet_5(batch="n"), {})


class TestKernels:
    """The kernels of a network, each by itself."""

    @pytest.mark.parametrize("name", ["lenet_5", "mobilenet_v3_small", "shufflenet_v2", "vit_b_32", "document_000"])
    def test_each_kernel_is_there_once_and_counts_what_it_counts_in_its_network(self, name: str) -> None:
        network = zoo.find(name)()
        works = list(kernel_works(network))
        expected = {
            (kernel.layer, kernel.input_shapes, kernel.macs)
            for kernel in lower(network)
            if isinstance(kernel.macs, int)
        }
        found = [read_back(work) for work in works]
        assert len({(work.cells["layer"], work.cells["input_shape"]) for work in works}) == len(works)
        assert {each.cost().macs for each in found} == {macs for _, _, macs in expected}

    def test_a_convolution_brings_what_joins_it(self) -> None:
        first = next(kernel_works(zoo.resnet18()))
        assert [each["kind"] for each in json.loads(first.cells["layer"])] == ["conv2d", "batch_norm", "relu"]


class TestSuite:
    """The suite of operators."""

    def test_every_case_is_read_back_as_it_was_made(self) -> None:
        for case, work in zip(operator_suite(), suite_works(), strict=True):
            network = read_back(work)
            assert [node.layer.kind for node in network.nodes] == [spec["kind"] for spec in case.layers]
            assert tuple(network.inputs.values()) == case.inputs

    def test_no_case_comes_twice(self) -> None:
        keys = [(work.cells["layer"], work.cells["input_shape"]) for work in suite_works()]
        assert len(set(keys)) == len(keys) > 400

    def test_it_is_the_same_every_time(self) -> None:
        assert operator_suite() == operator_suite()

    def test_no_case_is_large(self) -> None:
        for case in operator_suite():
            cost = layer_network(json.dumps(case.layers), "; ".join("x".join(map(str, s)) for s in case.inputs)).cost()
            assert cost.macs <= 500_000_000
            assert cost.weight_bytes <= 160_000_000

    @pytest.mark.parametrize(
        "kind",
        ["conv2d", "depthwise_conv2d", "conv_transpose2d", "linear", "matmul", "attention", "multi_head_attention",
         "max_pool2d", "avg_pool2d", "global_avg_pool", "add", "multiply", "concat", "channel_shuffle", "batch_norm",
         "local_response_norm", "softmax", "layer_norm", "upsample2d", "relu", "sigmoid", "hard_swish"],
    )  # fmt: skip
    def test_it_has_the_operators_of_common_networks(self, kind: str) -> None:
        assert any(spec["kind"] == kind for case in operator_suite() for spec in case.layers)

    def test_channels_stand_on_both_sides_of_every_multiple_of_16(self) -> None:
        channels = {case.inputs[0][1] for case in operator_suite() if case.operator == "conv3x3"}
        assert {15, 16, 17, 33, 64, 65} <= channels


class TestRowsOfLayers:
    """Several layers, and several inputs, in one row."""

    def test_layers_follow_each_other(self) -> None:
        one, four = ('{"kind": "relu"}', '[{"kind": "relu"}, {"kind": "relu"}, {"kind": "relu"}, {"kind": "relu"}]')
        single, chain = (layer_network(spec, "1x8x4x4").cost() for spec in (one, four))
        assert chain.ledger.comparisons == 4 * single.ledger.comparisons

    def test_a_layer_of_several_inputs_reads_the_others_again(self) -> None:
        network = layer_network('[{"kind": "add"}, {"kind": "relu"}, {"kind": "add"}]', "1x8; 1x8;1x8")
        assert [node.inputs for node in network.nodes] == [
            ("input", "input_2", "input_3"), ("add",), ("relu", "input_2", "input_3"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("spec", "shapes", "sentence"),
        [
            ("[]", "1x8", "a layer must be an object"),
            ('[{"kind": "relu"}, 3]', "1x8", "a layer must be an object"),
            ("[" + ",".join(['{"kind": "relu"}'] * 101) + "]", "1x8", "at most 100 layer specs"),
            ('{"kind": "relu"}', "1x8;1x8", "takes 1 input"),
            ('{"kind": "relu"}', "1x8;", "'input_shape' must be sizes"),
            ('{"kind": "add"}', ";".join(["1x8"] * 1000), "'input_shape' must be sizes"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, spec: str, shapes: str, sentence: str) -> None:
        with pytest.raises(CostModelError, match=sentence):
            layer_network(spec, shapes)
