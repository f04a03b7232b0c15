"""Formulas of layer kinds and of networks."""

import pytest

from costmodel import Builder, parse, symbols, zoo
from costmodel.counting import ENTRIES
from costmodel.counting.quantities import KIND_QUANTITIES, QUANTITIES, quantity_of
from costmodel.errors import UnknownNameError
from costmodel.layers import Conv2d, kinds
from costmodel.report.formulas import (
    formula_tables,
    kind_formula,
    kind_tables,
    network_formula,
)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("quantity", KIND_QUANTITIES)
def test_every_formula_of_a_kind_is_readable_and_has_its_symbols(kind: str, quantity: str) -> None:
    record = kind_formula(kinds()[kind], quantity)
    assert {str(symbol) for symbol in getattr(parse(record.expression), "free_symbols", ())} <= set(record.symbols)
    assert all(each.meaning and each.assumed for each in record.symbols.values())
    assert record.latex


def test_what_a_kind_does_not_book_is_zero() -> None:
    assert kind_formula(Conv2d, "divisions").expression == "0"


def test_flops_are_two_for_each_mac_by_name() -> None:
    record = kind_formula(Conv2d, "flops")
    assert record.expression == "2*n*c_o*h_o*w_o*(c_i/g)*k_h*k_w"
    assert any("two-per-mac" in sentence for sentence in record.assumptions)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_of_a_network_is_what_its_cost_says(quantity: str) -> None:
    network = zoo.squeezenet1_1(batch=symbols("batch"))
    expression = parse(network_formula(network, quantity).expression, {"batch": 4})
    cost = zoo.squeezenet1_1(batch=4).cost()
    assert expression == getattr(cost.ledger if quantity in ENTRIES else cost, quantity)


def test_the_smooth_form_agrees_where_it_says() -> None:
    record = network_formula(zoo.mobilenet_v2(resolution=symbols("r")))
    assert record.valid_when == "r % 32 == 0"
    exact, smooth = (parse(text, {"r": 64}) for text in (record.expression, record.smooth))
    assert exact == smooth
    assert parse(record.expression, {"r": 65}) != parse(record.smooth, {"r": 65})


def test_unknown_quantities_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="quantity of conv2d named 'mac'; the nearest are macs"):
        kind_formula(Conv2d, "mac")
    with pytest.raises(UnknownNameError, match="quantity of lenet_5 named 'mac'"):
        quantity_of(zoo.lenet_5().cost(), "mac")


def test_what_is_shown_follows_the_formats() -> None:
    record = network_formula(zoo.mobilenet_v1(resolution=symbols("r")))
    labels = {
        formats: [row.cells[0] for row in formula_tables(record, formats)[0].rows]
        for formats in (("text",), ("latex",))
    }
    assert labels == {("text",): ["exact", "smooth", "equal where"], ("latex",): ["LaTeX"]}
    assert [column.heading for column in kind_tables(Conv2d, ("latex",))[0].columns] == ["quantity", "LaTeX"]


def test_a_kind_without_operations_says_why() -> None:
    tables = kind_tables(kinds()["concat"])
    assert any("copied" in cell for table in tables for row in table.rows for cell in row.cells)


def test_functions_have_powers_in_latex() -> None:
    b = Builder("small")
    net = b.build(
        b.input("x", (1, 3, "h", "h")).then(Conv2d(out_channels=1, kernel="gcd(r, 4)", padding="same_tensorflow"))
    )
    assert r"\gcd\left(4, r\right)^{2}" in network_formula(net).latex
