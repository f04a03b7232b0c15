"""Formulas: of a layer kind in the textbook's symbols, of a network in the parameters that are left open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costmodel.algebra import Dim
from costmodel.algebra.parser import MAX_TERMS, term_count
from costmodel.algebra.text import to_latex, to_text
from costmodel.algebra.vocabulary import MEANING, assumption
from costmodel.counting import Ledger
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.counting.quantities import KIND_QUANTITIES, quantity_of
from costmodel.errors import UnknownNameError
from costmodel.layers import Layer
from costmodel.layers.formulas import parameters
from costmodel.network import Network
from costmodel.report.record import Record, distinct
from costmodel.report.summary import ASSUMPTIONS, counting_assumptions, readable
from costmodel.report.table import Column, Row, Table, facts
from costmodel.zoo.family import Family


class SymbolRecord(Record):
    """A symbol of a formula."""

    meaning: str
    assumed: str


class FormulaRecord(Record):
    """One quantity of a layer kind or of a network."""

    of: str
    quantity: str
    expression: str
    smooth: str
    valid_when: str | None
    """Where `expression` and `smooth` agree; None where they always do."""
    holds_where: tuple[str, ...] = ()
    """For which symbols the model that the network was read from runs, and `expression` is its count."""
    latex: str
    symbols: dict[str, SymbolRecord]
    assumptions: tuple[str, ...]
    source: str


def kind_formula(layer: type[Layer], quantity: str | None = None) -> FormulaRecord:
    """A quantity of a layer kind, by default the MACs or else the first that the kind books.

    >>> from costmodel.layers import Conv2d
    >>> kind_formula(Conv2d).expression
    'n*c_o*h_o*w_o*(c_i/g)*k_h*k_w'
    """
    asked = quantity or _first_quantity(layer)
    if asked not in KIND_QUANTITIES:
        raise UnknownNameError(f"quantity of {layer.kind_name()}", asked, KIND_QUANTITIES)
    factor, formula = (2, "macs") if asked == "flops" else (1, asked)
    printed = factor * layer.formulas.notation(formula)
    names = parameters(layer.formulas.formula(formula))
    smooth, valid_when = _smooth(factor * layer.formulas.formula(formula)(*map(_symbol, names)))
    free = layer.formulas.free
    return FormulaRecord(
        of=layer.kind_name(),
        quantity=asked,
        expression=str(printed),
        smooth=smooth if valid_when else str(printed),
        valid_when=valid_when,
        latex=str(printed) if isinstance(printed, int) else printed.latex(),
        symbols=_symbols(names),
        assumptions=distinct([*layer.assumptions, f"no operation: {free}" if free else "", *_convention(asked)]),
        source=layer.source,
    )


def network_formula(network: Network, quantity: str = "macs", family: Family[Any] | None = None) -> FormulaRecord:
    """A quantity of a network in its symbols; a zoo network's family says how its authors round.

    >>> from costmodel import symbols, zoo
    >>> network_formula(zoo.mobilenet_v1(width=symbols("width"))).smooth
    '539492352*width**2 + 29248000*width'
    """
    exact = quantity_of(network.cost(), quantity)
    smooth, valid_when = _smooth(exact)
    return FormulaRecord(
        of=network.name,
        quantity=quantity,
        expression=to_text(exact),
        smooth=smooth if valid_when else to_text(exact),
        valid_when=valid_when,
        holds_where=network.holds_where,
        latex=to_latex(exact),
        symbols=_symbols(_free_symbols(exact)),
        assumptions=distinct([*_network_assumptions(network, quantity), *_rounding(family), *_convention(quantity)]),
        source=network.source,
    )


def formula_tables(record: FormulaRecord, formats: tuple[str, ...] = ("text",)) -> tuple[Table, ...]:
    """The formula and its smooth form, its symbols, and what it takes for granted."""
    pairs = [("exact", record.expression)] if "text" in formats else []
    if record.valid_when is not None and "text" in formats:
        pairs += [("smooth", record.smooth), ("equal where", record.valid_when)]
    if record.holds_where and "text" in formats:
        pairs.append(("holds where", readable(record.holds_where)))
    if "latex" in formats:
        pairs.append(("LaTeX", record.latex))
    return (facts(*pairs, title=f"{record.quantity} of {record.of}"), *explanation(record))


def kind_tables(layer: type[Layer], formats: tuple[str, ...] = ("text",)) -> tuple[Table, ...]:
    """Every formula of a layer kind, their symbols, and what they take for granted."""
    records = [kind_formula(layer, name) for name, _ in layer.formulas.items()] or [kind_formula(layer)]
    shown = {"text": "formula", "latex": "LaTeX"}
    rows = []
    for each in records:
        cells = {"text": each.expression, "latex": each.latex}
        rows.append(Row((each.quantity, *(cells[name] for name in formats))))
    symbols: dict[str, SymbolRecord] = {}
    for each in records:
        symbols.update(each.symbols)
    columns = (Column("quantity"), *(Column(shown[name]) for name in formats))
    title = f"{layer.kind_name()}: {meaning(layer)}"
    return (Table(columns, tuple(rows), title), *explanation(records[0].model_copy(update={"symbols": symbols})))


def explanation(record: FormulaRecord) -> tuple[Table, ...]:
    """The symbols of a formula, what it takes for granted, and its source."""
    symbols = tuple(Row((name, each.meaning, each.assumed)) for name, each in record.symbols.items())
    labels = ["assumes", *[""] * len(record.assumptions)]
    assumed = zip(labels, record.assumptions, strict=False)
    return (
        *([Table((Column("symbol"), Column("meaning"), Column("assumed")), symbols)] if symbols else []),
        facts(*assumed, *([("source", record.source)] if record.source else [])),
    )


def meaning(layer: type[Layer]) -> str:
    """The first sentence of what is written about a layer kind."""
    return (layer.__doc__ or "").strip().split("\n")[0]


def _first_quantity(layer: type[Layer]) -> str:
    booked = [name for name, _ in layer.formulas.items()]
    return booked[0] if booked and "macs" not in booked else "macs"


def _smooth(expression: Dim) -> tuple[str, str | None]:
    """The smooth form as text, and where it is exact; None where it always is."""
    if isinstance(expression, int):
        return str(expression), None
    from costmodel.algebra.smooth import smooth

    form = smooth(expression)
    is_short = term_count(form.expression) <= MAX_TERMS
    return to_text(form.expression.expand() if is_short else form.expression), " and ".join(form.valid_when) or None


def _symbol(name: str) -> Dim:
    from costmodel.algebra.expressions import symbol

    return symbol(name)


def _free_symbols(expression: Dim) -> list[str]:
    return [] if isinstance(expression, int) else sorted(str(symbol) for symbol in expression.free_symbols)


def _symbols(names: Mapping[str, object] | tuple[str, ...] | list[str]) -> dict[str, SymbolRecord]:
    return {
        name: SymbolRecord(meaning=MEANING.get(name, "a dimension of the network"), assumed=assumption(name))
        for name in names
    }


def _convention(quantity: str) -> list[str]:
    return [f"FLOPs under the convention {TWO_PER_MAC.name}: {TWO_PER_MAC.meaning}"] if quantity == "flops" else []


def _network_assumptions(network: Network, quantity: str) -> tuple[str, ...]:
    if quantity in Ledger._fields or quantity == "flops":
        return counting_assumptions(network)
    return ASSUMPTIONS if quantity.endswith("_bytes") else ()


def _rounding(family: Family[Any] | None) -> list[str]:
    """How the authors round channels, which is left out for symbols."""
    if family is None or not family.width_rule:
        return []
    choice = ", unless rounding=exact" if "rounding" in family.parameters else ""
    return [f"a numeric width: {family.width_rule}; a symbolic width is not rounded{choice}"]
