"""The worked examples of the source documents: as printed, exact, verdict."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from costmodel.algebra import Dim
from costmodel.report.numbers import count_text
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table
from costmodel.textbook import AGREEING, DOCUMENTS, Example


class ExampleRecord(Record):
    """A worked example; `exact` is an integer, or the text of a fraction or of an expression."""

    document: str
    name: str
    statement: str
    printed: str
    rule: str
    exact: Count
    unit: str
    verdict: str
    erratum: str


class Textbook(Record):
    """Every worked example, and the documents by number."""

    documents: dict[str, str]
    examples: tuple[ExampleRecord, ...]


def list_examples(examples: Iterable[Example]) -> Textbook:
    """The worked examples as a record."""
    return Textbook(
        documents=DOCUMENTS,
        examples=tuple(
            ExampleRecord(
                document=each.document,
                name=each.name,
                statement=each.statement,
                printed=each.printed,
                rule=each.rule,
                exact=count(each.exact),
                unit=each.unit,
                verdict=each.verdict.value,
                erratum=each.erratum,
            )
            for each in examples
        ),
    )


def textbook_tables(examples: Iterable[Example]) -> tuple[Table, ...]:
    """A table for each document; what is wrong in it stands below."""
    by_document: dict[str, list[Example]] = {}
    for each in examples:
        by_document.setdefault(each.document, []).append(each)
    return tuple(_document(name, members) for name, members in by_document.items())


def _document(name: str, examples: list[Example]) -> Table:
    rows = tuple(Row((each.name, each.printed, _exact_text(each.exact), each.verdict.value)) for each in examples)
    agreeing = sum(each.verdict in AGREEING for each in examples)
    columns = (Column("example"), Column("as printed", True), Column("exact", True), Column("verdict"))
    errata = tuple(f"{each.name}: {each.erratum}" for each in examples if each.erratum)
    counted = f"{agreeing} of {len(examples)} figures and formulas are right as printed"
    return Table(columns, rows, f"document {name}: {DOCUMENTS[name]}", notes=(counted, *errata))


def _exact_text(value: Dim) -> str:
    """An integer with separators, a fraction to six digits, beside itself where it is short."""
    if not isinstance(value, Fraction):
        return count_text(value)
    return f"{value} = {float(value):.6g}" if value.denominator <= 1000 else f"{float(value):.6g}"
