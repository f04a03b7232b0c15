"""What a population of devices says: its usual coefficients, and how far devices differ in them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from costmodel.calibration import Population
from costmodel.report.numbers import with_prefix
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table, facts


class UsualRecord(Record):
    """The usual value of a coefficient on one thread, and the factor within which two thirds of devices lie."""

    value: float
    unit: str
    factor: float


class GroupRecord(Record):
    """The population of one kind of processor and arithmetic."""

    devices: int
    noise: float
    coefficients: dict[str, UsualRecord]


class PopulationRecord(Record):
    """What was learned, and the file that it was written to."""

    output: str
    groups: dict[str, GroupRecord]


def describe_populations(populations: Mapping[str, Population], output: str) -> PopulationRecord:
    """The populations as a record."""
    return PopulationRecord(
        output=output,
        groups={
            name: GroupRecord(devices=len(each.devices), noise=each.noise, coefficients=_usual(each))
            for name, each in populations.items()
        },
    )


def population_tables(populations: Mapping[str, Population], output: str) -> tuple[Table, ...]:
    """A table for each group, and what was written."""
    columns = (Column("term"), Column("usual", True), Column("devices differ by", True))
    tables = [
        Table(
            columns,
            tuple(
                Row((term, with_prefix(usual.value, usual.unit), f"{usual.factor:.2g} times"))
                for term, usual in _usual(each).items()
            ),
            f"{name}: {len(each.devices)} devices, one thread",
        )
        for name, each in populations.items()
    ]
    return (*tables, facts(("written", output, "")))


def _usual(population: Population) -> dict[str, UsualRecord]:
    return {
        term.name: UsualRecord(
            value=math.exp(population.effects[0, index]),
            unit=term.unit,
            factor=math.exp(math.sqrt(population.covariance[index, index])),
        )
        for index, term in enumerate(population.terms)
    }
