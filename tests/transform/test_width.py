"""Wider and narrower networks: what must agree does, what is fixed stays."""

from math import gcd

import pytest

from costmodel import Builder, Network, rewrite, zoo
from costmodel.errors import RewriteError
from costmodel.layers import (
    Add,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    GroupNorm,
    Linear,
    PointwiseConv2d,
    ReLU,
    Reshape,
    Split,
)
from costmodel.transform.channels import Widths
from tests.transform.networks import NAMES, assert_saves_what_full_counts_say, network


def channels(net: Network) -> dict[str, int]:
    return {step.node.name: step.output_shapes[0][1] for step in net.steps}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", ["0.3", "0.7", "1.1", "1.37", "3"])
def test_any_width_gives_a_network(name: str, width: str) -> None:
    """Additions, concatenations, splits, shuffles and groups of the zoo's networks, at widths that divide nothing."""
    made = rewrite(network(name), f"width={width}")
    assert_saves_what_full_counts_say(made)
    outputs = [(net.shapes[each], net) for net in (made.before, made.after) for each in net.outputs]
    assert outputs[0][0] == outputs[1][0]
    assert made.after.cost().macs != made.before.cost().macs


@pytest.mark.parametrize("name", ["vgg11_bn", "mobilenet_v2", "resnet18"])
def test_widths_are_multiples_where_they_must_be(name: str) -> None:
    made = rewrite(network(name), "width=0.7:multiple=8")
    kept = {each.name for each in made.kept}
    for step in made.after.steps:
        if "out_channels" in dict(step.node.layer) and step.node.name not in kept:
            assert step.output_shapes[0][1] % 8 == 0


def test_groups_divide_what_they_are_given() -> None:
    made = rewrite(network("resnext50_32x4d"), "width=0.3")
    for step in made.after.steps:
        groups = getattr(step.node.layer, "groups", 1)
        assert step.input_shapes[0][1] % groups == step.output_shapes[0][1] % groups == 0


def test_a_depthwise_convolution_written_with_groups_follows() -> None:
    b = Builder("net")
    x = b.input("image", (1, 3, 8, 8)).then(Conv2d(out_channels=8, kernel=3), name="first")
    x = x.then(Conv2d(out_channels=16, kernel=3, groups=8), name="depthwise")
    made = rewrite(b.build(x.then(PointwiseConv2d(out_channels=5), name="last")), "width=1.5").after
    assert [dict(made.node("depthwise").layer)[field] for field in ("groups", "out_channels")] == [12, 24]


def test_the_sum_of_a_concatenation_decides_what_is_added_to_it() -> None:
    """7 and 9 channels become 4 and 5 at a width of 0.5 (rounded), so the 16 beside them become 9 and not 8."""
    b = Builder("net")
    x = b.input("image", (1, 3, 8, 8))
    left, right = (x.then(Conv2d(out_channels=c, kernel=1), name=n) for n, c in (("left", 7), ("right", 9)))
    beside = x.then(Conv2d(out_channels=16, kernel=1), name="beside")
    joined = b.add(Add(), b.add(Concat(), left, right, name="concat"), beside, name="add")
    made = rewrite(b.build(joined.then(PointwiseConv2d(out_channels=5), name="last")), "width=0.5")
    found = channels(made.after)
    assert found["left"] + found["right"] == found["beside"] == found["add"]
    assert (found["left"], found["right"]) == (4, 5)


def test_a_split_in_halves_needs_an_even_width() -> None:
    b = Builder("net")
    x = b.input("image", (1, 3, 8, 8)).then(Conv2d(out_channels=6, kernel=1), name="first")
    one, other = b.add_many(Split(sections=2), x, name="split")
    x = b.add(Add(), one.then(ReLU(), name="relu"), other, name="add")
    made = rewrite(b.build(x.then(PointwiseConv2d(out_channels=5), name="last")), "width=1.2").after
    assert channels(made)["first"] == 8
    assert made.shapes["add"][1] == 4


def test_normalization_in_groups() -> None:
    b = Builder("net")
    x = b.input("image", (1, 3, 8, 8)).then(Conv2d(out_channels=12, kernel=1), name="first")
    x = x.then(GroupNorm(groups=4), name="norm")
    made = rewrite(b.build(x.then(PointwiseConv2d(out_channels=5), name="last")), "width=1.3").after
    assert channels(made)["first"] == 16


def test_what_takes_channels_for_a_fixed_number_keeps_them() -> None:
    b = Builder("net")
    x = b.input("image", (1, 3, 4, 4)).then(Conv2d(out_channels=8, kernel=1), name="first")
    x = x.then(Reshape(shape=(1, 8, 16)), Reshape(shape=(1, 8, 4, 4)), name="fixed")
    x = x.then(Conv2d(out_channels=8, kernel=1), name="second").then(Conv2d(out_channels=2, kernel=1), name="last")
    made = rewrite(b.build(x), "width=2")
    assert {each.name: each.reason for each in made.kept} == {
        "first": "fixed takes its channels for a fixed number",
        "last": "its channels are those of the network's output",
    }
    assert channels(made.after)["second"] == 16


def test_maps_flattened_to_a_fixed_size_keep_their_channels() -> None:
    """As ncnn writes it: any number of rows of so many features."""
    b = Builder("net")
    x = b.input("image", (1, 3, 4, 4)).then(Conv2d(out_channels=8, kernel=1), name="conv")
    x = x.then(Reshape(shape=(-1, 128)), name="flatten").then(Linear(out_features=6), name="hidden")
    made = rewrite(b.build(x.then(Linear(out_features=2), name="last")), "width=2")
    assert {each.name: each.reason for each in made.kept}["conv"] == "flatten takes its channels for a fixed number"
    assert dict(made.after.node("hidden").layer)["out_features"] == 12


def test_only_some_layers() -> None:
    """A residual stage whose inner widths are free, and whose outer ones others share."""
    made = rewrite(zoo.resnet18(), "width=2", only="layer1.*.conv1")
    assert [change.name for change in made.changes if change.saved.params] == [
        name
        for block in ("layer1.0", "layer1.1")
        for name in (f"{block}.conv1", f"{block}.conv1.batch_norm", f"{block}.conv2")
    ]
    with pytest.raises(RewriteError, match="needs the same of another layer"):
        rewrite(zoo.resnet18(), "width=2", only="layer1.0.conv2")


def test_a_channel_multiplier_is_kept() -> None:
    b = Builder("net")
    x = b.input("image", (1, 3, 8, 8)).then(Conv2d(out_channels=6, kernel=1), name="first")
    x = x.then(DepthwiseConv2d(kernel=3, multiplier=2), name="depthwise")
    made = rewrite(b.build(x.then(PointwiseConv2d(out_channels=5), name="last")), "width=1.5").after
    assert channels(made) == {"first": 9, "depthwise": 18, "last": 5}


class TestWidths:
    """Sums of widths and the equations between them."""

    def test_one_width_follows_from_the_others(self) -> None:
        widths = Widths()
        a, b, c = (widths.add(name, width) for name, width in (("a", 3), ("b", 4), ("c", 7)))
        widths.equate({"a": 1, "b": 1}, c, "a join")
        assert widths.free() == ["a", "b"]
        assert widths.all({"a": 5, "b": 6}) == {"a": 5, "b": 6, "c": 11}
        widths.fix(a, "an output")
        assert widths.all({"b": 6})["c"] == 9
        assert b == {"b": 1}

    def test_what_would_need_a_difference_stays(self) -> None:
        """With c = a + b fixed at 7, b would be 7 - a: of that nothing is known to be positive."""
        widths = Widths()
        for name, width in (("a", 3), ("b", 4), ("c", 7)):
            widths.add(name, width)
        widths.equate({"c": 1}, {"a": 1, "b": 1}, "a join")
        widths.fix({"c": 1}, "an output")
        assert widths.free() == []
        assert widths.all({}) == {"a": 3, "b": 4, "c": 7}
        assert set(widths.reasons) == {"a", "b", "c"}

    def test_multiples_hold_for_every_term(self) -> None:
        widths = Widths()
        for name in ("a", "b"):
            widths.add(name, 12)
        widths.divide({"a": 1, "b": 3}, 6)
        widths.divide({"a": 1}, 4)
        needed = widths.multiples()
        assert needed == {"a": 12, "b": 2}
        assert gcd(needed["a"] + 3 * needed["b"], 6) == 6
