"""Published figures replayed: which network, which part of it and which quantity a row of a table is about."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from costmodel import zoo
from costmodel.algebra.types import Dim
from costmodel.counting import NodeCost
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.layers import Conv2d, DepthwiseSeparableConv2d, Layer
from costmodel.network import Builder, Network, peak_memory
from costmodel.textbook import Printed

WEIGHTED = ("conv2d", "pointwise_conv2d", "depthwise_conv2d", "depthwise_separable_conv2d", "linear")


class Row(NamedTuple):
    """One row of `published_tables.csv`."""

    network: str
    layer_or_total: str
    quantity: str
    value: str
    unit: str
    precision_as_printed: str
    source: str

    @property
    def name(self) -> str:
        """What the row is about: "network", or "network > layer"."""
        return self.network if self.layer_or_total == "total" else f"{self.network} > {self.layer_or_total}"

    @property
    def printed(self) -> Printed:
        """The number, in units of one."""
        return Printed.parse(self.value).times(UNITS.get(self.unit, 1))


UNITS = {"million": 10**6, "MFLOPs(=MMACs)": 10**6, "billion": 10**9}


class Part(NamedTuple):
    """The nodes of a network that a row is about, and the network's input where it belongs to them."""

    network: Network
    nodes: tuple[NodeCost, ...]
    inputs: Dim = 0

    def without(self, *names: str) -> Part:
        """The part without the nodes that have one of these words in their names."""
        kept = tuple(node for node in self.nodes if not any(name in node.name.split(".") for name in names))
        return self._replace(nodes=kept)

    def of(self, *kinds: str) -> Part:
        """The nodes of these kinds."""
        return self._replace(nodes=tuple(node for node in self.nodes if node.kind in kinds))


Count = Callable[[Part], Dim]


def rows(shared: Path) -> list[Row]:
    """Every row of the shared table."""
    with (shared / "reference" / "published_tables.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


# Which quantity


def macs(part: Part) -> Dim:
    """Multiply-accumulates."""
    return sum(node.macs for node in part.nodes)


def flops(part: Part) -> Dim:
    """Two for each multiply-accumulate."""
    return sum(node.flops(TWO_PER_MAC) for node in part.nodes)


def params(part: Part) -> Dim:
    """Learnable elements."""
    return sum(node.params for node in part.nodes)


def stored(part: Part) -> Dim:
    """Learnable elements and running statistics."""
    return sum(node.params + node.buffers for node in part.nodes)


def weights(part: Part) -> Dim:
    """Kernels and matrices, without biases and batch-norm."""
    return sum(node.params - node.symbols["b"] * node.symbols["c_o"] for node in part.of(*WEIGHTED).nodes)


def params_without_batch_norm(part: Part) -> Dim:
    """Kernels, matrices and biases."""
    return params(part.of(*WEIGHTED))


def activations(part: Part) -> Dim:
    """Elements written, and the network's input where it belongs to the part."""
    return part.inputs + sum(node.activations for node in part.nodes)


def share(of: Count, part: Part) -> Fraction:
    """The part's percentage of its whole network."""
    return Fraction(100 * of(part), of(whole(part.network)))


QUANTITIES: dict[str, Count] = {
    "MACs": macs,
    "MAdds": macs,
    "mult_adds": macs,
    "complexity": macs,
    "FLOPs(=MACs)": macs,
    "FLOPs(=multiply-adds)": macs,
    "MACs/ops (tool convention)": macs,
    "FLOPs": flops,
    "params": params,
    "params (incl. BN stats)": stored,
    "weights": weights,
    "weights_no_bias": weights,
    "activation_elements": activations,
    "peak_activation_elements": lambda part: peak_memory(part.network).elements,
    "size_fp32": lambda part: 4 * params(part),
    "size_before": lambda part: 4 * params(part),
    "size_int8": params,
    "share_mult_adds": partial(share, macs),
    "share_params": partial(share, weights),
    "output_channels": lambda part: part.nodes[-1].output_shapes[0][1],
}

COMPRESSION = frozenset(
    {
        *("density_P", "weight_bits_PQ", "weight_bits_PQH", "index_bits_PQ", "index_bits_PQH", "rate_PQ", "rate_PQH"),
        *("size_after_PQH", "compression_ratio", "params_nonzero"),
    }
)
"""Quantities after pruning, quantization and coding, which are not replayed."""


# Which network


def _one_layer(layer: Layer, channels: int, size: int) -> Network:
    b = Builder("layer")
    return b.build(b.input("x", (1, channels, size, size)).then(layer, name="layer"))


def _full(channels: int, size: int) -> Network:
    return _one_layer(Conv2d(out_channels=channels, kernel=3, padding=1, bias=False), channels, size)


def _separable(channels: int, size: int) -> Network:
    return _one_layer(DepthwiseSeparableConv2d(out_channels=channels, kernel=3, padding=1, bias=False), channels, size)


V1, V2, V3, SHUFFLE = zoo.mobilenet_v1, zoo.mobilenet_v2, zoo.mobilenet_v3, zoo.shufflenet_v1

NETWORKS: dict[str, Callable[[], Network]] = {
    "LeNet-300-100": zoo.lenet_300_100,
    "LeNet-5": zoo.lenet_5,
    "AlexNet": zoo.alexnet,
    "AlexNet-grouped": zoo.alexnet,
    "VGG-16": zoo.vgg16,
    "VGG-19": zoo.vgg19,
    "SqueezeNet": zoo.squeezenet1_0,
    "SqueezeNet 1.0": zoo.squeezenet1_0,
    "SqueezeNet1_0": zoo.squeezenet1_0,
    "ResNet-18": zoo.resnet18,
    "ResNet-34": zoo.resnet34,
    "ResNet-50": partial(zoo.resnet50, stride_in="1x1"),
    "ResNet-101": partial(zoo.resnet101, stride_in="1x1"),
    "ResNet-152": partial(zoo.resnet152, stride_in="1x1"),
    "GoogLeNet": zoo.googlenet_paper,
    "DenseNet121": zoo.densenet121,
    **dict.fromkeys(("NasNet-A", "NASNET-A", "NASNet-A (4@1056)"), zoo.nasnet_a_mobile),
    "NASNet-A (6@4032)": partial(zoo.nasnet_a_large, resolution=331),
    "MobileNet": V1,
    "MobileNetV1": V1,
    "MobileNet_v1_1.00": V1,
    "MobileNet-1.0-224": V1,
    "0.75 MobileNet": partial(V1, width="0.75"),
    "Conv MobileNet": partial(V1, convolution="full"),
    "Shallow MobileNet": partial(V1, shallow=True),
    **{
        name.format(width, resolution): partial(V1, width=width, resolution=resolution)
        for name in ("{} MobileNet-{}", "MobileNetV1_{}_{}")
        for width in ("1.0", "0.75", "0.5", "0.50", "0.25")
        for resolution in (224, 192, 160, 128)
    },
    "MobileNetV2": V2,
    "MobileNetV2 (1.4)": partial(V2, width="1.4"),
    **{
        f"MobileNetV2_{width}_{resolution}": partial(V2, width=width, resolution=resolution)
        for width in ("1.4", "1.3", "1.0", "0.75", "0.5", "0.35")
        for resolution in (224, 192, 160, 128, 96)
    },
    "ShuffleNet 1x": SHUFFLE,
    "ShuffleNet 0.5x": partial(SHUFFLE, width="0.5"),
    "ShuffleNet 0.25x": partial(SHUFFLE, width="0.25"),
    "ShuffleNet (1.5)": partial(SHUFFLE, width="1.5"),
    "ShuffleNet (x2)": partial(SHUFFLE, width=2),
    "ShuffleNet 2x (with SE, g=3)": partial(SHUFFLE, width=2),
    "ShuffleNet 0.5x (shallow, g=3)": partial(SHUFFLE, width="0.5", shallow=True),
    **{
        name.format(width, groups): partial(SHUFFLE, width=width, groups=groups)
        for name in ("ShuffleNet {}x g={}", "ShuffleNet {}x (g={})", "ShuffleNetV1 {}x g{}")
        for width in ("0.5", "1", "1.0", "1.5", "2", "2.0")
        for groups in (1, 2, 3, 4, 8)
    },
    **{f"EfficientNet-B{index}": zoo.find(f"efficientnet_b{index}") for index in range(8)},
    **{f"EfficientNet-lite{index}": zoo.find(f"efficientnet_lite{index}") for index in range(5)},
    **{
        f"MobileNetV3 {size.title()}{' minimalistic' * minimalistic} {width}": partial(
            V3, size=size, minimalistic=minimalistic, width=width
        )
        for size in ("large", "small")
        for width in ("1.0", "0.75")
        for minimalistic in (False, True)
    },
    **{
        f"ShuffleNetV2 {width}x": partial(zoo.shufflenet_v2, width=width, implementation="authors")
        for width in ("0.5", "1.0", "1.5", "2.0")
    },
    "MnasNet": zoo.mnasnet_b1,
    "GhostNet 1.0x": zoo.ghostnet,
}
"""The zoo's networks by their published names."""

LAYER_ROWS: dict[str, Callable[[], Network]] = {
    "14x14x512 full conv": partial(_full, 512, 14),
    "14x14x512 dw-separable": partial(_separable, 512, 14),
    "14x14x512 dw-sep alpha=0.75": partial(_separable, 384, 14),
    "14x14x512 dw-sep alpha=0.75 rho=0.714": partial(_separable, 384, 10),
}
"""Rows about a layer that is in no network."""

NOT_IN_ZOO = frozenset(
    {
        *("ShuffleNetV2.Large", "ShuffleNetV2.ExLarge", "OneShot"),  # wider units of another structure
        *("PNASNET", "DARTS", "FBNet-B"),
        "ResNet50_v2",  # batch-norm and activation before each convolution: another network than ResNet-50
        *("AlexNet pruned", "VGG-16 pruned"),
    }
)
"""Networks that the zoo does not have."""


# Which part

CS231N = {
    **{f"conv3-{64 * 2**block}_{index}": f"conv{block + 1}_{index}" for block in range(4) for index in range(1, 4)},
    **{f"conv3-512_{index + 3}": f"conv5_{index}" for index in range(1, 4)},
    **{f"pool2_{block}": f"pool{block}" for block in range(1, 6)},
}
"""VGG-16's layers by the names that the course notes give them."""
KINDS = {
    "Conv 1x1": "pointwise_conv2d",
    "Conv DW 3x3": "depthwise_conv2d",
    "Conv 3x3": "conv2d",
    "Fully Connected": "linear",
}


def is_replayed(row: Row) -> bool:
    """Whether the row is about a plain quantity of a network that the zoo should have."""
    return row.network not in NOT_IN_ZOO and row.quantity not in COMPRESSION


def whole(network: Network) -> Part:
    """All of a network, its input included."""
    cost = network.cost()
    return Part(network, cost.nodes, cost.input_elements)


@cache
def _built(name: str, layer: str) -> Part:
    build = LAYER_ROWS[layer] if name == "MobileNet-layer" else NETWORKS[name.removesuffix(" DeepCompression")]
    return whole(build())


def part(row: Row) -> Part:
    """The part of a network that a row is about."""
    everything = _built(row.network, row.layer_or_total)
    layer = CS231N.get(row.layer_or_total, row.layer_or_total)
    if layer == "total" or row.network == "MobileNet-layer":
        return everything
    if layer in ("INPUT", "image"):
        return everything._replace(nodes=())
    if layer in KINDS:
        found = tuple(node for node in everything.nodes if node.kind == KINDS[layer])
    else:
        found = tuple(node for node in everything.nodes if f"{node.name}.".startswith(f"{layer}."))
    if not found:
        raise LookupError(f"{row.network} of the zoo has no part named {row.layer_or_total!r}")
    return Part(everything.network, found)


def exact(row: Row) -> Fraction:
    """The row's quantity, as the library counts it."""
    return Fraction(QUANTITIES[row.quantity](part(row)))
