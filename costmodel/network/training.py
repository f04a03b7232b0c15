"""The cost of a training step: forward, gradients of inputs, gradients of weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, total
from costmodel.layers import Composite, Layer
from costmodel.layers.base import Shapes

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step

ASSUMPTIONS = (
    "only multiply-accumulates are counted, of convolutions, linear layers and matrix products",
    "each gradient of such a layer takes as many as its forward pass",
    "a tensor that depends on no parameter needs no gradient: the first layer's input, for one",
    "the optimizer's update is not counted",
)


class TrainingCost(NamedTuple):
    """Multiply-accumulates of one training step."""

    forward_macs: Dim
    input_gradient_macs: Dim
    weight_gradient_macs: Dim

    @property
    def macs(self) -> Dim:
        """All three together."""
        return total(self)


def training_cost(network: Network) -> TrainingCost:
    """The multiply-accumulates of a training step of one batch.

    Source: PyTorch's FlopCounterMode measures 2.935 times the forward pass on ResNet-18, whose first layer needs
    no gradient of its input.

    >>> from costmodel import zoo
    >>> cost = training_cost(zoo.resnet(depth=18))
    >>> round(cost.macs / cost.forward_macs, 3)
    2.935
    """
    trained: set[str] = set()
    forward, inputs, weights = [], [], []
    for step in network.steps:
        needed = [name in trained for name in step.inputs]
        for layer, reads, before, after in _parts(step):
            ledger, params, _ = layer.formulas.evaluate(layer.symbols(before, after))
            forward.append(ledger.macs)
            inputs.append(sum(needed[index] for index in reads) * ledger.macs)
            weights.append(ledger.macs if params != 0 else 0)
            needed.append(params != 0 or any(needed[index] for index in reads))
        if needed[-1]:
            trained.update(step.outputs)
    return TrainingCost(total(forward), total(inputs), total(weights))


def _parts(step: Step) -> Iterator[tuple[Layer, Sequence[int], Shapes, Shapes]]:
    """(layer, what it reads, input shapes, output shapes) of a node, of each part for a composite one."""
    layer = step.node.layer
    if not isinstance(layer, Composite):
        yield layer, range(len(step.inputs)), step.input_shapes, step.output_shapes
        return
    for part in layer.expand(step.input_shapes):
        yield part.layer, part.reads, part.input_shapes, (part.output_shape,)
