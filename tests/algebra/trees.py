"""Random expressions as trees, which the tests print and evaluate themselves, in exact fractions.

The evaluation shares nothing with the library: it is what every way of evaluating a formula is compared with.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor, gcd

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Tree = int | Fraction | str | tuple["Tree", ...]
"""A number, a name, or an operator and its operands."""
INTEGERS = ("r", "n", "h_i")
"""Names that the vocabulary takes for positive integers."""
FUNCTIONS = {"max", "min", "gcd", "floor", "ceiling", "round_to_multiple"}
VALUES = st.fixed_dictionaries({name: st.integers(1, 300) for name in INTEGERS})


def text(tree: Tree) -> str:
    """The tree as a user would write it, with all parentheses."""
    if not isinstance(tree, tuple):
        return f"({tree})"
    operator, *operands = tree
    if operator in FUNCTIONS:
        return f"{operator}({', '.join(map(text, operands))})"
    return f"({str(operator).join(map(text, operands))})"


def evaluate(tree: Tree, values: Mapping[str, int | Fraction]) -> Fraction:
    """The value of the tree."""
    if isinstance(tree, str):
        return Fraction(values[tree])
    if not isinstance(tree, tuple):
        return Fraction(tree)
    operator, *operands = tree
    return Fraction(OPERATIONS[str(operator)](*(evaluate(operand, values) for operand in operands)))


def rounded_to_multiple(x: Fraction, divisor: Fraction) -> Fraction:
    """The multiple of the divisor nearest to x, from the divisor on: found by trying those around x."""
    around = int(x / divisor)
    multiples = [divisor * index for index in range(max(1, around - 2), around + 3)]
    nearest = min(multiples, key=lambda multiple: (abs(multiple - x), -multiple))
    return nearest if nearest >= Fraction(9, 10) * x else nearest + divisor


OPERATIONS: dict[str, Callable[..., Fraction | int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: floor(a / b),
    "**": lambda a, b: a ** int(b),
    "floor": floor,
    "ceiling": ceil,
    "max": max,
    "min": min,
    "gcd": lambda a, b: gcd(int(a), int(b)),
    "round_to_multiple": rounded_to_multiple,
}


def names(*chosen: str) -> SearchStrategy[Tree]:
    return st.sampled_from(chosen or INTEGERS)


def _linear(parts: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    """Sums, differences, multiples, and floors of what `parts` gives, all of them integers."""
    divisors = st.integers(1, 9)
    fractions = st.fractions(-5, 5, max_denominator=12)
    scaled = st.tuples(st.just("*"), fractions, parts)
    shifted = st.tuples(st.just("+"), scaled, fractions)
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-"]), parts, parts),
        st.tuples(st.just("*"), st.integers(-6, 6), parts),
        st.tuples(st.just("//"), parts, st.one_of(divisors, divisors.map(int.__neg__))),
        st.tuples(st.sampled_from(["floor", "ceiling"]), shifted),
    )


def linear(max_leaves: int = 12) -> SearchStrategy[Tree]:
    """Linear integer expressions with nested floors and ceilings."""
    leaves: SearchStrategy[Tree] = st.one_of(names(), st.integers(-9, 40))
    return st.recursive(leaves, _linear, max_leaves=max_leaves)


def _any(parts: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    positive = parts.map(lambda part: ("max", part, 1))
    return st.one_of(
        _linear(parts),
        st.tuples(st.sampled_from(["*", "max", "min"]), parts, parts),
        st.tuples(st.just("**"), parts, st.integers(1, 3)),
        st.tuples(st.just("gcd"), positive, positive),
        st.tuples(st.just("round_to_multiple"), positive, st.sampled_from([1, 3, 8])),
    )


def polynomial(max_leaves: int = 10) -> SearchStrategy[Tree]:
    """Integer expressions with every operation of the language."""
    leaves: SearchStrategy[Tree] = st.one_of(names(), st.integers(-9, 40))
    return st.recursive(leaves, _any, max_leaves=max_leaves)


def channels() -> SearchStrategy[Tree]:
    """Channel counts under a width multiplier: rounded by one of the authors' rules, or not at all."""
    wide: SearchStrategy[Tree] = st.tuples(st.just("*"), st.sampled_from([3, 16, 24, 32, 64]), st.just("alpha"))
    floored = wide.map(lambda tree: ("floor", tree))
    return st.one_of(
        wide,
        floored,
        wide.map(lambda tree: ("ceiling", tree)),
        floored.map(lambda tree: ("max", tree, 8)),
        wide.map(lambda tree: ("min", tree, 96)),
        st.tuples(st.just("round_to_multiple"), wide, st.sampled_from([4, 8, 12])),
    )


def costs() -> SearchStrategy[Tree]:
    """Sums of products of sizes and channel counts, as whole networks have them."""
    factors = st.one_of(linear(5), channels())
    products = st.recursive(factors, lambda parts: st.tuples(st.just("*"), parts, parts), max_leaves=3)
    return st.recursive(products, lambda parts: st.tuples(st.just("+"), parts, parts), max_leaves=3)


def terms() -> SearchStrategy[Tree]:
    """Sums of positive terms with powers of real and integer symbols, negative ones too."""
    powers = st.tuples(st.just("**"), names("alpha", "width", *INTEGERS), st.integers(-3, 3).filter(bool))
    coefficients = st.fractions(Fraction(1, 50), 10**6, max_denominator=50)
    leaves: SearchStrategy[Tree] = st.one_of(powers, coefficients)
    products = st.recursive(leaves, lambda parts: st.tuples(st.just("*"), parts, parts), max_leaves=4)
    return st.recursive(products, lambda parts: st.tuples(st.sampled_from("+*"), parts, parts), max_leaves=5)
