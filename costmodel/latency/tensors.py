"""The tensors of a network under a set of rules: which are another's memory, which are stored, what is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from costmodel.algebra import Dim, equal, product
from costmodel.latency.fusion import FusionRules
from costmodel.latency.steps import Op
from costmodel.latency.strides import RESTRIDED, Strides
from costmodel.layers.base import Shape


class Tensors:
    """What is known of every tensor once all operations have been looked at.

    `memory` names, for a view, the tensor whose memory it is; `whole` does so where the view has all of its elements.
    `stored` are the elements of each parameter, buffer and constant. `ops` are the operations that are not free, and
    `copied` the inputs, with their shapes, that one of them copies before it reads them.
    """

    def __init__(self, ops: Iterable[Op], rules: FusionRules) -> None:
        self.memory: dict[str, str] = {}
        self.whole: dict[str, str] = {}
        self.stored: dict[str, Dim] = {}
        self._strides = Strides() if rules.strided else None
        self._free, self._copies = frozenset(rules.free), frozenset(rules.copies)
        self._folds_constants = rules.folds_constants
        self.ops: list[Op] = []
        self.copied: dict[str, tuple[tuple[str, Shape], ...]] = {}
        self._equal: dict[object, int] = {}
        self._slices: dict[object, int] = {}
        for op in ops:
            if self._is_free(op) or (rules.merges_equal and self._is_merged(op)):
                continue
            if not (rules.merges_slices and op.kind == "slice" and self._is_a_further_slice(op)):
                self.ops.append(op)
                if self._strides is not None:
                    self.copied[op.name] = self._strides.copied(op)
                    self._strides.write(op)

    def read(self, name: str) -> str:
        """The tensor whose memory a tensor lies in."""
        return self.memory.get(name, name)

    def same(self, name: str) -> str:
        """The tensor that has the same elements, before they were reshaped."""
        return self.whole.get(name, name)

    def readers(self, ops: Iterable[Op], outputs: Iterable[str]) -> Counter[str]:
        """How often operations read each tensor, the network's outputs counted as read once."""
        memory = self.memory
        names = chain(outputs, chain.from_iterable([op.inputs for op in ops]))
        return Counter([memory.get(name, name) for name in names] if memory else names)

    def stored_elements(self, name: str) -> Dim | None:
        """The elements of a parameter, buffer or constant, or of a view of one; None for any other tensor."""
        return self.stored.get(self.read(name))

    def _is_free(self, op: Op) -> bool:
        """Whether the operation is no kernel; what it says of its outputs is kept."""
        if op.layer.stored or (self._folds_constants and self._is_constant(op)):
            self.stored.update(zip(op.outputs, map(product, op.output_shapes), strict=True))
            return True
        if not self._costs_nothing(op):
            return False
        if len(op.inputs) == 1:
            self._alias(op)
        return True

    def _is_constant(self, op: Op) -> bool:
        """Whether the operation, no product of matrices, is of stored tensors alone."""
        if not self.stored or not op.inputs or not _is_zero(op.ledger.macs):
            return False
        return all(self.read(name) in self.stored for name in op.inputs)

    def _is_merged(self, op: Op) -> bool:
        """Whether an operation before was the same, which both are then; only one without weights is compared."""
        if not (op.inputs and _is_zero(op.weights) and _is_zero(op.ledger.macs)):
            return False
        key = (op.kind, tuple(map(self.same, op.inputs)), op.input_shapes)
        place = self._equal.setdefault(key, len(self.ops))
        if place == len(self.ops) or self.ops[place].layer != op.layer:
            return False
        first = self.ops[place]
        self.ops[place] = first._replace(nodes=(*first.nodes, *op.nodes))
        for name, other in zip(op.outputs, first.outputs, strict=True):
            self.memory[name], self.whole[name] = self.read(other), self.same(other)
        return True

    def _is_a_further_slice(self, op: Op) -> bool:
        """Whether a slice along one axis begins where one before ended: then both are one copy with two outputs."""
        fields = op.layer.model_dump()
        if len(fields["axes"]) != 1 or fields["steps"] != (1,):
            return False
        (axis,), (start,), (length,) = fields["axes"], fields["starts"], fields["lengths"]
        source = self.same(op.inputs[0]), axis
        place = self._slices.pop((*source, start), None)
        self._slices[*source, start + length] = len(self.ops) if place is None else place
        if place is None:
            return False
        first = self.ops[place]
        self.ops[place] = first._replace(
            nodes=(*first.nodes, *op.nodes),
            outputs=(*first.outputs, *op.outputs),
            output_shapes=(*first.output_shapes, *op.output_shapes),
        )
        return True

    def _costs_nothing(self, op: Op) -> bool:
        """Whether the rules say that the operation is no kernel."""
        kind = op.kind
        if kind in self._copies:
            return False
        if self._strides is not None and (op.is_view or kind in RESTRIDED):
            return not self._strides.is_copied(op)
        return op.is_view or kind in self._free or (kind == "permute" and not _moves(op))

    def _alias(self, op: Op) -> None:
        """The outputs are the input's memory."""
        source = op.inputs[0]
        self.memory.update(dict.fromkeys(op.outputs, self.read(source)))
        if len(op.outputs) == 1 and equal(product(op.output_shapes[0]), product(op.input_shapes[0])):
            self.whole[op.outputs[0]] = self.same(source)
        if self._strides is not None:
            self._strides.view(op)


def _moves(op: Op) -> bool:
    """Whether a permutation leaves its elements in another order than before."""
    shape = op.input_shapes[0]
    kept = [axis % len(shape) for axis in op.layer.model_dump()["axes"] if not equal(shape[axis], 1)]
    return kept != sorted(kept)


def _is_zero(count: Dim) -> bool:
    """Whether nothing is counted; an expression counts something."""
    return isinstance(count, int) and count == 0
