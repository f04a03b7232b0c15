"""Rows that were measured while a machine did something else are named."""

from __future__ import annotations

import pytest

from costmodel.calibration import doubts, parse_measurements
from costmodel.calibration.busy import busy, disturbed

HEAD = "device,threads,network,latency_ms,latency_min_ms,processor_ms,load\n"


@pytest.mark.parametrize(
    ("cells", "is_disturbed"),
    [
        ("1,resnet18,20,19,20.1,1.2", False),
        ("1,resnet18,20,10,20.1,1.2", False),
        ("1,resnet18,20,19,17.9,1.2", True),
        ("1,resnet18,20,19,,1.2", False),
        ("1,resnet18,20,14,,1.2", True),
        ("4,resnet18,20,19,5,1.2", False),
        ("4,resnet18,20,14,80,", True),
        ("4,resnet18,20,nan,nan,nan", False),
        ("4,resnet18,20,1e400,-1,x", False),
        ("1,resnet18,20,,,", False),
    ],
)
def test_of_one_thread_the_processor_tells_and_of_several_the_shortest_run(cells: str, is_disturbed: bool) -> None:
    (row,) = parse_measurements(f"{HEAD}mine,{cells}\n".encode()).rows
    assert disturbed(row) is is_disturbed


def test_a_fit_says_which_rows_and_at_what_load() -> None:
    rest = "".join(f"mine,1,{name},20,19,20,1\n" for name in ("resnet18", "vgg16"))
    taken = "".join(f"mine,1,resnet{depth},20,19,{4 + load},{load}\n" for load, depth in enumerate((34, 50, 101, 152)))
    found = [said for said in doubts(parse_measurements(f"{HEAD}{rest}{taken}".encode())) if "processes" in said]
    sentence = (
        "4 of 6 rows were measured while other processes took the processor (lines: 4, 5, 6, 7, at a load of 0 to 3); "
        "their times are too long: take them out, and measure them again on a machine at rest"
    )
    assert found == [sentence]


def test_only_a_few_lines_are_named() -> None:
    lines = "".join("mine,1,mobilenet_v1,20,19,1,\n" for _ in range(100))
    (said,) = busy(parse_measurements(f"{HEAD}{lines}".encode()).rows)
    assert "(lines: 2, 3, 4, 5, 6 and 95 more);" in said
