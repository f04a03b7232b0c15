"""What is checked of every rewrite, those of users included; symbols; and what `transform` is imported for."""

from typing import ClassVar

import pytest

from costmodel import Builder, rewrite, symbols, zoo
from costmodel.errors import RewriteError
from costmodel.layers import Conv2d, Layer, ReLU, Reshape
from costmodel.network import Step
from costmodel.transform import Edit, Graph, Piece, Plan, Replacement, Rewrite, Scaling, base, in_a_row, rewrites
from tests.network.graphs import chain
from tests.transform.networks import assert_saves_what_full_counts_say

NET = chain(Conv2d(out_channels=4, kernel=3), ReLU(), Conv2d(out_channels=6, kernel=1))


@pytest.fixture(autouse=True)
def _rewrites_of_a_test_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_REWRITES", rewrites())


def test_a_replacement_of_another_shape_is_not_made() -> None:
    class Wider(Replacement):
        name: ClassVar[str] = "wider"

        def edit(self, step: Step, graph: Graph) -> Edit:
            return in_a_row(graph, [step], [Piece(step.node.name, Conv2d(out_channels=9, kernel=3))])

    with pytest.raises(RewriteError, match="its output of 1x4x6x6 cannot be kept \\(it would be 1x9x6x6\\)"):
        rewrite(NET, "conv2d=wider")


def test_a_rewrite_that_changes_a_shape_all_the_same_is_refused() -> None:
    class Careless(Rewrite):
        name: ClassVar[str] = "careless"

        def plan(self, graph: Graph) -> Plan:
            node = graph.steps["conv2d"].node
            other = node.model_copy(update={"layer": Conv2d(out_channels=9, kernel=3)})
            return Plan((Edit(node.name, (node.name,), (other,), {}),))

    with pytest.raises(RewriteError, match="chain, relu: conv2d=careless would change its shape of 1x4x6x6 to 1x9x6x6"):
        rewrite(NET, Careless(what="conv2d"))


def test_a_rewrite_that_changes_an_output_is_refused() -> None:
    class Last(Scaling):
        name: ClassVar[str] = "last"
        keeps_shapes: ClassVar[bool] = False
        channels: int

        def plan(self, graph: Graph) -> Plan:
            node = graph.steps["conv2d_2"].node
            other = node.model_copy(update={"layer": Conv2d(out_channels=self.channels, kernel=1)})
            return Plan((Edit(node.name, (node.name,), (other,), {}),))

    with pytest.raises(RewriteError, match="chain, conv2d_2: last=7 would change its shape of 1x6 to 1x7"):
        rewrite(NET, "last=7")


def test_sizes_that_a_file_leaves_open_are_bound() -> None:
    """A layer that was read with the sizes of an open input knows them by the same symbols."""
    height, width = symbols("h_i w_i")
    b = Builder("open")
    x = b.input("image", (1, 3, height, width)).then(Conv2d(out_channels=4, kernel=3, padding=1), name="conv")
    net = b.build(x.then(Reshape(shape=(1, 4, height * width)), name="tokens"))
    made = rewrite(net, "resolution=8x6")
    assert made.after.shapes["tokens"] == (1, 4, 48)
    assert_saves_what_full_counts_say(made)


def test_an_input_that_stays_open_is_replaced() -> None:
    r = symbols("r")
    made = rewrite(zoo.resnet18(), "resolution=32*r").after
    assert made.inputs["image"] == (1, 3, 32 * r, 32 * r)
    assert made.bind(r=7).cost().macs == zoo.resnet18().cost().macs


def test_a_layer_with_sizes_of_its_own_refuses_another_resolution() -> None:
    with pytest.raises(RewriteError, match=r"vit, embedded: add needs inputs of equal sizes.*, after resolution=160"):
        rewrite(zoo.vit(), "resolution=160")


def test_what_was_done_is_said_in_the_source() -> None:
    made = rewrite(zoo.alexnet(), "pool=stride", "width=0.5").after
    assert made.source.endswith("; rewritten: pool=stride; rewritten: width=1/2")
    assert (made.name, made.family) == ("alexnet", "alexnet")


def test_two_inputs_are_two_changes() -> None:
    b = Builder("net")
    one, other = b.input("one", (2, 3)), b.input("other", (2, 3))
    made = rewrite(b.build(b.add(ReLU(), one + other, name="relu")), "batch=5")
    assert [change.name for change in made.changes][:2] == ["one", "other"]
    assert made.changes[0].before[0].kind == "input"
    assert_saves_what_full_counts_say(made)


def test_a_layer_of_a_user_is_rewritten_like_any_other() -> None:
    class Square(Replacement):
        name: ClassVar[str] = "square"
        of: ClassVar[tuple[type[Layer], ...]] = (ReLU,)

        def edit(self, step: Step, graph: Graph) -> Edit:
            return in_a_row(graph, [step], [Piece("first", ReLU()), Piece("second", ReLU())])

    made = rewrite(NET, "relu=square")
    assert [node.name for node in made.after.nodes] == ["conv2d", "first", "second", "conv2d_2"]
    assert_saves_what_full_counts_say(made)


class TwoAsOne(Replacement):
    """A convolution and the one behind it as one."""

    def edit(self, step: Step, graph: Graph) -> Edit:
        row = [step, *graph.after(step, Conv2d)][:2]
        return in_a_row(graph, row, [Piece(step.node.name, Conv2d(out_channels=4, kernel=2 * len(row) - 1))])


def test_a_layer_is_part_of_one_edit_only() -> None:
    net = chain(*[Conv2d(out_channels=4, kernel=2)] * 3, shape=(1, 4, 8, 8))
    made = rewrite(net, TwoAsOne(what="conv2d"))
    assert [node.name for node in made.after.nodes] == ["conv2d", "conv2d_3"]
    assert [change.name for change in made.changes] == ["conv2d"]
    assert [(each.name, each.reason) for each in made.kept] == [
        ("conv2d_3", "its output of 1x4x5x5 cannot be kept (it would be 1x4x6x6)")
    ]


def test_edits_that_overlap_are_not_both_made() -> None:
    class Backwards(TwoAsOne):
        def edit(self, step: Step, graph: Graph) -> Edit:
            before = graph.preceding(step)
            return super().edit(before or step, graph)

    net = chain(Conv2d(out_channels=4, kernel=2), Conv2d(out_channels=4, kernel=2), Conv2d(out_channels=4, kernel=2))
    made = rewrite(net, Backwards(what="conv2d"))
    assert ("conv2d_3", "conv2d_2 is rewritten with conv2d already", "conv2d=") in made.kept


def test_a_layer_that_does_not_fit_stays() -> None:
    class Huge(Replacement):
        def edit(self, step: Step, graph: Graph) -> Edit:
            return in_a_row(graph, [step], [Piece(step.node.name, Conv2d(out_channels=4, kernel=99))])

    with pytest.raises(
        RewriteError, match="conv2d: its shape cannot be kept: conv2d 'kernel' must fit its padded input"
    ):
        rewrite(NET, Huge(what="conv2d"))


@pytest.mark.parametrize(
    ("shape", "text", "sentence"),
    [
        ((2, 8), "resolution=16", "chain: none of its inputs has spatial axes"),
        ((2, 8, 4, 4), "resolution=4x4x4", "chain: a resolution has 2 axes (got 3)"),
        ((2, 8, 4, 4), "resolution=4", "chain: its resolution is 4x4 already"),
    ],
)
def test_a_resolution_that_there_is_not(shape: tuple[int, ...], text: str, sentence: str) -> None:
    with pytest.raises(RewriteError) as refused:
        rewrite(chain(ReLU(), shape=shape), text)
    assert str(refused.value) == sentence
