"""Which operations of a network work in a blocked layout, and what is copied between it and the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from costmodel.algebra import Dim, equal, is_below, is_multiple
from costmodel.counting import Ledger
from costmodel.hardware import KernelClass
from costmodel.latency.kernels import kernel_class
from costmodel.latency.layout import Layout
from costmodel.latency.steps import Op
from costmodel.latency.tensors import Tensors
from costmodel.layers import Identity
from costmodel.layers.base import Shape


class Blocked:
    """What lies in a blocked layout: the tensors, and what operations read and write.

    `shapes` are those of every tensor that an operation writes, and of the network's `inputs`.
    """

    def __init__(self, steps: Iterable[Op], tensors: Tensors, layout: Layout, inputs: Mapping[str, Shape]) -> None:
        self.tensors: set[str] = set()
        self.shapes = dict(inputs)
        self._layout, self._read = layout, tensors.read
        self._starting, self._keeping = frozenset(layout.starts), frozenset(layout.keeps)
        self._reads_blocks: set[str] = set()
        for op in steps:
            self.shapes.update(zip(op.outputs, op.output_shapes, strict=True))
            family = kernel_class(op.layer, op.input_shapes, op.ledger)
            starts = self._starts(op, family)
            if starts or self._keeps(op):
                self.tensors.update(map(tensors.read, op.outputs))
                if not (starts and self._is_read_as_it_is(op, family)):
                    self._reads_blocks.add(op.name)

    def holds(self, op: Op) -> bool:
        """Whether the operation writes the blocked layout."""
        return any(self._read(name) in self.tensors for name in op.outputs)

    def copies(self, op: Op) -> tuple[str, ...]:
        """Of the tensors that the operation reads, those that it reads a copy of, in the other layout."""
        wants = op.name in self._reads_blocks
        return tuple(name for name in map(self._read, op.inputs) if (name in self.tensors) != wants)

    def _starts(self, op: Op, family: KernelClass) -> bool:
        """Whether the operation works in blocks wherever its input lies."""
        if self._starting.isdisjoint((family, op.kind)) or len(op.input_shapes[0]) != 4:
            return False
        c_i, c_o = op.input_shapes[0][1], op.output_shapes[0][1]
        if family == "grouped":
            groups = vars(op.layer).get("groups", 1)
            return self._fits(c_i, groups) and self._fits(c_o, groups)
        if family in {"conv", "pointwise", "depthwise"}:
            return self._is_read_as_it_is(op, family) or self._fits(c_i, size=self._layout.alignment)
        return self._fits(c_o)

    def _is_read_as_it_is(self, op: Op, family: KernelClass) -> bool:
        """Whether it is a convolution of too few channels for a block."""
        c_i = op.input_shapes[0][1]
        return family in {"conv", "pointwise"} and is_below(c_i, self._layout.block)

    def _fits(self, channels: Dim, groups: Dim = 1, size: int = 0) -> bool:
        """Whether blocks, or that size, divide the channels of each group."""
        return is_multiple(channels, groups * (size or self._layout.block))

    def _keeps(self, op: Op) -> bool:
        """Whether the operation leaves the blocks of what it reads as they are."""
        if op.kind not in self._keeping or not op.inputs:
            return False
        if not all(self._read(name) in self.tensors and self._read(name) == name for name in op.inputs):
            return False
        if op.kind == "concat":
            return all(self._fits(shape[1]) for shape in op.input_shapes)
        first, *others = op.input_shapes
        return all(all(map(equal, first, other)) for other in others)


def reordering(name: str, shape: Shape) -> Op:
    """The operation that copies a tensor into another layout."""
    return Op(
        (), f"{name}.reorder", "identity", Identity(), (name,), (), (shape,), (shape,), Ledger(), 0, is_view=False
    )
