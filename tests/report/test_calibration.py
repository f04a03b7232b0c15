"""Calibrations and evaluations as records and tables."""

import pytest

from costmodel.calibration import CalibratedDevice, calibrate
from costmodel.report.calibration import (
    calibration_tables,
    describe_calibration,
    describe_evaluation,
    evaluation_tables,
)
from tests.calibration.files import measurements


@pytest.fixture(scope="module")
def device() -> CalibratedDevice:
    return calibrate(measurements(noise=0.05))


def test_every_coefficient_has_its_unit_and_interval(device: CalibratedDevice) -> None:
    record = describe_calibration(device, "made-up-phone", "phone.toml")
    assert record.coefficients["macs"].unit == "s/MAC"
    assert record.coefficients["macs"].low is not None
    assert record.coefficients["macs"].low <= record.coefficients["macs"].value
    assert len(record.residuals) == record.rows == 12


def test_an_evaluation_has_the_same_keys_as_its_baselines(device: CalibratedDevice) -> None:
    assert device.by_network is not None
    record = describe_evaluation(device.by_network)
    own = set(record.model_dump()) - {"leave_out", "prior", "baselines", "warnings"}
    assert all(set(each.model_dump()) == own for each in record.baselines.values())


def test_the_tables_name_the_terms_the_errors_and_the_file(device: CalibratedDevice) -> None:
    tables = calibration_tables(device, "made-up-phone", "phone.toml")
    assert [row.cells[0] for row in tables[0].rows] == [each.term.name for each in device.fit.coefficients]
    assert tables[1].title == "12 measured times, each predicted with its network left out"
    assert tables[-1].rows[0].cells[:2] == ("written", "phone.toml")


def test_the_largest_residuals_come_first(device: CalibratedDevice) -> None:
    (table,) = (each for each in calibration_tables(device, "x", "y") if each.columns[0].heading == "largest residuals")
    sizes = [abs(float(row.cells[3].removesuffix(" %"))) for row in table.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 5


def test_one_setup_has_no_table_of_setups(device: CalibratedDevice) -> None:
    assert device.by_network is not None
    assert len(evaluation_tables(device.by_network)) == 1
