"""Commands on ncnn's .param files."""

from pathlib import Path

from costmodel.calibration import finder, read_measurements
from costmodel.interop.files import READERS, read
from tests.cli.conftest import Run
from tests.interop.ncnn.files import write

OPEN = """7767517
3 3
Input data 0 1 data
Convolution conv 1 1 data x 0=8 1=3 4=1 5=1 6=216 9=1
Pooling pool 1 1 x y 0=1 4=1
"""


def test_sizes_that_the_file_leaves_open_stay_symbols_or_are_set(costmodel: Run, tmp_path: Path) -> None:
    path = str(write(tmp_path, OPEN))
    assert costmodel("summary", path, "--json").json["totals"]["macs"] == "216*h*w"
    bound = costmodel("summary", path, "--set", "h=5", "--set", "w=7", "--batch", "3", "--json").json
    assert bound["totals"]["macs"] == 3 * 216 * 5 * 7


def test_a_layer_without_a_rule_is_refused_in_one_line(costmodel: Run, tmp_path: Path) -> None:
    refused = costmodel("summary", str(write(tmp_path, OPEN.replace("Pooling", "Magic"))))
    assert (refused.status, refused.output, refused.errors.count("\n")) == (1, "", 1)
    assert "pool (Magic): there is no rule for this operation" in refused.errors


def test_every_network_that_was_measured_is_found(shared: Path) -> None:
    folder = shared / "data" / "ncnn"
    rows = {row.cells["network"]: row for row in read_measurements(folder / "measurements.csv").rows}
    find = finder(folder / "params", dict.fromkeys(READERS, read))
    assert {name: find(row).name for name, row in rows.items()} == {name: name for name in rows}
