r"""Elasticities: by how many percent a cost grows with one percent more of a parameter.

The elasticity of a cost C for a parameter x is d log C / d log x = (x / C) dC/dx, of the smooth form of C: the
rounding of channels and shapes has slopes of zero and jumps, which say nothing. Bounds are kept: where a layer's
channels never shrink below 1280, they do not shrink.

Of a polynomial, the elasticity is the mean of its terms' degrees, weighted with their shares: of a cost that is
90 % a x^2 and 10 % b x it is 1.9.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from costmodel.algebra.expressions import as_expression, symbol
from costmodel.algebra.smooth import without_rounding
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, shorten
from costmodel.reasoning.derivatives import Number, slopes
from costmodel.reasoning.points import point
from costmodel.reasoning.smoothing import growing


def elasticities(expression: Dim, at: Mapping[str, object]) -> dict[str, float]:
    """The elasticity of a cost for each parameter of the point `at`: d log cost / d log parameter.

    `expression` is a count (MACs, parameters, bytes) or a latency; numbers have no slope. `at` gives a number above 0
    for each symbol; names that the expression does not have get 0. Of a maximum (peak memory, a roofline), the part
    counts that is largest at the point; at a kink, the slope upwards.

    Raises `ExpressionError` for a symbol without a number, a number that is not positive, and a cost of zero.

    >>> from costmodel import symbols, zoo
    >>> width, resolution = symbols("width resolution")
    >>> macs = zoo.mobilenet_v1(width=width, resolution=resolution).cost().macs
    >>> {name: round(value, 3) for name, value in elasticities(macs, {"width": 1, "resolution": 224}).items()}
    {'width': 1.949, 'resolution': 1.996}
    """
    values = point(at)
    if not hasattr(expression, "free_symbols"):
        return dict.fromkeys(values, 0.0)
    smooth, _ = without_rounding(expression, keeps_bounds=True)
    missing = sorted({symbol.name for symbol in smooth.free_symbols} - set(values))
    if missing:
        raise ExpressionError(f"an elasticity is taken at a point, which must give {missing[0]!r} a number")
    value, derivatives = slopes(smooth, values)
    if not value > 0:
        raise ExpressionError(f"an elasticity is of a cost above 0 (got {shorten(value)} at the point)")
    found = zip(values.items(), derivatives, strict=True)
    return {name: float(number * derivative / value) for (name, number), derivative in found}


def elasticity(expression: Dim, parameter: str, at: Mapping[str, object] | None = None) -> Dim:
    """The elasticity of a cost for a parameter as an expression: (x / C) dC/dx of the smooth form C.

    With a point `at`, a maximum is the argument that is largest there (see `active`); without one, a bound is what it
    is for large values. Raises `ExpressionError` for any other maximum.

    >>> from costmodel import symbols, zoo
    >>> elasticity(zoo.mobilenet_v1(width=symbols("width")).cost().macs, "width")
    (2107392*width + 57125)/(1053696*width + 57125)
    """
    counted = as_expression(expression)
    cost = active(counted, at) if at else growing(counted).expression
    x = symbol(parameter)
    if cost.has(sp.Max, sp.Min):
        raise ExpressionError("a maximum has no elasticity as an expression; take it at a point")
    return sp.factor_terms(sp.cancel(x * sp.diff(cost, x) / cost)) if cost != 0 else cost


def active(expression: Dim, at: Mapping[str, object]) -> Dim:
    """The smooth form with the argument of each maximum (minimum) that is largest (smallest) at a point.

    >>> from costmodel.algebra import parse
    >>> active(parse("max(1280, 1280*width) * max(resolution, 8)"), {"width": 0.5, "resolution": 224})
    1280*resolution
    """
    values = point(at)
    smooth, _ = without_rounding(as_expression(expression), keeps_bounds=True)

    def steepness(argument: Dim) -> tuple[Number, Number]:
        found = slopes(argument, values)
        return found.value, sum(found.derivatives)

    without_maxima = smooth.replace(sp.Max, lambda *arguments: max(arguments, key=steepness))
    return without_maxima.replace(sp.Min, lambda *arguments: min(arguments, key=steepness))
