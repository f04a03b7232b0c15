"""Lowering a network to the kernels that a runtime launches for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from costmodel.algebra import Dim, product, total
from costmodel.counting import Ledger, bytes_of
from costmodel.hardware import KernelClass
from costmodel.latency.fusion import FUSED, FusionRules
from costmodel.latency.kernels import Kernel, kernel_class
from costmodel.latency.steps import Op, memories, ops
from costmodel.layers import Layer
from costmodel.layers.base import Shape, Shapes
from costmodel.network import Network


def lower(
    network: Network, *, data_type: str = "float32", weight_type: str | None = None, rules: FusionRules = FUSED
) -> tuple[Kernel, ...]:
    """The kernels of one forward pass, in execution order; `weight_type` is the `data_type` unless given.

    >>> from costmodel import zoo
    >>> [kernel.kernel_class for kernel in lower(zoo.mobilenet_v1())][:3]
    ['conv', 'depthwise', 'pointwise']
    """
    lowering = _Lowering(network, rules)
    return tuple(draft.kernel(data_type, weight_type or data_type) for draft in lowering.drafts)


@dataclass(eq=False)
class _Draft:
    """A kernel that may still grow."""

    position: int
    name: str
    kernel_class: KernelClass
    nodes: list[str]
    layer: Layer
    input_shapes: Shapes
    ledgers: list[Ledger]
    inputs: dict[str, Dim]
    output_shape: Shape
    outputs: Dim
    weights: list[Dim]
    has_bias: bool
    foldable: bool

    def fold_batch_norm(self) -> None:
        """Scale the weights, which costs nothing more, and shift by a bias, which does where there was none."""
        if not self.has_bias:
            self.ledgers.append(Ledger(additions=self.outputs))
            self.weights.append(self.output_shape[1])
            self.has_bias = True

    def kernel(self, data_type: str, weight_type: str) -> Kernel:
        """The finished kernel."""
        return Kernel(
            name=self.name,
            kernel_class=self.kernel_class,
            nodes=tuple(dict.fromkeys(self.nodes)),
            layer=self.layer,
            input_shapes=self.input_shapes,
            output_shape=self.output_shape,
            macs=total(ledger.macs for ledger in self.ledgers),
            other=total(count for ledger in self.ledgers for count in ledger[1:]),
            transcendentals=total(ledger.transcendentals for ledger in self.ledgers),
            input_bytes=bytes_of(total(self.inputs.values()), data_type),
            output_bytes=bytes_of(self.outputs, data_type),
            weight_bytes=bytes_of(total(self.weights), weight_type),
        )


@dataclass
class _Lowering:
    """One pass over the operations, each of which is free, joins a kernel, or starts one."""

    network: Network
    rules: FusionRules
    drafts: list[_Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        steps = tuple(ops(self.network))
        self.memory = memories(steps)
        self.readers = Counter(self.memory.get(name, name) for name in self.network.outputs)
        for op in steps:
            if not op.is_free:
                self.readers.update(self._read(name) for name in op.inputs)
        self.writer: dict[str, _Draft] = {}
        for op in steps:
            if not op.is_free:
                draft = self._absorb(op) or self._start(op)
                self.writer.update(dict.fromkeys(op.outputs, draft))

    def _read(self, name: str) -> str:
        """The tensor whose memory a tensor lies in."""
        return self.memory.get(name, name)

    def _start(self, op: Op) -> _Draft:
        """A kernel that begins with the operation."""
        shape = op.output_shapes[0] if op.output_shapes else ()
        family = kernel_class(op.layer, op.input_shapes, op.ledger)
        draft = _Draft(
            position=len(self.drafts),
            name=op.name,
            kernel_class=family,
            nodes=[op.node],
            layer=op.layer,
            input_shapes=op.input_shapes,
            ledgers=[op.ledger],
            inputs=self._elements(op),
            output_shape=shape,
            outputs=total(map(product, op.output_shapes)),
            weights=[op.weights],
            has_bias=bool(getattr(op.layer, "bias", False)),
            foldable=family != "matmul" and (family != "linear" or len(shape) == 2),
        )
        self.drafts.append(draft)
        return draft

    def _absorb(self, op: Op) -> _Draft | None:
        """The kernel that the operation joins, grown by it; None where it joins none."""
        draft = self._target(op)
        if draft is None:
            return None
        if op.layer.kind == "batch_norm":
            draft.fold_batch_norm()
        else:
            draft.ledgers.append(op.ledger)
            draft.foldable = False
            others = {name: size for name, size in self._elements(op).items() if self.writer.get(name) is not draft}
            draft.inputs.update(others)
        draft.nodes.append(op.node)
        return draft

    def _target(self, op: Op) -> _Draft | None:
        """The kernel that the rules let the operation join."""
        if op.layer.kind == "batch_norm":
            draft = self._head(op, op.inputs[0]) if self.rules.batch_norm else None
            return draft if draft is not None and draft.foldable else None
        if op.layer.kind == "add":
            return self._last_head(op) if self.rules.add else None
        return self._head(op, op.inputs[0]) if op.layer.in_place and self.rules.activations else None

    def _head(self, op: Op, name: str) -> _Draft | None:
        """The kernel that writes a tensor, if others may join it there."""
        source = self._read(name)
        draft = self.writer.get(source)
        if draft is None or draft.kernel_class not in self.rules.heads or self.readers[source] != 1:
            return None
        return draft if product(op.output_shapes[0]) == product(draft.output_shape) else None

    def _last_head(self, op: Op) -> _Draft | None:
        """Of the kernels that write an addition's inputs, the last, where everything else is ready."""
        heads = [draft for name in op.inputs if (draft := self._head(op, name)) is not None]
        writers = [self.writer[source] for name in op.inputs if (source := self._read(name)) in self.writer]
        last = max(writers, key=lambda draft: draft.position, default=None)
        return last if any(head is last for head in heads) else None

    def _elements(self, op: Op) -> dict[str, Dim]:
        """Elements read from each tensor, one that is read twice counted once."""
        return {self._read(name): product(shape) for name, shape in zip(op.inputs, op.input_shapes, strict=True)}
