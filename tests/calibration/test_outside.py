"""A prediction says where its network leaves the range of what was measured."""

from __future__ import annotations

import pytest

from costmodel import Network, zoo
from costmodel.calibration import CalibratedDevice, calibrate, calibrated_latency, features
from costmodel.hardware import MeasuredRange, Profile, parse_profile, to_toml
from tests.calibration.files import NETWORKS, measurements


@pytest.fixture(scope="module")
def device() -> CalibratedDevice:
    return calibrate(measurements(noise=0.02))


@pytest.fixture(scope="module")
def profile(device: CalibratedDevice) -> Profile:
    return device.profile()


def said(network: Network, profile: Profile) -> list[str]:
    return [each for each in calibrated_latency(network, profile).assumptions if "outside of what" in each]


def test_the_range_is_that_of_the_measured_times(device: CalibratedDevice, profile: Profile) -> None:
    assert profile.calibration is not None
    known = profile.calibration.range
    assert known is not None
    times = [row.latency_s for row in device.measurements.rows]
    assert (known.shortest_s, known.longest_s) == pytest.approx((min(times), max(times)), rel=1e-4)
    assert 0.5 < known.shares["macs"] < 1
    assert set(known.shares) == {term.name for term in device.fit.model.terms} - {t.name for t in device.fit.unseen}


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_is_said_of_what_was_measured(profile: Profile, name: str) -> None:
    assert said(zoo.find(name)(), profile) == []


@pytest.mark.parametrize(("resolution", "is_said"), [(32, True), (224, False), (1024, True)])
def test_times_beyond_the_measured_ones(profile: Profile, resolution: int, is_said: bool) -> None:
    network = zoo.vgg16(resolution=resolution) if resolution > 224 else zoo.mobilenet_v1(resolution=resolution)
    found = [each for each in said(network, profile) if "what was measured took" in each]
    assert len(found) == is_said
    assert all("(the interval does not know it)" in each for each in found)


@pytest.mark.parametrize(("ratio", "is_said"), [(2.05, True), (1.95, False)])
def test_a_share_twice_as_large_as_any_measured_one(profile: Profile, ratio: float, is_said: bool) -> None:
    known = profile.calibration
    assert known is not None
    assert known.range is not None
    network = zoo.mobilenet_v1()
    macs_s = known.terms["macs"].value * features(network)["macs"]
    share = macs_s / calibrated_latency(network, profile).latency_s
    seen = known.range.model_copy(update={"shares": {"macs": share / ratio}})
    other = profile.model_copy(update={"calibration": known.model_copy(update={"range": seen})})
    sentence = (
        f"macs is {100 * share:.0f} % of its time, and at most {100 * share / ratio:.2g} % of any that was measured"
    )
    assert [each.partition(": ")[2] for each in said(network, other)] == [sentence] * is_said


def test_a_population_knows_other_devices_networks() -> None:
    made = calibrate(measurements(), prior="population").profile()
    assert made.calibration is not None
    assert made.calibration.range is None
    assert said(zoo.mobilenet_v1(resolution=32), made) == []


def test_a_profile_keeps_the_range(profile: Profile) -> None:
    assert parse_profile(to_toml(profile)) == profile
    old = profile.calibration.model_copy(update={"range": None}) if profile.calibration else None
    assert said(zoo.mobilenet_v1(resolution=32), profile.model_copy(update={"calibration": old})) == []


def test_a_range_is_in_order() -> None:
    with pytest.raises(ValueError, match=r"longest_s must be at least shortest_s \(got 1.0 and 2.0\)"):
        MeasuredRange(shortest_s=2.0, longest_s=1.0)
