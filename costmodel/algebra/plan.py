"""From an expression to a short list of array operations.

Sums are evaluated by Horner's rule over whatever occurs most often in their terms, equal subexpressions once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import sympy as sp

from costmodel.algebra.expressions import GreatestCommonDivisor, RoundToMultiple, as_expression
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, UnknownNameError

Operand = int | float
"""A register by its number (int), or a constant (float)."""
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


@dataclass(frozen=True)
class Operation:
    """One array operation: a function's name, what it reads, and the register that it writes."""

    function: str
    operands: tuple[Operand, ...]
    register: int


@dataclass(frozen=True)
class Plan:
    """The operations that compute an expression; registers 0, 1, ... are the symbols, in order."""

    symbols: tuple[str, ...]
    operations: tuple[Operation, ...]
    result: Operand


def plan(expression: Dim, symbols: Sequence[str]) -> Plan:
    """The operations for an expression of these symbols; raises for any other symbol."""
    names = tuple(symbols)
    planner = _Planner(len(names))
    expression = as_expression(expression)
    for symbol in expression.free_symbols:
        if symbol.name not in names:
            raise UnknownNameError("given symbol", symbol.name, names)
        planner.known[symbol] = names.index(symbol.name)
    result = planner.value(expression)
    return Plan(names, tuple(planner.operations), result)


class _Planner:
    """Writes operations one after another, and knows which register holds what."""

    def __init__(self, registers: int) -> None:
        self.known: dict[object, Operand] = {}
        self.operations: list[Operation] = []
        self._registers = registers

    def value(self, expression: Dim) -> Operand:
        """The operand that holds a subexpression."""
        if expression in self.known:
            return self.known[expression]
        if expression.is_number:
            return float(expression)
        if isinstance(expression, (sp.Add, sp.Mul, sp.Pow)):
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
        operands = [self.value(argument) for argument in expression.args]
        name = _FUNCTIONS[type(expression)]
        if name not in ("maximum", "minimum"):
            return self._emit(name, *operands)
        result = operands[0]
        for operand in operands[1:]:
            result = self._emit(name, result, operand)
        return result

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
        key = (function, operands, tuple(map(type, operands)))
        if key not in self.known:
            self.known[key] = self._registers
            self.operations.append(Operation(function, operands, self._registers))
            self._registers += 1
        return self.known[key]


def _key(powers: Counter[int]) -> Powers:
    """The monomial of these powers."""
    return tuple(sorted((register, power) for register, power in powers.items() if power))
