"""Reports: results as records for JSON and as tables for people; nothing here prints."""

from costmodel.report.formulas import FormulaRecord, formula_tables, kind_formula, network_formula
from costmodel.report.numbers import count_text, percent, with_prefix
from costmodel.report.record import Record
from costmodel.report.summary import Summary, summarize
from costmodel.report.summary_table import summary_tables
from costmodel.report.table import Column, Row, Table

__all__ = [
    "Column",
    "FormulaRecord",
    "Record",
    "Row",
    "Summary",
    "Table",
    "count_text",
    "formula_tables",
    "kind_formula",
    "network_formula",
    "percent",
    "summarize",
    "summary_tables",
    "with_prefix",
]
