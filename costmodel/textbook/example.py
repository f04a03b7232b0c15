"""What a worked example is: what a document prints, how it gets there, and what is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from costmodel.algebra import parse
from costmodel.algebra.types import Dim
from costmodel.textbook.printed import Printed

DOCUMENTS = {
    "000": "Bobiev, Benchmarking inference neural networks on mobile devices (project report)",
    "001": "An introduction to efficient deep learning: architecture and inference run-time (article)",
    "002": "How to optimize a neural network (article)",
    "003": "Tsai, Designing efficient AI models (lecture slides)",
}
"""The source documents by number."""


class Verdict(StrEnum):
    """How a printed figure stands to the exact one."""

    RIGHT = "right"
    ROUNDED = "right within rounding"
    TRUNCATED = "truncated"
    LOOSE = "loosely stated"
    MISPRINT = "misprint"
    SLIP = "slip"
    ANOTHER_RULE = "another rule"


AGREEING = (Verdict.RIGHT, Verdict.ROUNDED, Verdict.TRUNCATED)
"""The verdicts that are computed; any other is stated, with an erratum, where none of these holds."""


@dataclass(frozen=True)
class Example:
    """A figure or formula of a document, replayed by the document's rule and computed by the library.

    >>> from costmodel.textbook import find
    >>> example = find("002", "problem 2: total")
    >>> example.printed, example.replay(), example.exact, example.verdict.value
    ('210100', 210100, 153730, 'slip')
    """

    document: str
    name: str
    statement: str
    printed: str
    """What the document prints."""
    rule: str
    """How the document gets there."""
    replay: Callable[[], Dim]
    """The document's computation, slips included."""
    compute: Callable[[], Dim]
    """The library's computation of what the document states."""
    unit: str = ""
    reading: str = ""
    """The print in the library's notation, where it is not so printed."""
    mistake: Verdict | None = None
    """The verdict where the print agrees with the exact value in no way."""
    erratum: str = ""

    @property
    def figure(self) -> Printed | None:
        """The printed number; None where the document prints a formula."""
        return None if self._is_formula else Printed.parse(self.reading or self.printed)

    @property
    def value(self) -> Dim:
        """The printed number, or the printed formula as an expression."""
        return parse(self.reading) if self._is_formula else Printed.parse(self.reading or self.printed).value

    @property
    def exact(self) -> Dim:
        """What is right: an integer, a fraction or an expression."""
        value = self.compute()
        return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value

    @property
    def is_reproduced(self) -> bool:
        """Whether the document's rule gives what it prints."""
        return self._agreement(self.replay()) is not None

    @property
    def verdict(self) -> Verdict:
        """How the print stands to the exact value: computed, or as stated where they do not agree."""
        return self._agreement(self.exact) or self.mistake or Verdict.SLIP

    @property
    def _is_formula(self) -> bool:
        return any(sign in self.reading for sign in "*+(")

    def _agreement(self, exact: Dim) -> Verdict | None:
        if self.figure is None:
            return Verdict.RIGHT if (exact - self.value).expand() == 0 else None
        if self.figure.is_exactly(exact):
            return Verdict.RIGHT
        if self.figure.is_rounded_from(exact):
            return Verdict.ROUNDED
        return Verdict.TRUNCATED if self.figure.is_truncated_from(exact) else None
