"""The cost of a training step: forward, gradients of inputs, gradients of weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from costmodel.algebra import Dim, total
from costmodel.layers import Composite, Layer
from costmodel.layers.base import OWN, Product, Shapes

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step

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
    for step in network.steps:
        wanted = [name in needed for name in step.inputs]
        stored = [name in learned for name in step.inputs]
        for layer, reads, before, after in _parts(step):
            _, params, _ = layer.formulas.evaluate(layer.symbols(before, after))
            sources = [(wanted[index], stored[index]) for index in reads]
            costs += [_gradients(product, sources) for product in layer.products(before, after)]
            wanted.append(params != 0 or any(is_wanted for is_wanted, _ in sources))
            stored.append(
                layer.stored or (params == 0 and bool(sources) and all(is_stored for _, is_stored in sources))
            )
        needed.update(step.outputs if wanted[-1] else ())
        learned.update(step.outputs if stored[-1] else ())
    return TrainingCost(*map(total, zip(*costs, strict=True))) if costs else TrainingCost(0, 0, 0)


def _gradients(product: Product, sources: Sequence[tuple[bool, bool]]) -> TrainingCost:
    """A product and the gradients of its operands; `sources` say which inputs need one and which are stored."""
    of_inputs, of_weights = 0, int(product.weighted)
    for operand in product.data:
        if any(index == OWN or sources[index][0] for index in operand):
            is_stored = all(index != OWN and sources[index][1] for index in operand)
            of_inputs, of_weights = of_inputs + (not is_stored), of_weights + is_stored
    return TrainingCost(product.macs, of_inputs * product.macs, of_weights * product.macs)


def _parts(step: Step) -> Iterator[tuple[Layer, Sequence[int], Shapes, Shapes]]:
    """(layer, what it reads, input shapes, output shapes) of a node, of each part for a composite one."""
    layer = step.node.layer
    if not isinstance(layer, Composite):
        yield layer, range(len(step.inputs)), step.input_shapes, step.output_shapes
        return
    for part in layer.expand(step.input_shapes):
        yield part.layer, part.reads, part.input_shapes, (part.output_shape,)
