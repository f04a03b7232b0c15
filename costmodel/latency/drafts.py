"""A kernel that may still grow."""

from __future__ import annotations

from dataclasses import dataclass, field

from costmodel.algebra import Dim, product, total
from costmodel.counting import Ledger, bytes_of
from costmodel.hardware import KernelClass
from costmodel.latency.kernels import Kernel, kernel_class
from costmodel.latency.steps import Op
from costmodel.layers.base import Shape


@dataclass(eq=False, slots=True)
class Draft:
    """A kernel to which operations are added, in their order.

    `inputs` are the elements read from each tensor, `blocked` says whether it works in a blocked layout, `stage` is the
    rule by which the last operation joined, `shifted` says whether a shift became a bias.
    """

    position: int
    head: Op
    inputs: dict[str, Dim]
    blocked: bool | None = None
    stage: int = -1
    kernel_class: KernelClass = field(init=False)
    nodes: list[str] = field(init=False)
    ledgers: list[Ledger] = field(init=False)
    weights: list[Dim] = field(init=False)
    shifted: bool = False
    joined: list[str] = field(default_factory=list)
    joined_inputs: list[Dim] = field(default_factory=list)

    def __post_init__(self) -> None:
        head = self.head
        self.kernel_class = kernel_class(head.layer, head.input_shapes, head.ledger)
        self.nodes, self.ledgers, self.weights = list(head.nodes), [head.ledger], [head.weights]

    @property
    def output_shape(self) -> Shape:
        """The shape of the first output."""
        return self.head.output_shapes[0] if self.head.output_shapes else ()

    @property
    def channel_axis(self) -> int | None:
        """The output's axis along which the weights lie; None where they lie along none."""
        if self.kernel_class == "matmul":
            return None
        return len(self.output_shape) - 1 if self.kernel_class == "linear" else 1

    def join(self, op: Op, stage: int, others: dict[str, Dim]) -> None:
        """Run the operation before the output is written; `others` are the elements of other tensors that it reads."""
        self.ledgers.append(op.ledger)
        self.weights.append(op.weights)
        new = {name: size for name, size in others.items() if name not in self.inputs}
        self.inputs.update(new)
        self.joined_inputs.extend(new.values())
        self._record(op, stage)

    def fold(self, op: Op, stage: int) -> None:
        """Fold a scale into the weights, which costs nothing more, and a shift into a bias, of which there is one."""
        if op.kind in _SHIFTS and not (self.shifted or vars(self.head.layer).get("bias")):
            self.ledgers.append(Ledger(additions=product(self.output_shape)))
            self.weights.append(self.output_shape[self.channel_axis or 0])
            self.shifted = True
        self._record(op, stage)

    def _record(self, op: Op, stage: int) -> None:
        self.nodes.extend(op.nodes)
        self.joined.append(op.kind)
        self.stage = stage

    def kernel(self, data_type: str, weight_type: str, *, winograd: bool) -> Kernel:
        """The finished kernel, of a runtime with or without Winograd's algorithm."""
        first, *others = self.ledgers
        ledger = Ledger(*map(sum, zip(first, *others, strict=True))) if others else first
        outputs = self.head.output_shapes
        return Kernel(
            name=self.head.name,
            kernel_class=self.kernel_class,
            nodes=tuple(dict.fromkeys(self.nodes)),
            layer=self.head.layer,
            input_shapes=self.head.input_shapes,
            output_shape=self.output_shape,
            macs=ledger.macs,
            other=sum(ledger[1:]),
            transcendentals=ledger.transcendentals,
            input_bytes=bytes_of(total(self.inputs.values()), data_type),
            output_bytes=bytes_of(
                product(outputs[0]) if len(outputs) == 1 else total(map(product, outputs)), data_type
            ),
            weight_bytes=bytes_of(sum(self.weights), weight_type),
            joined=tuple(self.joined),
            joined_input_bytes=bytes_of(sum(self.joined_inputs), data_type),
            winograd=winograd,
            blocked=self.blocked,
        )


_SHIFTS = frozenset({"batch_norm", "add", "subtract"})
