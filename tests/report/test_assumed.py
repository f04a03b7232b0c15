"""Where a model's symbols leave it running is said beside its formulas."""

from costmodel.algebra import parse
from costmodel.layers import Add, Reshape
from costmodel.network import Network
from costmodel.network.graph import Node
from costmodel.report.assumed import assumed_sizes
from costmodel.report.formulas import network_formula


def halved(**layer: bool) -> Network:
    """A map and its halves, doubled again."""
    nodes = (
        Node(name="halves", layer=Reshape(shape=(1, "2*floor(h/2)", "w"), **layer), inputs=("x",)),
        Node(name="sum", layer=Add(), inputs=("halves", "halves")),
    )
    return Network(name="even", inputs={"x": (1, parse("h"), parse("w"))}, nodes=nodes, outputs=("sum",))


def test_only_the_axis_that_changes_is_named() -> None:
    assert list(assumed_sizes(halved(assumed=True))) == ["the model runs where h = 2*floor(h/2)"]


def test_what_is_bound_is_no_assumption() -> None:
    assert not list(assumed_sizes(halved(assumed=True).bind(h=4)))


def test_formulas_say_so() -> None:
    assert "the model runs where h = 2*floor(h/2)" in network_formula(halved(assumed=True), "additions").assumptions
