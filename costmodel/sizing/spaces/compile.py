"""From a space and a question to programs: the expressions of each variant of its networks, planned for NumPy."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping
from math import prod
from typing import Any, Final

from costmodel.algebra.plan import plan
from costmodel.errors import SizingError
from costmodel.hardware import Profile
from costmodel.remembering import Remembered
from costmodel.sizing.spaces.compiled import Compiled, Part, fingerprint, inner_axes
from costmodel.sizing.spaces.costs import COSTS, Question, question
from costmodel.sizing.spaces.space import Space, Target, space
from costmodel.sizing.spaces.variants import Variant, variants

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
    for each in chosen.axes:
        if each.name in COSTS:
            raise SizingError(f"{chosen.name}: no symbol may have the name of a cost, {each.name!r}; rename it")
    names = [each.name for each in chosen.symbols]
    columns = [each.name for each in inner_axes(chosen.symbols)]
    columns = columns if len(columns) < len(names) else []
    denominators = {each.name: each.denominator for each in chosen.symbols}

    def part(variant: Variant) -> Part:
        key: Hashable = (tuple(names), tuple(columns), tuple(denominators.items()))
        return _PARTS.of(
            variant,
            key,
            lambda: Part(
                plan(variant.guards, names, columns, denominators), plan(variant.answers, names, columns, denominators)
            ),
        )

    parts = tuple(tuple(map(part, variants(chosen, asked, structure))) for structure in chosen.structures)
    axes = [(each.name, each.values) for each in chosen.axes]
    decided = fingerprint(chosen.name, repr(axes), chosen.structural, asked.names, repr(parts))
    return Compiled(chosen.name, chosen.axes, chosen.structural, asked.names, parts, decided)


_PARTS: Final = Remembered[Part](most=8)
