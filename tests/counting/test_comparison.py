"""Two costs side by side: every way of grouping sums to the totals, on random networks and on the zoo's."""

import pytest
from hypothesis import given

from costmodel import Network, compare, symbols, zoo
from costmodel.algebra import equal, total
from costmodel.counting import Comparison
from costmodel.counting.comparison import stage
from tests.network.graphs import networks


def assert_sums_to_the_totals(found: Comparison) -> None:
    for pairs in (found.kinds, found.stages, found.layers):
        for index, cost in enumerate((found.one, found.other)):
            shares = [(pair.one, pair.other)[index] for pair in pairs]
            if shares:
                assert sum(share.layers for share in shares) == len(cost.nodes)
                assert equal(total(share.macs for share in shares), cost.macs)
                assert equal(total(share.params for share in shares), cost.params)
                assert equal(total(share.activations for share in shares) + cost.input_elements, cost.activations)


@given(one=networks(), other=networks())
def test_groups_sum_to_the_totals(one: Network, other: Network) -> None:
    assert_sums_to_the_totals(compare(one.cost(), other.cost()))


@pytest.mark.parametrize(("one", "other"), [("vgg16", "resnet50"), ("vit", "lenet_300_100"), ("resnet18", "resnet34")])
def test_networks_of_the_zoo(one: str, other: str) -> None:
    assert_sums_to_the_totals(compare(zoo.find(one)().cost(), zoo.find(other)().cost()))


def test_stages_are_those_of_the_papers_tables() -> None:
    """He et al., table 1: conv1 halves, and stages 2 to 5 work on a quarter to a thirty-second of the size."""
    found = compare(zoo.resnet50().cost(), zoo.resnet50(resolution=320).cost())
    macs = {pair.name: (pair.one.macs, pair.other.macs) for pair in found.stages}
    assert list(macs) == ["1/2", "1/4", "1/8", "1/16", "1/32", "features"]
    assert macs["1/2"] == (118_013_952, 118_013_952 * 320**2 // 224**2)


@pytest.mark.parametrize(
    ("shapes", "size", "expected"),
    [
        (((1, 64, 224, 224),), 224, "1/1"),
        (((1, 96, 55, 55),), 227, "1/4"),
        (((1, 96, 27, 27),), 227, "1/8"),
        (((1, 96, 448, 448),), 224, "larger maps"),
        (((1, 512, 1, 1),), 224, "features"),
        (((1, 197, 768),), 224, "features"),
        ((), 224, "features"),
    ],
)
def test_a_stage(shapes: tuple[tuple[int, ...], ...], size: int, expected: str) -> None:
    assert stage(shapes, size) == expected


def test_stages_of_symbols() -> None:
    r = symbols("r")
    assert stage(((1, 64, 8 * r, 8 * r),), 32 * r) == "1/4"
    assert stage(((1, 64, 8 * r - 1, 8 * r),), 32 * r) == "other maps"


def test_layers_are_compared_where_names_agree() -> None:
    same = compare(zoo.mobilenet_v1().cost(), zoo.mobilenet_v1(width="0.5").cost())
    assert len(same.layers) == len(zoo.mobilenet_v1().nodes)
    assert compare(zoo.vgg16().cost(), zoo.mobilenet_v1().cost()).layers == ()
