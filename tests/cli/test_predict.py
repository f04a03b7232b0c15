"""`costmodel predict`: latency with an interval where the device is calibrated."""

import re
from pathlib import Path

import pytest

from costmodel.algebra import parse
from costmodel.hardware import find_profile, to_toml
from tests.cli.conftest import Run
from tests.cli.specs import SYMBOLIC, write


def test_a_calibrated_device_gives_an_interval(costmodel: Run) -> None:
    found = costmodel("predict", "mobilenet_v2", "--device", "pixel-1", "--json").json
    assert found["interval"] == 0.9
    assert found["low_s"] < 0.075 < found["high_s"]  # measured: 75.0 ms, MobileNetV2 paper, table 4
    assert found["latency_s"] == pytest.approx(sum(kernel["latency_s"] for kernel in found["kernels"]))
    assert {kernel["bound_by"] for kernel in found["kernels"]} <= {"compute", "memory", "overhead"}


def test_a_data_sheet_gives_a_bound(costmodel: Run) -> None:
    found = costmodel("predict", "resnet50", "--device", "v100", "--batch", "8", "--json").json
    assert (found["low_s"], found["high_s"], found["interval"]) == (None, None, None)
    assert found["batch"] == 8
    assert found["latency_s"] > 8 * 2 * 4_089_184_256 / 15.7e12
    assert found["throughput_per_s"] == pytest.approx(8 / found["latency_s"])
    assert "not calibrated" in costmodel("predict", "resnet50", "--device", "v100").output


def test_another_data_type_has_another_peak(costmodel: Run) -> None:
    command = ("predict", "vgg16", "--device", "a100", "--batch", "64", "--json")
    assert costmodel(*command, "--data-type", "float16").json["latency_s"] < costmodel(*command).json["latency_s"] / 4


def test_a_data_type_is_not_for_calibrated_devices(costmodel: Run) -> None:
    done = costmodel("predict", "vgg16", "--device", "pixel-1", "--data-type", "int8")
    assert (done.status, done.output) == (1, "")
    assert "leave out --data-type" in done.errors


def test_the_table_has_a_line_for_each_kernel(costmodel: Run) -> None:
    lines = costmodel("predict", "mobilenet_v1", "--set", "width=0.75", "--device", "pixel-1").output.splitlines()
    assert lines[0] == "mobilenet_v1, width=0.75 on pixel-1"
    assert lines[3].startswith("conv1 ")
    assert any("90 % of measurements lie between" in line for line in lines)
    assert max(map(len, lines)) <= 100


def test_a_symbol_makes_the_latency_an_expression(costmodel: Run, tmp_path: Path) -> None:
    spec = write(tmp_path, SYMBOLIC)
    bound = ("--set", "alpha=1", "--set", "height=32", "--set", "classes=10", "--device", "v100")
    found = costmodel("predict", spec, *bound, "--json").json
    at_8 = costmodel("predict", spec, *bound, "--batch", "8", "--json").json
    assert float(parse(found["latency_s"].replace("e-", "/10**"), {"batch": 8})) == pytest.approx(at_8["latency_s"])
    assert found["kernels"][0]["bound_by"] is None
    assert costmodel("predict", spec, *bound).output.startswith("small, alpha=1")


def test_what_does_not_fit_is_an_answer(costmodel: Run) -> None:
    command = ("predict", "mobilenet_v2", "--device", "cortex-m7", "--data-type", "int8")
    done = costmodel(*command, "--json")
    assert done.status == 0
    assert done.json["memory"] == {
        "activation_bytes": 1_505_280,
        "peak_ram_bytes": 1_505_280,
        "ram_bytes": 327_680,
        "fits_ram": False,
        "weight_bytes": 3_541_984,
        "flash_bytes": 1_048_576,
        "fits_flash": False,
    }
    assert "does not fit: activations need" in costmodel(*command).output


def test_weights_may_have_a_type_of_their_own(costmodel: Run) -> None:
    command = ("predict", "mobilenet_v2", "--device", "v100", "--data-type", "float16", "--json")
    sizes = [costmodel(*command, *more).json["memory"]["weight_bytes"] for more in ((), ("--weight-type", "int8"))]
    assert sizes == [2 * 3_487_816, 3_541_984]
    assert costmodel("predict", "vgg16", "--device", "pixel-1", "--weight-type", "int8").status == 1


def test_energy_by_the_numbers_of_a_technology(costmodel: Run) -> None:
    command = ("predict", "mobilenet_v2", "--device", "pixel-1")
    assert costmodel(*command, "--json").json["energy"] is None
    found = costmodel(*command, "--technology", "horowitz-45nm", "--json").json
    assert found["energy"]["technology"] == "horowitz-45nm"
    assert sum(found["energy"][f"{part}_j"] for part in ("arithmetic", "on_chip", "memory", "static")) == pytest.approx(
        found["energy_j"]
    )
    assert sum(kernel["energy_j"] for kernel in found["kernels"]) == pytest.approx(found["energy_j"])
    assert found["energy"]["arithmetic_j"] > 300_774_272 * 4.6e-12  # a float32 MAC at 45 nm: Horowitz, ISSCC 2014
    printed = " ".join(costmodel(*command, "--technology", "horowitz-45nm").output.split())
    assert "by the numbers of horowitz-45nm" in printed
    assert all(source in printed for source in found["energy"]["sources"])


def test_a_technology_must_have_energies(costmodel: Run) -> None:
    done = costmodel("predict", "lenet_5", "--device", "v100", "--technology", "a100")
    assert (done.status, done.output) == (1, "")
    assert "a100 has no energies of float32 arithmetic" in done.errors
    assert done.errors.count("\n") == 1


def test_a_runtime_that_fuses_more_is_faster(costmodel: Run, tmp_path: Path) -> None:
    command = ("predict", "resnet50", "--device", "v100", "--json", "--runtime")
    eager, fused = costmodel(*command, "pytorch").json, costmodel(*command, "tensorrt").json
    assert (len(eager["kernels"]), len(fused["kernels"])) == (174, 56)
    assert fused["latency_s"] < eager["latency_s"]
    assert fused["assumptions"][0] == "kernels are those of TensorRT"
    rules = tmp_path / "mine.toml"
    rules.write_text('version = 1\nname = "mine"\n')
    assert costmodel(*command, str(rules)).json["latency_s"] == pytest.approx(eager["latency_s"])


def test_a_runtime_is_not_for_calibrated_devices(costmodel: Run) -> None:
    done = costmodel("predict", "vgg16", "--device", "pixel-1", "--runtime", "ncnn")
    assert (done.status, done.output) == (1, "")
    assert "calibrated for the runtime that was measured; leave out --runtime" in done.errors


def test_an_unknown_runtime_is_refused(costmodel: Run) -> None:
    done = costmodel("kernels", "vgg16", "--runtime", "nccn")
    assert (done.status, done.output) == (1, "")
    assert "there is no runtime named 'nccn'; the nearest are ncnn" in done.errors


def test_kernels_are_listed_with_what_joined_them(costmodel: Run) -> None:
    lines = costmodel("kernels", "resnet18", "--runtime", "tensorrt").output.splitlines()
    assert lines[0] == "resnet18 under TensorRT"
    assert any(line.startswith("layer4.1.conv2 ") and "batch_norm, add, relu" in line for line in lines)
    assert max(map(len, lines)) <= 100


def test_coefficients_that_give_no_number_are_refused(costmodel: Run, tmp_path: Path) -> None:
    lines = to_toml(find_profile("pixel-1")).splitlines()
    huge = [re.sub(r"^(value|high) = [\d.e+-]+", r"\1 = 1e308", line) for line in lines]
    at = next(index for index, line in enumerate(lines) if line.startswith("[calibration.terms"))
    (tmp_path / "huge.toml").write_text("\n".join(lines[:at] + huge[at:]), encoding="utf-8")
    done = costmodel("predict", "mobilenet_v2", "--device", str(tmp_path / "huge.toml"), "--json")
    assert (done.status, done.output) == (1, "")
    assert "so large that the time of a network is no number" in done.errors


@pytest.mark.parametrize("option", ["--runtime", "--data-type"])
def test_an_empty_name_is_refused(costmodel: Run, option: str) -> None:
    done = costmodel("predict", "mobilenet_v2", "--device", "a100", option, "")
    assert (done.status, done.output) == (1, "")
    assert "named ''" in done.errors
