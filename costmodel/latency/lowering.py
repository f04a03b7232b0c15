"""Lowering a network to the kernels that a runtime launches for it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

from costmodel.algebra import Dim, equal, product, total
from costmodel.algebra.assumed import collecting, with_choices
from costmodel.algebra.conditions import Condition
from costmodel.latency.blocking import Blocked, reordering
from costmodel.latency.drafts import Draft
from costmodel.latency.fusion import IN_PLACE, FusionRules, Join
from costmodel.latency.kernels import Kernel
from costmodel.latency.rewriting import parts_of, rewrite
from costmodel.latency.rule_files import DEFAULT, find_rules
from costmodel.latency.steps import Op, ops
from costmodel.latency.tensors import Tensors
from costmodel.layers.base import Shape
from costmodel.network import Network
from costmodel.remembering import Remembered, Same


def lower(
    network: Network,
    *,
    data_type: str = "float32",
    weight_type: str | None = None,
    rules: str | os.PathLike[str] | FusionRules = DEFAULT,
) -> tuple[Kernel, ...]:
    """The kernels of one forward pass, in execution order; `weight_type` is the `data_type` unless given.

    `rules` are those of a runtime: a built-in name, the path of a TOML file, or `FusionRules`. Neither they nor a
    network ever change, so a network's latest kernels are remembered for as long as it lives.

    >>> from costmodel import zoo
    >>> [kernel.kernel_class for kernel in lower(zoo.mobilenet_v1())][:3]
    ['conv', 'depthwise', 'pointwise']
    >>> len(lower(zoo.resnet50(), rules="pytorch")), len(lower(zoo.resnet50(), rules="tensorrt"))
    (174, 56)
    """
    chosen, stored_type = find_rules(rules), weight_type or data_type
    assumed = collecting()
    kernels, choices = _KERNELS.of(
        network,
        (data_type, stored_type, Same(chosen), assumed and assumed.point),
        lambda: with_choices(lambda: _kernels(network, data_type, stored_type, chosen)),
    )
    if assumed is not None:
        assumed.include(choices)
    return kernels


_KERNELS: Final = Remembered[tuple[tuple[Kernel, ...], tuple[Condition, ...]]](most=8)


def _kernels(network: Network, data_type: str, weight_type: str, rules: FusionRules) -> tuple[Kernel, ...]:
    """The kernels, lowered anew."""
    drafts = _Lowering(network, rules).drafts
    return tuple([draft.kernel(data_type, weight_type, winograd=rules.winograd) for draft in drafts])


@dataclass
class _Lowering:
    """One pass over the operations, each of which is free, joins a kernel, or starts one."""

    network: Network
    rules: FusionRules
    drafts: list[Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.joins, self.splits = self.rules.joins_by_kind, self.rules.splits_by_kind
        self.tensors = Tensors(ops(self.network), self.rules)
        steps = rewrite(self.tensors, self.network.outputs, self.rules)
        self.readers = self.tensors.readers(steps, self.network.outputs)
        self.writer: dict[str, Draft] = {}
        layout = self.rules.layout
        self.blocked = Blocked(steps, self.tensors, layout, self.network.inputs) if layout else None
        self.reordered: set[str] = set()
        for op in steps:
            if self.tensors.copied or self.blocked is not None:
                self._copy_inputs(op)
            draft = self._absorb(op) or self._run(op)
            for name in op.outputs:
                self.writer[name] = draft
        if self.blocked is not None:
            names = map(self.tensors.read, self.network.outputs)
            self._reorder(self.blocked, (name for name in names if name in self.blocked.tensors))

    def _copy_inputs(self, op: Op) -> None:
        """The copies that are made of an operation's inputs before it reads them."""
        for name, shape in self.tensors.copied.get(op.name, ()):
            self._start(reordering(name, shape))
        if self.blocked is not None:
            self._reorder(self.blocked, self.blocked.copies(op))

    def _reorder(self, blocked: Blocked, names: Iterable[str]) -> None:
        """Copies of tensors in another layout, each made once; what is stored lies as it is wanted."""
        for name in names:
            if name in blocked.shapes and name not in self.reordered:
                self.reordered.add(name)
                self._start(reordering(name, blocked.shapes[name]))

    def _run(self, op: Op) -> Draft:
        """The kernel that writes the operation's output: it begins with it, or is the last that it is split into."""
        split = self.splits.get(op.kind)
        return self._start(op) if split is None else [self._start(part) for part in parts_of(op, split)][-1]

    def _start(self, op: Op) -> Draft:
        """A kernel that begins with the operation."""
        blocked = None if self.blocked is None else self.blocked.holds(op)
        draft = Draft(len(self.drafts), op, self._elements(op), blocked)
        self.drafts.append(draft)
        return draft

    def _absorb(self, op: Op) -> Draft | None:
        """The kernel that the operation joins, grown by it; None where it joins none."""
        rules = self.joins.get(op.kind, ())
        if op.layer.in_place:
            rules = (*rules, *self.joins.get(IN_PLACE, ()))
        sources = [self.tensors.read(name) for name in op.inputs] if rules else []
        source = self._last_written(sources)
        if source is None:
            return None
        draft = self.writer[source]
        if not equal(product(op.output_shapes[0]), product(draft.output_shape)):
            return None
        for stage, join in rules:
            if not self._may_join(op, draft, stage, join) or not self._fits(join, sources, source):
                continue
            if join.folds:
                draft.fold(op, stage)
            else:
                others = {name: size for name, size in self._elements(op).items() if self.writer.get(name) is not draft}
                draft.join(op, stage, others)
            return draft
        return None

    def _last_written(self, sources: list[str]) -> str | None:
        """Of the tensors that kernels write, that of the last kernel, where nothing else reads it.

        Everything else that an operation reads is ready before the last of them runs.
        """
        written = [(self.writer[name].position, name) for name in sources if name in self.writer]
        _, source = max(written, default=(0, None))
        return source if source is not None and self.readers[source] == 1 else None

    def _may_join(self, op: Op, draft: Draft, stage: int, join: Join) -> bool:
        """Whether the rule names the kernel, its turn has not passed, and both lie alike.

        What is to be folded needs a place in the weights.
        """
        if stage < draft.stage or (stage == draft.stage and not join.repeat and not join.folds):
            return False
        if draft.kernel_class not in join.to and draft.head.kind not in join.to:
            return False
        return self._is_laid_out(op, draft, join) and (not join.folds or self._is_foldable(op, draft))

    def _is_laid_out(self, op: Op, draft: Draft, join: Join) -> bool:
        """Whether the operation and the kernel lie alike, and in blocks where the rule asks for them."""
        if self.blocked is None:
            return not join.blocked
        is_blocked = self.blocked.holds(op)
        return is_blocked == self.blocked.holds(draft.head) and (is_blocked or not join.blocked)

    def _fits(self, join: Join, sources: list[str], source: str) -> bool:
        """Whether the operation's other inputs are what the rule asks for."""
        if join.operand == "any" or len(sources) == 1:
            return True
        wanted = join.operand == "stored"
        return all((name in self.tensors.stored) == wanted for name in sources if name != source)

    def _is_foldable(self, op: Op, draft: Draft) -> bool:
        """Whether a batch norm, or all but one operand, is a number for each channel of the weights."""
        axis, shape = draft.channel_axis, draft.output_shape
        if axis is None:
            return False
        if op.kind == "batch_norm":
            return axis == 1
        stored = [
            (1,) * (len(shape) - len(other)) + other
            for name, other in zip(op.inputs, op.input_shapes, strict=True)
            if self.tensors.stored_elements(name) is not None
        ]
        wanted = [(1,) * axis + (shape[axis],) + (1,) * (len(shape) - axis - 1), (1,) * len(shape)]
        return len(stored) == len(op.inputs) - 1 and all(any(map(_is_shape, wanted, repeat(each))) for each in stored)

    def _elements(self, op: Op) -> dict[str, Dim]:
        """Elements read from each tensor, one that is read twice counted once; of what is selected, only that."""
        memory = self.tensors.memory
        found = {memory.get(name, name): product(shape) for name, shape in zip(op.inputs, op.input_shapes, strict=True)}
        if op.kind in _SELECTIONS:
            found[self.tensors.read(op.inputs[0])] = total(map(product, op.output_shapes))
        return found


def _is_shape(shape: Shape, other: Shape) -> bool:
    """Whether two shapes are one."""
    return len(shape) == len(other) and all(map(equal, shape, other))


_SELECTIONS: Final = frozenset({"slice", "split", "gather"})
"""Kinds that read of their first input what they write."""
