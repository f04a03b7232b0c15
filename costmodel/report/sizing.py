"""A size: the largest configuration within budgets, its proof, and what more of a budget would buy."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

from costmodel.algebra import Dim
from costmodel.report.numbers import count_text
from costmodel.report.record import Record
from costmodel.report.resources import quantity_text
from costmodel.report.table import Column, Row, Table, facts
from costmodel.sizing import Candidate, Searched, Sized
from costmodel.sizing.budgets import kind_of
from costmodel.sizing.spaces.axes import Value, value_text

Parameter: TypeAlias = int | float | bool | str
Number: TypeAlias = int | float


class BudgetRecord(Record):
    """A budget, and how much of it the answer takes."""

    cost: str
    limit: Number
    value: Number
    share: float


class CandidateRecord(Record):
    """A configuration, its costs, and the budgets that it does not keep."""

    parameters: dict[str, Parameter]
    costs: dict[str, Number]
    objective: Number
    exceeds: tuple[str, ...]


class GainRecord(Record):
    """The answer with more of one budget; None where that buys nothing."""

    cost: str
    limit: Number
    parameters: dict[str, Parameter]
    objective: Number


class AnswerRecord(Record):
    """The best configuration that was found within budgets, however it was found."""

    network: str
    maximize: str
    objective: Number
    parameters: dict[str, Parameter]
    macs: int
    params: int
    latency_s: float | None
    low_s: float | None
    high_s: float | None
    interval: float | None
    device: str | None
    costs: dict[str, Number]
    budgets: tuple[BudgetRecord, ...]
    binding_constraint: str | None
    misfits: tuple[str, ...]


class SizeRecord(AnswerRecord):
    """The largest configuration within budgets."""

    next: CandidateRecord | None
    larger: tuple[CandidateRecord, ...]
    elasticities: dict[str, dict[str, float]]
    buys: tuple[GainRecord, ...]
    candidates: int


def describe_size(sized: Sized) -> SizeRecord:
    """The answer as a record."""
    return SizeRecord(
        **answer_fields(sized),
        next=_candidate(sized.next) if sized.next else None,
        larger=tuple(map(_candidate, sized.larger)),
        elasticities={cost: dict(each) for cost, each in sized.elasticities.items()},
        buys=tuple(_gain(cost, more) for cost, more in sized.gains.items()),
        candidates=sized.candidates,
    )


def answer_fields(found: Sized | Searched) -> dict[str, Any]:
    """The fields of an `AnswerRecord`."""
    latency = found.latency
    budgets = tuple(
        BudgetRecord(
            cost=each.cost,
            limit=each.limit,
            value=found.costs[each.cost],
            share=float(found.costs[each.cost] / each.limit),
        )
        for each in found.budgets
    )
    return {
        "network": found.space.name,
        "maximize": found.maximize,
        "objective": number(found.answer.objective),
        "parameters": parameters_of(found.answer),
        "macs": found.costs["macs"],
        "params": found.costs["params"],
        "latency_s": latency.latency_s if latency else None,
        "low_s": latency.low_s if latency else None,
        "high_s": latency.high_s if latency else None,
        "interval": latency.interval if latency else None,
        "device": latency.device if latency else None,
        "costs": _costs(found.answer),
        "budgets": budgets,
        "binding_constraint": found.binding.cost if found.binding else None,
        "misfits": latency.misfits if latency else (),
    }


def size_tables(sized: Sized) -> tuple[Table, ...]:
    """The answer with its budgets, the next better candidate, and how costs grow."""
    latency = sized.latency
    device = f" on {latency.device}" if latency else ""
    notes = [f"{sized.candidates:,} candidates, every one of them evaluated; both of these counted again exactly"]
    if sized.next is None:
        notes.append("no candidate is better: up to here, no budget binds")
    elif sized.binding:
        notes.append(f"the next better candidate exceeds {', '.join(each.cost for each in sized.next.exceeds)}")
    if latency:
        notes.append(f"the answer takes {latency}".partition(";")[0])
    more = facts(*((f"misfit {index}", each) for index, each in enumerate(latency.misfits if latency else (), start=1)))
    return (
        _answer(sized, f"{sized.space.name}{device}: the largest {sized.maximize}", tuple(notes)),
        _growth(sized),
        *([_gains(sized)] if sized.gains else []),
        *([more] if more.rows else []),
    )


def _answer(sized: Sized, title: str, notes: tuple[str, ...]) -> Table:
    """Parameters and costs of the answer and of the next better candidate, beside the budgets."""
    limits = {each.cost: each for each in sized.budgets}
    columns = [Column(""), Column("answer", is_number=True), Column("next better", is_number=True)]
    columns += [Column("budget", is_number=True), Column("taken", is_number=True)]
    rows = [
        Row((name, value_text(value), value_text(sized.next.parameters[name]) if sized.next else "", "", ""))
        for name, value in sized.parameters.items()
    ]
    if sized.maximize not in (*sized.parameters, *sized.costs):
        better = objective_text(sized.next.objective) if sized.next else ""
        rows.append(Row((sized.maximize, objective_text(sized.answer.objective), better, "", "")))
    for cost, value in sized.costs.items():
        budget = limits.get(cost)
        limit = "" if budget is None else cost_text(cost, budget.limit)
        taken = "" if budget is None else f"{100 * value / budget.limit:.1f} %"
        following = cost_text(cost, sized.next.costs[cost]) if sized.next else ""
        rows.append(Row((cost, cost_text(cost, value), following, limit, taken)))
    return Table(tuple(columns), tuple(rows), title, notes=notes)


def _growth(sized: Sized) -> Table:
    """By how much each cost grows with each parameter, at the answer."""
    names = list(next(iter(sized.elasticities.values()), {}))
    columns = (Column("1 % more of"), *(Column(cost, is_number=True) for cost in sized.elasticities))
    rows = tuple(
        Row((name, *(f"{each[name]:+.2f} %" for each in sized.elasticities.values()))) for name in names
    )  # fmt: skip
    return Table(columns, rows, "how costs grow at the answer")


def _gains(sized: Sized) -> Table:
    """The answer with a tenth more of each budget."""
    names = [name for name in sized.parameters if name != sized.maximize]
    columns = (Column("10 % more"), Column("budget", is_number=True), *(Column(name, is_number=True) for name in names))
    rows = []
    for cost, more in sized.gains.items():
        limit = next(each.limit for each in more.budgets if each.cost == cost)
        rows.append(Row((cost, cost_text(cost, limit), *(value_text(more.parameters[name]) for name in names))))
    return Table((*columns, Column(sized.maximize, is_number=True)), _with_objective(rows, sized), "what it buys")


def _with_objective(rows: list[Row], sized: Sized) -> tuple[Row, ...]:
    gained = [more.answer.objective for more in sized.gains.values()]
    return tuple(Row((*row.cells, objective_text(value))) for row, value in zip(rows, gained, strict=True))


def objective_text(value: Dim) -> str:
    """What is maximized as a person reads it."""
    return (
        value_text(value)
        if isinstance(value, (int, Fraction)) and len(value_text(value)) < 12
        else f"{float(value):.6g}"
    )


def cost_text(cost: str, value: Dim) -> str:
    """A cost as a person reads it: counts and bytes in full, times and energies with a prefix."""
    kind = kind_of(cost)
    if kind in {"s", "j"}:
        return quantity_text(value, "s" if kind == "s" else "J")
    return count_text(value) if isinstance(value, int) else f"{float(value):,.6g}"


def _candidate(each: Candidate) -> CandidateRecord:
    return CandidateRecord(
        parameters=parameters_of(each),
        costs=_costs(each),
        objective=number(each.objective),
        exceeds=tuple(budget.cost for budget in each.exceeds),
    )


def _gain(cost: str, more: Sized) -> GainRecord:
    limit = next(each.limit for each in more.budgets if each.cost == cost)
    return GainRecord(
        cost=cost, limit=limit, parameters=parameters_of(more.answer), objective=number(more.answer.objective)
    )


def parameters_of(each: Candidate) -> dict[str, Parameter]:
    """The parameters of a configuration, fractions as floats."""
    return {name: _parameter(value) for name, value in each.parameters.items()}


def _parameter(value: Value) -> Parameter:
    return float(value) if isinstance(value, Fraction) else value


def _costs(each: Candidate) -> dict[str, Number]:
    return {name: number(value) for name, value in each.costs.items()}


def number(value: Dim) -> Number:
    """An exact number as JSON has it."""
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else float(value)
