"""Blocks of MobileNetV3-style networks, timed on a phone by the authors of Once-for-all, as rows of a measurement file.

Run: python examples/mobile_block_rows.py note10_blocks.csv rows.csv

Each row of the input describes a block by its name and shapes, and an inverted bottleneck by its expanded channels, its
kernel and stride, and whether it has squeeze-and-excitation and hard swish. The output keeps every column and adds
`network` (a name), `layer` (the whole block, as a network in JSON) and `input_shape`, so that

    costmodel evaluate rows.csv --leave-out column:net_resolution

predicts the blocks of one resolution from those of the others. What a block consists of is stated in Cai et al.,
Once-for-all, arXiv 1908.09791, and its code (MobileNetV3, MBInvertedConvLayer, SEModule): batch-norm after every
convolution but those of squeeze-and-excitation and `Conv_2`; it squeezes to a quarter of the channels, a multiple of 8.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import costmodel as cm
from costmodel.layers import (
    BatchNorm,
    Conv2d,
    GlobalAvgPool,
    HardSigmoid,
    HardSwish,
    Linear,
    PointwiseConv2d,
    ReLU,
)
from costmodel.network import Network, Tensor
from costmodel.zoo.blocks import inverted_bottleneck, squeeze_excite
from costmodel.zoo.channels import to_multiple_of_8


def bottleneck(x: Tensor, row: Mapping[str, str], channels: int) -> Tensor:
    """The inverted bottleneck that a row describes."""
    expanded = int(row["mid_channels"])
    squeezed = partial(squeeze_excite, channels=to_multiple_of_8(expanded // 4), activation=ReLU(), gate=HardSigmoid())
    return inverted_bottleneck(
        x,
        expanded,
        channels,
        kernel=int(row["kernel"]),
        stride=int(row["stride"]),
        activation=HardSwish() if row["hswish"] == "1" else ReLU(),
        gated=squeezed if row["se"] == "1" else None,
        shortcut=row["skip"] == "1",
    )


def layers(x: Tensor, row: Mapping[str, str], channels: int) -> Tensor:
    """The output of what a row describes."""
    match row["block"]:
        case "expanded_conv":
            return bottleneck(x, row, channels)
        case "Conv":
            stem = Conv2d(out_channels=channels, kernel=3, stride=2, padding=1, bias=False)
            return x.then(stem, BatchNorm(), HardSwish(), name="conv")
        case "Conv_1":
            return x.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), HardSwish(), name="expand")
        case "AvgPool2D":
            return x.then(GlobalAvgPool(), name="pool")
        case "Conv_2":
            return x.then(PointwiseConv2d(out_channels=channels, bias=False), HardSwish(), name="mix")
        case "Logits":
            return x.then(cm.layers.Flatten(), Linear(out_features=channels), name="classifier")
        case other:
            raise SystemExit(f"a block must be an expanded_conv, a convolution, a pool or Logits (got {other!r})")


def block(row: Mapping[str, str]) -> Network:
    """What a row describes, as a network; its output has the shape that the row says."""
    c_i, h_i, w_i, c_o, h_o, w_o = (
        int(row[name]) for name in ("input_c", "input_h", "input_w", "output_c", "output_h", "output_w")
    )
    builder = cm.Builder(row["key"], family=row["block"])
    y = layers(builder.input("input", (int(row["batch"]), c_i, h_i, w_i)), row, c_o)
    if y.shape[1:] not in {(c_o, h_o, w_o), (c_o,)}:
        raise SystemExit(f"{row['key']}: the block's output must have the shape that its row says (got {y.shape})")
    return builder.build(y)


def rows(measured: Iterator[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Each measured block with its network."""
    for row in measured:
        network = block(row)
        shape = "x".join(map(str, network.inputs["input"]))
        yield {**row, "network": row["key"], "layer": network.to_json(), "input_shape": shape}


def main() -> None:
    """Turn the first file into the second."""
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/mobile_block_rows.py note10_blocks.csv rows.csv")
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as source:
        found = list(rows(csv.DictReader(source)))
    with Path(sys.argv[2]).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, found[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print(f"{len(found)} blocks written to {sys.argv[2]}")


if __name__ == "__main__":
    main()
