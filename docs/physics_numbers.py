"""The coefficients of three devices behind docs/coefficients.md, from the measurements in ../shared.

Run: python docs/physics_numbers.py ../shared

Each device is calibrated on one thread with a population that was learned without it, and the table is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from costmodel.calibration import READERS as OWN
from costmodel.calibration import TERMS, Fit, finder, fit, read_measurements, tabulate
from costmodel.calibration.covariates import processor
from costmodel.calibration.fit import INTERVAL
from costmodel.calibration.populations import Populations
from costmodel.calibration.terms import terms_of
from costmodel.interop.files import READERS, read
from costmodel.report.numbers import with_prefix

DEVICES: Final = {
    "Raspberry Pi 3 B+": "Raspberry Pi 3 Model B+",
    "Raspberry Pi 4": "Raspberry Pi 4 Model B",
    "Ryzen 7 5700G": "AMD Ryzen 5700g",
}


def fits(shared: Path) -> dict[str, Fit]:
    """The fit of each device on one thread of its large cores, float32."""
    folder = shared / "data" / "ncnn"
    find = finder(folder / "params", {**OWN, **dict.fromkeys(READERS, read)})
    measured = read_measurements(folder / "measurements.csv")
    table = tabulate(measured.rows, find)
    parts = {setup: table.take(row.setup == setup for row in table.rows) for setup in measured.setups()}
    known = Populations(parts, TERMS, INTERVAL)
    found = {}
    for name, start in DEVICES.items():
        (setup,) = (
            setup
            for setup in parts
            if dict(setup)["device"].startswith(start)
            and dict(setup)["threads"] == "1"
            and dict(setup)["backend"] == "cpu"
            and dict(setup)["precision"] != "int8"
        )
        found[name] = fit(parts[setup], terms_of(TERMS, processor(setup)), prior=known.prior(setup))
    return found


def main() -> None:
    """Print a Markdown table: a row for each term, a column for each device."""
    found = fits(Path(sys.argv[1]))
    print(f"| term | {' | '.join(found)} |")
    print(f"|---|{'---|' * len(found)}")
    for place, first in enumerate(next(iter(found.values())).coefficients):
        cells = []
        for each in found.values():
            one = each.coefficients[place]
            ends = f"{with_prefix(one.low, '')} to {with_prefix(one.high, '')}"
            cells.append(f"{with_prefix(one.value, one.term.unit)} ({ends})")
        print(f"| `{first.term.name}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
