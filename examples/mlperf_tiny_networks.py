"""The four networks of MLPerf Tiny, as files that `--models` finds under the names that `costmodel collect` keeps.

Run: python examples/mlperf_tiny_networks.py FOLDER

Writes ad01.json, ic01.json, kws01.json and vww01.json: the fully connected autoencoder of anomaly detection, the
ResNet-8 of image classification, the separable CNN of keyword spotting, and the MobileNet v1 of visual wake words.
Source: Banbury et al., MLPerf Tiny Benchmark, arXiv 2106.07597, and the reference models in Keras (mlcommons/tiny),
whose convolutions have biases beside their batch-norms. Afterwards

    costmodel collect board/*/performance/results.txt -o board.csv
    costmodel calibrate board.csv --models FOLDER -o board.toml

fits a board to its own results.
"""

from __future__ import annotations

import sys
from pathlib import Path

import costmodel as cm
from costmodel.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Linear,
    PointwiseConv2d,
    ReLU,
    Softmax,
)
from costmodel.network import Network, Tensor

HIDDEN = (128, 128, 128, 128, 8, 128, 128, 128, 128)
"""Features of the autoencoder's layers between its 640 inputs and outputs."""
SEPARABLE = (
    (16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1),
)  # fmt: skip
"""(output channels, stride) of the blocks of MobileNet v1 at a quarter of its width."""


def anomaly_detection() -> Network:
    """An autoencoder of 640 features, through 8."""
    b = cm.Builder("ad01")
    x = b.input("features", (1, 640))
    for index, features in enumerate(HIDDEN, start=1):
        x = x.then(Linear(out_features=features), BatchNorm(), ReLU(), name=f"dense{index}")
    return b.build(x.then(Linear(out_features=640), name="output"))


def residual(x: Tensor, channels: int, stride: int, name: str) -> Tensor:
    """Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""
    first = Conv2d(out_channels=channels, kernel=3, stride=stride, padding=1)
    y = x.then(first, BatchNorm(), ReLU(), name=f"{name}a")
    y = y.then(Conv2d(out_channels=channels, kernel=3, padding=1), BatchNorm(), name=f"{name}b")
    if stride != 1:
        x = x.then(Conv2d(out_channels=channels, kernel=1, stride=stride), name=f"{name}_shortcut")
    return (x + y).then(ReLU())


def image_classification() -> Network:
    """ResNet-8 on 32x32 images of ten classes."""
    b = cm.Builder("ic01")
    x = b.input("image", (1, 3, 32, 32))
    x = x.then(Conv2d(out_channels=16, kernel=3, padding=1), BatchNorm(), ReLU(), name="stem")
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        x = residual(x, channels, stride, f"stack{channels}")
    return b.build(x.then(AvgPool2d(kernel=8), Flatten(), Linear(out_features=10), Softmax(), name="head"))


def separable(x: Tensor, channels: int, stride: int, name: str) -> Tensor:
    """3x3 on each channel by itself, then 1x1 across them, each with batch-norm and ReLU."""
    x = x.then(DepthwiseConv2d(kernel=3, stride=stride, padding=1), BatchNorm(), ReLU(), name=f"{name}_depthwise")
    return x.then(PointwiseConv2d(out_channels=channels), BatchNorm(), ReLU(), name=f"{name}_pointwise")


def keyword_spotting() -> Network:
    """A separable CNN on 49x10 spectrograms of twelve words."""
    b = cm.Builder("kws01")
    x = b.input("spectrogram", (1, 1, 49, 10))
    stem = Conv2d(out_channels=64, kernel=(10, 4), stride=2, padding=((4, 5), (1, 1)))
    x = x.then(stem, BatchNorm(), ReLU(), Dropout(rate=0.2), name="stem")
    for index in range(1, 5):
        x = separable(x, 64, 1, f"block{index}")
    head = (Dropout(rate=0.4), GlobalAvgPool(keepdims=False), Linear(out_features=12), Softmax())
    return b.build(x.then(*head, name="head"))


def visual_wake_words() -> Network:
    """MobileNet v1 at a quarter of its width, on 96x96 images with or without a person."""
    b = cm.Builder("vww01")
    x = b.input("image", (1, 3, 96, 96))
    x = x.then(Conv2d(out_channels=8, kernel=3, stride=2, padding=1), BatchNorm(), ReLU(), name="stem")
    for index, (channels, stride) in enumerate(SEPARABLE, start=1):
        x = separable(x, channels, stride, f"block{index}")
    return b.build(x.then(GlobalAvgPool(keepdims=False), Linear(out_features=2), Softmax(), name="head"))


def main() -> None:
    """Write the networks into the folder."""
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/mlperf_tiny_networks.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for network in (anomaly_detection(), image_classification(), keyword_spotting(), visual_wake_words()):
        path = folder / f"{network.name}.json"
        path.write_text(network.to_json(), encoding="utf-8")
        cost = network.cost()
        print(f"{path.name}: {cost.macs:,} MACs, {cost.params:,} parameters")


if __name__ == "__main__":
    main()
