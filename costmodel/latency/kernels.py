"""Kernels: the launches that an inference runtime makes of a network, and their classes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from costmodel.algebra import Dim, equal
from costmodel.counting import Ledger
from costmodel.hardware import KernelClass
from costmodel.layers import Layer
from costmodel.layers import kind as layer_kind
from costmodel.layers.base import Shape, Shapes


class Kernel(NamedTuple):
    """One launch: what it computes, and what it moves where everything is read once and written once.

    `nodes` are the network's nodes in it; `layer` is that of the first, with the shapes that it reads, and
    `output_shape` is what the kernel writes. `macs` are multiply-accumulates, `other` all further scalar operations,
    of which `transcendentals` are functions such as exp. `joined` are the kinds of the operations that run within it
    after the first, in their order, and `joined_input_bytes` the bytes of other tensors that they read, which
    `input_bytes` holds too. `winograd` says whether its runtime has Winograd's algorithm, for kernels that it suits,
    and `blocked` whether it works in its runtime's blocked layout; None where the runtime has none.
    """

    name: str
    kernel_class: KernelClass
    nodes: tuple[str, ...]
    layer: Layer
    input_shapes: Shapes
    output_shape: Shape
    macs: Dim
    other: Dim
    transcendentals: Dim
    input_bytes: Dim
    output_bytes: Dim
    weight_bytes: Dim
    joined: tuple[str, ...] = ()
    joined_input_bytes: Dim = 0
    winograd: bool = False
    blocked: bool | None = None

    @property
    def activation(self) -> str | None:
        """The kind of the last activation that joined the kernel; None where none did."""
        return next((name for name in reversed(self.joined) if layer_kind(name).in_place), None)

    @property
    def task(self) -> Hashable:
        """All that the kernel is but its name and its nodes: equal for kernels that do the same."""
        return self.kernel_class, *vars(self.layer).values(), *self[4:]

    @property
    def operations(self) -> Dim:
        """Scalar operations, two in a multiply-accumulate."""
        return 2 * self.macs + self.other

    @property
    def traffic_bytes(self) -> Dim:
        """Bytes read and written."""
        return self.input_bytes + self.output_bytes + self.weight_bytes


def kernel_class(layer: Layer, inputs: Shapes, ledger: Ledger) -> KernelClass:
    """The class of a layer's kernel, from what it books and, for pools, norms and convolutions, from its kind's name.

    Reductions are pools: the mean over all positions is one, under either name.

    A convolution over all channels with a kernel of one element is `pointwise`; one with as many groups as input
    channels is `depthwise`; with other groups it is `grouped`, whatever its kernel.

    >>> from costmodel.layers import Conv2d
    >>> from costmodel.counting import Ledger
    >>> kernel_class(Conv2d(out_channels=64, kernel=3, groups=32), ((1, 32, 8, 8),), Ledger(macs=1))
    'depthwise'
    """
    kind = layer.kind
    if "pool" in kind or kind.startswith("reduce_"):
        return "pool"
    if kind.endswith("_norm"):
        return "norm"
    if kind.endswith("softmax"):
        return "softmax"
    if _is_zero(ledger.macs):
        return "copy" if all(map(_is_zero, ledger)) else "elementwise"
    if "conv" in kind:
        return _convolution_class(layer, inputs)
    return "linear" if kind == "linear" else "matmul"


def _convolution_class(layer: Layer, inputs: Shapes) -> KernelClass:
    """Which of the convolutions it is."""
    fields = vars(layer)
    if "transpose" in layer.kind or fields.get("transposed"):
        return "transposed"
    if layer.kind.startswith("depthwise"):
        return "depthwise"
    groups = fields.get("groups", 1)
    if not equal(groups, 1):
        return "depthwise" if equal(groups, inputs[0][1]) else "grouped"
    kernel = inputs[1][2:] if len(inputs) > 1 else fields.get("kernel", (1,))
    return "pointwise" if all(equal(size, 1) for size in kernel) else "conv"


def _is_zero(count: Dim) -> bool:
    """Whether nothing is booked; an expression books something."""
    return isinstance(count, int) and count == 0
