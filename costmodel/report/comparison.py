"""Two costs beside each other as records and as tables: their ratio, and where one is below the other."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.reasoning import BreakEven, Case, Ratio, Region, Step
from costmodel.reasoning.roots import Root, decimal
from costmodel.reasoning.writing import written
from costmodel.report.algebra import StepRecord, granted, step_records, step_tables
from costmodel.report.record import Record, distinct
from costmodel.report.table import Column, Row, Table


class RegionRecord(Record):
    """Values of a symbol for which one of two costs is the smaller."""

    low: float
    high: float | None
    low_exact: str
    high_exact: str | None
    less: str
    """A, B, or neither where they are equal."""
    first: int | None
    last: int | None


class CaseRecord(Record):
    """Where A < B, under conditions on the other symbols."""

    conditions: tuple[str, ...]
    a_is_less: str
    """A condition on the symbol, always or never."""


class BreakEvenRecord(Record):
    """Where a cost is below another, for one symbol."""

    symbol: str
    regions: tuple[RegionRecord, ...]
    cases: tuple[CaseRecord, ...]
    multiples_of: int
    valid_when: str | None
    steps: tuple[StepRecord, ...]


class ComparisonRecord(Record):
    """The ratio of two costs, and where they are equal."""

    a: str
    b: str
    quantity: str
    ratio: str | None
    ratio_latex: str | None
    valid_when: str | None
    steps: tuple[StepRecord, ...]
    break_even: tuple[BreakEvenRecord, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]


def describe_comparison(
    a: str, b: str, quantity: str, ratio: Ratio | None, found: Sequence[BreakEven]
) -> ComparisonRecord:
    """A ratio (None where a maximum has none) and break-evens as a record."""
    assumptions, sources = _taken_for_granted(ratio, found)
    return ComparisonRecord(
        a=a,
        b=b,
        quantity=quantity,
        ratio=None if ratio is None else str(written(ratio.expression)),
        ratio_latex=None if ratio is None else written(ratio.expression).latex(),
        valid_when=None if ratio is None else " and ".join(ratio.valid_when) or None,
        steps=step_records(ratio.steps if ratio else ()),
        break_even=tuple(map(_break_even, found)),
        assumptions=assumptions,
        sources=sources,
    )


def _taken_for_granted(ratio: Ratio | None, found: Sequence[BreakEven]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The assumptions and the sources of all answers."""
    made: list[Ratio | BreakEven] = [*([ratio] if ratio else []), *found]
    assumptions = distinct(text for each in made for text in each.assumptions)
    return assumptions, distinct(source for each in made for source in (each.a.source, each.b.source))


def _break_even(found: BreakEven) -> BreakEvenRecord:
    return BreakEvenRecord(
        symbol=found.symbol,
        regions=tuple(map(_region, found.regions)),
        cases=tuple(
            CaseRecord(conditions=tuple(map(str, case.conditions)), a_is_less=_less(case)) for case in found.cases
        ),
        multiples_of=found.step,
        valid_when=" and ".join(found.valid_when) or None,
        steps=step_records(found.steps),
    )


def _region(region: Region) -> RegionRecord:
    return RegionRecord(
        low=0.0 if region.low is None else float(region.low),
        high=None if region.high is None else float(region.high),
        low_exact="0" if region.low is None else str(region.low.written()),
        high_exact=None if region.high is None else str(region.high.written()),
        less=_WINNER[region.sign],
        first=region.first,
        last=region.last,
    )


_WINNER = {-1: "A", 0: "neither", 1: "B"}
_VERDICT = {-1: "A < B", 0: "A = B", 1: "A > B"}


def comparison_tables(
    quantity: str, ratio: Ratio | None, found: Sequence[BreakEven], formats: Sequence[str] = ("text",)
) -> tuple[Table, ...]:
    """The steps to the ratio, then for each symbol the steps to where the costs are equal, and what follows."""
    tables: list[Table] = []
    known: set[str] = set()
    if ratio is not None:
        tables += step_tables(ratio.steps, formats, f"{quantity}: A / B", " and ".join(ratio.valid_when))
        known.update(map(str, ratio.steps))
    for each in found:
        steps = tuple(step for step in each.steps if str(step) not in known)
        known.update(map(str, each.steps))
        title = f"where A < B, by {each.symbol}"
        if steps or "latex" in formats:
            valid_when = " and ".join(each.valid_when)
            tables += step_tables(steps, formats, title, valid_when, each.solution)
        tables.append(_verdicts(each, "" if steps else title))
    return (*tables, granted(*_taken_for_granted(ratio, found)))


def _verdicts(found: BreakEven, title: str) -> Table:
    """Which cost is the smaller, and where."""
    if found.cases:
        rows = [Row((_case_verdict(case), case.condition)) for case in found.cases]
        return Table((Column("A < B"), Column("if")), tuple(rows), title)
    rows = []
    for region in found.regions:
        if region.low is not None and found.step and region.low.middle % found.step == 0:
            equal = f"{found.symbol} = {region.low.middle}"
            rows.append(Row((_VERDICT[0], equal, equal)))
        if not found.step or region.first is not None:
            rows.append(Row((_VERDICT[region.sign], _interval(region, found.symbol), _integers(region, found))))
    return Table((Column(""), Column(f"for {found.symbol}"), Column(_heading(found.step))), tuple(rows), title)


def _heading(step: int) -> str:
    return {0: "", 1: "whole numbers"}.get(step, f"multiples of {step}")


def _interval(region: Region, symbol: str) -> str:
    """The values between the roots, in digits."""
    if region.low is None and region.high is None:
        return "always"
    low = "" if region.low is None else _digits(region.low)
    high = "" if region.high is None else _digits(region.high)
    if not low:
        return f"{symbol} < {high}"
    return f"{symbol} > {low}" if not high else f"{low} < {symbol} < {high}"


def _digits(root: Root) -> str:
    return str(decimal(root))


def _integers(region: Region, found: BreakEven) -> str:
    """The integers among them."""
    if not found.step or region.first is None:
        return ""
    if region.last is None:
        return f"{found.symbol} >= {region.first}" if region.first > found.step else "all"
    if region.first == region.last:
        return f"{found.symbol} = {region.first}"
    return f"{region.first} <= {found.symbol} <= {region.last}"


def _less(case: Case) -> str:
    return str(case.less) if isinstance(case.less, Step) else "always" if case.less else "never"


def _case_verdict(case: Case) -> str:
    if case.equal:
        return "never: A = B"
    return _less(case)
