"""Lists of networks, devices and kinds."""

from costmodel.hardware import profiles
from costmodel.layers import kinds
from costmodel.report.catalog import (
    devices_tables,
    kinds_table,
    list_devices,
    list_kinds,
    list_networks,
    networks_tables,
)
from costmodel.report.table import facts
from costmodel.zoo import families


def test_a_family_has_one_line_with_all_of_its_networks() -> None:
    table, parameters = networks_tables(list_networks(families().values()))
    (resnets,) = (row for row in table.rows if row.cells[0].startswith("resnet"))
    assert "resnext101_32x8d" in resnets.cells[0]
    assert "depth=50" in resnets.cells[1]
    names = [row.cells[0] for row in parameters.rows]
    assert names == sorted(names)


def test_a_device_without_numbers_is_listed_without() -> None:
    table, memories, sources = devices_tables(list_devices(profiles()))
    (energy_only,) = (row for row in table.rows if row.cells[0] == "horowitz-45nm")
    assert energy_only.cells[2:6] == ("-", "", "-", "-")
    assert ("horowitz-45nm", "no peak is published") in [row.cells for row in sources.rows]
    more = {row.cells[0]: row.cells[1:] for row in memories.rows}
    assert more["horowitz-45nm"] == ("-", "-", "-", "-", "4.60 pJ", "160 pJ")
    assert more["cortex-m7"] == ("4.10 kB", "328 kB", "1.05 MB", "-", "-", "-")
    assert "apple-m1-gpu" not in more


def test_defaults_are_written_as_in_a_spec() -> None:
    record = {each.name: each for each in list_kinds(kinds().values()).kinds}
    assert record["conv2d"].fields["bias"] == "true"
    assert record["conv2d"].fields["padding"] == "0"
    assert record["split"].fields["sizes"] == "null"
    (row,) = (row for row in kinds_table(list_kinds(kinds().values())).rows if row.cells[0] == "linear")
    assert row.cells[1] == "out_features, bias=true"


def test_facts_fill_up_missing_remarks() -> None:
    table = facts(("a", "1"), ("b", "2", "more"))
    assert [row.cells for row in table.rows] == [("a", "1", ""), ("b", "2", "more")]
    assert facts().rows == ()
