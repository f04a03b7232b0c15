"""Growth: the asymptotic order of a cost, and which stages dominate as a parameter grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.expressions import as_expression, symbol
from costmodel.algebra.notation import exact_div
from costmodel.algebra.text import to_text
from costmodel.errors import ExpressionError, UnknownNameError, shorten
from costmodel.network import Network
from costmodel.reasoning.pieces import pieces
from costmodel.reasoning.points import point
from costmodel.reasoning.roots import Root
from costmodel.reasoning.signs import signs
from costmodel.reasoning.smoothing import expanded, growing, joined
from costmodel.reasoning.stages import stages
from costmodel.reasoning.writing import Step, cost_named, symbol_text, theta, written

C: Final = symbol_text("C")


@dataclass(frozen=True)
class StageGrowth:
    """How a stage grows with the parameter."""

    name: str
    expression: Dim
    """Its cost without rounding."""
    leading: Dim
    """The term of it that grows fastest."""
    degree: int
    limit: Dim
    """What its share of the whole tends to."""


@dataclass(frozen=True)
class Overtaking:
    """From where on a stage costs more than the one that comes next in the limit."""

    stage: str
    other: str
    root: Root | None
    """The value at which both cost the same; None where the stage costs more for every value."""


@dataclass(frozen=True)
class Growth:
    """How a network's cost grows with one parameter."""

    network: str
    quantity: str
    parameter: str
    expression: Dim
    """The whole cost without rounding."""
    order: tuple[Dim, ...]
    """The terms that no other outgrows, without their coefficients: the cost is Theta of their sum."""
    leading: Dim
    degree: int
    stages: tuple[StageGrowth, ...]
    """In execution order."""
    overtakings: tuple[Overtaking, ...]
    """Of each pair of neighbours by their limits, the largest first; empty where symbols are left without numbers."""
    steps: tuple[Step, ...]
    valid_when: tuple[str, ...]

    @property
    def dominant(self) -> tuple[StageGrowth, ...]:
        """The stages that keep a share of the whole, those with the most first."""
        kept = [stage for stage in self.stages if stage.limit != 0]
        return tuple(sorted(kept, key=lambda stage: -float(stage.limit) if stage.limit.is_number else 0))


def growth(
    network: Network,
    parameter: str,
    *,
    quantity: str = "macs",
    depth: int = 1,
    at: Mapping[str, object] | None = None,
) -> Growth:
    """How a cost grows with a symbol of the network: its order, and of each stage the share in the limit.

    `at` gives numbers to other symbols; with numbers for all of them, it is also found where a stage overtakes
    another. A stage is a scope of `depth` parts of the nodes' names.

    >>> from costmodel import symbols, zoo
    >>> found = growth(zoo.mobilenet_v1(resolution=symbols("resolution")), "resolution")
    >>> found.leading, [stage.name for stage in found.dominant[:2]], found.stages[-1].limit
    (22629*resolution**2/2, ['block3', 'block5'], 0)
    """
    x = symbol(parameter)
    numbers = {symbol(name): as_expression(value) for name, value in point(at or {}).items()}
    counted = {name: as_expression(value).xreplace(numbers) for name, value in stages(network, quantity, depth).items()}
    if not any(x in value.free_symbols for value in counted.values()):
        known = sorted({each.name for value in counted.values() for each in value.free_symbols})
        raise UnknownNameError(f"open symbol in {quantity} of {network.name}", parameter, known)
    found = {name: growing(value) for name, value in counted.items()}
    whole = sp.Add(*(form.expression for form in found.values()))
    degree, coefficient = _leading(whole, x)
    grown = tuple(_stage(name, form.expression, x, degree, coefficient) for name, form in found.items())
    is_alone = whole.free_symbols <= {x}
    leading = coefficient * x**degree
    where = ", ".join(f"{name} = {value}" for name, value in numbers.items())
    return Growth(
        network=network.name,
        quantity=quantity,
        parameter=parameter,
        expression=whole,
        order=order(whole),
        leading=leading,
        degree=degree,
        stages=grown,
        overtakings=_overtakings(grown, x) if is_alone else (),
        steps=_steps(whole, leading, grown, x, where),
        valid_when=tuple(map(str, joined(*found.values()))),
    )


def order(expression: Dim) -> tuple[Dim, ...]:
    """The products of powers that no other term outgrows in every symbol: the expression is Theta of their sum.

    For symbols that are at least 1 and grow in any way; of a maximum, every argument counts.

    >>> from costmodel import symbols, zoo
    >>> width, resolution = symbols("width resolution")
    >>> order(zoo.vit(width=width, resolution=resolution).cost().macs)
    (resolution**4*width, resolution**2*width**2)
    """
    summed = growing(expression).expression.replace(sp.Max, sp.Add)
    if summed.has(sp.Min):
        raise ExpressionError("a minimum of several expressions has no order that does not depend on how they grow")
    names = sorted(summed.free_symbols, key=str)
    if not names:
        return (sp.Integer(1),)
    monomials = sorted({_powers(term, names) for term in sp.Add.make_args(expanded(summed))})
    kept = [each for each in monomials if not any(_outgrows(other, each) for other in monomials)]
    made = [sp.Mul(*(name**power for name, power in zip(names, each, strict=True))) for each in kept]
    degrees = {term: sum(each) for term, each in zip(made, kept, strict=True)}
    return tuple(sorted(made, key=lambda term: (-degrees[term], to_text(term))))


def _powers(term: Dim, names: Sequence[Dim]) -> tuple[int, ...]:
    """The power of each symbol in a term, below 0 where it is divided by it."""
    powers = term.as_coeff_Mul()[1].as_powers_dict()
    if not all(base in names and power.is_Integer for base, power in powers.items() if base != 1):
        raise ExpressionError(f"an order is of sums of products of powers (got {shorten(to_text(term))})")
    return tuple(int(powers.get(name, 0)) for name in names)


def _polynomial(expression: Dim, *symbols: Dim) -> Dim:
    try:
        return sp.Poly(expression, *symbols)
    except sp.PolynomialError:
        raise ExpressionError("growth is of polynomials, and this cost is divided by a symbol") from None


def _outgrows(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether a is another product, and no power in it is lower."""
    return a != b and all(x >= y for x, y in zip(a, b, strict=True))


def _leading(expression: Dim, x: Dim) -> tuple[int, Dim]:
    """(degree, coefficient) of the term that grows fastest with the symbol."""
    polynomial = _polynomial(expression, x)
    return int(polynomial.degree()), polynomial.LC()


def _stage(name: str, expression: Dim, x: Dim, degree: int, coefficient: Dim) -> StageGrowth:
    own_degree, own = _leading(expression, x)
    limit = sp.cancel(own / coefficient) if own_degree == degree else sp.Integer(0)
    return StageGrowth(name, expression, own * x**own_degree, own_degree, limit)


def _overtakings(grown: tuple[StageGrowth, ...], x: Dim) -> tuple[Overtaking, ...]:
    """For each pair of neighbours in the limit, the last value at which they cost the same."""
    ranked = sorted(grown, key=lambda stage: [-stage.degree, *(-c for c in sp.Poly(stage.expression, x).all_coeffs())])
    found = []
    for stage, other in pairwise(ranked):
        last = signs(pieces(stage.expression - other.expression, x))[-1]
        if last.sign:
            found.append(Overtaking(stage.name, other.name, last.low))
    return tuple(found)


def _steps(whole: Dim, leading: Dim, grown: tuple[StageGrowth, ...], x: Dim, where: str) -> tuple[Step, ...]:
    """The algebra: the sum of the stages, its order, its leading term, and the largest share in the limit."""
    grows = f"as {x} grows, at {where}" if where else f"as {x} grows"
    steps = [
        Step(C, "=", written(whole), "the sum of all stages, without rounding"),
        Step(C, "=", theta(order(whole)), "the terms that no other outgrows"),
        Step(C, "~", written(leading), f"the leading term {grows}"),
    ]
    largest = max(grown, key=lambda stage: float(stage.limit) if stage.limit.is_number else 0)
    if largest.limit.is_number and largest.limit != 0:
        part, limit = exact_div(cost_named(largest.name), C), written(largest.limit)
        steps.append(Step(part, "->", limit, f"the largest share {grows}"))
    return tuple(steps)
