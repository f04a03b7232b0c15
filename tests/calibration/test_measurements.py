"""Reading measurement files: what a row is, and one sentence for each way in which a file can be wrong."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from costmodel.calibration import calibrate, doubts, finder, parse_measurements, read_measurements
from costmodel.calibration import measurements as module
from costmodel.errors import CalibrationError, CostModelError, FileFormatError, UnknownNameError
from tests.mutations import CHANGES, Change, changed

FIND = finder()
HEAD = b"device,network,width,resolution,threads,latency_ms\n"
ROW = b"phone,alexnet,1,224,1,20\n"

WRONG = {
    "empty": (b"", "m.csv is empty"),
    "blank lines": (b"\n \n,,\n", "m.csv is empty"),
    "header only": (HEAD, "m.csv holds a header and no measurement"),
    "not text": (b"\xff\xfe\x00d", "m.csv must be UTF-8 text, and byte 0 is not"),
    "an image": (b"\x89PNG\r\n\x1a\n\x00\x00", "m.csv must be UTF-8 text, and byte 0 is not"),
    "no device": (b"network,latency_ms\nalexnet,20\n", r"lacks the column 'device' \(it has: network, latency_ms\)"),
    "no network": (b"device,latency_ms\nphone,20\n", "lacks the column 'network', or 'layer' with 'input_shape'"),
    "no shape": (
        b'device,layer,latency_ms\nphone,"{}",20\n',
        "has a column 'layer' and lacks the column 'input_shape'",
    ),
    "no time": (b"device,network\nphone,alexnet\n", "lacks the column 'latency_ms' or 'latency_min_ms'"),
    "column twice": (b"device,network,device,latency_ms\na,b,c,1\n", "two columns named 'device'"),
    "word": (HEAD + b"phone,alexnet,1,224,1,fast\n", "line 2: 'latency_ms' must be a positive number .got 'fast'."),
    "no number": (HEAD + b"phone,alexnet,1,224,1,\n", "line 2: 'latency_ms' must be a positive number .got ''."),
    "nan": (HEAD + b"phone,alexnet,1,224,1,nan\n", "line 2: 'latency_ms' must be a positive number .got 'nan'."),
    "infinite": (HEAD + b"phone,alexnet,1,224,1,1e999\n", "line 2: 'latency_ms' must be a positive number"),
    "underscore": (HEAD + b"phone,alexnet,1,224,1,1_0\n", "line 2: 'latency_ms' must be a positive number"),
    "negative": (HEAD + ROW + b"phone,alexnet,1,192,1,-3\n", "line 3: 'latency_ms' must be a positive .* .got '-3'."),
    "zero": (HEAD + b"phone,alexnet,1,224,1,0.0\n", "line 2: 'latency_ms' must be a positive number .got '0.0'."),
    "absurd": (
        HEAD + b"phone,alexnet,1,224,1,1e300\n",
        r"must lie between 1e-06 and 1e\+09 milliseconds .got 1e\+300.",
    ),
    "width": (HEAD + b"phone,alexnet,wide,224,1,20\n", "line 2: 'width' must be a positive number .got 'wide'."),
    "resolution": (
        HEAD + b"phone,alexnet,1,22.5,1,20\n",
        "line 2: 'resolution' must be a positive integer .got '22.5'.",
    ),
    "ragged": (HEAD + b"phone,alexnet,20\n", "line 2: a row must have 6 cells, as the header has .got 3."),
    "nameless": (HEAD + b"phone,,1,224,1,20\n", "line 2: 'network' must not be empty"),
    "deviceless": (HEAD + b",alexnet,1,224,1,20\n", "line 2: 'device' must not be empty"),
    "quote": (HEAD + b'phone,"alexnet,1,224,1,20\n', "line 2, is not valid CSV: unexpected end of data"),
    "long cell": (HEAD + b"phone," + b"a" * 70_000 + b",1,224,1,20\n", "'network' must have at most 65536 characters"),
    "longer cell": (HEAD + b"phone," + b"a" * 200_000 + b",1,224,1,20\n", "line 2, is not valid CSV: field larger"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_gets_one_sentence(case: str) -> None:
    raw, sentence = WRONG[case]
    with pytest.raises(FileFormatError, match=sentence) as caught:
        parse_measurements(raw, "m.csv")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_columns_without_a_name_are_ignored() -> None:
    """As spreadsheets write them, behind the last."""
    (found,) = parse_measurements(b"device,network,latency_ms,,\nphone,alexnet,20,,\n").rows
    assert found.latency_s == 0.02


def test_a_table_of_too_many_columns_is_refused_at_once() -> None:
    names = ",".join(f"c{index}" for index in range(module.MAX_COLUMNS))
    with pytest.raises(FileFormatError, match=r"m must have at most 1000 columns \(got 1003\)"):
        parse_measurements(f"device,network,latency_ms,{names}\n".encode() + ROW, "m")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: HEAD + text.encode("utf-8", "replace")))
@example(b"\x00")
@example(HEAD + b"phone,alexnet,1,224,1,\xef\xbc\x91\n")
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(CostModelError):
        assert parse_measurements(raw).rows


LAYERS = '{"kind": "conv2d", "out_channels": 8, "kernel": 3}'
REAL = "\n".join((
    "device,runtime,threads,precision,network,width,resolution,layer,input_shape,latency_ms",
    "phone,ncnn,1,fp32,mobilenet_v1,0.5,128,,,20.5",
    "phone,ncnn,1,fp32,squeezenet1_1,,,,,31",
    'phone,ncnn,1,fp32,,,,"{}",1x3x8x8,0.25'.format(LAYERS.replace('"', '""')),
    "phone,ncnn,1,fp32,resnet18,1,64,,,12",
))  # fmt: skip


@given(changes=CHANGES)
def test_a_few_changes_are_read_or_refused_in_one_sentence(changes: list[Change]) -> None:
    """The file, what its rows measured, and what is doubtful of it."""
    refused = ""
    try:
        found = parse_measurements(changed(REAL, changes).encode("utf-8", "replace"))
        said = doubts(found, FIND)
    except CostModelError as problem:
        refused = str(problem)
        said = ()
    assert "\n" not in refused
    assert len(refused) < 1000
    assert all(len(sentence) < 1000 for sentence in said)


class TestFile:
    """Files on a disk."""

    def test_is_named_without_its_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "times.csv"
        path.write_bytes(HEAD + ROW)
        measurements = read_measurements(path)
        assert measurements.name == "times.csv"
        assert measurements.sha256 == hashlib.sha256(HEAD + ROW).hexdigest()

    @pytest.mark.parametrize("name", ["a\\b.csv", "a\x01b.csv"])
    def test_of_a_strange_name_is_read_and_its_profile_kept(self, name: str, tmp_path: Path) -> None:
        lines = "".join(f"mine,{network},20\n" for network in ("alexnet", "vgg16", "resnet18"))
        (tmp_path / name).write_text(f"device,network,latency_ms\n{lines}", encoding="utf-8")
        made = calibrate(read_measurements(tmp_path / name))
        assert made.calibration("2026-01-31").provenance.file == "a?b.csv"

    def test_that_is_missing_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match=r"none\.csv cannot be read: No such file"):
            read_measurements(tmp_path / "none.csv")

    def test_that_is_a_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match="cannot be read: Is a directory"):
            read_measurements(tmp_path)

    def test_that_is_too_large_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "large.csv"
        path.write_bytes(HEAD + ROW * 100)
        monkeypatch.setattr(module, "MAX_BYTES", 1000)
        with pytest.raises(FileFormatError, match=r"large\.csv is larger than 1000 bytes"):
            read_measurements(path)


class TestRow:
    """What is read of a row."""

    def test_times_are_seconds(self) -> None:
        assert parse_measurements(HEAD + ROW).rows[0].latency_s == pytest.approx(0.020)

    def test_minimum_is_read_where_there_is_no_other_time(self) -> None:
        raw = b"device,network,latency_min_ms,latency_max_ms\nphone,alexnet,20,30\n"
        assert parse_measurements(raw).rows[0].latency_s == pytest.approx(0.020)

    def test_byte_order_mark_and_carriage_returns_are_read_over(self) -> None:
        raw = b"\xef\xbb\xbf" + (HEAD + ROW).replace(b"\n", b"\r\n")
        assert parse_measurements(raw).rows == parse_measurements(HEAD + ROW).rows

    def test_threads_are_the_leading_integer(self) -> None:
        raw = HEAD + b'phone,alexnet,1,224,"4 (large cores; pinned)",20\n'
        assert dict(parse_measurements(raw).rows[0].setup)["threads"] == "4"

    @pytest.mark.parametrize(("cell", "threads"), [("0" * 40 + "4", "4"), ("\uff14" * 5000, "\uff14" * 5000)])
    def test_threads_are_digits_of_ascii_and_zeros_before_them_count_for_nothing(self, cell: str, threads: str) -> None:
        raw = HEAD + f"phone,alexnet,1,224,{cell},20\n".encode()
        assert dict(parse_measurements(raw).rows[0].setup)["threads"] == threads

    def test_number_is_the_same_however_it_is_written(self) -> None:
        raw = HEAD + b"phone,alexnet,0.50,224,1,20\nphone,alexnet,.5,224.0,1,20\n"
        first, second = parse_measurements(raw).rows
        assert first.key == second.key == ("alexnet", "0.5", "224")

    def test_layer_is_measured_with_its_input(self) -> None:
        raw = b'device,layer,input_shape,latency_ms\nphone,"{""kind"": ""relu""}",1x8,1\n'
        assert parse_measurements(raw).rows[0].key == ('{"kind": "relu"}', "1x8")

    def test_other_columns_are_kept(self) -> None:
        raw = b"device,network,latency_ms,weather\nphone,alexnet,20,fine\n"
        assert parse_measurements(raw).rows[0].cells["weather"] == "fine"


class TestSetups:
    """A setup is a combination of the setup columns that are there."""

    RAW = b"device,precision,threads,network,latency_ms\na,fp32,1,x,1\na,fp32,4,x,2\nb,int8,1,x,3\na,fp32,1,y,4\n"

    def test_are_told_apart(self) -> None:
        setups = parse_measurements(self.RAW).setups()
        assert [len(rows) for rows in setups.values()] == [2, 1, 1]
        assert next(iter(setups)) == (("device", "a"), ("threads", "1"), ("precision", "fp32"))

    def test_are_chosen_by_values(self) -> None:
        chosen = parse_measurements(self.RAW).only({"device": "a", "threads": "1 (one core)"})
        assert [row.latency_s for row in chosen.rows] == [0.001, 0.004]
        assert chosen.one_setup()[1] == chosen.rows

    def test_several_are_no_single_one(self) -> None:
        with pytest.raises(CalibrationError, match=r"holds 3 setups; choose one by its device \(a, b\) and threads"):
            parse_measurements(self.RAW, "m.csv").one_setup()

    def test_unknown_column_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no column in m\.csv named 'devise'; the nearest are device"):
            parse_measurements(self.RAW, "m.csv").only({"devise": "a"})

    def test_unknown_value_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no precision in m\.csv named 'fp16'; the nearest are fp32"):
            parse_measurements(self.RAW, "m.csv").only({"precision": "fp16"})

    def test_values_that_never_meet_are_refused(self) -> None:
        with pytest.raises(CalibrationError, match="has no row with device 'b', threads '4'"):
            parse_measurements(self.RAW, "m.csv").only({"device": "b", "threads": "4"})


def test_more_threads_than_a_machine_has_are_refused() -> None:
    """The population would be asked for a speed-up far beyond what anybody measured."""
    with pytest.raises(FileFormatError, match=r"line 2: 'threads' must be at most 4096 \(got 99999 \(big\)\)"):
        parse_measurements(b"device,threads,network,latency_ms\nmine,99999 (big),alexnet,20\n")


def test_a_folder_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileFormatError, match=r"^\. cannot be read: Is a directory"):
        read_measurements(".")
