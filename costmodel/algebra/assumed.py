"""What is taken for granted of symbols: collected while something is computed, by whoever wants to know.

Numbers are checked (does 4 divide 10?) and chosen by (is a shortcut as wide as what it is added to?). With symbols the
check is taken to pass, which is a **need**, and one of both ways is chosen, which is a **choice**. Each is right where
a condition holds, and `assuming` collects these conditions.

>>> from costmodel import symbols
>>> from costmodel.algebra import equal, exact_div
>>> c = symbols("c")
>>> with assuming() as assumed:
...     (exact_div(c, 2), equal(c, 8))
(c/2, False)
>>> [str(each) for each in (*assumed.needs, *assumed.choices)]
['c % 2 == 0', 'c != 8']

Given values for the symbols, a choice is made as those values make it:

>>> with assuming({"c": 8}) as assumed:
...     equal(c, 8)
True
>>> [str(each) for each in assumed.choices]
['c == 8']
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from costmodel.algebra.types import Dim
from costmodel.errors import shorten

if TYPE_CHECKING:
    from costmodel.algebra.conditions import Condition

Result = TypeVar("Result")


@dataclass(eq=False)
class Assumed:
    """The conditions that were collected, each once, in order; `at` are the values that choices are made by.

    Needs take time to find, and are left out where nobody asks for them.
    """

    at: Mapping[str, int | Fraction] | None = None
    asks_for_needs: bool = True
    _needs: dict[Condition, None] = field(default_factory=dict)
    _choices: dict[Condition, None] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[Condition, ...]:
        """Where numbers would pass all checks."""
        return tuple(self._needs)

    @property
    def choices(self) -> tuple[Condition, ...]:
        """Where numbers would choose the same."""
        return tuple(self._choices)

    def need(self, condition: Condition) -> None:
        """Note a check that is taken to pass."""
        self._needs[condition] = None

    def choose(self, condition: Condition, otherwise: Condition, *, default: bool = False) -> bool:
        """Whether the condition holds at the values, or without them the default."""
        answer = default if self.at is None else _holds(condition, self.at)
        self._choices[condition if answer else otherwise] = None
        return answer

    @property
    def point(self) -> Hashable:
        """The values as a part of a key."""
        return None if self.at is None else tuple(sorted(self.at.items()))

    def include(self, choices: Iterable[Condition]) -> None:
        """Note choices that were made before, of something that was remembered."""
        self._choices.update(dict.fromkeys(choices))


_COLLECTING: Final[ContextVar[Assumed | None]] = ContextVar("_COLLECTING", default=None)


@contextmanager
def assuming(at: Mapping[str, int | Fraction] | None = None, *, asks_for_needs: bool = True) -> Iterator[Assumed]:
    """Collect what is taken for granted in the block; `at` are values, by the symbols' names, to make choices by.

    Of two blocks one in the other, the inner one collects.
    """
    assumed = Assumed(at, asks_for_needs)
    token = _COLLECTING.set(assumed)
    try:
        yield assumed
    finally:
        _COLLECTING.reset(token)


def collecting() -> Assumed | None:
    """What collects at present, None where nothing does."""
    return _COLLECTING.get()


def asking_for_needs() -> Assumed | None:
    """What collects needs at present, None where nothing does."""
    assumed = collecting()
    return assumed if assumed is not None and assumed.asks_for_needs else None


def stated(choices: Sequence[Condition], most: int = 3) -> tuple[str, ...]:
    """A sentence on where an expression holds for which choices were made, if any were."""
    if not choices:
        return ()
    first = ", ".join(shorten(str(each), 120) for each in choices[:most])
    more = f" and {len(choices) - most} more" if len(choices) > most else ""
    return (f"as an expression it holds where {first}{more} (costmodel.algebra.assuming gives all)",)


def with_choices(compute: Callable[[], Result]) -> tuple[Result, tuple[Condition, ...]]:
    """A result, and the choices that were made for it by the values of the block around, which notes them too."""
    outer = collecting()
    with assuming(None if outer is None else outer.at, asks_for_needs=False) as assumed:
        result = compute()
    if outer is not None:
        outer.include(assumed.choices)
    return result, assumed.choices


def _holds(condition: Condition, at: Mapping[str, int | Fraction]) -> bool:
    """Whether a condition holds at values for all of its symbols."""

    def number(value: Dim) -> Dim:
        from costmodel.algebra.expressions import as_expression

        expression = as_expression(value)
        return expression.xreplace({symbol: as_expression(at[symbol.name]) for symbol in expression.free_symbols})

    return bool(condition.holds(number))
