"""Layers that share weights: replaced together, or not at all."""

import pytest

from costmodel import Builder, Network, rewrite
from costmodel.errors import RewriteError
from costmodel.layers import BatchNorm, Conv2d, ReLU
from costmodel.network import Node
from tests.transform.networks import assert_saves_what_full_counts_say


def siamese() -> Network:
    """Two branches with the weights of one."""
    b = Builder("siamese")
    left, right = b.input("left", (1, 8, 6, 6)), b.input("right", (1, 8, 6, 6))
    conv = Conv2d(out_channels=8, kernel=3, padding=1)
    one = b.add(ReLU(), b.add(conv, left, name="one"), name="one.relu")
    other = b.add(ReLU(), b.add(conv, right, name="other", shares="one"), name="other.relu")
    return b.build(one, other)


@pytest.mark.parametrize(
    "text", ["conv=depthwise_separable:first=true", "conv=grouped:2", "conv=kernel:5", "3x3=stacked:2", "width=2"]
)
def test_both_are_replaced_and_share_again(text: str) -> None:
    net = siamese()
    if text == "width=2":
        net = Network(**{**dict(net), "outputs": ("one.relu",)})
    if text.startswith("width"):
        with pytest.raises(RewriteError, match="its channels are those of the network's output"):
            rewrite(net, text)
        return
    made = rewrite(net, text)
    assert_saves_what_full_counts_say(made)
    alone = rewrite(net, text).after.cost()
    weights = {node.name: node.weight_elements for node in alone.nodes}
    assert alone.params == sum(count for name, count in weights.items() if name.startswith("one"))
    for node in made.after.nodes:
        if node.name.startswith("other") and weights[node.name]:
            assert node.shares == f"one{node.name.removeprefix('other')}"


@pytest.mark.parametrize("name", ["one", "other"])
def test_one_alone_stays(name: str) -> None:
    partner = {"one": "other", "other": "one"}[name]
    with pytest.raises(RewriteError, match=f"it shares its weights with '{partner}', which would not be replaced"):
        rewrite(siamese(), "conv=grouped:2", only=name)


def test_what_a_layer_has_of_its_own_stays_its_own() -> None:
    """A pool for the stride of two layers with the same weights: what follows each is not shared."""
    b = Builder("net")
    x = b.input("image", (1, 4, 8, 8))
    conv = Conv2d(out_channels=4, kernel=3, stride=2, padding=1)
    ends = [
        b.add(conv, x, name=name, shares=owner).then(BatchNorm(), name=f"{name}.norm")
        for name, owner in (("one", None), ("other", "one"))
    ]
    made = rewrite(b.build(*ends), "stride=pool")
    assert {node.name: node.shares for node in made.after.nodes if node.shares} == {"other": "one"}
    assert_saves_what_full_counts_say(made)


def test_borrowed_weights_are_owned_once_a_lender_may_be_gone() -> None:
    """Of two layers with one bias, the first is replaced: the second's bias counts from then on."""
    conv = Conv2d(out_channels=4, kernel=3, padding=1)
    nodes = (
        Node(name="lender", layer=conv, inputs=("image",)),
        Node(name="borrower", layer=conv, inputs=("lender",), borrowed_elements=4),
    )
    net = Network(name="net", inputs={"image": (1, 4, 8, 8)}, nodes=nodes, outputs=("borrower",))
    made = rewrite(net, "conv=grouped:2", only="lender")
    assert_saves_what_full_counts_say(made)
    assert made.after.node("borrower").borrowed_elements == 0
    assert [change.name for change in made.changes] == ["lender", "borrower"]
    assert made.after.cost().params == (4 * 2 * 9 + 4) + (4 * 4 * 9 + 4)
    assert rewrite(net, "resolution=16").after.node("borrower").borrowed_elements == 4


def test_repeated_blocks_have_weights_of_their_own() -> None:
    conv = Conv2d(out_channels=4, kernel=3, padding=1)
    b = Builder("net")
    x = b.input("image", (1, 4, 8, 8))
    for index in range(2):
        with b.scope(f"stage.{index}"):
            y = b.add(conv, x, name="conv1")
            x = b.add(conv, y, name="conv2", shares=f"stage.{index}.conv1")
    made = rewrite(b.build(x), "depth=2")
    shares = {node.name: node.shares for node in made.after.nodes}
    assert shares["stage.1_2.conv2"] == "stage.1_2.conv1"
    assert shares["stage.1_3.conv2"] == "stage.1_3.conv1"
    assert made.saved.params == -2 * (4 * 4 * 9 + 4)


def test_repeated_blocks_borrow_nothing() -> None:
    conv = Conv2d(out_channels=4, kernel=3, padding=1)
    nodes = (
        Node(name="stage.0.conv", layer=conv, inputs=("image",)),
        Node(name="stage.1.conv", layer=conv, inputs=("stage.0.conv",), borrowed_elements=4),
    )
    net = Network(name="net", inputs={"image": (1, 4, 8, 8)}, nodes=nodes, outputs=("stage.1.conv",))
    made = rewrite(net, "depth=1.5")
    assert [node.borrowed_elements for node in made.after.nodes] == [0, 4, 0]
    assert_saves_what_full_counts_say(made)


def test_what_would_become_other_layers_stays() -> None:
    """One is followed by an activation, which would come between the two steps, the other is not."""
    b = Builder("net")
    x = b.input("image", (1, 8, 6, 6))
    conv = Conv2d(out_channels=8, kernel=3, padding=1)
    one = b.add(ReLU(), b.add(conv, x, name="one"), name="relu")
    net = b.build(b.add(conv, one, name="other", shares="one"))
    with pytest.raises(
        RewriteError, match="it shares its weights with 'other', which would be replaced by other layers"
    ):
        rewrite(net, "conv=depthwise_separable:first=true")
    assert rewrite(net, "conv=depthwise_separable:first=true,between=nothing").changes
