"""Calibrated profiles: what they keep of a fit, and what they predict."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from costmodel import zoo
from costmodel.calibration import (
    CalibratedDevice,
    calibrate,
    calibrated_latency,
    features,
    parse_measurements,
    predict,
)
from costmodel.errors import CalibrationError, FileFormatError, HardwareError, UnknownNameError
from costmodel.hardware import Profile, ResidualQuantile, find_profile, parse_profile, to_toml
from costmodel.latency import estimate
from tests.calibration.files import TRUTH, measurements


@pytest.fixture(scope="module")
def device() -> CalibratedDevice:
    return calibrate(measurements(widths=("0.5", "1"), noise=0.02))


@pytest.fixture(scope="module")
def profile(device: CalibratedDevice) -> Profile:
    return device.profile(date="2026-01-31")


class TestProfile:
    """A profile keeps the coefficients, their doubt, the errors and where they come from."""

    def test_survives_its_file(self, profile: Profile) -> None:
        assert parse_profile(to_toml(profile)) == profile

    def test_keeps_the_coefficients(self, device: CalibratedDevice, profile: Profile) -> None:
        assert profile.calibration is not None
        for each in device.fit.coefficients:
            kept = profile.calibration.terms[each.term.name]
            assert (kept.value, kept.low, kept.high) == pytest.approx((each.value, each.low, each.high), rel=1e-4)
            assert kept.unit == each.term.unit

    def test_keeps_where_they_come_from(self, device: CalibratedDevice, profile: Profile) -> None:
        assert profile.calibration is not None
        where = profile.calibration.provenance
        assert (where.file, where.sha256, where.rows) == ("made_up.csv", device.measurements.sha256, 24)
        assert where.setup == {"device": "made-up phone", "threads": "1", "precision": "fp32"}
        assert where.date == "2026-01-31"

    def test_keeps_the_errors_on_networks_and_on_families_left_out(
        self, device: CalibratedDevice, profile: Profile
    ) -> None:
        assert profile.calibration is not None
        assert device.by_network is not None
        assert device.by_family is not None
        errors = profile.calibration.errors
        assert errors["leave_one_network_out_mape"] == pytest.approx(device.by_network.mape, rel=1e-4)
        assert errors["leave_one_family_out_mape"] == pytest.approx(device.by_family.mape, rel=1e-4)
        assert errors["leave_one_network_out_mape"] < errors["affine_leave_one_network_out_mape"]

    def test_spread_of_another_size_is_refused(self, profile: Profile) -> None:
        text = to_toml(profile)
        start, end = text.index("spread = ["), text.index("unseen = [")
        with pytest.raises(FileFormatError, match=r"spread must have 17 rows of 17 numbers, one for each term"):
            parse_profile(text[:start] + "spread = [[1.0]]\n" + text[end:])

    def test_is_named_after_the_device(self, device: CalibratedDevice, profile: Profile) -> None:
        assert (profile.name, profile.title) == ("made-up-phone", "made-up phone")
        assert device.profile("mine").name == "mine"

    def test_may_be_put_into_another(self, device: CalibratedDevice) -> None:
        base = find_profile("raspberry-pi-4")
        made = device.profile(base=base)
        assert (made.name, made.operations_per_s) == (base.name, base.operations_per_s)
        assert made.calibration is not None

    @pytest.mark.parametrize("device", ["***", "\u624b\u673a"])
    def test_device_without_a_letter_of_ours_has_a_name_too(self, device: str) -> None:
        nameless = calibrate(measurements(device=device))
        assert nameless.profile("stars").name == "stars"
        assert (nameless.profile().name, nameless.profile().title) == ("device", device)

    def test_name_that_is_none_is_refused(self, device: CalibratedDevice) -> None:
        with pytest.raises(CalibrationError, match=r"no profile can be made: .*name"):
            device.profile("My Phone!")

    def test_of_few_networks_has_no_interval(self) -> None:
        few = calibrate(measurements(["resnet18", "vgg16", "mobilenet_v1"])).profile()
        assert few.calibration is not None
        assert few.calibration.interval is None
        assert calibrated_latency(zoo.resnet18(), few).interval is None


class TestErrors:
    """Errors on single networks and on whole families left out."""

    def test_are_of_every_row(self, device: CalibratedDevice) -> None:
        assert device.by_network is not None
        assert device.by_family is not None
        assert device.by_network.n == device.by_family.n == len(device.fit.table) == 24
        assert device.by_network.mape < 0.05

    def test_of_very_many_networks_are_on_folds_of_them(self) -> None:
        lines = "".join(
            f'mine,"{{""kind"": ""linear"", ""out_features"": {size}}}",1x{size},{0.01 + size**2 / 1e6:.6f}\n'
            for size in range(100, 302)
        )
        many = parse_measurements(f"device,layer,input_shape,latency_ms\n{lines}".encode())
        made = calibrate(many)
        assert made.by_network is not None
        assert (made.by_network.leave_out, made.by_network.n) == ("fold:40", 202)
        assert made.calibration("2026-01-31").errors["leave_fold_40_out_mape"] < 0.1

    def test_on_families_need_two(self) -> None:
        assert calibrate(measurements(["resnet18", "resnet34", "resnet50"])).by_family is None
        assert calibrate(measurements(["resnet18", "vgg16", "squeezenet1_0"])).by_family is not None


class TestRefusals:
    """What does not determine a calibration is refused."""

    @pytest.mark.parametrize("networks", [["resnet18"], ["resnet18", "vgg16"]])
    def test_too_few_networks(self, networks: list[str]) -> None:
        with pytest.raises(
            CalibrationError, match=f"has {len(networks)} row.*at least 3 different networks, two to fit"
        ):
            calibrate(measurements(networks))

    @pytest.mark.parametrize("prior", ["none", "population"])
    def test_nothing_that_takes_time(self, prior: str) -> None:
        lines = "".join(f'mine,"{{""kind"": ""flatten""}}",1x{size},1\n' for size in (10, 20, 30))
        views = parse_measurements(f"device,layer,input_shape,latency_ms\n{lines}".encode())
        with pytest.raises(CalibrationError, match="nothing in the measurements takes time in the model"):
            calibrate(views, prior=prior)

    def test_what_takes_no_time_beside_what_does(self) -> None:
        made = measurements(["resnet18", "vgg11", "squeezenet1_0"])
        cells = 'made-up phone,fp32,1,"{""kind"": ""flatten""}",1x9,1'
        head = "device,precision,threads,layer,input_shape,latency_ms"
        view = parse_measurements(f"{head}\n{cells}\n".encode())
        both = calibrate(replace(made, rows=(*made.rows, *view.rows)))
        assert both.profile().calibration is not None

    @pytest.mark.parametrize("interval", [0.0, 1e-12, 1.0, 0.9999, math.nan, -1.0])
    def test_an_interval_that_no_profile_could_keep(self, interval: float) -> None:
        with pytest.raises(CalibrationError, match=r"'interval' must lie between 0\.001 and 0\.999"):
            calibrate(measurements(), interval=interval)

    def test_unknown_setup(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no threads in made_up\.csv named '4'"):
            calibrate(measurements(), setup={"threads": "4"})


class TestPrediction:
    """Coefficients times features, kernel by kernel."""

    def test_is_that_of_the_fit(self, device: CalibratedDevice, profile: Profile) -> None:
        network = zoo.vgg(depth=13)
        latency = calibrated_latency(network, profile)
        expected = device.fit.predict({name: float(amount) for name, amount in features(network).items()})
        assert (latency.latency_s, latency.low_s, latency.high_s) == pytest.approx(expected, rel=1e-3)
        assert latency.interval == 0.9

    def test_is_near_the_truth(self, profile: Profile) -> None:
        amounts = features(zoo.vgg(depth=13))
        truth = sum(TRUTH[name] * amounts[name] for name in TRUTH)
        latency = calibrated_latency(zoo.vgg(depth=13), profile)
        assert latency.low_s < truth < latency.high_s

    def test_of_kernels_make_the_whole(self, profile: Profile) -> None:
        latency = calibrated_latency(zoo.resnet18(), profile)
        assert sum(kernel.latency_s for kernel in latency.kernels) == pytest.approx(latency.latency_s)
        assert {kernel.bound_by for kernel in latency.kernels} <= {"compute", "memory", "overhead"}

    def test_may_be_an_expression(self, profile: Profile) -> None:
        latency = calibrated_latency(zoo.mobilenet_v1(batch="n"), profile)
        numbers = calibrated_latency(zoo.mobilenet_v1(batch=3), profile)
        assert (latency.low_s, latency.interval) == (None, None)
        (n,) = latency.latency_s.free_symbols
        assert float(latency.latency_s.subs(n, 3)) == pytest.approx(numbers.latency_s)

    def test_says_what_it_was_fitted_to(self, profile: Profile) -> None:
        (sentence, *_) = calibrated_latency(zoo.resnet18(), profile).assumptions
        assert (
            sentence == "fitted to 24 measured times of made_up.csv (device made-up phone, threads 1, precision fp32)"
        )

    def test_says_what_was_never_measured_and_is_less_sure(self) -> None:
        few = calibrate(measurements(["mobilenet_v1", "mobilenet_v2"], widths=("0.35", "0.5", "0.75", "1", "1.25")))
        made = few.profile()
        seen, unseen = calibrated_latency(zoo.mobilenet_v1(), made), calibrated_latency(zoo.vgg(depth=16), made)
        assert unseen.assumptions[1] == (
            "nothing that was measured had macs_winograd (conv1_2 and 11 more have): what it takes is a guess, and the "
            "interval is wider for it"
        )
        assert len(seen.assumptions) == 1
        assert unseen.high_s / unseen.low_s > 3 * seen.high_s / seen.low_s

    def test_says_where_the_batch_is_another(self, profile: Profile) -> None:
        assert profile.calibration is not None
        where = profile.calibration.provenance
        batched = profile.calibration.model_copy(
            update={"provenance": where.model_copy(update={"setup": {"batch": "1"}})}
        )
        device = profile.model_copy(update={"calibration": batched})
        said = calibrated_latency(zoo.resnet18(batch=8), device).assumptions
        assert said[1] == "measured with a batch of 1, and predicted for one of 8"
        assert len(calibrated_latency(zoo.resnet18(), device).assumptions) == 1

    def test_has_no_interval_where_the_quantiles_do_not_reach(self, profile: Profile) -> None:
        assert profile.calibration is not None
        near = tuple(ResidualQuantile(probability=p, log_ratio=p - 0.5) for p in (0.3, 0.7))
        narrow = profile.calibration.model_copy(update={"residual_quantiles": near})
        latency = calibrated_latency(zoo.resnet18(), profile.model_copy(update={"calibration": narrow}))
        assert (latency.low_s, latency.high_s, latency.interval) == (None, None, None)

    def test_energy_needs_the_profile_to_know_it(self, device: CalibratedDevice, profile: Profile) -> None:
        assert calibrated_latency(zoo.resnet18(), profile).energy_j is None


class TestDispatch:
    """The calibration where there is one, else the roofline."""

    def test_calibrated(self, profile: Profile) -> None:
        assert predict(zoo.resnet18(), profile).interval == 0.9

    def test_not_calibrated(self) -> None:
        assert predict(zoo.resnet18(), "v100") == estimate(zoo.resnet18(), "v100")

    def test_calibration_is_not_invented(self) -> None:
        with pytest.raises(HardwareError, match="v100 is not calibrated; fit it to measured times"):
            calibrated_latency(zoo.resnet18(), "v100")

    def test_other_models_are_refused(self, profile: Profile) -> None:
        assert profile.calibration is not None
        other = profile.model_copy(update={"calibration": profile.calibration.model_copy(update={"model": "forest-1"})})
        with pytest.raises(
            HardwareError,
            match="calibrated with the model 'forest-1', and this costmodel knows 'kernels-3'; calibrate it again",
        ):
            calibrated_latency(zoo.resnet18(), other)

    def test_unknown_terms_are_refused(self, profile: Profile) -> None:
        assert profile.calibration is not None
        terms = {"macs_sparse": profile.calibration.terms["macs"]}
        other = profile.model_copy(update={"calibration": profile.calibration.model_copy(update={"terms": terms})})
        with pytest.raises(UnknownNameError, match="no term in the model kernels-3 named 'macs_sparse'"):
            calibrated_latency(zoo.resnet18(), other)


class TestPrior:
    """What other devices have shown makes one measured network enough."""

    def test_one_network_is_enough(self) -> None:
        made = calibrate(measurements(["resnet18"]), prior="population")
        assert (made.by_network, made.by_family) == (None, None)
        latency = calibrated_latency(zoo.mobilenet_v1(), made.profile())
        assert latency.interval == 0.9
        assert 0 < latency.low_s < latency.latency_s < latency.high_s

    def test_one_family_has_no_error_on_families(self) -> None:
        made = calibrate(measurements(["resnet18", "resnet34", "resnet50"]), prior="population")
        assert made.by_network is not None
        assert (made.by_network.n, made.by_family) == (3, None)

    @pytest.mark.parametrize("device", ["Intel Celeron N5105", "intel  celeron-n5105"])
    def test_of_a_device_that_the_library_was_built_with_is_refused(self, device: str) -> None:
        known = measurements(["resnet18"], device=device)
        with pytest.raises(
            CalibrationError, match=r"the population that comes with the library knows '(?i:intel +celeron)"
        ):
            calibrate(known, prior="population")

    def test_other_names_are_refused(self) -> None:
        with pytest.raises(UnknownNameError, match="no prior named 'populations'; the nearest are population"):
            calibrate(measurements(), prior="populations")


def test_report_survives_a_device_without_families(device: CalibratedDevice) -> None:
    assert replace(device, by_family=None).calibration("2026-01-31").errors.keys() == {
        "leave_one_network_out_mape", "flops_leave_one_network_out_mape", "affine_leave_one_network_out_mape",
    }  # fmt: skip
