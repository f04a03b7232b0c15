"""What is doubtful in measured times is said: units that are mixed up, rows that contradict one another."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from costmodel.calibration import Measurements, Row, doubts, evaluate, finder, read_measurements, unpredicted
from costmodel.interop.files import READERS, read
from tests.calibration.files import measurements


def changed(factor: Callable[[int], float], **columns: str) -> Measurements:
    """The made-up measurements with each row's time times a factor of its place, and with other columns."""
    made = measurements()

    def row(index: int, each: Row) -> Row:
        setup = tuple((dict(each.setup) | columns).items())
        return replace(each, setup=setup, latency_s=factor(index) * each.latency_s)

    return replace(made, rows=tuple(row(index, each) for index, each in enumerate(made.rows)))


def test_nothing_is_said_of_times_that_agree() -> None:
    assert doubts(measurements()) == ()


@pytest.mark.parametrize(
    ("factor", "sentence"), [(1e3, "slower than .* look like microseconds"), (1e-3, "faster than .* look like seconds")]
)
def test_units_of_a_setup(factor: float, sentence: str) -> None:
    (found,) = doubts(changed(lambda _: factor))
    assert found.startswith("made-up phone is ")
    assert re.search(sentence, found)


@pytest.mark.parametrize(("factor", "unit"), [(1e3, "microseconds"), (1e-3, "seconds")])
def test_unit_of_one_row(factor: float, unit: str) -> None:
    (found,) = doubts(changed(lambda index: factor if index == 3 else 1.0))
    assert found.startswith("line 5: resnet34 1 224 is ")
    assert found.endswith(f"looks like {unit}")


@pytest.mark.parametrize("factor", [150.0, 1 / 200, 1e5])
def test_a_row_that_is_off_by_no_thousand_may_be_anything(factor: float) -> None:
    (found,) = doubts(changed(lambda index: factor if index == 3 else 1.0))
    assert found.startswith("line 5: resnet34 1 224 is ")
    assert found.endswith("measure it again, or take it out")


def test_rows_that_disagree_are_both_named() -> None:
    made = measurements()
    again = replace(made.rows[2], line=99, latency_s=1.6 * made.rows[2].latency_s)
    (found,) = doubts(replace(made, rows=(*made.rows, again)))
    assert found.startswith("lines 4 and 99 disagree on resnet18 1 224: ")


def test_rows_of_other_setups_do_not_disagree() -> None:
    one, other = measurements(), changed(lambda _: 3.0, threads="2")
    assert doubts(replace(one, rows=one.rows + other.rows)) == ()


def test_many_are_summed_up() -> None:
    one, other = measurements(), changed(lambda _: 3.0)
    found = doubts(replace(one, rows=one.rows + other.rows))
    assert (len(found), found[-1]) == (6, "and 7 more like the last")


def test_published_times_of_46_devices(shared: Path) -> None:
    """Of 300 setups one is doubtful: 8-bit arithmetic on a core of 1 GHz without instructions for it."""
    find = finder(shared / "data" / "ncnn" / "params", dict.fromkeys(READERS, read))
    (found,) = doubts(read_measurements(shared / "data" / "ncnn" / "measurements.csv"), find)
    assert found.startswith("CVITEK SG2000")


def test_times_that_are_in_no_error_are_named() -> None:
    made = measurements(["resnet18", "vgg11", "mobilenet_v1", "squeezenet1_0"])
    assert unpredicted(made, evaluate(made)) == ()
    (said,) = unpredicted(made, evaluate(made, leave_out="network,device", prior="population"))
    assert said == (
        "2 of 4 measured times are in no error here (resnet18 1 224, mobilenet_v1 1 224): too little remains where "
        "they are left out, or the library's population knows their network already, if under another name"
    )
