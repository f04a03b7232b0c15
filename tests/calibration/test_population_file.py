"""The file of a population: what it cannot say is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.calibration import write_populations
from costmodel.calibration.population_file import shipped
from costmodel.errors import CalibrationError
from tests.calibration.files import measurements


@pytest.mark.parametrize("source", ["", "x" * 2001])
def test_a_source_that_is_none_or_a_book_is_refused(source: str, tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="no population can be written: 'source' must have at"):
        write_populations({"cpu-float": shipped("cpu-float")}, measurements(), source, str(tmp_path / "made.json"))
    assert not list(tmp_path.iterdir())
