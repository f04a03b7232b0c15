"""Several files as one measurement file, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.calibration import read_measurements
from costmodel.collecting import FORMATS, Source, collect, read_source, recognize
from costmodel.collecting import collection as module
from costmodel.errors import FileFormatError, UnknownNameError
from tests.collecting.test_mlperf_tiny import MEDIAN
from tests.collecting.test_ncnn import RUN, line
from tests.collecting.test_tflite import RUN as TFLITE
from tests.collecting.test_torch import MEASUREMENTS, event, trace

PAGE = f"## Board\n{RUN.format(threads=4, gpu=-1)}{line('alexnet', 1, 3, 2)}{line('vgg16', 1, 3, 2)}"
SAMPLES = {
    "ncnn": PAGE,
    "tflite": TFLITE.format(delegate=""),
    "onnxruntime": '[{"cat": "Session", "ph": "X", "name": "session_initialization", "dur": 1}]',
    "torch": trace(event("net", 5)),
    "mlperf-tiny": MEDIAN,
}


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_recognized_by_its_text(name: str) -> None:
    assert recognize(Source("file", (), SAMPLES[name])) is FORMATS[name]


def test_measurements_of_torch_are_recognized() -> None:
    assert recognize(Source("file", (), MEASUREMENTS)).name == "torch"


def test_text_of_no_format_is_refused_with_all_of_them() -> None:
    with pytest.raises(FileFormatError, match=r"none of the formats that are read; name one with --format \(ncnn: .*"):
        recognize(Source("file", (), "hello"))


def test_text_of_two_formats_is_refused() -> None:
    with pytest.raises(FileFormatError, match=r"could be several formats; .*ncnn.*tflite"):
        recognize(Source("file", (), PAGE + SAMPLES["tflite"]))


def test_format_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no format of benchmark output named 'nccn'; the nearest are ncnn"):
        collect([Source("file", (), PAGE)], format_name="nccn")


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    collect([read_source(tmp_path / "page.md")]).write(tmp_path / "rows.csv")
    found = read_measurements(tmp_path / "rows.csv")
    assert [(row.label, row.latency_s, row.cells["source"]) for row in found.rows] == [
        ("alexnet", 0.001, "page.md"),
        ("vgg16", 0.001, "page.md"),
    ]


def test_runs_of_several_files_keep_apart() -> None:
    rows = collect([Source("a.md", (), PAGE), Source("b.md", (), PAGE)]).measurements.rows
    assert [row.cells["run_id"] for row in rows] == ["1", "1", "2", "2"]


def test_means_stand_beside_means() -> None:
    both = collect([Source("a", (), PAGE), Source("b", (), SAMPLES["tflite"])], given={"device": "mine"})
    assert [row.latency_s for row in both.measurements.rows] == pytest.approx([0.002, 0.002, 0.0502505])


class TestGiven:
    """Cells that the user gives."""

    def test_stand_in_every_row(self) -> None:
        rows = collect([Source("a", (), PAGE)], given={"device": "mine", "note": "hot"}).measurements.rows
        assert {(row.cells["device"], row.cells["note"]) for row in rows} == {("mine", "hot")}

    def test_missing_device_is_asked_for(self) -> None:
        with pytest.raises(FileFormatError, match=r"a\.txt, line 13: nothing says which device .* with --device NAME"):
            collect([Source("a.txt", (), SAMPLES["tflite"])])

    def test_missing_network_is_asked_for(self) -> None:
        text = trace(event("ProfilerStep#1", 5))
        with pytest.raises(FileFormatError, match=r"a\.json: nothing says which network .* with --set network=NAME"):
            collect([Source("a.json", (), text)], given={"device": "mine"})

    def test_do_not_replace_what_tells_rows_apart(self) -> None:
        with pytest.raises(FileFormatError, match="a tells 'network' of each measurement itself, and it differs"):
            collect([Source("a", (), PAGE)], given={"network": "alexnet"})

    def test_are_no_times(self) -> None:
        with pytest.raises(FileFormatError, match="'latency_ms' holds what was measured, and cannot be set"):
            collect([Source("a", (), PAGE)], given={"latency_ms": "1"})


class TestNothing:
    """Files without a measurement."""

    def test_first_reason_is_told(self) -> None:
        with pytest.raises(FileFormatError, match=r"no measurement could be read; a, line 1: alexnet: 'min' must be"):
            collect([Source("a", (), line("alexnet", 0, 0, 0))], format_name="ncnn")

    def test_no_line_that_looks_like_one(self) -> None:
        with pytest.raises(FileFormatError, match="no measurement was found"):
            collect([Source("a", (), "hello")], format_name="ncnn")


class TestBounds:
    """Hostile files."""

    def test_bytes_that_are_no_text_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "raw").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(FileFormatError, match="raw is not UTF-8 text"):
            read_source(tmp_path / "raw")

    def test_large_file_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_BYTES", 9)
        (tmp_path / "long").write_bytes(10 * b"x")
        with pytest.raises(FileFormatError, match="long is larger than 9 bytes"):
            read_source(tmp_path / "long")

    def test_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="nowhere cannot be read: No such file"):
            read_source(tmp_path / "nowhere")

    def test_rows_without_end_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_ROWS", 1)
        with pytest.raises(FileFormatError, match="holds more than 1 measurements"):
            collect([Source("a", (), PAGE)])

    def test_deep_json_is_refused(self) -> None:
        with pytest.raises(FileFormatError, match="nested too deeply"):
            collect([Source("a", (), "[" * 100_000)], format_name="onnxruntime")

    def test_json_of_too_many_objects_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from costmodel.collecting import traces

        monkeypatch.setattr(traces, "MAX_OBJECTS", 2)
        with pytest.raises(FileFormatError, match="at most 2 objects and lists"):
            collect([Source("a", (), "[{},{}]")], format_name="torch")

    @pytest.mark.parametrize("text", ["", "[", '{"traceEvents": 5}', "null", '[{"dur": 1}'])
    def test_json_that_is_no_trace_is_refused(self, text: str) -> None:
        with pytest.raises(FileFormatError):
            collect([Source("a", (), text)], format_name="torch", given={"device": "d", "network": "n"})

    def test_control_characters_do_not_reach_the_file(self) -> None:
        page = PAGE.replace("## Board", "## Bo\x1b[31mard\x00,\"'")
        text = collect([Source("a", (), page)]).text
        assert text.isascii()
        assert "\x1b" not in text
        assert "\x00" not in text


def test_a_folder_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileFormatError, match=r"^\. cannot be read: Is a directory"):
        read_source(".")
