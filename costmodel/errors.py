"""Every error that costmodel raises on purpose.

::

    CostModelError
    ├── SpecError (ValueError)            a layer or network description breaks a rule
    │   ├── ShapeError                    shapes that do not fit a layer or each other
    │   └── GraphError                    names, references, cycles
    ├── ExpressionError (ValueError)      text that is not a dimension expression
    ├── DivisibilityError (ArithmeticError)  an exact division that leaves a remainder
    ├── UnknownNameError (LookupError)    no layer kind, network, parameter or device of that name
    ├── FileFormatError (ValueError)      JSON, TOML or CSV that cannot be read as what it should be
    ├── ReadingError (ValueError)         a model of another tool that cannot be read as a network
    │   └── UnsupportedError              an operation without a rule
    ├── RewriteError (ValueError)         a rewrite that a network cannot take
    ├── HardwareError (ValueError)        a profile lacks a number that an estimate needs
    ├── CalibrationError (ValueError)     measurements that do not determine a fit
    ├── SizingError (ValueError)          a space, a budget or a goal that cannot be searched
    │   └── InfeasibleError               no configuration of a space keeps the budgets
    ├── MeasuringError (RuntimeError)     a network that a runtime cannot run, or a time that cannot be taken
    ├── SweepError (RuntimeError)         a sweep that was interrupted, or lost its workers
    └── MissingExtraError (ImportError)   an optional package is not installed

Each message is one sentence: the field, the rule, the value, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CostModelError(Exception):
    """The root of everything that costmodel raises on purpose."""


class SpecError(CostModelError, ValueError):
    """A layer or network description breaks a rule."""


class ShapeError(SpecError):
    """Shapes do not fit a layer, or do not fit each other."""


class GraphError(SpecError):
    """A graph has a duplicate or missing name, a dangling reference or a cycle."""


class ExpressionError(CostModelError, ValueError):
    """A text is not an expression of dimensions."""


class DivisibilityError(CostModelError, ArithmeticError):
    """An exact division leaves a remainder."""


class UnknownNameError(CostModelError, LookupError):
    """There is no layer kind, network, parameter, convention or device of that name."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(shorten(each) for each in known)
        nearest = get_close_matches(shorten(name), names, n=3, cutoff=0.4)
        hint = f"; the nearest are {', '.join(nearest)}" if nearest else _listed(names)
        super().__init__(f"there is no {what} named {shorten(name)!r}{hint}")


class FileFormatError(CostModelError, ValueError):
    """A file cannot be read as what it should be."""


class ReadingError(CostModelError, ValueError):
    """A model of another tool cannot be read as a network."""


class UnsupportedError(ReadingError):
    """An operation of a model has no rule that says what it costs."""


class RewriteError(CostModelError, ValueError):
    """A network cannot take a rewrite: it changes nothing, or would change shapes that have to stay."""


class HardwareError(CostModelError, ValueError):
    """A hardware profile lacks a number that an estimate needs."""


class CalibrationError(CostModelError, ValueError):
    """Measurements do not determine the fit that was asked for."""


class SizingError(CostModelError, ValueError):
    """A space of configurations, a budget or a goal breaks a rule."""


class InfeasibleError(SizingError):
    """No configuration of a space keeps the budgets."""


class MeasuringError(CostModelError, RuntimeError):
    """A runtime cannot run a network, or its time cannot be taken."""


class SweepError(CostModelError, RuntimeError):
    """A sweep was interrupted, or lost its workers."""


class MissingExtraError(CostModelError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'costmodel[{extra}]'")


def _listed(names: list[str]) -> str:
    """The first few names that there are."""
    if not names:
        return ""
    return f"; there are {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}"


def shorten(value: object, limit: int = 80) -> str:
    """The value as text, cut in the middle where it is too long for a sentence."""
    text = str(value)
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]}...{text[-half:]}"
