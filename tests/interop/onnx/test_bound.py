"""A file that is read with symbols, which are bound then, and the file that is read with sizes: they cost the same."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from costmodel.counting import Cost
from tests.interop.onnx.models import network, node, numbers, stored

COPIES = {
    "pad": [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "one"], ["length"], axis=0),
        node("Sub", ["eight", "length"], ["missing"]),
        node("Concat", ["three_zeros", "zero", "zero", "missing"], ["pads"], axis=0),
        node("Pad", ["x", "pads"], ["copy"]),
    ],
    "tile": [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "zero"], ["n"], axis=0),
        node("Concat", ["n", "one", "one"], ["repeats"], axis=0),
        node("Tile", ["x", "repeats"], ["copy"]),
    ],
    "slice": [
        node("Shape", ["x"], ["sizes"]),
        node("Gather", ["sizes", "one"], ["length"], axis=0),
        node("Slice", ["x", "zero", "eight", "one"], ["copy"]),
    ],
    "expand": [
        node("Shape", ["x"], ["sizes"]),
        node("ReduceMean", ["x"], ["mean"], axes=[0]),
        node("Expand", ["mean", "sizes"], ["copy"]),
    ],
}
SIZES = [{"n": 1, "length": 8}, {"n": 1, "length": 5}, {"n": 3, "length": 8}]


class Traffic(NamedTuple):
    """What depends on copies."""

    activations: Any
    peak: Any
    read: Any
    written: Any

    @classmethod
    def of(cls, cost: Cost) -> "Traffic":
        return cls(cost.activations, cost.peak_memory_bytes, cost.input_bytes, cost.output_bytes)


def read(nodes: Sequence[Any], sizes: Mapping[str, int] | None = None) -> Any:
    last = [node("Relu", ["x"], ["first"]), *nodes, node("Exp", ["copy"], ["y"])]
    weights = [numbers("zero", 0), numbers("one", 1), numbers("eight", 8), numbers("three_zeros", 0, 0, 0)]
    shape = [(sizes or {}).get(name, name) for name in ("n", "length")]
    return network(last, {"x": [*shape, 4]}, ["y"], [*weights, stored("unused", 1)])


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", COPIES)
def test_binding_is_reading_with_sizes(name: str, sizes: dict[str, int]) -> None:
    bound, read_so = read(COPIES[name]).bind(**sizes), read(COPIES[name], sizes)
    assert Traffic.of(bound.cost()) == Traffic.of(read_so.cost())
    assert bound.cost().ledger == read_so.cost().ledger
