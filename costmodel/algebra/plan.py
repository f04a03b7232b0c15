"""From an expression to a short list of array operations.

Sums are evaluated by Horner's rule over whatever occurs most often in their terms, equal subexpressions once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial, reduce
from math import lcm
from operator import or_
from types import MappingProxyType

import sympy as sp

from costmodel.algebra.blocks import COLUMNS, FUNCTIONS, ROWS, UFUNCS
from costmodel.algebra.expressions import as_expression
from costmodel.algebra.functions import GreatestCommonDivisor, RoundToMultiple
from costmodel.algebra.program import Operand, Operation, Program
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, UnknownNameError

Powers = tuple[tuple[int, int], ...]
"""A monomial: (register, positive exponent) for each factor."""
Terms = dict[Powers, float]
"""A sum: the coefficient of each monomial."""
ONE: Terms = {(): 1.0}

_FUNCTIONS = {
    sp.floor: "floor",
    sp.ceiling: "ceiling",
    sp.Max: "maximum",
    sp.Min: "minimum",
    RoundToMultiple: "round_to_multiple",
    GreatestCommonDivisor: "gcd",
}


def plan(
    expressions: Sequence[Dim],
    symbols: Sequence[str],
    columns: Iterable[str] = (),
    denominators: Mapping[str, int] = MappingProxyType({}),
) -> Program:
    """The operations for expressions of these symbols; raises for any other symbol.

    `columns` are symbols that will vary along the columns of a table, the others along its rows: sums are arranged so
    that little is left to compute for each place. A symbol with a denominator is given as its numerators, which are
    integers: floor(100 x 0.29) is 29, and 28 in floats.
    """
    names = tuple(symbols)
    planner = _Planner(names, frozenset(columns), denominators)
    wanted = [as_expression(expression) for expression in expressions]
    for symbol in sorted(set().union(*(each.free_symbols for each in wanted)), key=str):
        if symbol.name not in names:
            raise UnknownNameError("given symbol", symbol.name, names)
        place = names.index(symbol.name)
        planner.symbols[symbol] = place
        if denominators.get(symbol.name, 1) == 1:
            planner.known[symbol] = place
    results = tuple([planner.value(each) for each in wanted])
    return Program(names, tuple(planner.operations), results)


class _Planner:
    """Writes operations one after another, and knows which register holds what."""

    def __init__(self, names: Sequence[str], columns: frozenset[str], denominators: Mapping[str, int]) -> None:
        self.known: dict[object, Operand] = {}
        self.symbols: dict[object, int] = {}
        self._denominators = [denominators.get(name, 1) for name in names]
        self.operations: list[Operation] = []
        self._varies = [COLUMNS if name in columns else ROWS for name in names]

    def value(self, expression: Dim) -> Operand:
        """The operand that holds a subexpression."""
        if expression in self.known:
            return self.known[expression]
        if expression.is_number:
            return float(expression)
        if isinstance(expression, (sp.Add, sp.Mul, sp.Pow, sp.Symbol)):
            numerator, denominator = self._fraction(expression)
            operand = self._horner(numerator)
            if denominator != ONE:
                operand = self._emit("divide", operand, self._horner(denominator))
        elif type(expression) in _FUNCTIONS:
            operand = self._call(expression)
        else:
            raise ExpressionError(f"{type(expression).__name__} in '{expression}' has no array operation")
        self.known[expression] = operand
        return operand

    def _call(self, expression: Dim) -> Operand:
        if isinstance(expression, RoundToMultiple) and expression.args[1].is_Integer:
            return self._rounded(*expression.args)
        operands = [self.value(argument) for argument in expression.args]
        name = _FUNCTIONS[type(expression)]
        if name not in ("maximum", "minimum"):
            return self._emit(name, *operands)
        result = operands[0]
        for operand in operands[1:]:
            result = self._emit(name, result, operand)
        return result

    def _rounded(self, value: Dim, divisor: Dim) -> Operand:
        """To the nearest multiple m of the divisor d, at least d, and one more where 10 m < 9 value.

        With the value as numerator / denominator, m = floor((2 numerator + d denominator) / (2 d denominator)) d, and
        only integers are compared: 9 * 80/9 in floats is more than 80.
        """
        numerator, denominator = self._fraction(value)
        above, below, step = self._horner(numerator), self._horner(denominator), float(divisor)
        shifted = self._emit("add", self._emit("multiply", above, 2.0), self._emit("multiply", below, step))
        whole = self._emit("floor", self._emit("divide", shifted, self._emit("multiply", below, 2 * step)))
        nearest = self._emit("maximum", self._emit("multiply", whole, step), step)
        scaled = self._emit("multiply", self._emit("multiply", nearest, below), 10.0)
        is_low = self._emit("less", scaled, self._emit("multiply", above, 9.0))
        return self._emit("add", nearest, self._emit("multiply", is_low, step))

    def _fraction(self, expression: Dim) -> tuple[Terms, Terms]:
        """The terms of the expression over one common denominator.

        d/3 + 2/3 in floats falls short of 3 at d = 7, and its floor with it; (d + 2) / 3 is exact. So is
        c*h / g where c / g * h is not.
        """
        terms = [self._monomial(term) for term in sp.Add.make_args(expression)]
        scale = lcm(*(int(number.q) for _, number in terms if number.is_Rational))
        divisor: Counter[int] = Counter()
        for powers, _ in terms:
            divisor |= Counter({register: -power for register, power in powers.items()})
        numerator: Terms = {}
        for powers, number in terms:
            key = _key(Counter({register: powers[register] + divisor[register] for register in {*powers, *divisor}}))
            numerator[key] = numerator.get(key, 0.0) + float(scale * number)
        return numerator, {_key(divisor): float(scale)}

    def _monomial(self, term: Dim) -> tuple[Counter[int], Dim]:
        """The powers of registers in a term, and its coefficient."""
        number, factors = term.as_coeff_mul()
        powers: Counter[int] = Counter()
        for factor in factors:
            base, exponent = factor.as_base_exp()
            if not exponent.is_Integer:
                raise ExpressionError(f"the power {exponent} in '{term}' has no array operation")
            if base in self.symbols:
                place = self.symbols[base]
                powers[place] += int(exponent)
                number *= sp.Rational(1, self._denominators[place]) ** int(exponent)
                continue
            operand = self.value(base)
            if isinstance(operand, float):
                number *= operand ** int(exponent)
            else:
                powers[operand] += int(exponent)
        return powers, number

    def _horner(self, terms: Terms) -> Operand:
        """x**p * (terms with x) + (the others), for the factor x that most terms have."""
        if not terms:
            return 0.0
        if len(terms) == 1 and () in terms:
            return terms[()]
        if len(parts := self._by_columns(terms)) > 1:
            return self._sum(
                self._emit("multiply", self._horner(rows), self._product(key)) if key else self._horner(rows)
                for key, rows in parts.items()
            )
        counts = Counter(register for powers in terms for register, _ in powers)
        chosen = min(counts, key=lambda register: (-counts[register], register))
        exponent = min(dict(powers)[chosen] for powers in terms if chosen in dict(powers))
        inside, outside = {}, {}
        for powers, number in terms.items():
            if chosen in dict(powers):
                inside[_key(Counter(dict(powers)) - Counter({chosen: exponent}))] = number
            else:
                outside[powers] = number
        factor, rest = self._power(chosen, exponent), self._horner(inside)
        product = factor if inside == ONE else self._emit("multiply", rest, factor)
        if not outside:
            return product
        return self._emit("add", product, self._horner(outside))

    def _by_columns(self, terms: Terms) -> dict[Powers, Terms]:
        """The terms by those of their factors that vary along the columns; all in one where none of them mixes."""
        parts: dict[Powers, Terms] = {}
        for powers, number in terms.items():
            key = tuple(factor for factor in powers if self._varies[factor[0]] & COLUMNS)
            parts.setdefault(key, {})[tuple(factor for factor in powers if factor not in key)] = number
        is_mixed = any(key for key in parts) and any(any(rows) for rows in parts.values())
        return parts if is_mixed else {(): terms}

    def _product(self, powers: Powers) -> Operand:
        """The product of powers of registers."""
        first, *others = (self._power(*each) for each in powers)
        return reduce(partial(self._emit, "multiply"), others, first)

    def _sum(self, operands: Iterable[Operand]) -> Operand:
        """The sum of operands."""
        first, *others = operands
        return reduce(partial(self._emit, "add"), others, first)

    def _power(self, register: int, exponent: int) -> Operand:
        """A register to a positive power, by squaring."""
        if exponent == 1:
            return register
        half = self._power(register, exponent // 2)
        square = self._emit("multiply", half, half)
        return self._emit("multiply", square, register) if exponent % 2 else square

    def _emit(self, function: str, *operands: Operand) -> Operand:
        """The operation's register; the same operation is not done twice."""
        # Without the types, register 2 and the constant 2.0 would be one key.
        if all(isinstance(operand, float) for operand in operands):
            return float((UFUNCS | FUNCTIONS)[function](*operands))
        if function == "multiply" and any(isinstance(each, float) and each == 1.0 for each in operands):
            return next(each for each in operands if isinstance(each, int))
        key = (function, operands, tuple(map(type, operands)))
        if key not in self.known:
            register = len(self._varies)
            self.known[key] = register
            self.operations.append(Operation(function, operands, register))
            self._varies.append(reduce(or_, (self._varies[each] for each in operands if isinstance(each, int))))
        return self.known[key]


def _key(powers: Counter[int]) -> Powers:
    """The monomial of these powers."""
    return tuple(sorted((register, power) for register, power in powers.items() if power))
