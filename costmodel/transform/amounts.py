"""What layers cost by their own formulas: the amounts in which two networks are compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costmodel.algebra import Dim, product, total
from costmodel.counting import Cost
from costmodel.counting.datatypes import bytes_of
from costmodel.layers import Layer
from costmodel.network import Step
from costmodel.network.parts import parts_of


class Amounts(NamedTuple):
    """What of a cost adds up over layers, by the names that a `Cost` has for it; bytes are those of float32.

    >>> (Amounts(macs=5) - Amounts(macs=3, params=1)).params
    -1
    """

    macs: Dim = 0
    additions: Dim = 0
    multiplications: Dim = 0
    comparisons: Dim = 0
    divisions: Dim = 0
    transcendentals: Dim = 0
    params: Dim = 0
    buffers: Dim = 0
    activations: Dim = 0
    weight_bytes: Dim = 0
    input_bytes: Dim = 0
    output_bytes: Dim = 0

    def __sub__(self, other: object) -> Amounts:
        if not isinstance(other, Amounts):
            return NotImplemented
        return Amounts(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    @classmethod
    def sum(cls, amounts: Iterable[Amounts]) -> Amounts:
        """Each amount summed."""
        columns = list(zip(*amounts, strict=True))
        return cls(*map(total, columns)) if columns else cls()

    @classmethod
    def of_cost(cls, cost: Cost) -> Amounts:
        """The totals of a full count."""
        return cls(
            *cost.ledger,
            cost.params,
            cost.buffers,
            cost.activations,
            cost.weight_bytes,
            cost.input_bytes,
            cost.output_bytes,
        )

    @classmethod
    def of_step(cls, step: Step) -> Amounts:
        """What a layer costs in its place, from its own formulas on the shapes that it reads."""
        cost = step.node.layer.cost(*step.input_shapes)
        owns = step.node.shares is None
        params = cost.params - step.node.borrowed_elements if owns else 0
        buffers = cost.buffers if owns else 0
        moving = [part for part in parts_of(step) if not (part.is_view or part.layer.stored)]
        new = [product(shape) for part in moving if not part.layer.in_place for shape in part.output_shapes]
        read = total(product(shape) for part in moving for shape in part.input_shapes)
        written = total(product(shape) for part in moving for shape in part.output_shapes)
        stored = bytes_of(params + buffers, "float32")
        return cls(
            *cost.ledger,
            params,
            buffers,
            total(new),
            stored,
            bytes_of(read, "float32"),
            bytes_of(written, "float32"),
        )


class Placed(NamedTuple):
    """A layer of one of the two networks, and what it costs there."""

    name: str
    layer: Layer | None
    """None for an input of the network."""
    amounts: Amounts

    @property
    def kind(self) -> str:
        """The kind of the layer, or "input"."""
        return "input" if self.layer is None else self.layer.kind

    @classmethod
    def of(cls, step: Step) -> Placed:
        """A step by its name and layer."""
        return cls(step.node.name, step.node.layer, Amounts.of_step(step))
