"""`zoo`, `devices`, `kinds` and `textbook`: what there is."""

from __future__ import annotations

from costmodel.cli.options import AsJson
from costmodel.cli.show import show
from costmodel.hardware import profiles
from costmodel.layers import kinds as layer_kinds
from costmodel.report.catalog import (
    devices_tables,
    kinds_table,
    list_devices,
    list_kinds,
    list_networks,
    networks_tables,
)
from costmodel.report.textbook import list_examples, textbook_tables
from costmodel.textbook import examples
from costmodel.zoo import families


def zoo(as_json: AsJson = False) -> None:
    """The networks of the zoo, with their parameters and sources."""
    record = list_networks(families().values())
    show(as_json, lambda: record, lambda: networks_tables(record))


def devices(as_json: AsJson = False) -> None:
    """The built-in devices, with what is published about each."""
    record = list_devices(profiles())
    show(as_json, lambda: record, lambda: devices_tables(record))


def kinds(as_json: AsJson = False) -> None:
    """The layer kinds, with their fields, formulas and sources."""
    record = list_kinds(layer_kinds().values())
    show(as_json, lambda: record, lambda: [kinds_table(record)])


def textbook(as_json: AsJson = False) -> None:
    """The worked examples of the source documents: as printed, exact, verdict."""
    show(as_json, lambda: list_examples(examples()), lambda: textbook_tables(examples()))
