"""The cost of a training step: forward, gradients of inputs, gradients of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, total

if TYPE_CHECKING:
    from costmodel.network.graph import Network

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
    cost = network.cost()
    trained: set[str] = set()
    inputs, weights = [], []
    for step, node in zip(network.steps, cost.nodes, strict=True):
        needed = sum(name in trained for name in step.inputs)
        inputs.append(needed * node.macs)
        has_weights = node.weight_elements != 0
        weights.append(node.macs if has_weights else 0)
        if needed or has_weights:
            trained.update(step.outputs)
    return TrainingCost(cost.macs, total(inputs), total(weights))
