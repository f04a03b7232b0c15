"""The executing reference itself: cases computed by hand, and laws that its outputs obey."""

import subprocess
import sys
from dataclasses import asdict
from math import gcd, prod
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference.execution import Array, Execution, Tally, run
from tests.reference.execution.registry import executes


def sequence(*values: float) -> Array:
    """One image of one channel and one axis."""
    return np.array(values, dtype=float).reshape(1, 1, -1)


def random(*shape: int) -> Array:
    return np.random.default_rng(1).standard_normal(shape)


def ones(kind: str, fields: dict[str, object], *inputs: Array) -> Execution:
    """Run with every weight 1."""
    return run(kind, fields, inputs, draw=np.ones)


def listed(execution: Execution) -> list[float]:
    values: list[float] = execution.outputs[0].ravel().tolist()
    return values


def test_the_reference_does_not_know_the_library() -> None:
    script = "import sys, tests.reference.execution; sys.exit('costmodel' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="no execution for kind 'conv9d'"):
        run("conv9d", {}, [])


def test_a_kind_is_executed_once() -> None:
    with pytest.raises(ValueError, match="kind 'conv2d' is executed twice"):
        executes("conv2d")(lambda: ())


class TestLinear:
    def test_by_hand(self) -> None:
        execution = ones("linear", {"out_features": 2}, np.array([[1.0, 2.0, 3.0]]))
        assert listed(execution) == [7, 7]
        assert execution.tally == Tally(macs=6, additions=2)
        assert execution.params == 8


class TestConvolution:
    def test_by_hand(self) -> None:
        picture = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
        execution = ones("conv2d", {"out_channels": 1, "kernel": 2}, picture)
        assert listed(execution) == [13, 17, 25, 29]
        assert execution.tally == Tally(macs=16, additions=4)
        assert execution.params == 5

    def test_an_identity_kernel_returns_the_input(self) -> None:
        x = random(2, 3, 4, 5)
        fields: dict[str, object] = {"out_channels": 3, "bias": False}
        execution = run("pointwise_conv2d", fields, [x], draw=lambda _: np.eye(3).reshape(3, 3, 1, 1))
        np.testing.assert_array_equal(execution.outputs[0], x)

    def test_groups_do_not_see_each_other(self) -> None:
        x = np.array([1.0, 2.0, 10.0, 20.0]).reshape(1, 4, 1)
        execution = ones("conv1d", {"out_channels": 2, "kernel": 1, "groups": 2, "bias": False}, x)
        assert listed(execution) == [3, 30]
        assert execution.tally == Tally(macs=4)

    def test_depthwise_filters_follow_their_channel(self) -> None:
        x = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
        assert listed(ones("depthwise_conv2d", {"kernel": 1, "multiplier": 2, "bias": False}, x)) == [1, 1, 10, 10]

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"kernel": 2, "stride": 2, "dilation": 2}, [4, 8]),
            ({"kernel": 3, "stride": 2, "padding": "same_tensorflow"}, [6, 12, 11]),
            ({"kernel": 2, "padding": "same_pytorch"}, [3, 5, 7, 9, 11, 6]),
            ({"kernel": 5, "padding": "valid"}, [15, 20]),
            ({"kernel": 2, "padding": [[2, 0]]}, [0, 1, 3, 5, 7, 9, 11]),
        ],
    )
    def test_windows_of_one_to_six(self, fields: dict[str, object], expected: list[float]) -> None:
        execution = ones("conv1d", {"out_channels": 1, "bias": False, **fields}, sequence(1, 2, 3, 4, 5, 6))
        assert listed(execution) == expected

    def test_padding_is_multiplied_like_any_element(self) -> None:
        execution = ones("conv1d", {"out_channels": 1, "kernel": 3, "padding": 1}, sequence(1, 1))
        assert execution.tally == Tally(macs=6, additions=2)


class TestTransposedConvolution:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, [1, 1, 3, 2, 2]),
            ({"padding": 1}, [1, 3, 2]),
            ({"padding": [[2, 0]]}, [3, 2, 2]),
            ({"output_padding": 1}, [1, 1, 3, 2, 2, 0]),
            ({"dilation": 2}, [1, 0, 3, 0, 3, 0, 2]),
        ],
    )
    def test_one_and_two_scattered_in_steps_of_two(self, fields: dict[str, object], expected: list[float]) -> None:
        spec: dict[str, object] = {"out_channels": 1, "kernel": 3, "stride": 2, "bias": False, **fields}
        execution = ones("conv_transpose1d", spec, sequence(1, 2))
        assert listed(execution) == expected
        assert execution.tally == Tally(macs=6)

    @pytest.mark.parametrize("groups", [1, 2])
    def test_it_is_the_adjoint_of_the_convolution(self, groups: int) -> None:
        shared: dict[str, object] = {
            "kernel": (3, 2),
            "stride": (2, 1),
            "padding": ((1, 0), (0, 1)),
            "dilation": (1, 2),
            "groups": groups,
            "bias": False,
        }
        x, y = random(2, 4, 6, 5), random(2, 6, 3, 4)
        forward = run("conv2d", {**shared, "out_channels": 6}, [x])
        back = run("conv_transpose2d", {**shared, "out_channels": 4}, [y], draw=lambda _: forward.weights[0])
        assert np.vdot(forward.outputs[0], y) == pytest.approx(np.vdot(x, back.outputs[0]))


class TestSeparable:
    def test_column_then_row_is_the_convolution_by_their_outer_product(self) -> None:
        x = random(1, 1, 6, 7)
        fields: dict[str, object] = {"out_channels": 1, "kernel": (3, 2), "stride": (1, 2), "bias": False}
        execution = run("spatially_separable_conv2d", fields, [x])
        column, row = execution.weights
        whole = run("conv2d", fields, [x], draw=lambda _: column * row)
        np.testing.assert_allclose(execution.outputs[0], whole.outputs[0])
        assert execution.tally == Tally(macs=3 * 4 * 7 + 2 * 4 * 3)

    def test_a_dense_second_step_mixes_all_channels(self) -> None:
        fields: dict[str, object] = {"out_channels": 2, "kernel": 2, "second": "dense"}
        execution = ones("spatially_separable_conv2d", fields, np.ones((1, 3, 2, 2)))
        assert listed(execution) == [29, 29]
        assert execution.tally == Tally(macs=2 * 3 * 2 * 2 + 2 * 2 * 2, additions=4 + 2)
        assert execution.params == (12 + 2) + (8 + 2)

    def test_depthwise_separable_by_hand(self) -> None:
        execution = ones("depthwise_separable_conv2d", {"out_channels": 3, "kernel": 2}, np.ones((1, 2, 2, 2)))
        assert listed(execution) == [11, 11, 11]
        assert execution.tally == Tally(macs=8 + 6, additions=2 + 3)

    def test_depthwise_spatially_separable_by_hand(self) -> None:
        fields: dict[str, object] = {"out_channels": 1, "kernel": 2, "bias": False}
        execution = ones("depthwise_spatially_separable_conv2d", fields, np.ones((1, 2, 2, 2)))
        assert listed(execution) == [8]
        assert execution.tally == Tally(macs=8 + 4 + 2)


class TestPooling:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, [2, 4]),
            ({"ceil_mode": True}, [2, 4, 5]),
            ({"padding": 1}, [1, 3, 5]),
            ({"padding": 1, "stride": 1}, [1, 2, 3, 4, 5, 5]),
            ({"dilation": 2, "stride": 1}, [3, 4, 5]),
        ],
    )
    def test_maxima_of_one_to_five(self, fields: dict[str, object], expected: list[float]) -> None:
        execution = run("max_pool1d", {"kernel": 2, **fields}, [sequence(1, 2, 3, 4, 5)])
        assert listed(execution) == expected
        assert execution.tally == Tally(comparisons=len(expected))

    def test_no_window_starts_in_the_padding_after_the_input(self) -> None:
        fields: dict[str, object] = {"kernel": 2, "padding": 1, "ceil_mode": True}
        assert listed(run("max_pool1d", fields, [sequence(1, 2, 3)])) == [1, 3]

    def test_in_ceil_mode_a_window_may_be_larger_than_the_input(self) -> None:
        fields: dict[str, object] = {"kernel": 3, "stride": 2, "ceil_mode": True}
        assert listed(run("max_pool1d", fields, [sequence(1, 2)])) == [2]

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, [1.5, 3.5]),
            ({"ceil_mode": True}, [1.5, 3.5, 5]),
            ({"padding": 1}, [0.5, 2.5, 4.5]),
            ({"padding": 1, "count_include_pad": False}, [1, 2.5, 4.5]),
            ({"padding": "same_tensorflow", "count_include_pad": False}, [1.5, 3.5, 5]),
        ],
    )
    def test_means_of_one_to_five(self, fields: dict[str, object], expected: list[float]) -> None:
        execution = run("avg_pool1d", {"kernel": 2, **fields}, [sequence(1, 2, 3, 4, 5)])
        assert listed(execution) == expected
        assert execution.tally == Tally(additions=len(expected), divisions=len(expected))

    def test_the_mean_of_constants_is_the_constant(self) -> None:
        x = np.full((2, 3, 5, 7), 4.0)
        windows: dict[str, object] = {"kernel": (3, 2), "padding": 1, "ceil_mode": True, "count_include_pad": False}
        for execution in (
            run("avg_pool2d", windows, [x]),
            run("global_avg_pool", {}, [x]),
            run("adaptive_avg_pool2d", {"output_size": (2, 9)}, [x]),
        ):
            assert set(listed(execution)) == {4.0}

    def test_global_pooling_by_hand(self) -> None:
        x = np.arange(12.0).reshape(1, 2, 2, 3)
        mean, largest = run("global_avg_pool", {}, [x]), run("global_max_pool", {"keepdims": False}, [x])
        assert (mean.outputs[0].shape, listed(mean)) == ((1, 2, 1, 1), [2.5, 8.5])
        assert (largest.outputs[0].shape, listed(largest)) == ((1, 2), [5, 11])
        assert mean.tally == Tally(additions=10, divisions=2)
        assert largest.tally == Tally(comparisons=10)

    def test_adaptive_windows_overlap_where_the_sizes_do_not_divide(self) -> None:
        row = np.arange(1.0, 6.0).reshape(1, 1, 1, 5)
        mean = run("adaptive_avg_pool2d", {"output_size": (1, 2)}, [row])
        assert listed(mean) == [2, 4]
        assert mean.tally == Tally(additions=4, divisions=2)
        assert listed(run("adaptive_max_pool2d", {"output_size": (1, 3)}, [row])) == [2, 4, 5]

    @given(length=st.integers(1, 40), outputs=st.integers(1, 40))
    def test_adaptive_windows_visit_length_plus_outputs_minus_their_gcd(self, length: int, outputs: int) -> None:
        execution = run("adaptive_max_pool2d", {"output_size": (1, outputs)}, [np.zeros((1, 1, 1, length))])
        assert execution.tally.comparisons + outputs == length + outputs - gcd(length, outputs)


class TestNormalization:
    def test_batch_norm_by_hand(self) -> None:
        execution = ones("batch_norm", {}, np.full((1, 2, 3), 5.0))
        np.testing.assert_allclose(execution.outputs[0], 4 / np.sqrt(1 + 1e-5) + 1)
        assert execution.tally == Tally(multiplications=6, additions=6)
        assert (execution.params, execution.buffers) == (4, 4)

    def test_batch_norm_without_scale_and_shift_still_multiplies_and_adds(self) -> None:
        execution = run("batch_norm", {"affine": False}, [random(2, 3)])
        assert execution.tally == Tally(multiplications=6, additions=6)
        assert (execution.params, execution.buffers) == (0, 6)

    def test_layer_norm_of_two_rows_of_four(self) -> None:
        execution = run("layer_norm", {"affine": False}, [random(2, 4)])
        np.testing.assert_allclose(execution.outputs[0].mean(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(execution.outputs[0].var(axis=1), 1, rtol=1e-3)
        assert execution.tally == Tally(additions=2 * 11, multiplications=2 * 8, divisions=2 * 3, transcendentals=2)

    def test_scale_and_shift_cost_one_operation_each_per_element(self) -> None:
        plain, scaled = (
            run("layer_norm", {"dims": 2, "affine": affine}, [random(2, 3, 4)]) for affine in (False, True)
        )
        assert scaled.tally.multiplications == plain.tally.multiplications + 24
        assert scaled.tally.additions == plain.tally.additions + 24
        assert (plain.params, scaled.params) == (0, 2 * 12)

    def test_group_norm_is_layer_norm_for_one_group_and_instance_norm_for_one_channel_each(self) -> None:
        x = random(2, 4, 3, 5)
        fields: dict[str, object] = {"affine": False}
        for groups, kind, more in ((1, "layer_norm", {"dims": 3}), (4, "instance_norm", {})):
            grouped, other = run("group_norm", {**fields, "groups": groups}, [x]), run(kind, {**fields, **more}, [x])
            np.testing.assert_allclose(grouped.outputs[0], other.outputs[0])
            assert grouped.tally == other.tally

    def test_local_response_norm_by_hand(self) -> None:
        x = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1)
        execution = run("local_response_norm", {"size": 3}, [x])
        neighbours = np.array([1 + 4, 1 + 4 + 9, 4 + 9])
        np.testing.assert_allclose(execution.outputs[0].ravel(), [1, 2, 3] / (1 + 1e-4 / 3 * neighbours) ** 0.75)
        assert execution.tally == Tally(multiplications=6, additions=9, transcendentals=3, divisions=3)


ACTIVATIONS = {
    "relu": (2.0, 2.0, Tally(comparisons=1)),
    "relu6": (8.0, 6.0, Tally(comparisons=2)),
    "leaky_relu": (-1.0, -0.01, Tally(comparisons=1, multiplications=1)),
    "elu": (-1.0, -0.63212056, Tally(comparisons=1, transcendentals=1, additions=1, multiplications=1)),
    "tanh": (1.0, 0.76159416, Tally(transcendentals=1)),
    "sigmoid": (1.0, 0.73105858, Tally(transcendentals=1, additions=1, divisions=1)),
    "silu": (2.0, 1.76159416, Tally(transcendentals=1, additions=1, divisions=1, multiplications=1)),
    "gelu": (1.0, 0.84134475, Tally(transcendentals=1, multiplications=3, additions=1)),
    "hard_sigmoid": (0.0, 0.5, Tally(additions=1, comparisons=2, multiplications=1)),
    "hard_swish": (1.0, 0.66666667, Tally(additions=1, comparisons=2, multiplications=2)),
}


class TestActivations:
    @pytest.mark.parametrize("kind", ACTIVATIONS)
    def test_known_values(self, kind: str) -> None:
        x, y, per_element = ACTIVATIONS[kind]
        execution = run(kind, {}, [np.full((2, 3), x)])
        np.testing.assert_allclose(execution.outputs[0], y, rtol=1e-7)
        assert asdict(execution.tally) == {name: 6 * count for name, count in asdict(per_element).items()}

    def test_gelu_by_tanh_comes_close_at_more_multiplications(self) -> None:
        execution = run("gelu", {"approximation": "tanh"}, [np.array([1.0])])
        np.testing.assert_allclose(execution.outputs[0], 0.84134475, rtol=1e-3)
        assert execution.tally == Tally(transcendentals=1, multiplications=6, additions=2)

    def test_softmax_sums_to_one_along_its_axis(self) -> None:
        execution = run("softmax", {"axis": 0}, [random(4, 3)])
        np.testing.assert_allclose(execution.outputs[0].sum(axis=0), 1)
        assert execution.tally == Tally(comparisons=9, additions=12 + 9, transcendentals=12, divisions=12)


class TestMerging:
    def test_every_input_is_broadcast_before_it_is_added_or_multiplied(self) -> None:
        inputs = [np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([[1.0], [10.0]])]
        added, multiplied = run("add", {}, inputs), run("multiply", {}, inputs)
        assert (listed(added), added.tally) == ([5, 7, 14, 16], Tally(additions=8))
        assert (listed(multiplied), multiplied.tally) == ([3, 8, 30, 80], Tally(multiplications=8))

    def test_split_undoes_concat(self) -> None:
        parts = [random(2, 3, 4), random(2, 1, 4)]
        joined = run("concat", {}, parts).outputs
        execution = run("split", {"sizes": (3, 1)}, joined)
        for part, original in zip(execution.outputs, parts, strict=True):
            np.testing.assert_array_equal(part, original)
        assert execution.tally == Tally()
        assert len(run("split", {"sections": 4}, joined).outputs) == 4


class TestReshaping:
    def test_channel_shuffle_deals_the_groups_out(self) -> None:
        assert listed(run("channel_shuffle", {"groups": 2}, [np.arange(6.0).reshape(1, 6)])) == [0, 3, 1, 4, 2, 5]

    def test_flatten_reshape_and_permute_keep_every_element(self) -> None:
        x = random(2, 3, 4)
        flat, reshaped = run("flatten", {}, [x]).outputs[0], run("reshape", {"shape": (4, -1)}, [x]).outputs[0]
        permuted = run("permute", {"axes": (2, 0, 1)}, [x]).outputs[0]
        assert (flat.shape, reshaped.shape, permuted.shape) == ((2, 12), (4, 6), (4, 2, 3))
        assert permuted[3, 1, 2] == x[1, 2, 3]
        for y in (flat, reshaped, permuted):
            assert sorted(y.ravel()) == sorted(x.ravel())

    def test_pad_adds_zeros(self) -> None:
        assert listed(run("pad", {"pads": ((0, 0), (1, 2))}, [np.ones((1, 2))])) == [0, 1, 1, 0, 0]

    def test_upsampling_by_hand(self) -> None:
        row = np.array([0.0, 1.0]).reshape(1, 1, 1, 2)
        assert listed(run("upsample2d", {"scale": (1, 2)}, [row])) == [0, 0, 1, 1]
        smooth = run("upsample2d", {"size": (1, 4), "mode": "bilinear"}, [row])
        assert listed(smooth) == [0, 0.25, 0.75, 1]
        assert smooth.tally == Tally(multiplications=4, additions=2 * 4)

    @pytest.mark.parametrize("kind", ["dropout", "identity"])
    def test_nothing_happens(self, kind: str) -> None:
        x = random(2, 3)
        execution = run(kind, {}, [x])
        np.testing.assert_array_equal(execution.outputs[0], x)
        assert execution.tally == Tally()
        assert prod(execution.outputs[0].shape) == 6
