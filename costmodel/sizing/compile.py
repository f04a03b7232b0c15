"""From a space and a question to programs: networks with symbols, their expressions, and the plan of each."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping
from math import prod
from typing import Any, Final

from costmodel import __version__
from costmodel.algebra import Dim, parse
from costmodel.algebra.plan import plan
from costmodel.errors import ExpressionError, SizingError
from costmodel.hardware import Profile
from costmodel.network import Network
from costmodel.remembering import Remembered
from costmodel.sizing.axes import Value
from costmodel.sizing.compiled import Compiled, fingerprint, inner_axes
from costmodel.sizing.costs import Question, must_be_positive, question
from costmodel.sizing.space import Space, Target, space

MOST_STRUCTURES: Final = 10_000
"""Combinations of structural axes beyond which building a network for each takes too long."""


def compile_space(
    target: Target,
    over: Mapping[str, object],
    costs: Iterable[str] = ("macs", "params"),
    *,
    scores: Mapping[str, str] | None = None,
    device: str | os.PathLike[str] | Profile | None = None,
    data_type: str = "float32",
    settings: Mapping[str, Any] | None = None,
) -> Compiled:
    """The costs of every configuration of a family (or of a network with symbols) as functions of row numbers.

    `over` gives each parameter its values: "0.25:1.4:0.05", "1,2,4", a range, a list. `scores` are expressions of
    parameters and costs under names of their own, `settings` fixes other parameters.

    >>> table = compile_space("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"})
    >>> table.size, table.evaluate(15, 16).tolist()
    (16, [[568740352.0], [4231976.0]])
    """
    chosen = space(target, over, settings)
    asked = question(costs, scores=scores, device=device, data_type=data_type, parameters=over)
    return compiled(chosen, asked)


def compiled(chosen: Space, asked: Question) -> Compiled:
    """The programs of a question about a space."""
    chooses = chosen.axes[: chosen.structural]
    count = prod(each.size for each in chooses)
    if count > MOST_STRUCTURES:
        raise SizingError(
            f"{chosen.name}: {', '.join(each.name for each in chooses)} make {count:,} networks, too many to build each"
            f" (at most {MOST_STRUCTURES:,}); search them instead"
        )
    names = [each.name for each in chosen.symbols]
    columns = [each.name for each in inner_axes(chosen.symbols)]
    columns = columns if len(columns) < len(names) else []
    denominators = {each.name: each.denominator for each in chosen.symbols}
    programs = []
    for structure in chosen.structures:
        answers, checks = _expressions(chosen, asked, structure)
        programs.append(plan([*answers, *checks], names, columns, denominators))
    axes = [(each.name, each.values) for each in chosen.axes]
    decided = fingerprint(__version__, chosen.name, repr(axes), chosen.structural, asked.names, repr(programs))
    return Compiled(chosen.name, chosen.axes, chosen.structural, asked.names, tuple(programs), decided)


def _expressions(chosen: Space, asked: Question, structure: Mapping[str, Value]) -> tuple[list[Dim], list[Dim]]:
    """The answers of a structure, and the sizes that must be at least 1."""
    network = _symbolic(chosen, structure)
    parameters: dict[str, Dim] = {
        name: value for name, value in structure.items() if not isinstance(value, (str, bool))
    }
    parameters.update({each.name: parse(each.name) for each in chosen.symbols})
    try:
        answers = asked.expressions(network, parameters)
    except ExpressionError as problem:
        raise SizingError(f"{chosen.name}: a score must be an expression of parameters and costs: {problem}") from None
    return answers, _CHECKS.of(network, "checks", lambda: must_be_positive(network))


_NETWORKS: Final = Remembered[Network](most=64)
_CHECKS: Final = Remembered[list[Dim]](most=1)


def _symbolic(chosen: Space, structure: Mapping[str, Value]) -> Network:
    """The network of a structure, built once for as long as its family lives."""
    names = tuple(each.name for each in chosen.symbols)
    key: Hashable = (names, repr(sorted(chosen.settings.items())), repr(sorted(structure.items())))
    return _NETWORKS.of(chosen.target, key, lambda: chosen.symbolic(structure))
