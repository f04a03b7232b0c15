"""What there is to say of one cost: its order, what each parameter does to it, and which stages dominate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.expressions import as_expression, symbol
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.layers import Layer
from costmodel.network import Network
from costmodel.reasoning.costs import NamedCost, cost_of
from costmodel.reasoning.elasticity import elasticities, elasticity
from costmodel.reasoning.growth import Growth, growth, order
from costmodel.reasoning.points import point
from costmodel.reasoning.smoothing import SmoothCost, law_of
from costmodel.reasoning.stages import ADDED, stages
from costmodel.reasoning.writing import Step, symbol_text, theta, written


@dataclass(frozen=True)
class Slope:
    """What one percent more of a parameter costs."""

    parameter: str
    expression: Dim | None
    """The elasticity as an expression, of what is active at the point; None for a maximum without a point."""
    value: float | None
    """It at the point; None where a symbol has no number there."""


@dataclass(frozen=True)
class Overview:
    """A cost, its order, its elasticities, and how its stages grow with each parameter."""

    cost: NamedCost
    smooth: SmoothCost
    """The cost without rounding, its bounds as they are."""
    order: tuple[Dim, ...]
    at: Mapping[str, int | Fraction]
    slopes: tuple[Slope, ...]
    growths: tuple[Growth, ...]
    """With each symbol, the others being what the point says; none of a layer, or of a peak of memory."""
    laws: Mapping[str, Dim]
    """Each stage's cost without rounding, in execution order; empty where there are no stages."""
    shares: Mapping[str, Fraction]
    """Each stage's share of the cost at the point, exactly as counted."""
    steps: tuple[Step, ...]


def overview(
    what: str | type[Layer] | Network | Dim,
    *,
    quantity: str = "macs",
    values: Mapping[str, object] | None = None,
    at: Mapping[str, object] | None = None,
    depth: int = 1,
) -> Overview:
    """The algebra of a cost (see `cost_of`), of a network with the growth of its stages.

    `values` replace symbols of layers by numbers or expressions. `at` is a point: numbers for the symbols, at which
    elasticities and shares are taken; the stages' growth with one symbol is that with these numbers for the others.

    >>> from costmodel import symbols, zoo
    >>> found = overview(zoo.mobilenet_v1(resolution=symbols("resolution")), at={"resolution": 224})
    >>> found.order, round(found.slopes[0].value, 3), found.growths[0].dominant[0].name
    ((resolution**2,), 1.996, 'block3')
    """
    cost = cost_of(what, quantity, values)
    expression = as_expression(cost.expression)
    names = sorted(each.name for each in expression.free_symbols)
    numbers = _point(names, cost.symbols, at or {})
    where = numbers if set(names) == set(numbers) else None
    slopes = {} if where is None else elasticities(expression, where)
    counted: dict[str, Dim] = {}
    grown: tuple[Growth, ...] = ()
    if isinstance(what, Network) and quantity in ADDED:
        counted = stages(what, quantity, depth)
        grown = _growths(what, names, numbers, quantity, depth)
    form = law_of(expression)
    return Overview(
        cost=cost,
        smooth=form,
        order=order(expression),
        at=numbers,
        slopes=tuple(Slope(name, _expression(expression, name, where), slopes.get(name)) for name in names),
        growths=grown,
        laws={name: law_of(value).expression for name, value in counted.items()},
        shares={} if where is None else _shares(counted, where),
        steps=(*_steps(cost, form), *(step for each in grown for step in each.steps[2:])),
    )


def _point(names: Sequence[str], known: Sequence[str], at: Mapping[str, object]) -> dict[str, int | Fraction]:
    """The numbers for the symbols of a cost; raises for a name that what it is of does not have."""
    for name in at:
        if name not in known:
            raise UnknownNameError("open symbol", name, known)
    return point({name: value for name, value in at.items() if name in names})


def _growths(
    network: Network, names: Sequence[str], values: Mapping[str, object], quantity: str, depth: int
) -> tuple[Growth, ...]:
    """With each symbol in turn, where all others have numbers."""
    found = []
    for name in names:
        others = {other: value for other, value in values.items() if other != name}
        if len(others) == len(names) - 1:
            found.append(growth(network, name, quantity=quantity, depth=depth, at=others))
    return tuple(found)


def _shares(counted: Mapping[str, Dim], values: Mapping[str, int | Fraction]) -> dict[str, Fraction]:
    """The exact costs of the stages at the point, over their sum."""
    numbers = {symbol(name): as_expression(value) for name, value in values.items()}
    costs = {name: as_expression(value).xreplace(numbers) for name, value in counted.items()}
    total = sp.Add(*costs.values())
    shares = {name: value / total for name, value in costs.items()} if total != 0 else {}
    return {name: Fraction(int(share.p), int(share.q)) for name, share in shares.items()}


def _expression(cost: Dim, parameter: str, at: Mapping[str, object] | None) -> Dim | None:
    try:
        return elasticity(cost, parameter, at)
    except ExpressionError:
        return None


def _steps(cost: NamedCost, form: SmoothCost) -> tuple[Step, ...]:
    """The cost as it is counted, without rounding, and its order."""
    side = symbol_text("C")
    steps = [Step(side, "=", cost.printed, f"{cost.quantity} of {cost.of}")]
    if form.conditions:
        steps.append(Step(side, "=", written(form.expression), "without rounding"))
    if as_expression(cost.expression).free_symbols:
        steps.append(Step(side, "=", theta(order(cost.expression)), "the terms that no other outgrows"))
    return tuple(steps)
