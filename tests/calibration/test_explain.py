"""A prediction is the sum of its terms, each of which is a coefficient times an amount."""

from __future__ import annotations

import pytest

from costmodel import Network, zoo
from costmodel.calibration import calibrate, calibrated_latency, explain, features
from costmodel.errors import HardwareError
from costmodel.hardware import Profile
from tests.calibration.files import measurements


@pytest.fixture(scope="module")
def profile() -> Profile:
    return calibrate(measurements(["resnet18", "resnet34", "vgg11", "squeezenet1_0"], noise=0.02)).profile()


@pytest.mark.parametrize("network", [zoo.mobilenet_v1(), zoo.vit_b_16(), zoo.alexnet()])
def test_the_parts_make_the_whole(profile: Profile, network: Network) -> None:
    found = explain(network, profile)
    assert found.latency == calibrated_latency(network, profile)
    assert sum(part.latency_s for part in found.parts) == pytest.approx(found.latency.latency_s)
    assert sum(part.share or 0 for part in found.parts) == pytest.approx(1)
    assert [part.share for part in found.parts] == sorted((part.share or 0 for part in found.parts), reverse=True)


def test_a_part_is_a_coefficient_times_an_amount(profile: Profile) -> None:
    amounts = features(zoo.mobilenet_v1())
    parts = explain(zoo.mobilenet_v1(), profile).parts
    assert profile.calibration is not None
    known = {name: amounts[name] for name in profile.calibration.terms if amounts[name]}
    assert {part.term.name: part.amount for part in parts} == known
    assert all(part.latency_s == part.coefficient.value * part.amount for part in parts)


def test_what_was_never_measured_is_told(profile: Profile) -> None:
    parts = {part.term.name: part for part in explain(zoo.mobilenet_v1(), profile).parts}
    assert (parts["macs_depthwise"].is_seen, parts["macs_depthwise"].most_share) == (False, 0)
    assert parts["macs"].is_seen
    assert 0 < (parts["macs"].most_share or 0) < 1


def test_parts_may_be_expressions(profile: Profile) -> None:
    numbers = {part.term.name: part.latency_s for part in explain(zoo.mobilenet_v1(batch=3), profile).parts}
    for part in explain(zoo.mobilenet_v1(batch="n"), profile).parts:
        assert part.share is None
        if not isinstance(part.latency_s, float):
            (n,) = part.latency_s.free_symbols
            assert float(part.latency_s.subs(n, 3)) == pytest.approx(numbers.get(part.term.name, 0.0))


def test_a_data_sheet_has_no_terms() -> None:
    with pytest.raises(HardwareError, match="a100 is not calibrated"):
        explain(zoo.resnet18(), "a100")
