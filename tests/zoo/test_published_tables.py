"""Every published figure about a network of the zoo: within half a unit of its last digit, or a known contradiction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from tests.zoo.contradictions import CONTRADICTIONS, Contradiction, Reading, lines
from tests.zoo.conventions import COMMON, CONVENTIONS
from tests.zoo.published import COMPRESSION, Count, Row, exact, is_replayed, rows
from tests.zoo.published_names import LAYER_ROWS, NETWORKS, NOT_IN_ZOO

MISPRINTS = [known for known in CONTRADICTIONS if known.scope == "misprint"]


@pytest.fixture(scope="module")
def table(shared: Path) -> list[Row]:
    return rows(shared)


def entries(row: Row) -> list[Contradiction]:
    """The known contradictions that list the row as it is printed."""
    return [known for known in CONTRADICTIONS if is_about(known, row) and known.rows.get(row.name) == row.value]


def is_about(known: Contradiction, row: Row) -> bool:
    in_table = row.source.startswith(known.source) and row.network.startswith(known.networks)
    return in_table and row.quantity == known.quantity


def differs(row: Row) -> bool:
    return not row.printed.is_rounded_from(exact(row))


def title(known: Contradiction) -> str:
    return f"{known.source}, {known.quantity}: {known.reason}"


def test_every_row_is_reproduced_or_a_known_contradiction(table: list[Row]) -> None:
    replayed = [row for row in table if is_replayed(row)]
    unknown = [(row, float(exact(row))) for row in replayed if differs(row) and not entries(row)]
    assert unknown == []
    assert len(replayed) == 365


def test_every_known_contradiction_is_one_row_that_differs(table: list[Row]) -> None:
    listed = [row for row in table if is_replayed(row) and entries(row)]
    assert [row for row in listed if not differs(row) or len(entries(row)) != 1] == []
    assert len(listed) == sum(len(known.rows) for known in CONTRADICTIONS)


def test_an_explanation_of_a_table_holds_for_every_row_of_it(table: list[Row]) -> None:
    for known in CONTRADICTIONS:
        if known.scope == "table":
            about = [row for row in table if is_replayed(row) and is_about(known, row)]
            assert [row for row in about if not known.explains(row)] == []


def test_rows_are_left_out_by_name_only(table: list[Row]) -> None:
    assert {row.network for row in table} >= NOT_IN_ZOO
    assert {row.quantity for row in table} >= COMPRESSION
    assert not NOT_IN_ZOO & NETWORKS.keys()


def test_a_row_about_an_unknown_network_quantity_or_layer_fails(table: list[Row]) -> None:
    for change in ({"network": "VGG-17"}, {"quantity": "joules"}, {"layer_or_total": "conv99"}):
        row = table[0]._replace(**change)
        assert is_replayed(row)
        with pytest.raises(LookupError):
            exact(row)


@pytest.mark.parametrize("known", CONTRADICTIONS, ids=title)
def test_the_convention_of_a_contradiction_gives_the_print(known: Contradiction) -> None:
    assert [(row, float(known.counted(row))) for row in known.replayed() if not known.explains(row)] == []


@pytest.mark.parametrize("known", MISPRINTS, ids=title)
@pytest.mark.parametrize("reading", get_args(Reading))
@pytest.mark.parametrize("count", COMMON)
def test_no_common_convention_explains_what_is_called_a_misprint(
    known: Contradiction, reading: Reading, count: Count
) -> None:
    tried = replace(known, count=count, reading=reading, corrected="")
    assert [row for row in known.replayed() if tried.explains(row)] == []


def test_every_convention_explains_something() -> None:
    used = {known.count for known in CONTRADICTIONS}
    assert [name for name, count in CONVENTIONS.items() if count not in used and count not in COMMON] == []


def test_the_list_prints_every_row() -> None:
    printed = list(lines())
    assert len(printed) == sum(1 + len(known.rows) for known in CONTRADICTIONS)
    assert "    VGG-16: printed 24M; exact 15,237,608; counted so 24,319,464" in printed


def test_the_layers_beside_the_networks_have_the_macs_of_their_products() -> None:
    products = [
        9 * 512 * 512 * 14**2,
        (9 * 512 + 512**2) * 14**2,
        (9 * 384 + 384**2) * 14**2,
        (9 * 384 + 384**2) * 10**2,
    ]
    assert [make().cost().macs for make in LAYER_ROWS.values()] == products
