"""Predictions as records and tables."""

import pytest

from costmodel import Builder, symbols, zoo
from costmodel.hardware import parse_profile
from costmodel.latency import estimate
from costmodel.layers import Flatten
from costmodel.report.latency import describe_latency, latency_tables


def test_parts_that_are_nowhere_have_no_column() -> None:
    with_overhead, *_ = latency_tables("lenet_5", estimate(zoo.lenet_5(), "v100"))
    without, *_ = latency_tables("lenet_5", estimate(zoo.lenet_5(), "raspberry-pi-4"))
    assert "overhead" in [column.heading for column in with_overhead.columns]
    assert "overhead" not in [column.heading for column in without.columns]


def test_shares_add_up() -> None:
    table, *_ = latency_tables("resnet18", estimate(zoo.resnet18(), "v100"))
    assert abs(sum(float(row.cells[-1].removesuffix(" %")) for row in table.rows) - 100) < 0.05 * len(table.rows)


def test_energy_is_told_where_it_is_known() -> None:
    quantity = 'unit = "{}"\nsource = "an example"\nvalue = 1\n'
    sections = {
        "operations_per_s.float32": "Gop/s",
        "bytes_per_s": "GB/s",
        "energy.joules_per_operation.float32": "pJ/op",
        "energy.joules_per_byte": "nJ/B",
    }
    text = 'version = 1\nname = "mine"\ntitle = "Mine"\n'
    profile = parse_profile(text + "".join(f"[{name}]\n{quantity.format(unit)}" for name, unit in sections.items()))
    latency = estimate(zoo.lenet_5(), profile)
    assert describe_latency("lenet_5", latency).energy_j == latency.energy_j is not None
    _, more, _ = latency_tables("lenet_5", latency)
    assert [row.cells[0] for row in more.rows] == ["latency", "throughput", "energy", "RAM"]
    assert describe_latency("lenet_5", estimate(zoo.lenet_5(), "ryzen-5700g-core")).energy_j is None


def test_an_energy_has_parts_and_sources() -> None:
    latency = zoo.lenet_5().latency("pixel-1").with_technology("horowitz-45nm")
    record = describe_latency("lenet_5", latency)
    assert record.energy is not None
    parts = (record.energy.arithmetic_j, record.energy.on_chip_j, record.energy.memory_j, record.energy.static_j)
    assert sum(map(float, parts)) == record.energy_j
    assert sum(float(kernel.energy_j or 0) for kernel in record.kernels) == pytest.approx(record.energy_j)
    _, more, rest = latency_tables("lenet_5", latency)
    energy = next(row.cells for row in more.rows if row.cells[0] == "energy")
    assert energy[2].startswith("arithmetic ")
    assert energy[2].endswith("by the numbers of horowitz-45nm")
    assert "sources" in [row.cells[0] for row in rest.rows]
    assert set(record.energy.sources) <= {row.cells[1] for row in rest.rows}


def test_what_does_not_fit_is_in_the_table() -> None:
    latency = estimate(zoo.mobilenet_v2(), "cortex-m7", data_type="int8")
    _, more, _ = latency_tables("mobilenet_v2", latency)
    cells = {row.cells[0]: row.cells[1:] for row in more.rows}
    assert cells["RAM"] == (
        "1.51 MB", "does not fit: activations need 1,505,280 bytes, there are 327,680"
    )  # fmt: skip
    assert cells["flash"][1].startswith("does not fit: weights need 3,541,984 bytes")
    memory = describe_latency("mobilenet_v2", latency).memory
    assert memory is not None
    assert (memory.fits_ram, memory.fits_flash, memory.peak_ram_bytes) == (False, False, 1_505_280)


def test_an_expression_has_no_share() -> None:
    latency = estimate(zoo.lenet_5(batch=symbols("batch")), "v100")
    record = describe_latency("lenet_5", latency)
    assert isinstance(record.latency_s, str)
    assert (record.batch, record.kernels[0].bound_by) == ("batch", None)
    assert record.memory is not None
    assert (record.memory.fits_ram, isinstance(record.memory.peak_ram_bytes, str)) == (None, True)
    table, *_ = latency_tables("lenet_5", latency)
    assert [column.heading for column in table.columns] == ["kernel", "seconds"]


def test_a_network_without_a_kernel_takes_no_time() -> None:
    b = Builder("nothing")
    record = describe_latency("nothing", estimate(b.build(b.input("x", (1, 4)).then(Flatten())), "v100"))
    assert (record.latency_s, record.throughput_per_s, record.kernels) == (0, None, ())
