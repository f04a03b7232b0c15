"""What a profile answers, and what it refuses to invent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from costmodel.errors import HardwareError
from costmodel.hardware import Calibration, Profile, parse_profile

BOARD = """
version = 1
name = "board"
title = "A board"
[operations_per_s.float32]
value = 2
unit = "Gop/s"
source = "its data sheet"
[efficiency.conv]
value = 0.25
source = "somebody"
data_type = "int8"
[efficiency.memory]
value = 0.5
source = "somebody"
"""


@pytest.fixture
def board() -> Profile:
    return parse_profile(BOARD)


class TestProfile:
    """Numbers that are there are given; numbers that are not are refused."""

    def test_peak(self, board: Profile) -> None:
        assert board.peak("float32") == 2e9

    def test_missing_peak_is_refused_with_the_known_ones(self, board: Profile) -> None:
        with pytest.raises(HardwareError, match="board has no published peak for int8 \\(it has: float32\\)"):
            board.peak("int8")

    def test_missing_bandwidth_is_refused(self, board: Profile) -> None:
        with pytest.raises(HardwareError, match="board has no bytes_per_s"):
            board.bandwidth()

    def test_missing_overhead_is_none_spent(self, board: Profile) -> None:
        assert board.overhead() == 0.0

    def test_efficiency_is_one_where_nobody_measured_it(self, board: Profile) -> None:
        assert board.efficiency_of("depthwise", "int8") == 1.0

    def test_efficiency_holds_for_the_data_type_it_was_measured_with(self, board: Profile) -> None:
        assert board.efficiency_of("conv", "int8") == 0.25
        assert board.efficiency_of("conv", "float32") == 1.0
        assert board.efficiency_of("memory", "float32") == 0.5

    def test_is_frozen(self, board: Profile) -> None:
        with pytest.raises(ValidationError):
            setattr(board, "name", "other")  # noqa: B010

    @pytest.mark.parametrize("name", ["", "A100", "a_100", "-a", "a" * 65, "../etc"])
    def test_name_is_a_slug(self, name: str) -> None:
        with pytest.raises(ValidationError, match="name"):
            Profile(name=name, title="A board")

    def test_unit_must_fit_the_field(self) -> None:
        wrong = BOARD.replace("Gop/s", "GB/s")
        with pytest.raises(ValueError, match="must have the unit op/s, with or without a prefix, and not GB/s"):
            parse_profile(wrong)


def calibration(**changes: object) -> Calibration:
    fields = {
        "model": "additive",
        "terms": {"overhead": {"value": 2e-3, "unit": "s", "low": 1e-3, "high": 3e-3}},
        "provenance": {"file": "times.csv", "sha256": "0" * 64, "rows": 22, "date": "2026-01-31"},
    }
    return Calibration.model_validate(fields | changes)


QUANTILES = [{"probability": 0.05, "log_ratio": -0.1}, {"probability": 0.95, "log_ratio": 0.2}]


class TestCalibration:
    """The record of a fit: coefficients with bounds, quantiles in order, a provenance."""

    def test_quantiles_are_interpolated(self) -> None:
        fitted = calibration(interval=0.9, residual_quantiles=QUANTILES)
        assert fitted.log_ratio(0.05) == -0.1
        assert fitted.log_ratio(0.95) == pytest.approx(0.2)
        assert fitted.log_ratio(0.5) == pytest.approx(0.05)

    def test_quantiles_are_not_extrapolated(self) -> None:
        assert calibration(residual_quantiles=QUANTILES).log_ratio(0.99) is None
        assert calibration().log_ratio(0.5) is None

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"terms": {}}, "terms"),
            ({"terms": {"overhead": {"value": -1.0, "unit": "s"}}}, "greater than or equal to 0"),
            ({"terms": {"overhead": {"value": 1.0, "unit": "s", "low": 2.0, "high": 3.0}}}, "must lie between"),
            ({"terms": {"overhead": {"value": 1.0, "unit": "s", "low": 0.5}}}, "both be given"),
            ({"interval": 0.9}, "at least two residual_quantiles"),
            ({"residual_quantiles": QUANTILES[::-1]}, "must rise"),
            ({"errors": {"mape": -0.1}}, "mape"),
            ({"extra": 1}, "extra"),
        ],
    )
    def test_refuses(self, changes: dict[str, object], sentence: str) -> None:
        with pytest.raises(ValidationError, match=sentence):
            calibration(**changes)

    @pytest.mark.parametrize("file", ["/home/me/times.csv", "..\\times.csv", "", "a\nb"])
    def test_provenance_names_a_file_and_no_path(self, file: str) -> None:
        with pytest.raises(ValidationError, match="file"):
            calibration(provenance={"file": file, "sha256": "0" * 64, "rows": 1, "date": "2026"})
