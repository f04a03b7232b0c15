"""Programs over tables: rows and columns give what every place by itself gives, and exact fractions stay exact."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import zoo
from costmodel.algebra import parse, symbols
from costmodel.algebra.arrays import Array
from costmodel.algebra.blocks import BLOCK, STRIP, Blocks
from costmodel.algebra.plan import plan
from tests.algebra.trees import INTEGERS, Tree, channels, evaluate, polynomial, text


class TestTables:
    @given(tree=polynomial(6), sizes=st.lists(st.integers(1, 40), min_size=2, max_size=12), split=st.integers(0, 7))
    def test_a_place_has_the_value_of_its_row_and_column(self, tree: Tree, sizes: list[int], split: int) -> None:
        columns = [name for index, name in enumerate(INTEGERS) if split >> index & 1]
        rows, across = np.array(sizes, float).reshape(-1, 1), np.array(sizes[::-1], float).reshape(1, -1)
        inputs = [across + index if name in columns else rows + index for index, name in enumerate(INTEGERS)]
        (found,) = Blocks(plan([parse(text(tree))], INTEGERS, columns))(inputs)
        whole = np.broadcast_to(found, np.broadcast_shapes(*(each.shape for each in inputs)))
        for place in np.ndindex(whole.shape):
            values = {
                name: int(np.broadcast_to(each, whole.shape)[place])
                for name, each in zip(INTEGERS, inputs, strict=True)
            }
            assert whole[place] == pytest.approx(float(evaluate(tree, values)), rel=1e-12)

    @pytest.mark.parametrize("shape", [(1, 1), (3, BLOCK + 7), (STRIP + 3, 5), (2 * STRIP + 1, 700), (1, 3), (4, 1)])
    def test_tables_smaller_and_larger_than_a_block(self, shape: tuple[int, int]) -> None:
        rows, across = np.arange(1.0, shape[0] + 1).reshape(-1, 1), np.arange(1.0, shape[1] + 1).reshape(1, -1)
        wanted = [parse("n*floor(r/3) + n**2*r + 5"), parse("n + 1"), parse("r"), parse("max(n*r, 9)"), parse("7")]
        wanted += [parse("r + n*(r + 1)"), parse("r + 1"), parse("n*floor(r/3) + n**2*r + 5")]
        results = Blocks(plan(wanted, ["n", "r"], ["r"]))([rows, across])
        expected: list[Array] = [
            rows * (across // 3) + rows**2 * across + 5,
            rows + 1,
            across,
            np.maximum(rows * across, 9),
            np.array(7.0),
        ]
        expected += [across + rows * (across + 1), across + 1, expected[0]]
        for found, truth in zip(results, expected, strict=True):
            np.testing.assert_array_equal(np.broadcast_to(found, shape), np.broadcast_to(truth, shape))
        full = [np.full(shape, np.nan) for _ in wanted]
        Blocks(plan(wanted, ["n", "r"], ["r"]))([rows, across], out=full)
        for found, truth in zip(full, expected, strict=True):
            np.testing.assert_array_equal(found, np.broadcast_to(truth, shape))

    def test_what_places_read_of_their_row_is_kept_for_them(self) -> None:
        """Seven floors of the row, each read only where all columns are: none may lie where a later one is computed."""
        rows, across = np.arange(1.0, 600.0).reshape(-1, 1), np.arange(1.0, 50.0).reshape(1, -1)
        wanted = parse(" + ".join(f"floor((n + {k})/7)*ceiling(n/{k + 2})*r**{k}" for k in range(7)))
        (found,) = Blocks(plan([wanted], ["n", "r"], ["r"]))([rows, across])
        truth = sum((rows + k) // 7 * np.ceil(rows / (k + 2)) * across**k for k in range(7))
        np.testing.assert_allclose(found, truth, rtol=1e-14)

    def test_a_result_is_as_large_as_what_it_depends_on(self) -> None:
        program = plan([parse("n**2"), parse("r + 1"), parse("n*r"), parse("3")], ["n", "r"], ["r"])
        shapes = [each.shape for each in Blocks(program)([np.ones((4, 1)), np.ones((1, 6))])]
        assert shapes == [(4, 1), (1, 6), (4, 6), (1, 1)]

    def test_little_is_left_to_compute_for_each_place(self) -> None:
        """Five sizes of images in MobileNetV2: five products and five sums, whatever else depends on one alone."""
        width, resolution = symbols("width resolution")
        macs = zoo.mobilenet_v2(width=width, resolution=resolution, rounding="exact").cost().macs
        program = plan([macs], ["width", "resolution"], ["resolution"])
        varies = {0: 1, 1: 2}
        for operation in program.operations:
            reads = [varies.get(each, 0) for each in operation.operands if isinstance(each, int)]
            varies[operation.register] = 0
            for each in reads:
                varies[operation.register] |= each
        assert list(varies.values()).count(3) == 10


class TestFractions:
    @given(tree=channels(), numerators=st.lists(st.integers(1, 400), min_size=1), denominator=st.integers(1, 120))
    def test_channels_at_fractions_are_exact(self, tree: Tree, numerators: list[int], denominator: int) -> None:
        program = plan([parse(text(tree))], ["alpha"], denominators={"alpha": denominator})
        (found,) = Blocks(program)([np.array([numerators], dtype=float)])
        exact = [float(evaluate(tree, {"alpha": Fraction(each, denominator)})) for each in numerators]
        assert np.broadcast_to(found, (1, len(numerators)))[0].tolist() == exact

    def test_a_decimal_on_the_edge_of_a_floor_is_not_below_it(self) -> None:
        (found,) = Blocks(plan([parse("floor(100*width)")], ["width"], denominators={"width": 100}))(
            [np.array([[29.0]])]
        )
        assert (found.item(), int(100 * 0.29)) == (29, 28)

    def test_nine_tenths_of_a_fraction_are_compared_exactly(self) -> None:
        """round_to_multiple(80/9, 8): 8 is exactly 90 % of it, and stays."""
        program = plan([parse("round_to_multiple(16*width, 8)")], ["width"], denominators={"width": 9})
        (found,) = Blocks(program)([np.array([[5.0, 5.1]])])
        assert found[0].tolist() == [8, 16]
