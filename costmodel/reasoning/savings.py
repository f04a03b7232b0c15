"""Savings: what another width, resolution or any other parameter changes at each stage, exactly and as a law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from costmodel.algebra import Dim, total
from costmodel.algebra.expressions import as_expression, symbol
from costmodel.algebra.notation import exact_div
from costmodel.errors import ExpressionError, SpecError
from costmodel.network import Network
from costmodel.reasoning.points import point
from costmodel.reasoning.smoothing import joined, law_of
from costmodel.reasoning.stages import stages
from costmodel.reasoning.writing import Step, cost_named, written
from costmodel.zoo import Family
from costmodel.zoo.family import Number


@dataclass(frozen=True)
class StageSaving:
    """A stage before and after a change."""

    name: str
    before: Dim
    after: Dim
    law: Dim | None
    """Its cost without rounding, in the parameters that change; None where one of them is no number."""

    @property
    def saved(self) -> Dim:
        """How much less it is."""
        return self.before - self.after

    @property
    def kept(self) -> Fraction | None:
        """What remains of it, as a fraction; None where there was nothing, or it depends on a symbol."""
        if self.before == 0:
            return None
        share = as_expression(self.after) / self.before
        return Fraction(int(share.p), int(share.q)) if share.is_Rational else None


@dataclass(frozen=True)
class Savings:
    """What a change of parameters saves at each stage, and in total."""

    network: str
    quantity: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    stages: tuple[StageSaving, ...]
    total: StageSaving
    steps: tuple[Step, ...]
    valid_when: tuple[str, ...]
    """Where the laws are exact; the counts always are."""


def savings(
    family: Family[Any] | Network,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object],
    quantity: str = "macs",
    depth: int = 1,
) -> Savings:
    """What changing some parameters saves at each stage.

    `family` is a network of the zoo, or one with symbols, which are then bound. `before` are the parameters to start
    from (where they are left out, the family's own), `after` those that change. Counts are those of the two networks,
    with their authors' rounding; a law is the cost without rounding, in the parameters that change.

    Raises `SpecError` for a change of a parameter to what it is.

    >>> from costmodel import zoo
    >>> saved = savings(zoo.mobilenet_v1, after={"width": 0.75})
    >>> saved.total.before, saved.total.after, saved.total.law
    (568740352, 325400448, 539492352*width**2 + 29248000*width)
    """
    build: Callable[..., Network] = family.bind if isinstance(family, Network) else family
    start = {**_defaults(family, after), **(before or {})}
    for name, value in after.items():
        if name in start and _exactly(start[name]) == _exactly(value):
            raise SpecError(f"{family.name}: a change of '{name}' must be to another value (got {value})")
    first, second = build(**start), build(**{**start, **after})
    counts = [stages(network, quantity, depth) for network in (first, second)]
    laws, valid_when = _laws(family, build, start, after, quantity, depth)
    names = dict.fromkeys([*counts[0], *counts[1]])
    found = tuple(StageSaving(name, counts[0].get(name, 0), counts[1].get(name, 0), laws.get(name)) for name in names)
    start_total, end_total = (total(count.values()) for count in counts)
    whole = StageSaving("total", start_total, end_total, sp.Add(*laws.values()) if laws else None)
    return Savings(
        network=first.name,
        quantity=quantity,
        before=start,
        after=dict(after),
        stages=found,
        total=whole,
        steps=_steps(whole, start, after) if laws else (),
        valid_when=valid_when,
    )


def _exactly(value: object) -> object:
    """The value as a number where it is one, so that 0.75 and "3/4" are equal; else as its text."""
    try:
        return point({"value": value})["value"]
    except ExpressionError:
        return str(value).lower()


def _defaults(family: Family[Any] | Network, changed: Mapping[str, object]) -> dict[str, object]:
    """What the parameters that change are by default."""
    if isinstance(family, Network):
        return {}
    return {name: family.parameters[name][1] for name in changed if name in family.parameters}


def _laws(
    family: Family[Any] | Network,
    build: Callable[..., Network],
    start: Mapping[str, object],
    changed: Mapping[str, object],
    quantity: str,
    depth: int,
) -> tuple[dict[str, Dim], tuple[str, ...]]:
    """Each stage's cost without rounding in the parameters that change, none where one cannot be a symbol."""
    if not isinstance(family, Network):
        kinds = [family.parameters[name][0] for name in changed]
        if not all(isinstance(kind, Number) and kind.symbolic for kind in kinds):
            return {}, ()
    network = build(**{**start, **{name: symbol(name) for name in changed}})
    forms = {name: law_of(value) for name, value in stages(network, quantity, depth).items()}
    laws = {name: form.expression for name, form in forms.items()}
    return laws, tuple(map(str, joined(*forms.values())))


def _steps(whole: StageSaving, start: Mapping[str, object], after: Mapping[str, object]) -> tuple[Step, ...]:
    """The law of the total, and what it says of the change."""
    law = as_expression(whole.law)
    values = [_numbers(start, after), _numbers({**start, **after}, after)]
    at = [law.xreplace(each) for each in values]
    steps = [Step(cost_named("total"), "=", written(law), "without rounding")]
    if all(value.is_number and value != 0 for value in at):
        names = [", ".join(f"{symbol}={value}" for symbol, value in each.items()) for each in values]
        left = exact_div(cost_named(names[1]), cost_named(names[0]))
        steps.append(Step(left, "=", written(at[1] / at[0]), f"{float(at[1] / at[0]):.4f} of the cost remains"))
    return tuple(steps)


def _numbers(values: Mapping[str, object], changed: Mapping[str, object]) -> dict[Dim, Dim]:
    numbers = point({name: value for name, value in values.items() if name in changed})
    return {symbol(name): as_expression(number) for name, number in numbers.items()}
