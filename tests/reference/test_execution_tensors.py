"""The executing reference of layers on tensors of any rank: cases computed by hand, and laws of their outputs."""

import math

import numpy as np
import pytest

from tests.reference.execution import Array, Execution, Tally, run

Fields = dict[str, object]
ROW = np.array([[1.0, -2.0, 3.0]])


def random(*shape: int) -> Array:
    return np.random.default_rng(1).standard_normal(shape)


def listed(execution: Execution) -> list[float]:
    values: list[float] = execution.outputs[0].ravel().tolist()
    return values


class TestArithmetic:
    @pytest.mark.parametrize(
        ("kind", "fields", "expected", "tally"),
        [
            ("subtract", {}, [-1, -4, 1], Tally(additions=3)),
            ("divide", {}, [0.5, -1, 1.5], Tally(divisions=3)),
            ("modulo", {}, [1, 0, 1], Tally(divisions=3)),
            ("power", {}, [1, 4, 9], Tally(transcendentals=3)),
            ("maximum", {}, [2, 2, 3], Tally(comparisons=3)),
            ("minimum", {}, [1, -2, 2], Tally(comparisons=3)),
            ("compare", {"operator": "lt"}, [1, 1, 0], Tally(comparisons=3)),
            ("logical", {"operator": "and"}, [0, 2, 2], Tally(comparisons=3)),
            ("logical", {"operator": "shift_left"}, [4, 8, 12], Tally(comparisons=3)),
        ],
    )
    def test_a_row_and_two(self, kind: str, fields: Fields, expected: list[float], tally: Tally) -> None:
        execution = run(kind, fields, [ROW, np.array(2.0)])
        assert (listed(execution), execution.tally) == (expected, tally)

    def test_where_chooses(self) -> None:
        execution = run("where", {}, [np.array([1.0, 0.0]), np.array(5.0), np.array([[7.0, 8.0]])])
        assert (listed(execution), execution.tally) == ([5, 8], Tally())


class TestFunctions:
    @pytest.mark.parametrize(
        ("kind", "expected", "tally"),
        [
            ("absolute", [1, 2, 3], Tally(comparisons=3)),
            ("negate", [-1, 2, -3], Tally()),
            ("sign", [1, -1, 1], Tally(comparisons=6)),
            ("square", [1, 4, 9], Tally(multiplications=3)),
            ("reciprocal", [1, -1 / 2, 1 / 3], Tally(divisions=3)),
            ("exp", [math.exp(1), math.exp(-2), math.exp(3)], Tally(transcendentals=3)),
            ("threshold", [1, 0, 3], Tally(comparisons=3)),
            ("softsign", [1 / 2, -2 / 3, 3 / 4], Tally(comparisons=3, additions=3, divisions=3)),
            ("softplus", [math.log1p(math.exp(x)) for x in (1, -2, 3)], Tally(transcendentals=6, additions=3)),
            ("log_sigmoid", [-math.log1p(math.exp(x)) for x in (-1, 2, -3)], Tally(transcendentals=6, additions=3)),
        ],
    )
    def test_of_a_row(self, kind: str, expected: list[float], tally: Tally) -> None:
        execution = run(kind, {}, [ROW])
        assert listed(execution) == pytest.approx(expected)
        assert execution.tally == tally

    @pytest.mark.parametrize(
        ("kind", "expected"), [("floor", [1, -2]), ("ceil", [2, -1]), ("round", [2, -2]), ("truncate", [1, -1])]
    )
    def test_rounding(self, kind: str, expected: list[float]) -> None:
        assert listed(run(kind, {}, [np.array([1.75, -1.75])])) == expected

    def test_clipping(self) -> None:
        execution = run("clip", {"min": -1, "max": 2}, [ROW])
        assert (listed(execution), execution.tally) == ([1, -1, 2], Tally(comparisons=6))

    def test_a_slope_for_each_channel(self) -> None:
        execution = run("prelu", {"per_channel": True}, [ROW], draw=lambda _: np.array([1.0, 10.0, 100.0]))
        assert (listed(execution), execution.params) == ([1, -20, 3], 3)


class TestReductions:
    @pytest.mark.parametrize(
        ("kind", "expected", "tally"),
        [
            ("reduce_sum", 2, Tally(additions=2)),
            ("reduce_mean", 2 / 3, Tally(additions=2, divisions=1)),
            ("reduce_max", 3, Tally(comparisons=2)),
            ("reduce_min", -2, Tally(comparisons=2)),
            ("reduce_prod", -6, Tally(multiplications=2)),
            ("reduce_l1", 6, Tally(comparisons=3, additions=2)),
            ("reduce_l2", math.sqrt(14), Tally(multiplications=3, additions=2, transcendentals=1)),
            ("reduce_sum_square", 14, Tally(multiplications=3, additions=2)),
            ("reduce_log_sum", math.log(2), Tally(additions=2, transcendentals=1)),
            (
                "reduce_log_sum_exp",
                math.log(math.exp(1) + math.exp(-2) + math.exp(3)),
                Tally(comparisons=2, additions=6, transcendentals=4),
            ),
            ("reduce_variance", 14 / 3 - 4 / 9, Tally(additions=7, multiplications=3, divisions=2)),
        ],
    )
    def test_of_a_row(self, kind: str, expected: float, tally: Tally) -> None:
        execution = run(kind, {"axes": (1,), "keepdims": False}, [ROW])
        assert listed(execution) == pytest.approx([expected])
        assert (execution.outputs[0].shape, execution.tally) == ((1,), tally)

    @pytest.mark.parametrize("axes", [None, (0,), (2, 0), (-1, 1), ()])
    def test_sums_are_those_of_numpy(self, axes: tuple[int, ...] | None) -> None:
        x = random(2, 3, 4)
        execution = run("reduce_sum", {"axes": axes}, [x])
        np.testing.assert_allclose(execution.outputs[0], x.sum(axis=axes, keepdims=True))

    def test_log_softmax_is_normalized(self) -> None:
        execution = run("log_softmax", {"axis": 0}, [random(4, 3)])
        np.testing.assert_allclose(np.exp(execution.outputs[0]).sum(axis=0), 1.0)


class TestOrder:
    def test_selection(self) -> None:
        execution = run("top_k", {"k": 2}, [np.array([[4.0, 1.0, 9.0, 7.0]])])
        values, positions = execution.outputs
        assert (values.tolist(), positions.tolist()) == ([[9, 7]], [[2, 3]])
        assert execution.tally == Tally(comparisons=3 + 2)

    def test_sorting_is_selection_of_all(self) -> None:
        x = random(5, 3)
        values, positions = run("sort", {"axis": 0}, [x]).outputs
        np.testing.assert_array_equal(values, -np.sort(-x, axis=0))
        np.testing.assert_array_equal(positions, np.argsort(-x, axis=0))

    def test_running_sums(self) -> None:
        execution = run("cumsum", {"axis": 0}, [random(4, 3)])
        np.testing.assert_allclose(execution.outputs[0], np.cumsum(random(4, 3), axis=0))
        assert execution.tally == Tally(additions=9)

    def test_positions_of_extremes(self) -> None:
        assert listed(run("argmax", {}, [ROW])) == [2]
        assert listed(run("argmax", {"of": "min", "keepdims": False}, [ROW])) == [1]


class TestMoves:
    @pytest.mark.parametrize(
        ("kind", "fields", "expected"),
        [
            ("slice", {"axes": (1,), "starts": (2,), "lengths": (2,), "steps": (-2,)}, [3, 1]),
            ("tile", {"repeats": (1, 2)}, [1, -2, 3, 1, -2, 3]),
            ("expand", {"shape": (2, -1, -1)}, [1, -2, 3, 1, -2, 3]),
            ("roll", {"axes": (1,), "shifts": (1,)}, [3, 1, -2]),
            ("flip", {"axes": (1,)}, [3, -2, 1]),
            ("pad", {"pads": ((0, 0), (-1, 2))}, [-2, 3, 0, 0]),
            ("pad", {"pads": ((0, 0), (2, 1)), "mode": "reflect"}, [3, -2, 1, -2, 3, -2]),
            ("squeeze", {"axes": (0,)}, [1, -2, 3]),
        ],
    )
    def test_of_a_row(self, kind: str, fields: Fields, expected: list[float]) -> None:
        execution = run(kind, fields, [ROW])
        assert (listed(execution), execution.tally) == (expected, Tally())

    @pytest.mark.parametrize("mode", ["DCR", "CRD"])
    def test_depth_to_space_spreads_channels(self, mode: str) -> None:
        x = np.arange(8.0).reshape(1, 8, 1, 1)
        first = run("depth_to_space", {"block": 2, "mode": mode}, [x]).outputs[0][0, 0].ravel().tolist()
        assert first == ([0, 2, 4, 6] if mode == "DCR" else [0, 1, 2, 3])

    def test_space_to_depth_is_undone(self) -> None:
        x = random(2, 3, 4, 6)
        stacked = run("space_to_depth", {"block": 2}, [x]).outputs[0]
        np.testing.assert_array_equal(run("depth_to_space", {"block": 2, "mode": "DCR"}, [stacked]).outputs[0], x)

    def test_gathering_zeros_takes_the_first(self) -> None:
        x = random(3, 4)
        first = np.zeros((2,))
        np.testing.assert_array_equal(run("gather", {"axis": 1}, [x, first]).outputs[0], x[:, [0, 0]])
        np.testing.assert_array_equal(run("gather_nd", {}, [x, np.zeros((5, 2))]).outputs[0], [x[0, 0]] * 5)
        np.testing.assert_array_equal(run("gather_elements", {}, [x, np.zeros((1, 4))]).outputs[0], x[:1])

    @pytest.mark.parametrize(
        ("reduction", "expected", "tally"),
        [
            ("none", 5.0, Tally()),
            ("add", 7.0, Tally(additions=1)),
            ("mul", 10.0, Tally(multiplications=1)),
            ("max", 5.0, Tally(comparisons=1)),
            ("min", 2.0, Tally(comparisons=1)),
        ],
    )
    def test_scattering_to_the_first(self, reduction: str, expected: float, tally: Tally) -> None:
        data, five = np.array([2.0, 3.0]), np.array([5.0])
        for kind, index in (("scatter_elements", np.zeros((1,))), ("scatter_nd", np.zeros((1, 1)))):
            execution = run(kind, {"reduction": reduction}, [data, index, five])
            assert (listed(execution), execution.tally) == ([expected, 3], tally)


class TestResampling:
    def test_doubling_the_nearest(self) -> None:
        assert listed(run("resize", {"scales": (1, 2)}, [ROW])) == [1, 1, -2, -2, 3, 3]

    @pytest.mark.parametrize(("mode", "each"), [("linear", (1, 2)), ("cubic", (4, 3))])
    @pytest.mark.parametrize(("axes", "taps"), [(1, {"linear": 1, "cubic": 1}), (2, {"linear": 3, "cubic": 5})])
    def test_a_constant_stays_and_costs_what_its_neighbours_do(
        self, mode: str, each: tuple[int, int], axes: int, taps: dict[str, int]
    ) -> None:
        x = np.full((1, 2, *(3,) * axes), 4.0)
        execution = run("resize", {"sizes": (-1, -1, *(5,) * axes), "mode": mode}, [x])
        np.testing.assert_allclose(execution.outputs[0], 4.0)
        elements = 2 * 5**axes * taps[mode]
        assert execution.tally == Tally(multiplications=elements * each[0], additions=elements * each[1])

    @pytest.mark.parametrize("mode", ["linear", "cubic"])
    def test_a_ramp_stays_a_ramp_inside(self, mode: str) -> None:
        x = np.arange(8.0).reshape(1, 8)
        middle = run("resize", {"scales": (1, 2), "mode": mode}, [x]).outputs[0][0, 4:-4]
        np.testing.assert_allclose(np.diff(middle), 0.5)

    @pytest.mark.parametrize("mode", ["nearest", "linear"])
    def test_a_grid_of_all_positions_samples_the_input(self, mode: str) -> None:
        x = random(2, 3, 4, 5)
        rows, columns = ((np.arange(size) + 0.5) * 2 / size - 1 for size in (4, 5))
        grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
        execution = run("grid_sample", {"mode": mode}, [x, np.stack([grid, grid])])
        np.testing.assert_allclose(execution.outputs[0], x, atol=1e-9)


class TestWindows:
    def test_given_weights_convolve(self) -> None:
        picture = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
        execution = run("dynamic_conv", {}, [picture, np.ones((1, 1, 2, 2)), np.ones((1,))])
        assert listed(execution) == [13, 17, 25, 29]
        assert (execution.tally, execution.params) == (Tally(macs=16, additions=4), 0)

    def test_a_convolution_is_a_product_with_the_columns(self) -> None:
        x, weight = random(2, 3, 5, 6), random(4, 3, 2, 3)
        fields: Fields = {"stride": (2, 1), "padding": 1, "dilation": (1, 2)}
        direct = run("dynamic_conv", fields, [x, weight]).outputs[0]
        columns = run("unfold", {**fields, "kernel": (2, 3)}, [x]).outputs[0]
        np.testing.assert_allclose(direct.reshape(2, 4, -1), weight.reshape(4, -1) @ columns)

    def test_folding_is_the_adjoint_of_unfolding(self) -> None:
        x = random(2, 3, 5, 6)
        fields: Fields = {"kernel": (2, 3), "stride": (2, 1), "padding": 1, "dilation": (1, 2)}
        columns = run("unfold", fields, [x]).outputs[0]
        y = random(*columns.shape)
        back = run("fold", {**fields, "output_size": (5, 6)}, [y])
        assert np.vdot(columns, y) == pytest.approx(np.vdot(x, back.outputs[0]))
        assert back.tally == Tally(additions=y.size)

    def test_norms_of_windows(self) -> None:
        x = np.array([[[3.0, -4.0]]])
        root, magnitudes = run("lp_pool", {"kernel": 2}, [x]), run("lp_pool", {"kernel": 2, "p": 1}, [x])
        assert (listed(root), root.tally) == ([5], Tally(multiplications=2, additions=1, transcendentals=1))
        assert (listed(magnitudes), magnitudes.tally) == ([7], Tally(comparisons=2, additions=1))

    def test_adaptive_means_in_any_dimension(self) -> None:
        for axes in (1, 2, 3):
            execution = run(f"adaptive_avg_pool{axes}d", {"output_size": 2}, [np.full((1, 1, *(3,) * axes), 4.0)])
            assert set(listed(execution)) == {4.0}
