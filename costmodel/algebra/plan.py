"""From an expression to a short list of array operations.

Sums are evaluated by Horner's rule over whatever occurs most often in their terms, equal subexpressions once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy as sp

from costmodel.algebra.expressions import GreatestCommonDivisor, RoundToMultiple
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, UnknownNameError

Operand = int | float
"""A register by its number (int), or a constant (float)."""
Powers = tuple[tuple[int, int], ...]
"""A monomial: (register, exponent) for each factor."""

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


@dataclass
class Plan:
    """The operations that compute an expression; registers 0, 1, ... are the symbols, in order."""

    symbols: tuple[str, ...]
    operations: list[Operation] = field(default_factory=list)
    result: Operand = 0.0
    _known: dict[object, Operand] = field(default_factory=dict)
    _registers: int = 0

    @property
    def registers(self) -> int:
        """How many registers the operations use, symbols included."""
        return self._registers


def plan(expression: Dim, symbols: Sequence[str]) -> Plan:
    """The operations for an expression of these symbols; raises for any other symbol."""
    made = Plan(tuple(symbols), _registers=len(symbols))
    expression = sp.sympify(expression)
    for symbol in expression.free_symbols:
        if symbol.name not in made.symbols:
            raise UnknownNameError("given symbol", symbol.name, made.symbols)
        made._known[symbol] = made.symbols.index(symbol.name)
    made.result = _value(made, expression)
    return made


def _value(made: Plan, expression: Dim) -> Operand:
    """The operand that holds a subexpression."""
    if expression in made._known:
        return made._known[expression]
    if expression.is_number:
        return float(expression)
    if isinstance(expression, (sp.Add, sp.Mul, sp.Pow)):
        operand = _horner(made, _terms(made, expression))
    elif type(expression) in _FUNCTIONS:
        operand = _call(made, expression)
    else:
        raise ExpressionError(f"{type(expression).__name__} in '{expression}' has no array operation")
    made._known[expression] = operand
    return operand


def _call(made: Plan, expression: Dim) -> Operand:
    operands = [_value(made, argument) for argument in expression.args]
    name = _FUNCTIONS[type(expression)]
    if name not in ("maximum", "minimum"):
        return _emit(made, name, *operands)
    result = operands[0]
    for operand in operands[1:]:
        result = _emit(made, name, result, operand)
    return result


def _terms(made: Plan, expression: Dim) -> dict[Powers, float]:
    """The expression as coefficient for each monomial in registers."""
    terms: dict[Powers, float] = {}
    for term in sp.Add.make_args(expression):
        coefficient, factors = term.as_coeff_mul()
        powers: Counter[int] = Counter()
        number = float(coefficient)
        for factor in factors:
            base, exponent = factor.as_base_exp()
            if not exponent.is_Integer:
                raise ExpressionError(f"the power {exponent} in '{expression}' has no array operation")
            operand = _value(made, base)
            if isinstance(operand, float):
                number *= operand ** int(exponent)
            else:
                powers[operand] += int(exponent)
        key = tuple(sorted((register, power) for register, power in powers.items() if power))
        terms[key] = terms.get(key, 0.0) + number
    return terms


def _horner(made: Plan, terms: dict[Powers, float]) -> Operand:
    """x**p * (terms with x) + (the others), for the factor x that most terms have."""
    if not terms:
        return 0.0
    if len(terms) == 1 and () in terms:
        return terms[()]
    counts = Counter(register for powers in terms for register, _ in powers)
    chosen = min(counts, key=lambda register: (-counts[register], register))
    exponents = [dict(powers)[chosen] for powers in terms if chosen in dict(powers)]
    exponent = min(exponents) if min(exponents) > 0 else max(power for power in exponents if power < 0)
    inside, outside = {}, {}
    for powers, number in terms.items():
        power = dict(powers).get(chosen, 0)
        if power and (power > 0) == (exponent > 0):
            rest = tuple((register, p) for register, p in powers if register != chosen)
            left = power - exponent
            inside[tuple(sorted((*rest, (chosen, left)))) if left else rest] = number
        else:
            outside[powers] = number
    product = _times(made, _power(made, chosen, abs(exponent)), _horner(made, inside), divide=exponent < 0)
    if not outside:
        return product
    return _emit(made, "add", product, _horner(made, outside))


def _times(made: Plan, factor: Operand, value: Operand, *, divide: bool) -> Operand:
    if divide:
        return _emit(made, "divide", value, factor)
    return factor if value == 1.0 and isinstance(value, float) else _emit(made, "multiply", value, factor)


def _power(made: Plan, register: int, exponent: int) -> Operand:
    """A register to a positive power, by squaring."""
    if exponent == 1:
        return register
    half = _power(made, register, exponent // 2)
    square = _emit(made, "multiply", half, half)
    return _emit(made, "multiply", square, register) if exponent % 2 else square


def _emit(made: Plan, function: str, *operands: Operand) -> Operand:
    """The operation's register; the same operation is not done twice."""
    key = (function, operands)
    if key not in made._known:
        made._known[key] = made._registers
        made.operations.append(Operation(function, operands, made._registers))
        made._registers += 1
    return made._known[key]
