"""For which values of its symbols a model that is read can run: what was taken for equal, and for an integer.

A network with symbols is one for all of their values, while the model runs for some: heights that are multiples of
32, sequences no longer than a table of positions. What the reading takes for granted is collected here, as conditions
that a person can read and that `Network.bind` checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from costmodel.algebra import Dim, equal, parse
from costmodel.algebra.text import to_text
from costmodel.errors import CostModelError
from costmodel.interop.value import Shape

LONGEST: Final = 500
"""Conditions of more characters are counted, not kept."""
MOST: Final = 50
"""Conditions beyond these are counted, not kept."""
_GRID: Final = {1: 4096, 2: 64, 3: 24}
"""For so many symbols the values of each for which conditions are compared."""


class _Condition(NamedTuple):
    """A condition in words, and for which small values of its symbols it holds; None where that was not computed."""

    text: str
    symbols: tuple[str, ...] = ()
    holds: Any = None

    def follows_from(self, others: Sequence[_Condition]) -> bool:
        """Whether it holds for all of the values for which the others on some of its symbols do."""
        return self.holds is not None and bool((self.holds | ~_together(self, others)).all())


class Assumptions:
    """What is taken for granted of the symbols of one model, each once."""

    def __init__(self) -> None:
        self._seen: set[object] = set()
        self._found: dict[str, _Condition] = {}

    def integers(self, shapes: Sequence[Shape]) -> None:
        """The sizes of these shapes are integers."""
        for shape in shapes:
            for size in shape:
                if not isinstance(size, int) and size not in self._seen:
                    self._seen.add(size)
                    self._is_integer(size)

    def equal(self, a: Dim, b: Dim) -> None:
        """Two sizes are equal."""
        if (a, b) in self._seen or equal(a, b):
            return
        self._seen.update(((a, b), (b, a)))
        from costmodel.algebra.smooth import without_rounding

        whole = _Condition(f"{to_text(a)} == {to_text(b)}", *_evaluated(lambda number: number(a) == number(b), (a, b)))
        (one, of_one), (other, of_other) = without_rounding(a), without_rounding(b)
        simple = [
            _Condition(str(each), *_evaluated(each.holds, (each.value,)))
            for each in dict.fromkeys((*of_one, *of_other))
        ]
        if equal(one, other) and _are_the_same(whole, simple):
            self._add(*simple)
        else:
            self._add(whole)

    def stated(self) -> tuple[str, ...]:
        """The conditions, those that others imply left out; of those that are too many or too long the number."""
        kept: list[_Condition] = []
        for each in sorted(self._found.values(), key=lambda condition: (len(condition.symbols), len(condition.text))):
            if not each.follows_from(kept):
                kept = [other for other in kept if not other.follows_from([each])]
                kept.append(each)
        return bounded([each.text for each in kept])

    def _add(self, *conditions: _Condition) -> None:
        for condition in conditions:
            self._found.setdefault(condition.text, condition)

    def _is_integer(self, size: Dim) -> None:
        """The size is an integer: what it is divided by divides it."""
        if size.is_integer:
            return
        import sympy as sp

        from costmodel.algebra.conditions import Multiple

        numerator, denominator = sp.fraction(sp.together(size))
        if denominator != 1:
            # The fraction is in lowest terms: a number above has no divisor of the one below.
            numerator = numerator.as_coeff_Mul()[1] if denominator.is_Integer else numerator
            condition = Multiple(numerator, denominator)
            self._add(_Condition(str(condition), *_evaluated(condition.holds, (numerator, denominator))))


def bounded(conditions: Sequence[str]) -> tuple[str, ...]:
    """The conditions that are not too long, and how many others there are."""
    short = [each for each in conditions if len(each) <= LONGEST][:MOST]
    left = len(conditions) - len(short)
    return (*short, *([f"{left} longer condition{'s' if left > 1 else ''} too"] if left else []))


def _evaluated(holds: Any, sizes: Sequence[Dim]) -> tuple[tuple[str, ...], Any]:
    """(symbols of some sizes, where a condition on them holds), for small values of the symbols."""
    from costmodel.algebra.vectorize import vectorize

    names = tuple(sorted({symbol.name for size in sizes if not isinstance(size, int) for symbol in size.free_symbols}))
    if len(names) not in _GRID:
        return names, None
    values = np.meshgrid(*[np.arange(1.0, _GRID[len(names)] + 1)] * len(names), indexing="ij")
    try:
        # A size that is divided by nothing is none, and equal to none.
        with np.errstate(divide="ignore", invalid="ignore"):
            return names, holds(lambda size: vectorize(parse(to_text(size)), names)(*values))
    except CostModelError:
        return names, None


def _together(whole: _Condition, parts: Sequence[_Condition]) -> Any:
    """Where all of those conditions hold that are on some of a condition's symbols, for the values of that one."""
    holds = np.ones_like(whole.holds)
    for part in parts:
        if part.holds is None or not set(part.symbols) <= set(whole.symbols):
            continue
        places = list(zip(whole.holds.shape, (name in part.symbols for name in whole.symbols), strict=True))
        narrow = part.holds[tuple(slice(size) for size, has in places if has)]
        if narrow.shape == tuple(size for size, has in places if has):
            holds &= narrow.reshape([size if has else 1 for size, has in places])
    return holds


def _are_the_same(whole: _Condition, parts: Sequence[_Condition]) -> bool:
    """Whether a condition holds where all of some others do, and nowhere else."""
    if whole.holds is None:
        return len(whole.symbols) > max(_GRID)
    return bool((_together(whole, parts) == whole.holds).all())
