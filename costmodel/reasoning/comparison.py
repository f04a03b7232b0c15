"""Two costs beside each other: their ratio, and for each symbol where one is below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from costmodel.algebra import Dim
from costmodel.algebra.expressions import as_expression
from costmodel.errors import ExpressionError
from costmodel.layers import Layer
from costmodel.network import Network
from costmodel.reasoning.break_even import BreakEven, break_even
from costmodel.reasoning.costs import NamedCost
from costmodel.reasoning.ratio import Ratio, both, ratio


class Comparison(NamedTuple):
    """The ratio of two costs, and where they are equal."""

    ratio: Ratio | None
    """None where one of them is a maximum, which has no ratio as an expression."""
    break_evens: tuple[BreakEven, ...]


def compared(
    a: str | type[Layer] | Network | NamedCost | Dim,
    b: str | type[Layer] | Network | NamedCost | Dim,
    symbols: Sequence[str] = (),
    *,
    quantity: str = "macs",
    at: Mapping[str, object] | None = None,
) -> Comparison:
    """The ratio of two costs, and for each of the symbols where A < B.

    Of layers, without `symbols`, every symbol of the ratio is solved for that can be; `at` gives them values. Of
    networks, `at` is a point: of each symbol in turn, the other symbols are what it says.

    >>> found = compared("depthwise_separable_conv2d", "conv2d", at={"k": 3})
    >>> found.ratio.expression, [each.symbol for each in found.break_evens]
    (1/9 + 1/c_o, ['c_o'])
    """
    if isinstance(a, Network) and isinstance(b, Network):
        return _networks(a, b, symbols, quantity, at or {})
    found = ratio(a, b, quantity=quantity, at=at)
    open_symbols = sorted(each.name for each in as_expression(found.expression).free_symbols)
    solved = []
    for name in symbols or open_symbols:
        try:
            solved.append(break_even(a, b, name, quantity=quantity, at=at))
        except ExpressionError:
            if symbols:
                raise
    return Comparison(found, tuple(solved))


def _networks(a: Network, b: Network, symbols: Sequence[str], quantity: str, at: Mapping[str, object]) -> Comparison:
    costs = both(a, b, quantity, None)
    known = sorted({each.name for cost in costs for each in as_expression(cost.expression).free_symbols})
    asked = [name for name in symbols if name in known]
    solved = []
    for name in asked:
        others = {other: value for other, value in at.items() if other != name and other in known}
        solved.append(break_even(a, b, name, quantity=quantity, at=others))
    try:
        return Comparison(ratio(a, b, quantity=quantity), tuple(solved))
    except ExpressionError:
        return Comparison(None, tuple(solved))
