"""Finding a runtime's patterns: several operations that become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from costmodel.algebra import total
from costmodel.counting.ledger import sum_ledgers
from costmodel.latency.fusion import FusionRules
from costmodel.latency.matching import Match, Surroundings, find
from costmodel.latency.patterns import Form
from costmodel.latency.steps import Op
from costmodel.latency.tensors import Tensors
from costmodel.layers.base import Shape


def rewrite(tensors: Tensors, outputs: Iterable[str], rules: FusionRules) -> list[Op]:
    """The operations that are not free, those of a pattern as one where its last operation was.

    A pattern is one where nothing else reads what lies between its operations.
    """
    forms = rules.forms_by_last_kind
    if not forms:
        return tensors.ops
    readers = Counter(map(tensors.read, outputs))
    for op in tensors.ops:
        readers.update(map(tensors.read, op.inputs))
    writer: dict[str, Op] = {}
    around = Surroundings(tensors.same, writer, tensors.stored_elements)
    kept: dict[str, Op] = {}
    for op in tensors.ops:
        found = op
        for form in forms.get(op.kind, ()):
            match = find(form.lines, op, around)
            if match is not None and _is_closed(match, op, tensors, readers):
                for inner in match.ops.values():
                    kept.pop(inner.name, None)
                found = _as_one(form, match, op, tensors)
                readers.subtract(_reads(match, tensors))
                readers.update(map(tensors.read, found.inputs))
                break
        kept[found.name] = found
        writer.update(dict.fromkeys(found.outputs, found))
    return list(kept.values())


def _reads(match: Match, tensors: Tensors) -> Counter[str]:
    """How often the operations of a match read each tensor."""
    return Counter(tensors.read(name) for op in match.ops.values() for name in op.inputs)


def _is_closed(match: Match, last: Op, tensors: Tensors, readers: Counter[str]) -> bool:
    """Whether only the operations of the match read what lies between them."""
    inside = _reads(match, tensors)
    between = (name for op in match.ops.values() if op is not last for name in op.outputs)
    return all(readers[name] == inside[name] for name in between)


def _as_one(form: Form, match: Match, last: Op, tensors: Tensors) -> Op:
    """The operations of a match as one, which reads every input and every stored tensor once."""
    written = {tensors.same(name) for op in match.ops.values() for name in op.outputs}
    read: dict[str, Shape] = {}
    for op in match.ops.values():
        for name, shape in zip(map(tensors.same, op.inputs), op.input_shapes, strict=True):
            if name not in written and name not in match.stored:
                read.setdefault(name, shape)
    weights = [size for name in set(match.stored) if (size := tensors.stored_elements(name)) != 1]
    layer = form.layer or last.layer
    members = sorted(match.ops.values(), key=lambda op: op.outputs == last.outputs)
    return last._replace(
        nodes=tuple(node for op in members for node in op.nodes),
        kind=layer.kind,
        layer=layer,
        inputs=tuple(read),
        input_shapes=tuple(read.values()),
        ledger=sum_ledgers([op.ledger for op in members]),
        weights=total([*(op.weights for op in members), *weights]),
    )
