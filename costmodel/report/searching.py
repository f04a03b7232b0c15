"""A search: the best configuration that it found within budgets, and how much it evaluated."""

from __future__ import annotations

import os
from math import log10

from costmodel.report.sizing import AnswerRecord, answer_fields, cost_text, objective_text
from costmodel.report.table import Column, Row, Table
from costmodel.sizing import Searched
from costmodel.sizing.spaces.axes import value_text


class SearchRecord(AnswerRecord):
    """The best configuration that was found within budgets."""

    configurations: int
    evaluations: int
    feasible: int
    seed: int
    study: str | None


def describe_search(found: Searched, study: str | os.PathLike[str] | None = None) -> SearchRecord:
    """The answer as a record; `study` is the file that the search is in."""
    return SearchRecord(
        **answer_fields(found),
        configurations=found.space.size,
        evaluations=found.evaluations,
        feasible=found.feasible,
        seed=found.seed,
        study=None if study is None else os.fspath(study),
    )


def search_tables(found: Searched, study: str | os.PathLike[str] | None = None) -> tuple[Table, ...]:
    """The answer with its budgets, and what was evaluated."""
    limits = {each.cost: each.limit for each in found.budgets}
    rows = [Row((name, value_text(value), "", "")) for name, value in found.parameters.items()]
    if found.maximize not in (*found.parameters, *found.costs):
        rows.append(Row((found.maximize, objective_text(found.answer.objective), "", "")))
    for cost, value in found.costs.items():
        limit = cost_text(cost, limits[cost]) if cost in limits else ""
        taken = f"{100 * value / limits[cost]:.1f} %" if cost in limits else ""
        rows.append(Row((cost, cost_text(cost, value), limit, taken)))
    latency = found.latency
    where = f" on {latency.device}" if latency else ""
    tried = f"{found.evaluations:,} of {_size_text(found.space.size)} configurations were evaluated"
    notes = [f"{tried}, {found.feasible:,} of them within budget; the answer was counted again exactly"]
    if latency:
        notes.append(f"it takes {latency}".partition(";")[0])
        notes += latency.misfits
    if study is not None:
        notes.append(f"the study is in {os.fspath(study)}; the same command goes on with it")
    columns = (
        Column(""), Column("answer", is_number=True), Column("budget", is_number=True), Column("taken", is_number=True),
    )  # fmt: skip
    return (
        Table(columns, tuple(rows), f"{found.space.name}{where}: the largest {found.maximize}", notes=tuple(notes)),
    )


def _size_text(size: int) -> str:
    """A number of configurations: in full, or its order of magnitude."""
    return f"{size:,}" if size < 10**9 else f"10^{log10(size):.1f}"
