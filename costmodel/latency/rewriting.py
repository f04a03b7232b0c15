"""A runtime's patterns, several operations that become one, and its splits, one that becomes several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from costmodel.algebra import total
from costmodel.counting.ledger import Ledger, sum_ledgers
from costmodel.latency.fusion import FusionRules
from costmodel.latency.matching import Match, Surroundings, find
from costmodel.latency.patterns import Form, Split
from costmodel.latency.steps import Op
from costmodel.latency.tensors import Tensors
from costmodel.layers import Layer
from costmodel.layers.base import Shape, Shapes


def rewrite(tensors: Tensors, outputs: Iterable[str], rules: FusionRules) -> list[Op]:
    """The operations that are not free, those of a pattern as one where its last operation was.

    A pattern is one where nothing else reads what lies between its operations.
    """
    if not rules.patterns:
        return tensors.ops
    return list(_Rewriting(tensors, outputs, rules).kept.values())


class _Rewriting:
    """One pass over the operations, of which some are taken out where the last of a pattern is met."""

    def __init__(self, tensors: Tensors, outputs: Iterable[str], rules: FusionRules) -> None:
        self.tensors = tensors
        self.writer: dict[str, Op] = {}
        self.around = Surroundings(tensors.same, self.writer, tensors.stored_elements)
        self.readers = tensors.readers(tensors.ops, outputs)
        self.kept: dict[str, Op] = {}
        forms = rules.forms_by_last_kind
        for op in tensors.ops:
            found = self._as_one(op, forms[op.kind]) if op.kind in forms else op
            self.kept[found.name] = found
            for name in found.outputs:
                self.writer[name] = found

    def _as_one(self, op: Op, forms: Iterable[Form]) -> Op:
        """The operation, or one for all those of a pattern that it is the last of."""
        feeding = {self.writer[name].kind for name in map(self.tensors.same, op.inputs) if name in self.writer}
        for form in forms:
            if any(map(feeding.isdisjoint, form.feeds)):
                continue
            match = find(form.lines, op, self.around)
            if match is not None and self._is_closed(match, op):
                for inner in match.ops.values():
                    self.kept.pop(inner.name, None)
                found = _joined(form, match, op, self.tensors)
                self.readers.subtract(self._reads(match))
                self.readers.update(map(self.tensors.read, found.inputs))
                return found
        return op

    def _reads(self, match: Match) -> Counter[str]:
        """How often the operations of a match read each tensor."""
        return Counter(self.tensors.read(name) for op in match.ops.values() for name in op.inputs)

    def _is_closed(self, match: Match, last: Op) -> bool:
        """Whether only the operations of the match read what lies between them."""
        inside = self._reads(match)
        between = (name for op in match.ops.values() if op is not last for name in op.outputs)
        return all(self.readers[name] == inside[name] for name in between)


def _joined(form: Form, match: Match, last: Op, tensors: Tensors) -> Op:
    """The operations of a match as one, which reads every input and every stored tensor once."""
    shapes: dict[str, Shape] = {}
    for op in match.ops.values():
        for name, shape in zip(map(tensors.same, op.inputs), op.input_shapes, strict=True):
            shapes.setdefault(name, shape)
    names = (name for line in form.lines for name in line.arguments)
    read = dict.fromkeys(match.tensors[name] for name in names if name in match.tensors and name not in match.ops)
    weights = [size for name in set(match.stored) if (size := tensors.stored_elements(name)) != 1]
    members = sorted(match.ops.values(), key=lambda op: op.outputs == last.outputs)
    main = next((op for op in members if op.ledger.macs != 0), last)
    layer = form.layer or main.layer
    return last._replace(
        nodes=tuple(node for op in members for node in op.nodes),
        kind=layer.kind,
        layer=layer,
        inputs=tuple(read),
        input_shapes=tuple(shapes[name] for name in read),
        ledger=sum_ledgers([op.ledger for op in members]),
        weights=total([*(op.weights for op in members), *weights]),
    )


def parts_of(op: Op, split: Split) -> Iterator[Op]:
    """The operations that an activation runs as, all of its shape."""
    tensors = {"x": op.inputs[0]}
    shape = op.output_shapes[0]
    last = split.parts[-1][0]
    for line, layer in split.parts:
        tensors[line.target] = op.outputs[0] if line is last else f"{op.outputs[0]}\0{line.target}"
        shapes = (shape,) * len(line.arguments)
        yield Op(
            nodes=op.nodes,
            name=op.name if line is last else f"{op.name}.{layer.kind}",
            kind=layer.kind,
            layer=layer,
            inputs=tuple([tensors[name] for name in line.arguments]),
            outputs=(tensors[line.target],),
            input_shapes=shapes,
            output_shapes=op.output_shapes,
            ledger=_ledger(layer, shapes),
            weights=op.weights,
            is_view=op.is_view,
        )


@lru_cache(maxsize=1024)
def _ledger(layer: Layer, shapes: Shapes) -> Ledger:
    """What an elementwise operation books on inputs of one shape; a network has few of them, often."""
    return layer.formulas.evaluate(layer.symbols(shapes, shapes[:1]))[0]
