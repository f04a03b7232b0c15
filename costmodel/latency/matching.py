"""Patterns: operations of a network that a runtime runs as one, written one to a line and found from the last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Final, NamedTuple

from costmodel.algebra import Dim
from costmodel.latency.steps import Op

STORED: Final = frozenset("*#")
"""Stand for a stored tensor: any, or one of a single element."""

COMMUTATIVE: Final = frozenset({"add", "multiply", "maximum", "minimum"})
"""Kinds whose inputs may come in any order."""

MAX_TRIALS: Final = 2000
"""A pattern that was tried so often at one place is not there; those that are built in take at most 40."""

_LINE: Final = re.compile(r"(\w+) = (\w+(?:\|\w+)*)\((\w+|[*#])((?:, (?:\w+|[*#]))*)\)", re.ASCII)
_MOST_INPUTS: Final = 4


class Line(NamedTuple):
    """One operation of a pattern: `target = kind|kind(argument, ...)`."""

    target: str
    kinds: frozenset[str]
    arguments: tuple[str, ...]


def parse_lines(texts: Sequence[str]) -> tuple[Line, ...]:
    """The operations of a pattern; raises ValueError with the rule that one breaks.

    >>> parse_lines(["s = sigmoid(x)", "y = multiply(x, s)"])[1].arguments
    ('x', 's')
    """
    lines = tuple(map(_parse, texts))
    targets = [line.target for line in lines]
    if len(set(targets)) < len(targets):
        raise ValueError("must give each result a name of its own")
    for index, line in enumerate(lines):
        later = set(line.arguments) & set(targets[index:])
        if later:
            raise ValueError(f"must name a result before it is used: {min(later)} is used in line {index + 1}")
    used = {name for line in lines for name in line.arguments}
    unused = [name for name in targets[:-1] if name not in used]
    if unused:
        raise ValueError(f"must use every result but the last: {unused[0]} is not used")
    return lines


def _parse(text: str) -> Line:
    found = _LINE.fullmatch(text)
    if not found:
        raise ValueError(
            "must be operations such as 'y = multiply(x, s)', with * for a stored tensor and # for a stored number"
        )
    arguments = (found[3], *(name for name in found[4].split(", ") if name))
    if len(arguments) > _MOST_INPUTS:
        raise ValueError(f"must be operations of at most {_MOST_INPUTS} inputs")
    return Line(found[1], frozenset(found[2].split("|")), arguments)


class Match(NamedTuple):
    """Where a pattern was found: the operation of each line, the tensors of its names, and the stored ones."""

    ops: Mapping[str, Op]
    tensors: Mapping[str, str]
    stored: tuple[str, ...]


class Surroundings(NamedTuple):
    """What a pattern is looked for in.

    `tensor` is the name of a tensor before it was reshaped, `writer` the operation that writes a tensor, and `stored`
    the elements of one that is stored, else None.
    """

    tensor: Callable[[str], str]
    writer: Mapping[str, Op]
    stored: Callable[[str], Dim | None]


def find(lines: Sequence[Line], last: Op, around: Surroundings) -> Match | None:
    """The operations of the pattern that end in `last`, or None.

    Inputs of sums and products are tried in every order, of the patterns' operations at most `MAX_TRIALS` times.
    """
    return next(_Search(lines, around).operation(lines[-1], last, Match({}, {}, ())), None)


class _Search:
    """The ways in which the lines of a pattern fit the operations that write each other's inputs."""

    def __init__(self, lines: Sequence[Line], around: Surroundings) -> None:
        self.lines = {line.target: line for line in lines}
        self.around = around
        self.trials = 0

    def operation(self, line: Line, op: Op, match: Match) -> Iterator[Match]:
        """The matches in which the line is the operation."""
        self.trials += 1
        if self.trials > MAX_TRIALS or op.kind not in line.kinds or len(op.inputs) != len(line.arguments):
            return
        if any(op is other for other in match.ops.values()):
            return  # each line is an operation of its own
        begun = match._replace(ops={**match.ops, line.target: op})
        orders = permutations(op.inputs) if op.kind in COMMUTATIVE else (op.inputs,)
        for inputs in orders:
            yield from self.inputs(line.arguments, inputs, begun)

    def inputs(self, names: tuple[str, ...], inputs: tuple[str, ...], match: Match) -> Iterator[Match]:
        """The matches in which the names are the inputs."""
        if not names:
            yield match
            return
        for extended in self.input(names[0], self.around.tensor(inputs[0]), match):
            yield from self.inputs(names[1:], inputs[1:], extended)

    def input(self, name: str, source: str, match: Match) -> Iterator[Match]:
        """The matches in which the name is the tensor."""
        if name in STORED:
            size = self.around.stored(source)
            if size is not None and (name == "*" or size == 1):
                yield match._replace(stored=(*match.stored, source))
        elif name in match.tensors:
            if match.tensors[name] == source:
                yield match
        else:
            bound = match._replace(tensors={**match.tensors, name: source})
            if name not in self.lines:
                yield bound
            elif source in self.around.writer:
                yield from self.operation(self.lines[name], self.around.writer[source], bound)
