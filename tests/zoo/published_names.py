"""The zoo's networks, and layers beside them, by the names that published tables give them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from costmodel import zoo
from costmodel.layers import Conv2d, DepthwiseSeparableConv2d, Layer
from costmodel.network import Builder, Network


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
    "NASNet-A (6@4032)": zoo.nasnet_a_large,
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
