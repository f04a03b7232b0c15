"""`costmodel calibrate` and `costmodel evaluate` on published times."""

from pathlib import Path

import pytest

from costmodel.calibration.measurements import Measurements
from costmodel.hardware import read_profile
from tests.calibration.files import measurements
from tests.cli.conftest import Run

RK3399 = "Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)"


@pytest.fixture
def times(tmp_path: Path) -> str:
    """A measurement file of two setups, whose times are made up."""
    path = tmp_path / "times.csv"
    columns = ("device", "precision", "threads", "network", "width", "resolution")
    lines = [",".join((*columns, "latency_ms"))]
    for device, factor in (("phone", 1000), ("tablet", 500)):
        made: Measurements = measurements(noise=0.03)
        for row in made.rows:
            cells = {**row.cells, "device": device}
            lines.append(",".join((*(cells[column] for column in columns), f"{factor * row.latency_s:.9g}")))
    path.write_text("\n".join(lines))
    return str(path)


def test_a_calibration_writes_the_profile_that_predict_reads(costmodel: Run, times: str, tmp_path: Path) -> None:
    output = str(tmp_path / "phone.toml")
    found = costmodel("calibrate", times, "--setup", "device=phone", "-o", output, "--json").json
    assert (found["output"], found["name"], found["rows"]) == (output, "phone", 12)
    assert found["setup"]["device"] == "phone"
    assert found["coefficients"]["macs"]["unit"] == "s/MAC"
    assert found["leave_out"]["network"]["mape"] < 0.1
    assert read_profile(output).calibration is not None
    predicted = costmodel("predict", "resnet50", "--device", output, "--json").json
    measured = next(each for each in found["residuals"] if each["network"].startswith("resnet50"))["measured_s"]
    assert predicted["latency_s"] == pytest.approx(measured, rel=0.15)


def test_the_table_of_a_calibration_says_what_was_written(costmodel: Run, times: str, tmp_path: Path) -> None:
    output = str(tmp_path / "tablet.toml")
    done = costmodel("calibrate", times, "--setup", "device=tablet", "-o", output)
    assert (done.status, done.errors) == (0, "")
    assert "12 measured times of device tablet" in done.output
    assert "/MAC" in done.output
    assert output in done.output.replace("\n", "").replace(" ", "")


def test_what_to_measure_next_is_ranked(costmodel: Run, times: str, tmp_path: Path) -> None:
    output = str(tmp_path / "phone.toml")
    arguments = ("calibrate", times, "--setup", "device=phone", "-o", output, "--suggest", "resnet18, vit_b_16")
    found = costmodel(*arguments, "--json").json["next"]
    assert [each["network"] for each in found] == ["vit_b_16", "resnet18"]
    assert 1 > found[0]["narrowing"] > found[1]["narrowing"] > 0
    assert "measure next" in costmodel(*arguments).output


def test_a_device_of_which_nothing_is_measured_is_estimated_by_its_name(costmodel: Run, tmp_path: Path) -> None:
    output = str(tmp_path / "rk3399.toml")
    setup = ("--setup", "threads=2", "--setup", "runtime=ncnn")
    arguments = ("calibrate", "--prior", "population", "--device", RK3399, *setup, "-o", output)
    found = costmodel(*arguments, "--suggest", "vgg16,resnet18", "--json").json
    assert (found["rows"], found["residuals"], found["leave_out"]["network"]) == (0, [], None)
    assert found["setup"] == {"device": RK3399, "runtime": "ncnn", "threads": "2"}
    cores = [(each["core"], each["count"], each["clock_hz"]) for each in found["reading"]["clusters"]]
    assert cores == [("Cortex-A72", 2, 1.8e9), ("Cortex-A53", 4, 1.5e9)]
    assert found["reading"]["peak_macs_per_s"] == 7.2e9
    assert {each["network"] for each in found["next"]} == {"vgg16", "resnet18"}
    predicted = costmodel("predict", "mobilenet_v1", "--device", output, "--json").json
    assert predicted["low_s"] < predicted["latency_s"] < predicted["high_s"]
    assert predicted["assumptions"][0].startswith("nothing was measured (device Rockchip RK3399")
    assert costmodel("explain", "mobilenet_v1", "--device", output, "--json").json["terms"]


def test_the_table_of_an_estimate_shows_what_the_name_was_read_as(costmodel: Run, tmp_path: Path) -> None:
    arguments = ("calibrate", "--prior", "population", "--setup", "runtime=ncnn", "-o", str(tmp_path / "x.toml"))
    known = costmodel(*arguments, "--device", RK3399).output
    assert known.split()[:6] == ["the", "name", "was", "read", "as", "cores"]
    assert "at most 7.20 GMAC/s on one core" in known
    assert "nothing was measured" in known
    vague = " ".join(costmodel(*arguments, "--device", "a board").output.split())
    assert "not known, and taken as usual: how many cores, multiply-accumulates a second of a core" in vague
    assert "the name 'a board' leaves open how fast the device is" in vague


def test_several_setups_are_refused_and_nothing_is_written(costmodel: Run, times: str, tmp_path: Path) -> None:
    output = tmp_path / "x.toml"
    done = costmodel("calibrate", times, "-o", str(output))
    assert (done.status, done.output) == (1, "")
    assert "choose one by its device (phone, tablet)" in done.errors
    assert not output.exists()


def test_an_evaluation_stands_beside_its_baselines(costmodel: Run, times: str) -> None:
    found = costmodel("evaluate", times, "--leave-out", "network", "--json").json
    assert (found["leave_out"], found["n"]) == ("network", 24)
    assert set(found["baselines"]) == {"flops", "affine"}
    assert found["mape"] < found["baselines"]["affine"]["mape"] < found["baselines"]["flops"]["mape"]
    assert [setup["device"] for setup in found["setups"]] == ["phone", "tablet"]
    assert 0 <= found["interval_coverage"] <= 1


def test_the_table_of_an_evaluation_has_each_setup(costmodel: Run, times: str) -> None:
    lines = costmodel("evaluate", times, "--leave-out", "fold:4").output.splitlines()
    assert lines[0] == "24 measured times, each predicted with its fold of 4 left out"
    assert [line.split()[0] for line in lines[3:6]] == ["calibration", "flops", "affine"]
    assert lines[-2].startswith("phone")


def test_the_pixel_1_is_within_the_error_that_was_asked_for(costmodel: Run, shared: Path, tmp_path: Path) -> None:
    """22 published MobileNetV2 times, each predicted from the others."""
    times = str(shared / "data" / "pixel" / "measurements.csv")
    output = str(tmp_path / "pixel.toml")
    found = costmodel("calibrate", times, "--setup", "device=Google Pixel 1", "-o", output, "--json").json
    assert found["leave_out"]["network"]["mape"] <= 0.045
    # The central 95 % of the binomial distribution of 22 times at 90 %.
    assert 17 <= round(22 * found["leave_out"]["network"]["interval_coverage"]) <= 22


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("device,network,latency_ms\n", "no measurement"),
        ("device,network\nx,alexnet\n", "lacks the column 'latency_ms'"),
        ("device,network,latency_ms\nx,alexnet,fast\n", "must be a positive number (got 'fast')"),
        ("device,network,latency_ms\nx,alexnet,-3\n", "must be a positive number (got '-3')"),
        ("device,network,latency_ms\nx,alexnet,3\n", "at least 3 different networks"),
        ("device,network,latency_ms\nx,alexne,3\nx,vgg16,4\nx,vgg11,5\n", "the nearest are alexnet"),
        ("device,network,latency_ms\nx,alexnet\n", "must have 3 cells"),
        ("device,layer,input_shape,latency_ms\nx,{},1x3,3\nx,{},1x4,3\nx,{},1x5,3\n", "line 2: a layer must name"),
    ],
)
def test_a_bad_measurement_file_is_refused(costmodel: Run, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "times.csv"
    path.write_text(text)
    output = tmp_path / "x.toml"
    done = costmodel("calibrate", str(path), "-o", str(output))
    assert (done.status, done.output, done.errors.count("\n")) == (1, "", 1)
    assert sentence in done.errors
    assert not output.exists()


def test_microseconds_are_doubted(costmodel: Run, times: str, tmp_path: Path) -> None:
    head, *lines = Path(times).read_text().splitlines()
    cells = [line.rpartition(",") for line in lines]
    path = tmp_path / "microseconds.csv"
    path.write_text("\n".join([head, *(f"{before},{1000 * float(last)}" for before, _, last in cells)]))
    found = costmodel("evaluate", str(path), "--json").json["warnings"]
    assert [each.split()[0] for each in found] == ["phone", "tablet"]
    done = costmodel("calibrate", str(path), "--setup", "device=phone", "-o", str(tmp_path / "phone.toml"))
    assert "look like microseconds" in " ".join(done.output.split())


@pytest.mark.parametrize("command", ["calibrate", "population"])
def test_measurements_are_not_overwritten(costmodel: Run, times: str, command: str) -> None:
    before = Path(times).read_bytes()
    done = costmodel(command, times, "-o", times)
    assert (done.status, done.output) == (1, "")
    assert "is what is read, and would be overwritten; write to another file" in done.errors
    assert Path(times).read_bytes() == before


@pytest.mark.parametrize("words", ["", ",", " , "])
def test_nothing_to_leave_out_is_wrong_usage(costmodel: Run, times: str, words: str) -> None:
    done = costmodel("evaluate", times, "--leave-out", words)
    assert (done.status, done.output) == (2, "")
    assert "--leave-out must say what is predicted unseen" in done.errors
