"""A network of your own: blocks are plain functions, channels are inferred, shapes are checked at once.

Run: python examples/describe_a_network.py
"""

from __future__ import annotations

import costmodel as cm
from costmodel.layers import BatchNorm, Conv2d, DepthwiseSeparableConv2d, GlobalAvgPool, Linear, ReLU
from costmodel.network import Network, Tensor


def separable_block(x: Tensor, channels: int, stride: int) -> Tensor:
    """A depthwise separable convolution, with a shortcut where the shape stays."""
    convolution = DepthwiseSeparableConv2d(out_channels=channels, kernel=3, stride=stride, padding=1, bias=False)
    y = x.then(convolution, BatchNorm(), ReLU(), name="separable")
    return x + y if x.shape == y.shape else y


def keyword_spotter(classes: int = 12) -> Network:
    """A small network for a microcontroller: 49 x 10 spectrogram in, 12 words out."""
    b = cm.Builder("keyword_spotter")
    x = b.input("spectrogram", (1, 1, 49, 10))
    x = x.then(Conv2d(out_channels=64, kernel=(10, 4), stride=2, padding=(5, 1)), BatchNorm(), ReLU(), name="stem")
    x = cm.repeat(4, x, lambda y, _: separable_block(y, 64, stride=1), scope="block")
    return b.build(x.then(GlobalAvgPool(keepdims=False), Linear(out_features=classes), name="head"))


def main() -> None:
    """Print what the network costs, and read it back from JSON."""
    net = keyword_spotter()
    cost = net.cost(activation_type="int8", weight_type="int8")
    print(f"{net.name}: {cost.macs:,} MACs, {cost.params:,} parameters")
    print(f"weights {cost.weight_bytes:,} bytes, activations at the worst moment {cost.peak_memory_bytes:,} bytes")
    for node in cost.nodes:
        if node.macs:
            print(f"  {node.name:<24} {node.macs:>10,} MACs  {node.output_shapes[0]}")
    same = cm.Network.from_json(net.to_json())
    print(f"read back from JSON: {'the same' if same == net else 'different'}")


if __name__ == "__main__":
    main()
