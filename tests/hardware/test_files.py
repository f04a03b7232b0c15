"""Profile files: what is refused and how, the round trip, and that nothing is left half-written."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError, FileFormatError, MissingExtraError
from costmodel.hardware import Profile, find_profile, parse_profile, profiles, read_profile, to_toml, write_profile
from costmodel.toml_files import MAX_BYTES

HEAD = 'version = 1\nname = "board"\ntitle = "A board"\n'
FITTED = (
    HEAD
    + """
[calibration]
model = "additive"
interval = 0.9
residual_quantiles = [{probability = 0.05, log_ratio = -0.1}, {probability = 0.95, log_ratio = 0.1}]
[calibration.terms.macs_depthwise]
value = 3.1e-10
unit = "s/MAC"
low = 2.5e-10
high = 4e-10
[calibration.provenance]
file = "times.csv"
sha256 = "%s"
rows = 22
date = "2026-01-31"
notes = ["a \\"quoted\\" note, with unicode: µs"]
[calibration.provenance.setup]
threads = "1"
[calibration.errors]
leave_one_network_out_mape = 0.041
"""
    % ("ab" * 32)
)


class TestRefusals:
    """Every bad file gives one sentence that names the file."""

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "'version' must be a positive integer"),
            ("version = 1", "'name' is required"),
            ('version = "1"', "'version' must be a positive integer"),
            ("version = true", "'version' must be a positive integer"),
            ("version = 0", "'version' must be a positive integer"),
            ("version = 2", "format version 2, and this costmodel reads up to 1"),
            ("version = ", "is not valid TOML"),
            (HEAD + "[operations_per_s.float32]\nvalue = 1", "is required"),
            (HEAD + "[operations_per_s.float33]\nvalue = 1", "float33"),
            (HEAD + "[bytes_per_s]\nvalue = nan\nunit = 'B/s'\nsource = 'x'", "finite"),
            (HEAD + "[bytes_per_s]\nvalue = -1\nunit = 'B/s'\nsource = 'x'", "greater than 0"),
            (HEAD + "colour = 'red'", "'colour'"),
            (HEAD + "description = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
            (HEAD + "[a" + ".b" * 30 + "]", "nested too deeply"),
            (HEAD + f"bytes_per_s = {'9' * 10_000}", "is not valid TOML"),
            (HEAD + f"bytes_per_s = {{value = {'9' * 4000}, unit = 'B/s', source = 'x'}}", "bytes_per_s.value"),
        ],
    )
    def test_one_sentence(self, text: str, sentence: str, tmp_path: Path) -> None:
        path = tmp_path / "board.toml"
        path.write_text(text)
        with pytest.raises(FileFormatError) as caught:
            read_profile(path)
        message = str(caught.value)
        assert sentence in message
        assert "board.toml" in message
        assert "\n" not in message
        assert len(message) < 600

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "board.toml"
        path.write_text(HEAD + "#" * MAX_BYTES)
        with pytest.raises(FileFormatError, match="larger than 262144 bytes"):
            read_profile(path)

    def test_not_text(self, tmp_path: Path) -> None:
        path = tmp_path / "board.toml"
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(FileFormatError, match="is not UTF-8 text"):
            read_profile(path)

    @pytest.mark.parametrize("name", ["missing.toml", ".", "nul\0.toml"])
    def test_unreadable(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="cannot be read"):
            read_profile(f"{tmp_path}/{name}")

    @given(st.text(max_size=200))
    def test_any_text_is_a_profile_or_one_of_our_errors(self, text: str) -> None:
        with suppress(CostModelError):
            assert parse_profile(HEAD + text).name == "board"

    def test_every_truncation_is_refused_or_a_profile(self) -> None:
        for end in range(0, len(FITTED), 7):
            with suppress(FileFormatError):
                assert parse_profile(FITTED[:end]).name == "board"


class TestWriting:
    """A profile that is written is read back equal, or nothing is written."""

    @pytest.mark.parametrize("profile", [*profiles(), parse_profile(FITTED)], ids=lambda profile: profile.name)
    def test_round_trip(self, profile: Profile, tmp_path: Path) -> None:
        path = tmp_path / "copy.toml"
        write_profile(profile, path)
        assert read_profile(path) == profile
        assert [entry.name for entry in tmp_path.iterdir()] == ["copy.toml"]

    def test_coefficients_come_back_to_the_last_bit(self) -> None:
        term = parse_profile(to_toml(parse_profile(FITTED))).calibration
        assert term is not None
        assert term.terms["macs_depthwise"].value == 3.1e-10

    def test_replaces_what_was_there(self, tmp_path: Path) -> None:
        path = tmp_path / "board.toml"
        path.write_text("rubbish")
        write_profile(parse_profile(HEAD), path)
        assert read_profile(path).name == "board"

    def test_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="cannot be written: No such file or directory"):
            write_profile(find_profile("v100"), tmp_path / "no" / "v100.toml")

    def test_failure_leaves_what_was_there(self, tmp_path: Path) -> None:
        target = tmp_path / "board.toml"
        target.mkdir()
        with pytest.raises(FileFormatError, match="cannot be written"):
            write_profile(parse_profile(HEAD), target)
        assert [entry.name for entry in tmp_path.iterdir()] == ["board.toml"]

    def test_needs_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "tomli_w", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'costmodel\[calibrate\]'"):
            to_toml(find_profile("v100"))
