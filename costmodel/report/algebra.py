"""The algebra of a cost as records and as tables: its order, its elasticities, and which stages dominate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from costmodel.algebra import Dim
from costmodel.algebra.text import to_text
from costmodel.errors import shorten
from costmodel.reasoning import Growth, Overview, Step
from costmodel.reasoning.roots import decimal
from costmodel.reasoning.writing import theta, written
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table, facts

LONGEST: Final = 300
"""Characters of an expression in a table."""


class StepRecord(Record):
    """A line of an algebra."""

    text: str
    latex: str
    reason: str


class ElasticityRecord(Record):
    """What one percent more of a parameter costs, in percent."""

    parameter: str
    expression: str | None
    value: float | None


class StageRecord(Record):
    """A stage's cost without rounding, and its share of the whole at the point."""

    name: str
    expression: Count
    latex: str
    share: float | None


class LimitRecord(Record):
    """How a stage grows with a parameter."""

    stage: str
    leading: Count
    degree: int
    limit: float | None
    """What its share tends to; None where that depends on a symbol."""


class OvertakingRecord(Record):
    """From where on a stage costs more than another; None where it always does."""

    stage: str
    other: str
    above: float | None


class GrowthRecord(Record):
    """How a cost grows with one parameter, the others being what the point says."""

    parameter: str
    expression: str
    leading: str
    degree: int
    stages: tuple[LimitRecord, ...]
    overtakings: tuple[OvertakingRecord, ...]


class AlgebraRecord(Record):
    """The algebra of a network's or a layer's cost."""

    of: str
    quantity: str
    expression: str
    smooth: str
    valid_when: str | None
    latex: str
    order: str
    order_latex: str
    at: dict[str, Count]
    elasticities: tuple[ElasticityRecord, ...]
    stages: tuple[StageRecord, ...]
    growth: tuple[GrowthRecord, ...]
    steps: tuple[StepRecord, ...]
    assumptions: tuple[str, ...]
    source: str


def describe_algebra(found: Overview) -> AlgebraRecord:
    """The overview as a record."""
    return AlgebraRecord(
        of=found.cost.of,
        quantity=found.cost.quantity,
        expression=str(found.cost.printed),
        smooth=str(written(found.smooth.expression)),
        valid_when=" and ".join(found.smooth.valid_when) or None,
        latex=written(found.smooth.expression).latex(),
        order=str(theta(found.order)),
        order_latex=theta(found.order).latex(),
        at={name: count(value) for name, value in found.at.items()},
        elasticities=tuple(
            ElasticityRecord(
                parameter=slope.parameter,
                expression=None if slope.expression is None else str(written(slope.expression)),
                value=slope.value,
            )
            for slope in found.slopes
        ),
        stages=tuple(
            StageRecord(
                name=stage,
                expression=str(written(expression)),
                latex=written(expression).latex(),
                share=float(found.shares[stage]) if stage in found.shares else None,
            )
            for stage, expression in found.laws.items()
        ),
        growth=tuple(map(_growth, found.growths)),
        steps=step_records(found.steps),
        assumptions=found.cost.assumptions,
        source=found.cost.source,
    )


def step_records(steps: Iterable[Step]) -> tuple[StepRecord, ...]:
    """Lines of an algebra as records."""
    return tuple(StepRecord(text=str(step), latex=step.latex(), reason=step.reason) for step in steps)


def _growth(found: Growth) -> GrowthRecord:
    return GrowthRecord(
        parameter=found.parameter,
        expression=str(written(found.expression)),
        leading=str(written(found.leading)),
        degree=found.degree,
        stages=tuple(
            LimitRecord(
                stage=stage.name,
                leading=count(stage.leading) if isinstance(stage.leading, int) else to_text(stage.leading),
                degree=stage.degree,
                limit=float(stage.limit) if stage.limit.is_number else None,
            )
            for stage in found.stages
        ),
        overtakings=tuple(
            OvertakingRecord(stage=each.stage, other=each.other, above=None if each.root is None else float(each.root))
            for each in found.overtakings
        ),
    )


def algebra_tables(found: Overview, formats: Sequence[str] = ("text",)) -> tuple[Table, ...]:
    """The steps, the elasticities, the stages with their limits, and what is taken for granted."""
    cost = found.cost
    return (
        *step_tables(found.steps, formats, f"{cost.quantity} of {cost.of}", " and ".join(found.smooth.valid_when)),
        *([_elasticities(found, formats)] if found.slopes else []),
        *([_stages(found, formats)] if found.laws else []),
        *overtakings(found.growths),
        granted(cost.assumptions, [cost.source]),
    )


def step_tables(
    steps: Sequence[Step], formats: Sequence[str], title: str, valid_when: str = "", solution: Sequence[Step] = ()
) -> tuple[Table, ...]:
    """Lines of an algebra as text, each with its reason, and as LaTeX to copy, the solution with them."""
    short = [step for step in steps if len(str(step.right)) <= LONGEST]
    left_out = len(steps) - len(short)
    lines = f"{left_out} line{'s' if left_out > 1 else ''} of more than {LONGEST} characters left out; --json has all"
    notes = (*([f"exact where {valid_when}"] if valid_when else []), *([lines] if left_out else []))
    tables = []
    if "text" in formats and steps:
        rows = tuple(Row((str(step.left), step.relation, str(step.right), step.reason)) for step in short)
        tables.append(Table((Column(""), Column(""), Column(""), Column("")), rows, title, notes=notes))
    if "latex" in formats:
        tables.append(facts(*((line, "") for line in aligned((*short, *solution))), title=f"{title}, in LaTeX"))
    return tuple(tables)


def aligned(steps: Iterable[Step]) -> tuple[str, ...]:
    r"""The lines of an `align*` environment, the relations below each other.

    >>> from costmodel.reasoning import ratio
    >>> for line in aligned(ratio("conv2d:g=g", "conv2d").steps[-1:]):
    ...     print(line)
    \begin{align*}
    \frac{A}{B} &= \frac{1}{g}
    \end{align*}
    """
    lines = [step.latex_aligned() for step in steps]
    ends = [r" \\"] * (len(lines) - 1) + [""]
    return (r"\begin{align*}", *(line + end for line, end in zip(lines, ends, strict=True)), r"\end{align*}")


def expression_cell(value: Dim, formats: Sequence[str]) -> str:
    """An expression in a table: as text, as LaTeX between dollars, or both."""
    cells = {"text": _cut(str(written(value))), "latex": f"${written(value).latex()}$"}
    return " ".join(cells[name] for name in formats)


def granted(assumptions: Sequence[str], sources: Iterable[str] = ()) -> Table:
    """What an algebra takes for granted, and where its formulas are from."""
    labels = ["assumes", *[""] * len(assumptions)]
    known = [("source" if index == 0 else "", text) for index, text in enumerate(filter(None, sources))]
    return facts(*zip(labels, assumptions, strict=False), *known)


def point_text(at: Mapping[str, object]) -> str:
    """A point in words: width = 1, resolution = 224."""
    return ", ".join(f"{name} = {value}" for name, value in at.items())


def share_text(share: float | None) -> str:
    """A share in percent; nothing where it is not known."""
    return "" if share is None else f"{100 * share:.1f} %" if share == 0 or share >= 0.0005 else "<0.1 %"


def overtakings(growths: Iterable[Growth]) -> tuple[Table, ...]:
    """Where a stage overtakes another, of the pairs that do not keep their order for every value."""
    found = []
    for growth in growths:
        rows = tuple(
            Row((each.stage, each.other, f"{growth.parameter} > {decimal(each.root)}"))
            for each in growth.overtakings
            if each.root is not None
        )
        if rows:
            columns = (Column("stage"), Column("costs more than"), Column("where"))
            found.append(Table(columns, rows, f"as {growth.parameter} grows"))
    return tuple(found)


def _elasticities(found: Overview, formats: Sequence[str]) -> Table:
    where = point_text(found.at)
    has_values = any(slope.value is not None for slope in found.slopes)
    numbers = (Column(f"at {where}", is_number=True), Column("")) if has_values else ()
    columns = (Column("parameter"), Column("elasticity"), *numbers)
    rows = []
    for slope in found.slopes:
        cell = "" if slope.expression is None else expression_cell(slope.expression, formats)
        value = "" if slope.value is None else f"{slope.value:.3f}"
        said = "" if slope.value is None else _said(slope.value)
        rows.append(Row((slope.parameter, cell, *((value, said) if has_values else ()))))
    return Table(columns, tuple(rows), "elasticities: d log C / d log parameter")


def _said(elasticity: float) -> str:
    """What an elasticity says of one percent more."""
    amount = f"{abs(elasticity):.2f} %"
    return f"1 % more of it saves {amount}" if elasticity < 0 else f"1 % more of it costs {amount} more"


def _stages(found: Overview, formats: Sequence[str]) -> Table:
    shares = (Column("share", is_number=True),) if found.shares else ()
    columns = (
        Column("stage"), Column("cost without rounding"), *shares,
        *(Column(f"as {growth.parameter} grows", is_number=True) for growth in found.growths),
    )  # fmt: skip
    rows = []
    for index, (stage, expression) in enumerate(found.laws.items()):
        share = [share_text(float(found.shares[stage]))] if found.shares else []
        limits = [growth.stages[index].limit for growth in found.growths]
        said = [share_text(float(limit)) if limit.is_number else to_text(limit) for limit in limits]
        is_faint = bool(limits) and all(limit == 0 for limit in limits)
        rows.append(Row((stage, expression_cell(expression, formats), *share, *said), is_faint=is_faint))
    where = point_text(found.at) if found.shares else ""
    note = f"share: at {where}; the last columns: what the share tends to, the other parameters as there"
    return Table(columns, tuple(rows), "stages", notes=(note,) if where else ())


def _cut(text: str) -> str:
    return shorten(text, LONGEST)
