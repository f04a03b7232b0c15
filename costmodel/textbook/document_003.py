"""Document 003: MACs by layer type, VGG-16 layer by layer, AlexNet, and SqueezeNet's reductions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from costmodel.algebra import symbols
from costmodel.algebra.types import Dim
from costmodel.counting import NodeCost
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.layers import Conv2d, DepthwiseConv2d, Linear, PointwiseConv2d
from costmodel.network import peak_memory
from costmodel.textbook.example import Example, Verdict
from costmodel.zoo.alexnet import alexnet
from costmodel.zoo.squeezenet import squeezenet1_0
from costmodel.zoo.vgg import vgg16

VGG16 = (
    ("Conv1_1", 3, 64, 3, 224, "2K", "0.2B"),
    ("Conv1_2", 64, 64, 3, 224, "37K", "3.7B"),
    ("Conv2_1", 64, 128, 3, 112, "74K", "1.8B"),
    ("Conv2_2", 128, 128, 3, 112, "148K", "3.7B"),
    ("Conv3_1", 128, 256, 3, 56, "295K", "1.8B"),
    ("Conv3_2", 256, 256, 3, 56, "590K", "3.7B"),
    ("Conv3_3", 256, 256, 3, 56, "590K", "3.7B"),
    ("Conv4_1", 256, 512, 3, 28, "1M", "1.8B"),
    ("Conv4_2", 512, 512, 3, 28, "2M", "3.7B"),
    ("Conv4_3", 512, 512, 3, 28, "2M", "3.7B"),
    ("Conv5_1", 512, 512, 3, 14, "2M", "925M"),
    ("Conv5_2", 512, 512, 3, 14, "2M", "925M"),
    ("Conv5_3", 512, 512, 3, 14, "2M", "925M"),
    ("Fc6", 512 * 7 * 7, 4096, 1, 1, "103M", "206M"),
    ("Fc7", 4096, 4096, 1, 1, "17M", "34M"),
    ("Fc8", 4096, 1000, 1, 1, "4M", "8M"),
)
"""(layer, channels in, channels out, kernel, output size), and the weights and FLOP that the document prints."""

REDUCTIONS = (
    ("AlexNet, SVD", "48", "5x"),
    ("AlexNet, network pruning", "27", "9x"),
    ("AlexNet, deep compression", "6.9", "35x"),
    ("SqueezeNet", "4.8", "50x"),
    ("SqueezeNet, deep compression, 8 bit", "0.66", "363x"),
    ("SqueezeNet, deep compression, 6 bit", "0.47", "510x"),
)
"""(network and compression, size in MB, reduction against AlexNet's 240 MB)."""


def _macs(name: str, printed: str, macs: Callable[[], Dim]) -> Example:
    """A row of the table of MACs."""
    return Example(
        document="003",
        name=f"MACs: {name}",
        statement=f"a {name} at batch size 1",
        printed=printed,
        reading=printed.replace(" x ", "*"),
        unit="MACs",
        rule="a product sum for each output",
        replay=macs,
        compute=macs,
    )


def _linear() -> Dim:
    c_o, c_i = symbols("c_o c_i")
    return Linear(out_features=c_o).cost((1, c_i)).macs


def _convolution(*, grouped: bool) -> Dim:
    c_i, c_o, h_o, w_o, k_h, k_w, g = symbols("c_i c_o h_o w_o k_h k_w g")
    layer = Conv2d(out_channels=c_o, kernel=(k_h, k_w), groups=g if grouped else 1)
    return layer.cost((1, c_i, h_o + k_h - 1, w_o + k_w - 1)).macs


def _depthwise() -> Dim:
    c_o, h_o, w_o, k_h, k_w = symbols("c_o h_o w_o k_h k_w")
    return DepthwiseConv2d(kernel=(k_h, k_w)).cost((1, c_o, h_o + k_h - 1, w_o + k_w - 1)).macs


def _pointwise() -> Dim:
    c_i, c_o, h_o, w_o = symbols("c_i c_o h_o w_o")
    return PointwiseConv2d(out_channels=c_o).cost((1, c_i, h_o, w_o)).macs


def _weights(kernel: int, layers: int) -> Dim:
    """Weights of a row of layers for each pair of channels."""
    return layers * Conv2d(out_channels=1, kernel=kernel, bias=False).cost((1, 1, kernel, kernel)).params


def _alexnet(
    name: str, printed: str, unit: str, rule: str, replay: Callable[[], Dim], compute: Callable[[], Dim]
) -> Example:
    return Example(
        document="003",
        name=f"AlexNet: {name}",
        statement="AlexNet as the document lists it; the figures are those of a public course with the same list",
        printed=printed,
        unit=unit,
        rule=rule,
        replay=replay,
        compute=compute,
    )


def _vgg_node(layer: str) -> NodeCost:
    (node,) = (node for node in vgg16().cost().nodes if node.name == layer.lower())
    return node


def _vgg_row(
    layer: str, c_i: int, c_o: int, kernel: int, size: int, weights: str, flop: str
) -> tuple[Example, Example]:
    return (
        Example(
            document="003",
            name=f"VGG-16 {layer}: weights",
            statement="VGG-16 at 3x224x224",
            printed=weights,
            unit="parameters",
            rule="kernels and biases",
            replay=lambda: kernel * kernel * c_i * c_o + c_o,
            compute=lambda: _vgg_node(layer).params,
        ),
        Example(
            document="003",
            name=f"VGG-16 {layer}: FLOP",
            statement="VGG-16 at 3x224x224",
            printed=flop,
            unit="FLOP, two for each multiply-accumulate",
            rule="2 x MACs",
            replay=lambda: 2 * kernel * kernel * c_i * c_o * size * size,
            compute=lambda: _vgg_node(layer).flops(TWO_PER_MAC),
        ),
    )


def _reduction(name: str, size: str, printed: str) -> Example:
    def ratio() -> Fraction:
        return Fraction(240) / Fraction(size)

    return Example(
        document="003",
        name=f"{name}: reduction",
        statement="the reduction in model size against AlexNet's 240 MB",
        printed=printed,
        unit="times",
        rule=f"240 / {size}",
        replay=ratio,
        compute=ratio,
    )


ALEXNET_MACS = (105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192, 37_748_736, 16_777_216, 4_096_000)
ALEXNET_WEIGHTS = (34_848, 307_200, 884_736, 663_552, 442_368, 37_748_736, 16_777_216, 4_096_000)
ALEXNET_ACTIVATIONS = (
    150_528,
    *(290_400, 69_984, 186_624, 43_264),
    *(64_896, 64_896, 43_264, 9_216),
    *(4_096, 4_096, 1_000),
)
"""The course's figures by layer; the activations begin with the image, and pools have their own."""

EXAMPLES = (
    _macs("linear layer", "c_o x c_i", _linear),
    _macs("convolution", "c_i x k_h x k_w x h_o x w_o x c_o", lambda: _convolution(grouped=False)),
    _macs("grouped convolution", "c_i/g x k_h x k_w x h_o x w_o x c_o", lambda: _convolution(grouped=True)),
    _macs("depthwise convolution", "k_h x k_w x h_o x w_o x c_o", _depthwise),
    _macs("1x1 convolution", "c_o x c_i x h_o x w_o", _pointwise),
    Example(
        document="003",
        name="two 3x3 layers",
        statement="weights of two 3x3 convolutions for each pair of channels; they see what one 5x5 sees",
        printed="18",
        unit="weights",
        rule="3x3 + 3x3",
        replay=lambda: 3 * 3 + 3 * 3,
        compute=lambda: _weights(3, 2),
    ),
    Example(
        document="003",
        name="one 5x5 layer",
        statement="weights of one 5x5 convolution for each pair of channels",
        printed="5x5",
        reading="25",
        unit="weights",
        rule="5x5",
        replay=lambda: 5 * 5,
        compute=lambda: _weights(5, 1),
    ),
    *(example for row in VGG16 for example in _vgg_row(*row)),
    Example(
        document="003",
        name="VGG-16 total: weights",
        statement="VGG-16 at 3x224x224",
        printed="138M",
        unit="parameters",
        rule="the sum of the rows",
        replay=lambda: sum(k * k * c_i * c_o + c_o for _, c_i, c_o, k, _, _, _ in VGG16),
        compute=lambda: vgg16().cost().params,
    ),
    Example(
        document="003",
        name="VGG-16 total: FLOP",
        statement="VGG-16 at 3x224x224",
        printed="30.9B",
        unit="FLOP, two for each multiply-accumulate",
        rule="the sum of the rows",
        replay=lambda: sum(2 * k * k * c_i * c_o * size * size for _, c_i, c_o, k, size, _, _ in VGG16),
        compute=lambda: vgg16().cost().flops,
    ),
    _alexnet("MACs", "724M", "MACs", "the sum of the layers", lambda: sum(ALEXNET_MACS), lambda: alexnet().cost().macs),
    _alexnet(
        "parameters",
        "61M",
        "parameters",
        "the sum of the layers, without biases",
        lambda: sum(ALEXNET_WEIGHTS),
        lambda: alexnet().cost().params,
    ),
    _alexnet(
        "activations",
        "932264",
        "elements",
        "the image and the output of every layer",
        lambda: sum(ALEXNET_ACTIVATIONS),
        lambda: alexnet().cost().activations,
    ),
    _alexnet(
        "peak activations",
        "440928",
        "elements",
        "the largest sum of a layer's input and output",
        lambda: max(map(sum, pairwise(ALEXNET_ACTIVATIONS))),
        lambda: peak_memory(alexnet()).elements,
    ),
    Example(
        document="003",
        name="AlexNet: size",
        statement="AlexNet in 32 bit",
        printed="240MB",
        reading="2.4e8",
        unit="bytes",
        rule="4 bytes a parameter, to two digits",
        replay=lambda: 4 * sum(ALEXNET_WEIGHTS),
        compute=lambda: alexnet().cost().weight_bytes,
    ),
    Example(
        document="003",
        name="SqueezeNet: size",
        statement="SqueezeNet in 32 bit",
        printed="4.8MB",
        unit="bytes",
        rule="4 bytes a parameter, in units of 2^20 bytes",
        replay=lambda: Fraction(4 * 1_248_424, 2**20) * 10**6,
        compute=lambda: squeezenet1_0().cost().weight_bytes,
        mistake=Verdict.ANOTHER_RULE,
        erratum="4.99 MB: 4.8 is in units of 2^20 bytes, but AlexNet's 240 MB is not; exact counts give 48.8 times",
    ),
    *(_reduction(*row) for row in REDUCTIONS),
)
