"""A rewritten network as tables for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from costmodel.algebra import Dim, equal
from costmodel.errors import shorten
from costmodel.report.numbers import count_text
from costmodel.report.summary_table import MAX_LINES
from costmodel.report.table import Column, Row, Table
from costmodel.transform import Amounts, Change, Kept, Placed, Rewritten

_WEIGHTS: Final = ("params", "buffers", "weight_bytes")
_SHOWN: Final = 3


class Line(NamedTuple):
    """Changes that share a row."""

    name: str
    became: str
    changes: tuple[Change, ...]


def rewriting_tables(
    made: Rewritten, rewrites: Sequence[str], parameters: Mapping[str, str] | None = None, file: str | None = None
) -> Iterator[Table]:
    """Every change, the totals, and what stays."""
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    yield _changes(made, f"{made.before.name}{shown}: {', '.join(rewrites)}")
    yield _totals(made, file)
    if made.kept:
        yield _kept(made.kept)


def lines(changes: Sequence[Change]) -> list[Line]:
    """The changes in rows: with a convolution what is named after it, what costs next to nothing in the last ones."""
    rows: list[list[Change]] = []
    owning = [change for change in changes if _only_owns_weights(change)]
    free = [change for change in changes if _is_free(change) and change not in owning]
    for change in changes:
        if rows and change.name.startswith(f"{rows[-1][0].name}."):
            rows[-1].append(change)
        elif change not in owning and change not in free:
            rows.append([change])
    placed = {id(change) for row in rows for change in row}
    found = [Line(_name(row[0]), _became(row[0]), tuple(row)) for row in rows]
    for rest, became in ((free, "other shapes"), (owning, "weights of their own")):
        left = tuple(change for change in rest if id(change) not in placed)
        if left:
            found.append(Line(f"{len(left)} {'other ' if found else ''}layers", became, left))
    return found


def _changes(made: Rewritten, title: str) -> Table:
    found = lines(made.changes)
    before, after = (Amounts.of_cost(network.cost()) for network in (made.before, made.after))
    columns = (
        Column("layer"), Column("in its place"), Column("MACs", True), Column("after", True), Column("saved", True),
        Column("parameters", True), Column("after", True),
    )  # fmt: skip
    rows = []
    for line in found[:MAX_LINES]:
        one = Amounts.sum(change.cost_before for change in line.changes)
        other = Amounts.sum(change.cost_after for change in line.changes)
        rows.append(Row((line.name, line.became, *_cells(one, other))))
    notes = [f"{len(found) - MAX_LINES:,} more lines are left out; --json lists all"] if len(found) > MAX_LINES else []
    total = ("total", "", *_cells(before, after))
    return Table(columns, tuple(rows), title, total, tuple(notes))


def _cells(one: Amounts, other: Amounts) -> tuple[str, ...]:
    macs, params = ([count_text(getattr(each, name), 60) for each in (one, other)] for name in ("macs", "params"))
    return (*macs, saving(one.macs, other.macs), *params)


def saving(before: Dim, after: Dim) -> str:
    """What is saved of an amount, in percent; with a sign where it grows.

    >>> saving(1000, 128), saving(1000, 1500), saving(10_000, 10_001), saving(0, 0)
    ('87.2 %', '-50.0 %', '>-0.1 %', '')
    """
    if not isinstance(before, int) or not isinstance(after, int) or before == 0:
        return ""
    text = f"{100 * (before - after) / before:.1f}"
    return f"{text} %" if before == after or float(text) else "<0.1 %" if after < before else ">-0.1 %"


def _name(change: Change) -> str:
    """The layers that a change is about: one of several in a row by the first and the last."""
    after = {placed.name: placed.layer for placed in change.after}
    names = [
        placed.name
        for placed in change.before
        if after.get(placed.name) != placed.layer or not equal(placed.amounts.macs, 0)
    ]
    if len(names) < 2 or not after:
        return change.name if change.name in names or not names or not after else names[0]
    return f"{names[0]}..{names[-1].rpartition('/')[2]}"


def _became(change: Change) -> str:
    """What stands in the place of a layer: new layers, of these what multiplies; and what else is other in the old."""
    old = {placed.name: placed for placed in change.before}
    if not change.before:
        copies = (re.match(rf"{re.escape(change.name)}_\d+", placed.name) for placed in change.after)
        return f"also {_listed(list(dict.fromkeys(copy[0] for copy in copies if copy)))}"
    new = [placed for placed in change.after if placed.name not in old]
    products = [placed for placed in new if not equal(placed.amounts.macs, 0)] or new
    short = [placed.name.removeprefix(_name(change)) for placed in products]
    texts = [text for placed in change.after if (text := _fields(old.get(placed.name), placed, change))]
    return _listed([*texts, *short]) or ("" if change.after else "nothing")


def _fields(old: Placed | None, placed: Placed, change: Change) -> str:
    """The fields of a layer that are no longer what they were."""
    if old is None or old.layer is None or placed.layer is None or old.layer == placed.layer:
        return ""
    before = dict(old.layer)
    fields = [f"{name}={_value(value)}" for name, value in placed.layer if name not in before or before[name] != value]
    where = f"{placed.name}: " if placed.name != change.before[0].name else ""
    return where + ", ".join(field for field in fields if not field.startswith("kind="))


def _value(value: object) -> str:
    """A field's value, short: one number for equal ones."""
    if isinstance(value, tuple):
        parts = list(dict.fromkeys(_value(part) for part in value))
        return parts[0] if len(parts) == 1 else f"({','.join(_value(part) for part in value)})"
    return shorten(value)


def _listed(names: Sequence[str]) -> str:
    more = f" +{len(names) - _SHOWN}" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _totals(made: Rewritten, file: str | None) -> Table:
    one, other = made.before.cost(), made.after.cost()
    columns = (Column(""), Column("before", True), Column("after", True), Column("saved", True), Column(""))
    quantities = (
        ("MACs", "macs"), ("parameters", "params"), ("activations", "activations"), ("weight bytes", "weight_bytes"),
        ("peak memory bytes", "peak_memory_bytes"),
    )  # fmt: skip
    rows = []
    for name, field in quantities:
        before, after = getattr(one, field), getattr(other, field)
        saved = before - after
        cells = (count_text(before, 60), count_text(after, 60), count_text(saved, 60), saving(before, after))
        rows.append(Row((name, *cells)))
    notes = (f"written to {shorten(file)}",) if file else ()
    return Table(columns, tuple(rows), notes=notes)


def _kept(kept: Sequence[Kept]) -> Table:
    """The reasons, each with the layers that it keeps."""
    by_reason: dict[str, list[str]] = {}
    for each in kept:
        by_reason.setdefault(each.reason, []).append(each.name)
    rows = tuple(Row((_listed(names), reason)) for reason, names in by_reason.items())
    return Table((Column("not changed"), Column("why")), rows[:MAX_LINES])


def _is_free(change: Change) -> bool:
    """Whether a change is about neither multiply-accumulates nor weights."""
    amounts = (change.cost_before, change.cost_after)
    return all(equal(each.macs, 0) and equal(each.params, 0) for each in amounts)


def _only_owns_weights(change: Change) -> bool:
    """Whether a layer costs what it did but for weights that it shared with others."""
    if [each.name for each in change.before] != [each.name for each in change.after] or _is_free(change):
        return False
    others = change.saved._replace(**dict.fromkeys(_WEIGHTS, 0))
    return all(equal(each, 0) for each in others) and not equal(change.saved.params, 0)
