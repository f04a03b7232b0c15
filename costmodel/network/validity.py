"""Where the network of a network with symbols can be built: for which values every size is a positive integer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from costmodel.algebra import Dim, assuming
from costmodel.algebra.assumed import collecting
from costmodel.algebra.conditions import AtLeast, Condition, strongest
from costmodel.network.conditions import as_condition

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step

MOST: Final = 2**31
"""The largest value of a symbol for which a size is tried."""


def buildable_where(network: Network) -> tuple[Condition, ...]:
    """The conditions on a network's symbols where numbers in their place give a network, and not an error.

    They are: every size that is inferred is at least 1 and an integer, every exact division leaves no remainder
    (channels by groups, a split by its sections), and what the network itself says (`holds_where`). Each is as strong
    as those that it implies: of sizes that only grow with one symbol, what is left is the least value of that symbol.
    `costmodel.algebra.conditions.margin` makes of them one expression that is at least 1 where all hold.

    With `costmodel.algebra.assuming`, ask within the block in which the network was built.

    Ranges of parameters are not among them (a resolution of at most 2**31, a tensor of at most 2**100 elements), nor
    that a layer's fields fit each other (a padding and its kernel), which layers check where both are numbers.

    >>> from costmodel import symbols, zoo
    >>> [str(each) for each in buildable_where(zoo.alexnet(resolution=symbols("r"), groups=symbols("g")))]
    ['256 % g == 0', '96 % g == 0', 'r >= 63']
    """
    found: dict[Condition, None] = dict.fromkeys(map(as_condition, network.holds_where))
    sizes: dict[Dim, None] = {}
    for step in network.steps:
        found.update(dict.fromkeys(_needs_of(step)))
        sizes.update((size, None) for shape in step.output_shapes for size in shape if not isinstance(size, int))
        sizes.update((value, None) for _, value in step.node.layer if getattr(value, "free_symbols", None))
    for size in sizes:
        found.update(dict.fromkeys(_positive_integer(size)))
    return _without_implied(found)


def _needs_of(step: Step) -> tuple[Condition, ...]:
    """What the layer takes for granted of its inputs, in its shapes and its formulas."""
    outer = collecting()
    with assuming(None if outer is None else outer.at) as assumed:
        layer = step.node.layer
        layer.infer(step.input_shapes)
        layer.formulas.evaluate(step.symbols)
    return assumed.needs


def _positive_integer(size: Dim) -> Iterator[Condition]:
    """The conditions that make an expression a positive integer; none where it certainly is one."""
    from costmodel.algebra.bounds import least
    from costmodel.algebra.divisibility import need_integer

    with assuming() as assumed:
        need_integer(assumed, size)
    yield from assumed.needs
    # A product is one of sizes, such as a flattened map: it is positive where each of them is.
    for factor in dict.fromkeys(each.as_base_exp()[0] for each in size.as_ordered_factors()):
        bound = None if factor.is_positive else least(factor)
        if not factor.is_positive and (bound is None or bound <= 0 or (bound < 1 and not factor.is_integer)):
            yield _least_value(factor) or AtLeast(factor if factor.is_integer else size, _integer(1))


def _least_value(size: Dim) -> AtLeast | None:
    """The condition `symbol >= n` that makes a size positive which only grows with its one symbol, an integer."""
    from costmodel.algebra.bounds import grows

    (symbol, *others) = size.free_symbols
    if others or not symbol.is_integer or not grows(size):
        return None
    low, high = 0, 1
    while not size.xreplace({symbol: _integer(high)}) >= 1:
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if size.xreplace({symbol: _integer(middle)}) >= 1 else (middle, high)
    return AtLeast(symbol, _integer(high))


def _without_implied(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The strongest conditions; of lower bounds, one that another is certainly not above is left out."""
    from costmodel.algebra.bounds import is_at_least

    kept: list[Condition] = []
    for condition in strongest(conditions):
        if not isinstance(condition, AtLeast):
            kept.append(condition)
            continue
        slack = condition.value - condition.bound
        bounds = [(each, each.value - each.bound) for each in kept if isinstance(each, AtLeast)]
        if any(is_at_least(slack, other) for _, other in bounds):
            continue
        implied = [each for each, other in bounds if is_at_least(other, slack)]
        kept = [*(each for each in kept if each not in implied), condition]
    return tuple(kept)


def _integer(number: int) -> Dim:
    import sympy as sp

    return sp.Integer(number)
