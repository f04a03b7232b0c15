"""What exporters write where a framework has one call: sizes that are computed, weights that are, parts left out."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from costmodel.errors import ReadingError
from costmodel.interop.onnx import read_model
from costmodel.network import Network
from tests.interop.onnx.models import info, model, network, node, numbers, stored


def scalar(name: str, value: float) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, dtype=np.float32), name)


def shapes(built: Network) -> list[tuple[object, ...]]:
    return [built.shapes[name] for name in built.outputs]


class TestSizesThatAreComputed:
    def test_a_lower_bound_alone_clips_a_padding(self) -> None:
        """The padding of TensorFlow's "same" is max(0, (ceil(h / s) - 1) s + k - h)."""
        nodes = [
            node("Clip", ["needed", "zero"], ["pad"]),
            node("Cast", ["pad"], ["integer"], to=7),
            node("Unsqueeze", ["integer", "axis"], ["one"]),
            node("Concat", ["nothing", "one"], ["pads"], axis=0),
            node("Pad", ["x", "pads"], ["padded"]),
            node("Conv", ["padded", "w"], ["y"]),
        ]
        weights = [
            scalar("needed", 2),
            scalar("zero", 0),
            numbers("axis", 0),
            numbers("nothing", *[0] * 7),
            stored("w", 4, 3, 1, 3),
        ]
        built = network(nodes, {"x": [1, 3, 5, 5]}, ["y"], weights)
        assert built.cost().macs == 5 * 5 * 4 * 3 * 3

    def test_an_upper_bound_alone_clips(self) -> None:
        nodes = [node("Clip", ["size", "", "most"], ["bounded"]), node("Cast", ["bounded"], ["integer"], to=7)]
        nodes += [node("Unsqueeze", ["integer", "axis"], ["shape"]), node("Expand", ["x", "shape"], ["y"])]
        weights = [scalar("size", 9), scalar("most", 4), numbers("axis", 0)]
        assert shapes(network(nodes, {"x": [1]}, ["y"], weights)) == [(4,)]

    def test_repeats_that_are_a_row_of_ones_with_another_number(self) -> None:
        """torch.repeat_interleave is written with OneHot."""
        nodes = [
            node("OneHot", ["place", "depth", "values"], ["repeats"]),
            node("Tile", ["x", "repeats"], ["y"]),
        ]
        depth = numpy_helper.from_array(np.array(3), "depth")
        weights = [numpy_helper.from_array(np.array(1), "place"), depth, numbers("values", 1, 4)]
        assert shapes(network(nodes, {"x": [2, 3, 5]}, ["y"], weights)) == [(2, 12, 5)]

    def test_a_roll_by_nothing_joins_an_empty_part(self) -> None:
        nodes = [
            node("Slice", ["x", "zero", "zero", "axis"], ["nothing"]),
            node("Concat", ["x", "nothing"], ["y"], axis=1),
        ]
        built = network(nodes, {"x": [2, 6]}, ["y"], [numbers("zero", 0), numbers("axis", 1)])
        assert shapes(built) == [(2, 6)]

    def test_scales_without_axes_are_for_all(self) -> None:
        scales = numpy_helper.from_array(np.array([1, 1, 2, 2], dtype=np.float32), "scales")
        built = network([node("Resize", ["x", "", "scales"], ["y"])], {"x": [1, 3, 4, 5]}, ["y"], [scales])
        assert shapes(built) == [(1, 3, 8, 10)]


class TestNormalization:
    def test_weights_are_standardized_by_a_batch_norm_in_training(self) -> None:
        """timm's ScaledStdConv2d: the weights as a batch of one, normalized by their own statistics."""
        nodes = [
            node("BatchNormalization", ["w", "gain", "zero", "m", "v"], ["s", "", ""], training_mode=1),
            node("Reshape", ["s", "shape"], ["standard"]),
            node("Conv", ["x", "standard"], ["y"]),
        ]
        weights = [stored("w", 1, 8, 27), *(stored(name, 8) for name in ("gain", "zero", "m", "v"))]
        built = network(nodes, {"x": [1, 3, 5, 5]}, ["y"], [*weights, numbers("shape", 8, 3, 3, 3)])
        assert built.cost().macs == 8 * 27 * 3 * 3

    def test_a_batch_normalized_by_its_own_statistics_is_refused(self) -> None:
        nodes = [node("BatchNormalization", ["x", *"abmv"], ["y", "", ""], training_mode=1)]
        with pytest.raises(ReadingError, match="its own statistics"):
            network(nodes, {"x": ["batch", 4, 5]}, ["y"], [stored(name, 4) for name in "abmv"])

    def test_mean_and_variance_along_axes_that_are_not_the_last(self) -> None:
        """2 x 5 x 6 elements for each of 3 channels: sums of mean and variance, one root, one division each."""
        built = network([node("MeanVarianceNormalization", ["x"], ["y"])], {"x": [2, 3, 5, 6]}, ["y"])
        ledger = built.cost().ledger
        assert (ledger.transcendentals, ledger.multiplications) == (3, 180)
        assert ledger.divisions == 180 + 3 + 3


class TestParts:
    def test_slopes_that_no_channel_has_are_multiplied(self) -> None:
        built = network([node("PRelu", ["x", "slope"], ["y"])], {"x": [2, 3, 5]}, ["y"], [stored("slope", 3, 5)])
        ledger = built.cost().ledger
        assert (ledger.multiplications, ledger.comparisons, built.cost().params) == (30, 30, 15)

    def test_one_slope_for_each_channel_is_a_prelu(self) -> None:
        built = network([node("PRelu", ["x", "slope"], ["y"])], {"x": [2, 3, 5]}, ["y"], [stored("slope", 3, 1)])
        assert [each.layer.kind for each in built.nodes] == ["prelu"]

    def test_where_the_largest_is_comes_with_it(self) -> None:
        nodes = [
            node("MaxPool", ["x"], ["y", "places"], kernel_shape=[2, 2], strides=[2, 2]),
            node("Cast", ["places"], ["z"], to=1),
        ]
        assert shapes(network(nodes, {"x": [1, 2, 4, 6]}, ["y", "z"])) == [(1, 2, 2, 3)] * 2

    def test_the_norm_of_each_channel(self) -> None:
        built = network([node("GlobalLpPool", ["x"], ["y"])], {"x": [1, 2, 4, 6]}, ["y"])
        assert shapes(built) == [(1, 2, 1, 1)]

    @pytest.mark.parametrize("opset", [11, 17])
    def test_a_one_where_the_largest_is(self, opset: int) -> None:
        built = network([node("Hardmax", ["x"], ["y"])], {"x": [2, 4, 6]}, ["y"], opset=opset)
        assert shapes(built) == [(2, 4, 6)]


def test_a_function_that_calls_itself_is_refused_at_once() -> None:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]
    call = helper.make_node("Again", ["a"], ["b"], name="again", domain="my")
    again = helper.make_function("my", "Again", ["a"], ["b"], [call], opsets)
    whole = model([helper.make_node("Again", ["x"], ["y"], domain="my")], {"x": [2]}, ["y"], functions=[again])
    with pytest.raises(ReadingError, match="more than 40 deep"):
        read_model(whole, "recursive")


class TestSequences:
    def test_tensors_are_collected_and_joined(self) -> None:
        """A scripted DenseNet keeps its feature maps in a list."""
        nodes = [
            node("SequenceConstruct", ["x"], ["one"], name="one"),
            node("SequenceInsert", ["one", "y"], ["two"], name="two"),
            node("ConcatFromSequence", ["two"], ["both"], name="both", axis=1),
            node("Conv", ["both", "w"], ["z"]),
        ]
        built = network(nodes, {"x": ["n", 2, 4, 4], "y": ["n", 3, 4, 4]}, ["z"], [stored("w", 6, 5, 1, 1)])
        assert built.bind(n=2).cost().macs == 2 * 6 * 5 * 16

    @pytest.mark.parametrize(("attributes", "shape"), [({}, (2, 1)), ({"keepdims": 0}, (2,))])
    def test_one_part_for_each_column(self, attributes: dict[str, Any], shape: tuple[int, ...]) -> None:
        place = numpy_helper.from_array(np.array(-1), "place")
        nodes = [
            node("SplitToSequence", ["x"], ["parts"], axis=1, **attributes),
            node("SequenceErase", ["parts", "place"], ["fewer"]),
            node("SequenceLength", ["fewer"], ["count"]),
            node("SequenceAt", ["fewer", "place"], ["part"]),
            node("Relu", ["part"], ["y"]),
        ]
        assert shapes(network(nodes, {"x": [2, 4]}, ["y"], [place])) == [shape]

    def test_parts_of_a_size_and_a_new_axis(self) -> None:
        nodes = [
            node("SplitToSequence", ["x", "sizes"], ["parts"], axis=0),
            node("ConcatFromSequence", ["parts"], ["y"], axis=0, new_axis=1),
        ]
        assert shapes(network(nodes, {"x": [6, 4]}, ["y"], [numbers("sizes", 2, 2, 2)])) == [(3, 2, 4)]

    def test_a_sequence_is_no_tensor(self) -> None:
        nodes = [node("SequenceConstruct", ["x"], ["one"]), node("Relu", ["one"], ["y"])]
        with pytest.raises(ReadingError, match="takes tensors"):
            network(nodes, {"x": [2]}, ["y"])

    def test_a_place_beyond_the_last_is_refused(self) -> None:
        place = numpy_helper.from_array(np.array(1), "place")
        nodes = [node("SequenceConstruct", ["x"], ["one"]), node("SequenceAt", ["one", "place"], ["y"])]
        with pytest.raises(ReadingError, match="position in a sequence of 1"):
            network(nodes, {"x": [2]}, ["y"], [place])


def body(nodes: list[onnx.NodeProto], inputs: list[str], outputs: list[str]) -> onnx.GraphProto:
    return helper.make_graph(
        nodes, "body", [info(name, None) for name in inputs], [info(name, None) for name in outputs]
    )


class TestScans:
    @pytest.mark.parametrize("axis", [0, 1])
    def test_along_any_axis(self, axis: int) -> None:
        step = body([node("MatMul", ["h", "u"], ["g"]), node("Add", ["g", "e"], ["s"])], ["h", "e"], ["s", "s"])
        scan = node(
            "Scan",
            ["h0", "x"],
            ["last", "all"],
            num_scan_inputs=1,
            body=step,
            scan_input_axes=[axis],
            scan_output_axes=[axis],
        )
        sizes = [3, 8]
        sizes.insert(axis, 5)
        built = network([scan], {"h0": [3, 8], "x": sizes}, ["last", "all"], [stored("u", 8, 8)])
        assert (built.cost().macs, built.cost().params) == (5 * 3 * 8 * 8, 64)
        assert shapes(built) == [(3, 8), tuple(sizes)]

    def test_a_loop_of_no_trips_passes_its_state_on(self) -> None:
        step = body([node("MatMul", ["a", "w"], ["b"])], ["i", "going", "a"], ["going", "b", "b"])
        count = numpy_helper.from_array(np.array(0), "count")
        loop = node("Loop", ["count", "", "x"], ["y", "none"], body=step)
        built = network([loop, node("Relu", ["y"], ["z"])], {"x": [2, 4]}, ["z"], [count, stored("w", 4, 4)])
        assert (built.cost().macs, shapes(built)) == (0, [(2, 4)])


def test_the_positions_of_an_affine_grid_are_a_product() -> None:
    """Each of 5 x 6 places is a row of 3 numbers, mapped to 2."""
    built = network(
        [node("AffineGrid", ["m", "s"], ["y"])], {"m": [2, 2, 3]}, ["y"], [numbers("s", 2, 1, 5, 6)], opset=20
    )
    assert (built.cost().macs, shapes(built)) == (2 * 30 * 3 * 2, [(2, 5, 6, 2)])


@pytest.mark.parametrize("sizes", [{}, {"n": 8}])
def test_what_the_exporters_example_had_is_no_contradiction(sizes: dict[str, int]) -> None:
    """Exporters declare the sizes, and even the axes, of the example they ran."""
    nodes, inside = [node("Relu", ["x"], ["r"], name="r"), node("Neg", ["r"], ["y"])], [info("r", [1])]
    built = network(nodes, {"x": ["n", 4]}, ["y"], value_info=inside, sizes=sizes)
    assert shapes(built if sizes else built.bind(n=8)) == [(8, 4)]


class TestDefinitionsOfTheStandard:
    """What has no rule of its own is read as the standard defines it."""

    def test_one_that_is_always_the_same(self) -> None:
        built = network([node("Shrink", ["x"], ["y"], lambd=0.5)], {"x": ["n", 4]}, ["y"])
        assert built.bind(n=3).shapes[built.outputs[0]] == (3, 4)
        assert built.bind(n=3).cost().ledger.comparisons > 0

    def test_one_that_depends_on_its_inputs(self) -> None:
        crop = node("CenterCropPad", ["x", "s"], ["y"], axes=[1, 2])
        assert shapes(network([crop], {"x": [1, 7, 9, 3]}, ["y"], [numbers("s", 5, 9)], opset=18)) == [(1, 5, 9, 3)]

    def test_outputs_that_are_not_asked_for(self) -> None:
        loss = node("SoftmaxCrossEntropyLoss", ["x", "labels"], ["y"], reduction="none")
        labels = numpy_helper.from_array(np.array([1, 0, 2]), "labels")
        assert shapes(network([loss], {"x": [3, 5]}, ["y"], [labels])) == [(3,)]


class TestMoreOutputs:
    def test_mean_and_deviation_that_nobody_uses(self) -> None:
        norm = node("LayerNormalization", ["x", "s"], ["y", "mean", "deviation"])
        assert shapes(network([norm], {"x": [2, 4]}, ["y"], [stored("s", 4)])) == [(2, 4)]

    def test_who_uses_the_mean_is_told(self) -> None:
        norm = node("LayerNormalization", ["x", "s"], ["y", "mean"])
        with pytest.raises(ReadingError, match="'mean'"):
            network([norm, node("Relu", ["mean"], ["z"])], {"x": [2, 4]}, ["z"], [stored("s", 4)])

    def test_attention_over_the_past_and_the_present(self) -> None:
        """2 queries over 5 + 2 keys of 8, in 3 heads: 2 x 7 x (8 + 8) products in each."""
        names = ["q", "k", "v", "", "past_k", "past_v"]
        attention = node("Attention", names, ["y", "keys", "values"])
        sizes = {
            "q": [1, 3, 2, 8],
            "k": [1, 3, 2, 8],
            "v": [1, 3, 2, 8],
            "past_k": [1, 3, 5, 8],
            "past_v": [1, 3, 5, 8],
        }
        built = network([attention], sizes, ["y", "keys", "values"], opset=23)
        assert built.cost().macs == 3 * 2 * 7 * 16
        assert shapes(built) == [(1, 3, 2, 8), (1, 3, 7, 8), (1, 3, 7, 8)]


@pytest.mark.parametrize("op", ["InstanceNormalization", "GroupNormalization"])
def test_a_computed_scale_is_one_for_each_channel(op: str) -> None:
    groups = {"num_groups": 2} if op == "GroupNormalization" else {}
    norm = helper.make_node(op, ["x", "s", "b"], ["y"], name="norm", **groups)
    built = network([norm], {"x": [2, 4, 5, 3], "s": [4], "b": [4]}, ["y"], opset=21)
    assert shapes(built) == [(2, 4, 5, 3)]


@pytest.mark.parametrize(("policy", "size"), [("not_larger", (4, 8)), ("not_smaller", (5, 10))])
def test_the_aspect_ratio_is_kept(policy: str, size: tuple[int, int]) -> None:
    """3 x 6 in 5 x 8: by 4/3 within, by 5/3 around."""
    resize = node("Resize", ["x", "", "", "s"], ["y"], axes=[2, 3], keep_aspect_ratio_policy=policy)
    assert shapes(network([resize], {"x": [1, 1, 3, 6]}, ["y"], [numbers("s", 5, 8)], opset=18)) == [(1, 1, *size)]


def test_states_of_a_layer_whose_batch_is_first() -> None:
    """Y_h of layout 1 is (batch, directions, hidden)."""
    weights = [stored("w", 1, 12, 5), stored("r", 1, 12, 3)]
    lstm = node("LSTM", ["x", "w", "r"], ["y", "h", "c"], hidden_size=3, layout=1)
    assert shapes(network([lstm], {"x": [2, 7, 5]}, ["y", "h", "c"], weights)) == [(2, 7, 1, 3), (2, 1, 3), (2, 1, 3)]


@pytest.mark.parametrize("name", ["batch-size", "batch size", "batch.size", "batch:size"])
def test_words_that_are_joined_are_one_name(name: str) -> None:
    """Two inputs of one such size fit each other."""
    built = network([node("Add", ["x", "y"], ["z"])], {"x": [name, 3], "y": [name, 3]}, ["z"])
    assert {str(size) for size in built.inputs["x"]} == {"batch_size", "3"}


class TestPartsWithoutElements:
    def test_more_parts_than_elements(self) -> None:
        """4 in 3 parts of at most 2: 2, 2 and none."""
        split = node("Split", ["x"], ["a", "b", "c"], axis=1, num_outputs=3)
        join = node("Concat", ["b", "c"], ["y"], axis=1)
        assert shapes(network([split, join], {"x": [3, 4]}, ["y"], opset=18)) == [(3, 2)]

    def test_all_in_one_part(self) -> None:
        split = node("Split", ["x", "sizes"], ["a", "b"], axis=-1)
        assert shapes(network([split, node("Relu", ["a"], ["y"])], {"x": [3, 4]}, ["y"], [numbers("sizes", 4, 0)])) == [
            (3, 4)
        ]

    def test_sizes_that_do_not_add_up(self) -> None:
        split = node("Split", ["x", "sizes"], ["a", "b"], axis=-1)
        with pytest.raises(ReadingError, match="add up"):
            network([split, node("Relu", ["a"], ["y"])], {"x": [3, 4]}, ["y"], [numbers("sizes", 3, 0)])


def test_rotary_embeddings_are_read_as_the_standard_defines_them() -> None:
    """Four products and two sums for each pair of elements."""
    rotary = node("RotaryEmbedding", ["x", "cos", "sin"], ["y"])
    built = network([rotary], {"x": [1, 2, 5, 8], "cos": [1, 5, 4], "sin": [1, 5, 4]}, ["y"], opset=23)
    ledger = built.cost().ledger
    assert (ledger.multiplications, ledger.additions) == (4 * 40, 2 * 40)


def test_a_reversed_sequence_is_a_copy() -> None:
    built = network([node("ReverseSequence", ["x", "n"], ["y"], time_axis=0)], {"x": [5, 2], "n": [2]}, ["y"])
    assert shapes(built) == [(5, 2)]


class TestChoices:
    """A branch for one image, another for several."""

    @staticmethod
    def built(**sizes: int) -> Network:
        branches = [body([node("MatMul", ["x", name], ["z"])], [], ["z"]) for name in ("narrow", "wide")]
        nodes = [
            node("Shape", ["x"], ["sizes"]),
            node("Gather", ["sizes", "first"], ["n"], axis=0),
            node("Equal", ["n", "one"], ["single"]),
            node("If", ["single"], ["y"], then_branch=branches[0], else_branch=branches[1]),
        ]
        numbers_ = [numpy_helper.from_array(np.array(value), name) for name, value in (("first", 0), ("one", 1))]
        weights = [*numbers_, stored("narrow", 4, 2), stored("wide", 4, 6)]
        return network(nodes, {"x": ["n", 4]}, ["y"], weights, sizes=sizes)

    @pytest.mark.parametrize(("n", "macs"), [(1, 8), (3, 72)])
    def test_are_made_once_the_size_is_known(self, n: int, macs: int) -> None:
        assert self.built(n=n).cost().macs == macs

    def test_wait_for_the_size(self) -> None:
        with pytest.raises(ReadingError, match="or on a size that is a symbol, which can be bound"):
            self.built()
