"""First estimates by a device's name: laws of data sheets, what is said of them, and how a measurement helps."""

from __future__ import annotations

import math

import pytest

from costmodel import zoo
from costmodel.calibration import (
    CalibratedDevice,
    calibrate,
    calibrated_latency,
    estimate_doubts,
    explain,
    first_estimate,
    parse_measurements,
    prior_doubts,
    suggestions,
)
from costmodel.calibration.population_file import origin, shipped
from costmodel.errors import CalibrationError, UnknownNameError
from costmodel.hardware import parse_profile, to_toml
from costmodel.latency import Latency

BOARD = "a board with Cortex-A72 1.8GHz x 4"
NCNN = {"runtime": "ncnn", "threads": "1", "precision": "fp32"}
NETWORKS = ("mobilenet_v1", "resnet50", "vgg16", "squeezenet1_1")


def latency(estimate: CalibratedDevice, network: str = "resnet50") -> Latency:
    return calibrated_latency(zoo.find(network)(), estimate.profile(date="2026-01-31"))


def width(found: Latency) -> float:
    """The factor between the ends of an interval."""
    assert found.low_s is not None
    assert found.high_s is not None
    return float(found.high_s / found.low_s)


class TestLaws:
    """What a data sheet says of time holds of the estimate."""

    @pytest.mark.parametrize("network", NETWORKS)
    def test_twice_the_clock_takes_about_half_the_time(self, network: str) -> None:
        slow, fast = (
            latency(first_estimate(f"Cortex-A72 {clock}GHz x 4", NCNN), network).latency_s for clock in (1.0, 2.0)
        )
        assert 1.6 < slow / fast < 2.5

    @pytest.mark.parametrize("network", NETWORKS)
    def test_more_threads_take_less_time(self, network: str) -> None:
        times = [
            latency(first_estimate(BOARD, {**NCNN, "threads": str(threads)}), network).latency_s
            for threads in (1, 2, 4)
        ]
        assert times[0] > 1.3 * times[1] > 1.3**2 * times[2]

    @pytest.mark.parametrize("network", NETWORKS)
    @pytest.mark.parametrize("unknown", ["a board", "Cortex-A72", """ x 4 \u624b\u673a"""])
    def test_what_a_name_leaves_open_widens_the_interval(self, network: str, unknown: str) -> None:
        known, vague = (latency(first_estimate(name, NCNN), network) for name in (BOARD, unknown))
        assert width(vague) > 3 * width(known) > 3
        assert vague.low_s < known.latency_s < vague.high_s

    @pytest.mark.parametrize("name", [BOARD, "a board"])
    def test_a_first_measurement_narrows_the_interval(self, name: str) -> None:
        before = latency(first_estimate(name, NCNN))
        row = f"{name},ncnn,1,fp32,resnet18,{400 * before.latency_s}"
        measured = parse_measurements(f"device,runtime,threads,precision,network,latency_ms\n{row}\n".encode())
        assert width(latency(calibrate(measured, prior="population"))) < 0.8 * width(before)

    def test_a_network_of_nothing_unusual_lies_between_the_peak_and_a_tenth_of_it(self) -> None:
        """ResNet-50's 4.09 G multiply-accumulates on one core that does 7.2 G of them a second at most."""
        network = zoo.resnet50()
        assert 0.1 < network.cost().macs / 7.2e9 / latency(first_estimate(BOARD, NCNN)).latency_s < 1.2

    def test_a_graphics_card_is_faster_than_a_phones(self) -> None:
        setup = {"runtime": "ncnn", "backend": "vulkan"}
        card, phone = (first_estimate(name, setup) for name in ("NVIDIA RTX 3090", "phone (Adreno 650)"))
        assert latency(card).latency_s < latency(phone).latency_s


class TestProfile:
    """The profile says that nothing was measured, and where the numbers come from."""

    @pytest.mark.parametrize("name", [BOARD, "a board", "Intel Celeron N5105"])
    def test_survives_its_file(self, name: str) -> None:
        made = first_estimate(name, NCNN).profile()
        assert parse_profile(to_toml(made)) == made

    def test_keeps_where_its_numbers_come_from(self) -> None:
        made = first_estimate(BOARD, NCNN).profile(date="2026-01-31")
        assert made.calibration is not None
        where = made.calibration.provenance
        assert (where.rows, where.file, where.sha256) == (0, "population.json", origin().sha256)
        assert where.source is not None
        assert where.source.startswith("nothing was measured on this device")
        assert where.setup == {"device": BOARD, **NCNN}
        assert where.notes == ("read as 4 Cortex-A72 at 1.8 GHz",)
        assert (made.calibration.errors, made.calibration.range) == ({}, None)

    def test_predictions_say_so_once(self) -> None:
        said = latency(first_estimate("a board", NCNN)).assumptions
        assert said[0].startswith("nothing was measured (device a board, runtime ncnn, threads 1, precision fp32)")
        assert "leaves open how fast the device is" in said[1]
        assert said[2].startswith("read as nothing known; not known: how many cores")
        assert len(said) == 3

    def test_is_explained_by_its_terms(self) -> None:
        found = explain(zoo.resnet50(), first_estimate(BOARD, NCNN).profile())
        assert math.isclose(sum(part.latency_s for part in found.parts), found.latency.latency_s)
        assert not any(part.is_seen for part in found.parts)

    def test_what_to_measure_first_is_ranked(self) -> None:
        networks = {name: zoo.find(name)() for name in NETWORKS}
        found = suggestions(first_estimate(BOARD, NCNN), networks)
        assert {each.network for each in found} == set(NETWORKS)
        assert all(0 < each.narrowing < 1 for each in found)


class TestSaid:
    """What makes an estimate worse is said."""

    def test_nothing_of_what_the_population_knows(self) -> None:
        assert estimate_doubts(first_estimate(BOARD, NCNN).setup) == ()

    @pytest.mark.parametrize("runtime", ["onnxruntime", "TFLite 2.16", "my own"])
    def test_another_runtime_than_the_populations(self, runtime: str) -> None:
        (said,) = estimate_doubts(first_estimate(BOARD, {"runtime": runtime}).setup)
        assert said.startswith("the population was measured under ncnn: how fast ")
        assert origin().source.startswith("learned from measurements.csv of Tencent/ncnn")

    def test_no_runtime(self) -> None:
        (said,) = estimate_doubts(first_estimate(BOARD).setup)
        assert said.startswith("no runtime is named: it is taken to be as fast as ncnn")

    @pytest.mark.parametrize("name", ["a board", "Cortex-A72"])
    def test_a_name_that_says_little(self, name: str) -> None:
        (said,) = estimate_doubts(first_estimate(name, NCNN).setup)
        assert said.startswith(f"the name '{name}' leaves open how fast the device is")

    def test_a_graphics_processor_of_which_a_name_tells_the_kind(self) -> None:
        (said,) = estimate_doubts(first_estimate("NVIDIA RTX 3090", {**NCNN, "backend": "vulkan"}).setup)
        assert said.endswith("is of a usual GPU, and its intervals hold slow and fast ones; measure one network")

    def test_a_very_long_name_is_shortened(self) -> None:
        assert len(latency(first_estimate(5000 * "board ", NCNN)).assumptions[0]) < 400

    def test_a_device_that_the_population_knows(self) -> None:
        name = min(shipped("cpu-float").devices)
        said = estimate_doubts(first_estimate(name.upper(), NCNN).setup)
        assert "the population was learned from this device too" in said[-1]

    def test_what_was_read(self) -> None:
        found = first_estimate("Cortex-A76 2.4GHz x 4 + Cortex-A55 1.8GHz x 4", NCNN).reading
        assert found is not None
        assert [cluster.core.name for cluster in found.sheet.clusters] == ["Cortex-A76", "Cortex-A55"]
        assert (found.peak_macs_per_s, found.not_known, found.is_vague) == (19.2e9, (), False)

    def test_of_a_graphics_processor_its_own_name(self) -> None:
        setup = {**NCNN, "backend": "vulkan", "gpu_name": "Mali-G78"}
        found = first_estimate(BOARD, setup).reading
        assert found is not None
        assert found.sheet.gpu is not None
        assert (found.sheet.gpu.name, found.sheet.clusters, found.is_vague) == ("Mali and Immortalis", (), True)


class TestRefusals:
    """A setup that no file could have."""

    @pytest.mark.parametrize(
        ("device", "setup", "sentence"),
        [
            ("", {}, "the setup: 'device' must not be empty"),
            ("  ", {}, "the setup: 'device' must not be empty"),
            (65_537 * "a", {}, "the setup: 'device' must have at most 65536 characters"),
            (BOARD, {"threads": "5000"}, "the setup: 'threads' must be at most 4096"),
            (BOARD, {"batch": "half"}, "the setup: 'batch' must be a positive integer"),
        ],
    )
    def test_bad_values(self, device: str, setup: dict[str, str], sentence: str) -> None:
        with pytest.raises(CalibrationError, match=sentence):
            first_estimate(device, setup)

    def test_unknown_columns(self) -> None:
        with pytest.raises(UnknownNameError, match="no column of a setup named 'thread'; the nearest are threads"):
            first_estimate(BOARD, {"thread": "1"})


@pytest.mark.parametrize(("runtime", "said"), [("ncnn", False), ("ncnn 20260101", False), ("", False), ("torch", True)])
def test_a_measured_setup_under_another_runtime_than_the_populations(runtime: str, said: bool) -> None:
    found = prior_doubts((("device", "a board"), ("runtime", runtime)))
    assert bool(found) == said
    assert all(f"not under {runtime!r}" in sentence for sentence in found)
