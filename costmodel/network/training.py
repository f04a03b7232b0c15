"""The cost of a training step: forward, gradients of inputs, gradients of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, total
from costmodel.layers.base import OWN, Product
from costmodel.network.parts import placed_parts

if TYPE_CHECKING:
    from costmodel.network.graph import Network

ASSUMPTIONS = (
    "only multiply-accumulates are counted, of convolutions, linear layers and matrix products",
    "each gradient of an operand, data or weights, takes as many as the product that it is an operand of",
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
    needed: set[str] = set()
    learned: set[str] = set()
    costs = []
    for part in placed_parts(network.steps):
        layer, before, after = part.layer, part.input_shapes, part.output_shapes
        _, params, _ = layer.formulas.evaluate(layer.symbols(before, after))
        sources = [(name in needed, name in learned) for name in part.inputs]
        costs += [_gradients(product, sources) for product in layer.products(before, after)]
        if params != 0 or any(is_needed for is_needed, _ in sources):
            needed.update(part.outputs)
        if layer.stored or (params == 0 and sources and all(is_stored for _, is_stored in sources)):
            learned.update(part.outputs)
    return TrainingCost(*map(total, zip(*costs, strict=True))) if costs else TrainingCost(0, 0, 0)


def _gradients(product: Product, sources: Sequence[tuple[bool, bool]]) -> TrainingCost:
    """A product and the gradients of its operands; `sources` say which inputs need one and which are stored."""
    of_inputs, of_weights = 0, int(product.weighted)
    for operand in product.data:
        if any(index == OWN or sources[index][0] for index in operand):
            is_stored = all(index != OWN and sources[index][1] for index in operand)
            of_inputs, of_weights = of_inputs + (not is_stored), of_weights + is_stored
    return TrainingCost(product.macs, of_inputs * product.macs, of_weights * product.macs)
