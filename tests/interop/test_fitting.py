"""Sizes that are equal only where a model runs: read as they are, counted right there, refused elsewhere."""

import pytest

from costmodel.errors import CostModelError
from costmodel.network import Network
from costmodel.report.formulas import formula_tables, network_formula
from costmodel.report.summary import described
from tests.interop.onnx.models import network, node, numbers, stored


def position_table() -> Network:
    """The first rows of a table of 128 positions, one for each place of the sequence, are added to it."""
    nodes = [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "one"], ["length"], axis=0),
        node("Slice", ["table", "zero", "length", "one"], ["positions"]),
        node("Add", ["x", "positions"], ["z"]),
        node("MatMul", ["z", "w"], ["y"]),
    ]
    weights = [stored("table", 1, 128, 8), stored("w", 8, 5), numbers("zero", 0), numbers("one", 1)]
    return network(nodes, {"x": ["batch", "seq", 8]}, ["y"], weights)


def halved_and_doubled() -> Network:
    """A map of half the height, repeated, joined with the map itself: only of an even height."""
    nodes = [
        node("MaxPool", ["x"], ["small"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        node("Resize", ["small", "", "scales"], ["large"]),
        node("Concat", ["x", "large"], ["both"], axis=1),
        node("Conv", ["both", "w"], ["y"]),
    ]
    import numpy as np
    from onnx import numpy_helper

    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], dtype=np.float32), "scales")
    return network(nodes, {"x": [1, 4, "h", "w"]}, ["y"], [scales, stored("w", 6, 8, 1, 1)])


def in_windows() -> Network:
    """A map in windows of 4 x 4, as many as the height and the width hold."""
    nodes = [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "two"], ["h"], axis=0),
        node("Gather", ["sizes", "three"], ["w"], axis=0),
        node("Div", ["h", "four"], ["rows"], name="rows"),
        node("Div", ["w", "four"], ["columns"], name="columns"),
        node("Concat", ["first", "rows", "four", "columns", "four"], ["shape"], axis=0, name="shape"),
        node("Reshape", ["x", "shape"], ["windows"]),
        node("MatMul", ["windows", "weight"], ["y"]),
    ]
    weights = [numbers("two", 2), numbers("three", 3), numbers("four", 4), numbers("first", 1, 3)]
    return network(nodes, {"x": [1, 3, "height", "width"]}, ["y"], [*weights, stored("weight", 4, 2)])


class TestWhereTheModelRuns:
    @pytest.mark.parametrize("seq", [1, 17, 128])
    def test_a_position_for_each_place(self, seq: int) -> None:
        bound = position_table().bind(batch=3, seq=seq)
        assert bound.cost().macs == 3 * seq * 8 * 5

    def test_the_expression_is_short(self) -> None:
        assert str(position_table().cost().macs) == "40*batch*seq"

    @pytest.mark.parametrize(("h", "w"), [(8, 6), (2, 2)])
    def test_even_sizes(self, h: int, w: int) -> None:
        assert halved_and_doubled().bind(h=h, w=w).cost().macs == h * w * 8 * 6

    def test_multiples_of_the_window(self) -> None:
        assert in_windows().bind(height=8, width=12).cost().macs == 3 * 8 * 12 * 2


class TestIsStated:
    """What the model requires of its symbols is said, each thing once."""

    def test_no_more_places_than_positions(self) -> None:
        assert position_table().holds_where == ("seq <= 128",)

    def test_an_even_size(self) -> None:
        assert halved_and_doubled().holds_where == ("h % 2 == 0", "w % 2 == 0")

    def test_multiples_of_the_window(self) -> None:
        assert in_windows().holds_where == ("height % 4 == 0", "image_width % 4 == 0")

    def test_parts_of_any_number(self) -> None:
        """Rows of 6 elements as rows of 4: as many as there are in whole rows."""
        read = network([node("Reshape", ["x", "s"], ["y"])], {"x": ["n", 6]}, ["y"], [numbers("s", -1, 4)])
        assert read.holds_where == ("n % 2 == 0",)

    def test_nothing_where_every_size_works(self) -> None:
        assert network([node("Relu", ["x"], ["y"])], {"x": ["n", "m"]}, ["y"]).holds_where == ()

    def test_is_gone_where_the_symbols_are(self) -> None:
        assert in_windows().bind(height=8).holds_where == ("image_width % 4 == 0",)
        assert in_windows().bind(height=8, width=12).holds_where == ()
        assert in_windows().bind(height="side", width="side").holds_where == ("side % 4 == 0",)

    def test_is_kept_in_json(self) -> None:
        read = in_windows()
        assert Network.from_json(read.to_json()) == read

    def test_is_printed_with_a_formula_and_a_summary(self) -> None:
        read = position_table()
        assert network_formula(read).holds_where == ("seq <= 128",)
        assert ("holds where", "seq <= 128") in [row.cells for row in formula_tables(network_formula(read))[0].rows]
        assert described(read).endswith("; holds where seq <= 128")


class TestElsewhere:
    def test_more_places_than_positions(self) -> None:
        with pytest.raises(CostModelError, match="elements"):
            position_table().bind(batch=1, seq=129)

    def test_an_odd_height(self) -> None:
        with pytest.raises(CostModelError, match="elements"):
            halved_and_doubled().bind(h=7, w=6)

    def test_a_window_that_is_cut(self) -> None:
        with pytest.raises(CostModelError, match="elements"):
            in_windows().bind(height=9, width=12)

    def test_symbols_of_their_own_are_not_taken_for_equal(self) -> None:
        with pytest.raises(CostModelError, match="equal sizes"):
            network([node("Add", ["x", "y"], ["z"])], {"x": ["n", 3], "y": ["m", 3]}, ["z"])

    def test_a_sequence_is_not_taken_for_a_number(self) -> None:
        with pytest.raises(CostModelError, match="hold the input's elements"):
            network([node("Reshape", ["x", "s"], ["y"])], {"x": ["seq", 4]}, ["y"], [numbers("s", 20, 2, 2)])
