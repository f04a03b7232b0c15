"""What each rewrite puts in the place of a layer, what it leaves, and why."""

import pytest

from costmodel import Builder, Layer, rewrite, symbols, zoo
from costmodel.errors import RewriteError
from costmodel.layers import (
    AvgPool2d,
    BatchNorm,
    ChannelShuffle,
    Conv1d,
    Conv2d,
    Conv3d,
    DepthwiseConv2d,
    Flatten,
    GlobalAvgPool,
    Linear,
    MaxPool2d,
    PointwiseConv2d,
    ReLU,
    Reshape,
    Softmax,
)
from costmodel.transform import Grouped, rewrites
from tests.network.graphs import chain

FIRST = Conv2d(out_channels=8, kernel=1)


def placed(layer: Layer, text: str, *more: Layer, shape: tuple[object, ...] = (1, 4, 12, 12)) -> dict[str, Layer]:
    """The layers by name once the first that the text selects, which is behind another, is rewritten."""
    made = rewrite(chain(PointwiseConv2d(out_channels=8), layer, *more, shape=shape), text, only=layer.kind)
    return {node.name: node.layer for node in made.after.nodes if node.name != "pointwise_conv2d"}


def reason(layer: Layer, text: str, *more: Layer, shape: tuple[object, ...] = (1, 4, 12, 12)) -> str:
    """Why the layer stays."""
    with pytest.raises(RewriteError) as refused:
        placed(layer, text, *more, shape=shape)
    return str(refused.value)


def test_what_follows_a_convolution_comes_between() -> None:
    conv = Conv2d(out_channels=16, kernel=3, stride=2, padding=(1, 2), dilation=2, bias=False)
    found = placed(conv, "conv=depthwise_separable", BatchNorm(), ReLU())
    assert found == {
        "conv2d.depthwise": DepthwiseConv2d(kernel=3, stride=2, padding=(1, 2), dilation=2, bias=False),
        "conv2d.depthwise.batch_norm": BatchNorm(),
        "conv2d.depthwise.relu": ReLU(),
        "conv2d.pointwise": PointwiseConv2d(out_channels=16, bias=False),
        "batch_norm": BatchNorm(),
        "relu": ReLU(),
    }
    plain = placed(conv, "conv=depthwise_separable:between=nothing", BatchNorm(), ReLU())
    assert list(plain) == ["conv2d.depthwise", "conv2d.pointwise", "batch_norm", "relu"]


@pytest.mark.parametrize("kind", [Conv1d, Conv3d])
def test_in_one_and_three_dimensions(kind: type[Conv1d | Conv3d]) -> None:
    axes = len(kind(out_channels=1, kernel=1).kernel)
    b = Builder("net")
    x = b.input("x", (1, 4, *[8] * axes)).then(kind(out_channels=6, kernel=1), name="first")
    net = b.build(x.then(kind(out_channels=10, kernel=3, padding=1), name="conv"))
    made = rewrite(net, "conv=depthwise_separable", only="conv").after
    assert [node.layer for node in made.nodes][1:] == [
        kind(out_channels=6, kernel=3, padding=1, groups=6),
        kind(out_channels=10, kernel=1),
    ]


def test_a_volume_is_separated_along_three_axes() -> None:
    b = Builder("net")
    x = b.input("x", (1, 4, 8, 8, 8))
    net = b.build(x.then(Conv3d(out_channels=6, kernel=(3, 5, 3), padding=(1, 2, 1)), name="conv"))
    made = rewrite(net, "conv=spatially_separable").after
    assert [node.name for node in made.nodes] == ["conv.deep", "conv.vertical", "conv.horizontal"]
    assert [dict(node.layer)["kernel"] for node in made.nodes] == [(3, 1, 1), (1, 5, 1), (1, 1, 3)]
    assert [dict(node.layer)["groups"] for node in made.nodes] == [1, 6, 6]


@pytest.mark.parametrize("padding", ["same_tensorflow", ((1, 0), (2, 1))])
def test_strides_and_paddings_go_with_their_axes(padding: object) -> None:
    conv = Conv2d(out_channels=16, kernel=(3, 5), stride=(2, 3), padding=padding, dilation=(1, 2))
    found = placed(conv, "conv=spatially_separable:dense")
    same = isinstance(padding, str)
    assert found == {
        "conv2d.vertical": Conv2d(
            out_channels=16, kernel=(3, 1), stride=(2, 1), padding=padding if same else ((1, 0), 0), dilation=(1, 1)
        ),
        "conv2d.horizontal": Conv2d(
            out_channels=16, kernel=(1, 5), stride=(1, 3), padding=padding if same else (0, (2, 1)), dilation=(1, 2)
        ),
    }


def test_groups_with_a_shuffle() -> None:
    found = placed(Conv2d(out_channels=16, kernel=3), "conv=grouped:4,shuffle=true")
    assert found == {
        "conv2d": Conv2d(out_channels=16, kernel=3, groups=4),
        "conv2d.shuffle": ChannelShuffle(groups=4),
    }


def test_a_stack_strides_first_or_last() -> None:
    conv = Conv2d(out_channels=16, kernel=7, stride=2, padding=3)
    first = placed(conv, "7x7=3x3")
    last = placed(conv, "7x7=3x3:stride=last,middle=input")
    small = Conv2d(out_channels=16, kernel=3, padding=1)
    strided = Conv2d(out_channels=16, kernel=3, stride=2, padding=1)
    narrow = Conv2d(out_channels=8, kernel=3, padding=1)
    assert list(first.items()) == [("conv2d.1", strided), ("conv2d.2", small), ("conv2d.3", small)]
    assert list(last.items()) == [("conv2d.1", narrow), ("conv2d.2", narrow), ("conv2d.3", strided)]


def test_a_stack_of_depthwise_kernels_multiplies_channels_once() -> None:
    found = placed(DepthwiseConv2d(kernel=5, padding=2, multiplier=2), "5x5=3x3")
    assert [dict(layer)["multiplier"] for layer in found.values()] == [2, 1]


def test_an_unpadded_kernel_is_stacked_of_unpadded_ones() -> None:
    found = placed(Conv2d(out_channels=4, kernel=5), "5x5=3x3")
    assert [dict(layer)["padding"] for layer in found.values()] == [((0, 0), (0, 0))] * 2


def test_another_kernel_is_padded_by_what_it_is_larger() -> None:
    conv = Conv2d(out_channels=4, kernel=3, padding=((1, 0), (1, 1)), dilation=2)
    assert placed(conv, "conv=kernel:3x6")["conv2d"] == Conv2d(
        out_channels=4, kernel=(3, 6), padding=((1, 0), (4, 4)), dilation=2
    )


def test_a_stride_for_a_pool() -> None:
    found = placed(MaxPool2d(kernel=2), "pool=stride", shape=(1, 4, 12, 12))
    assert found == {}
    made = rewrite(chain(Conv2d(out_channels=4, kernel=3), ReLU(), MaxPool2d(kernel=2)), "pool=stride").after
    assert [node.layer for node in made.nodes] == [Conv2d(out_channels=4, kernel=3, stride=2), ReLU()]
    assert made.outputs == ("relu",)


def test_a_pool_for_a_stride_reaches_beyond_the_border_where_it_must() -> None:
    conv = Conv2d(out_channels=4, kernel=3, stride=2, padding=1)
    even = placed(conv, "stride=pool", ReLU())
    odd = placed(conv, "stride=pool:average", ReLU(), shape=(1, 4, 13, 12))
    assert list(even) == ["conv2d", "relu", "conv2d.pool"]
    assert even["conv2d.pool"] == MaxPool2d(kernel=2)
    assert odd["conv2d.pool"] == AvgPool2d(kernel=2, ceil_mode=True)


def test_a_head_with_a_softmax_and_its_convolutional_form() -> None:
    layers = (
        Conv2d(out_channels=6, kernel=3),
        Flatten(),
        Linear(out_features=9),
        ReLU(),
        Linear(out_features=5),
        Softmax(),
    )
    net = chain(*layers)
    made = rewrite(net, "fc=global_average_pool").after
    assert [node.layer for node in made.nodes[1:]] == [GlobalAvgPool(keepdims=False), layers[4], Softmax()]
    made = rewrite(net, "fc=global_average_pool:conv").after
    assert [node.layer for node in made.nodes[1:]] == [
        PointwiseConv2d(out_channels=5),
        GlobalAvgPool(keepdims=False),
        Softmax(),
    ]


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        (
            (FIRST, Flatten(), Linear(out_features=16), Reshape(shape=(1, 1, 4, 4)), FIRST),
            "no part of the network's head",
        ),
        ((Flatten(), Linear(out_features=16)), "its head flattens the network's input"),
        ((FIRST, GlobalAvgPool(), Flatten(), Linear(out_features=16)), "no part of a head that flattens maps"),
    ],
)
def test_what_is_no_head_stays(layers: tuple[Layer, ...], why: str) -> None:
    with pytest.raises(RewriteError, match=why):
        rewrite(chain(*layers), "fc=global_average_pool")


@pytest.mark.parametrize(
    ("layer", "text", "why"),
    [
        (Conv2d(out_channels=4, kernel=1), "conv=depthwise_separable", "its kernel is 1x1 already"),
        (Conv2d(out_channels=4, kernel=3, groups=2), "conv=depthwise_separable", "it has 2 groups"),
        (Conv2d(out_channels=8, kernel=3, groups=8), "conv=depthwise_separable", "it is depthwise already"),
        (DepthwiseConv2d(kernel=3), "conv=grouped:2", "it is depthwise already"),
        (Conv2d(out_channels=9, kernel=3), "conv=grouped:2", "2 groups do not divide its 9 output channels"),
        (Conv2d(out_channels=4, kernel=3, groups=2), "conv=grouped:4", "it has 2 groups already"),
        (PointwiseConv2d(out_channels=4), "conv=spatially_separable", "its kernel is 1x1"),
        (
            Conv2d(out_channels=4, kernel=(1, 7)),
            "conv=spatially_separable",
            "its kernel of 1x7 lies along one axis already",
        ),
        (Conv2d(out_channels=4, kernel=3), "conv=kernel:1", "a padding of -1 and -1 would be needed"),
        (Conv2d(out_channels=4, kernel=3), "conv=kernel:3", "its kernel is 3x3 already"),
        (Conv2d(out_channels=4, kernel=3), "conv=kernel:3x3x3", "its kernel has 2 axes and not 3"),
        (PointwiseConv2d(out_channels=4), "conv=kernel:3", "its kernel is 1x1: it mixes channels only"),
        (Conv2d(out_channels=4, kernel=(3, 5)), "conv=stacked", "its kernel of 3x5 is not the same along all axes"),
        (Conv2d(out_channels=4, kernel=4), "conv=stacked", "its kernel of 4 cannot be stacked of several 3x3 ones"),
        (Conv2d(out_channels=4, kernel=3), "conv=stacked:1", "a kernel can only be stacked of kernels of at least 2"),
        (Conv2d(out_channels=4, kernel=7, stride=2), "7x7=3x3", "its padding is too small for a stride in the first"),
        (Conv2d(out_channels=4, kernel=3), "conv=pool", "it has no stride"),
        (MaxPool2d(kernel=2, stride=1), "pool=stride", "it has no stride"),
        (Linear(out_features=3), "fc=global_average_pool", "it is no part of a head that flattens maps"),
    ],
)
def test_what_stays_says_why(layer: Layer, text: str, why: str) -> None:
    assert why in reason(layer, text)


def test_a_pool_that_is_not_behind_a_convolution_alone() -> None:
    b = Builder("net")
    x = b.input("image", (1, 4, 8, 8)).then(Conv2d(out_channels=4, kernel=3, padding=1), name="conv")
    pooled = x.then(MaxPool2d(kernel=2), name="pool")
    with pytest.raises(RewriteError, match="pool: no convolution comes before it alone"):
        rewrite(b.build(pooled, x), "pool=stride")


def test_two_pools_cannot_both_become_the_stride_of_one_convolution() -> None:
    net = chain(Conv2d(out_channels=4, kernel=3, padding=1), MaxPool2d(kernel=2), MaxPool2d(kernel=2))
    made = rewrite(net, "pool=stride")
    assert [(each.name, each.reason) for each in made.kept] == [
        ("max_pool2d_2", "it follows max_pool2d and no convolution")
    ]
    assert rewrite(net, "pool=stride", "pool=stride").after.nodes[0].layer == Conv2d(
        out_channels=4, kernel=3, stride=4, padding=1
    )


def test_symbols_of_which_nothing_is_known() -> None:
    r = symbols("r")
    net = chain(Conv2d(out_channels=4, kernel=3), MaxPool2d(kernel=3), shape=(1, 4, r, r))
    with pytest.raises(RewriteError, match="its shape cannot be kept for all values of the symbols"):
        rewrite(net, "pool=stride")


def test_names_that_are_taken() -> None:
    b = Builder("net")
    x = b.input("image", (1, 4, 8, 8)).then(FIRST, name="conv.pointwise")
    net = b.build(x.then(Conv2d(out_channels=4, kernel=3), name="conv"))
    made = rewrite(net, "conv=depthwise_separable", only="3x3").after
    assert [node.name for node in made.nodes] == ["conv.pointwise", "conv.depthwise", "conv.pointwise_2"]


def test_a_function_selects() -> None:
    asked = Grouped(what=lambda step: step.input_shapes[0][1] == 256, groups=2)
    assert [change.name for change in rewrite(zoo.vgg16(), asked).changes] == ["conv3_2", "conv3_3", "conv4_1"]


def test_only_cannot_be_given_twice() -> None:
    with pytest.raises(RewriteError, match="is restricted already"):
        rewrite(zoo.vgg16(), Grouped(what="conv", only="conv4*", groups=2), only="conv5*")


def test_something_must_be_asked() -> None:
    with pytest.raises(RewriteError, match="a rewrite must be given"):
        rewrite(zoo.lenet_5())
    with pytest.raises(RewriteError, match=r"lenet_5: a rewrite must be a text or a Rewrite \(got 2\)"):
        rewrite(zoo.lenet_5(), 2)  # type: ignore[arg-type]


def test_a_width_that_no_layer_can_have() -> None:
    net = chain(Conv2d(out_channels=2**30, kernel=1), PointwiseConv2d(out_channels=4))
    with pytest.raises(RewriteError, match=r"chain: conv2d: 'out_channels' must be at most 2\*\*31 .*, after width=4"):
        rewrite(net, "width=4")


def test_every_rewrite_has_a_source_and_says_what_it_does() -> None:
    for name, made in rewrites().items():
        if made.__module__.startswith("costmodel."):
            text = made.__doc__ or ""
            assert text, name
            assert "Source: " in text or name in {"resolution", "batch", "width"}, name


def test_a_name_belongs_to_one_rewrite() -> None:
    with pytest.raises(RewriteError, match=r"the rewrite 'grouped' is costmodel.transform.grouped.Grouped already"):
        type("Other", (Grouped,), {"name": "grouped", "__module__": "elsewhere"})
