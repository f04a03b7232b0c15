"""Predictions: the sum of coefficients times amounts, kernel by kernel."""

from __future__ import annotations

import pytest

from costmodel import zoo
from costmodel.calibration import TERMS, features, predict
from costmodel.calibration.terms import amounts, data_type
from costmodel.hardware import Calibration, find_profile
from costmodel.latency import lower, rules_for

NETWORKS = ("mobilenet_v1", "resnet50", "efficientnet_b0", "shufflenet_v2_x1_0")


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    found = find_profile("pixel-1").calibration
    assert found is not None
    return found


@pytest.mark.parametrize("name", NETWORKS)
class TestPrediction:
    def test_is_the_sum_over_terms(self, name: str, calibration: Calibration) -> None:
        network, setup = zoo.find(name)(), calibration.provenance.setup
        found = features(network, data_type(setup["precision"]), setup["runtime"])
        by_hand = sum(each.value * found[term] for term, each in calibration.terms.items())
        assert predict(network, "pixel-1").latency_s == pytest.approx(by_hand, rel=1e-12)

    def test_of_every_kernel_is_its_own(self, name: str, calibration: Calibration) -> None:
        network = zoo.find(name)()
        latency, resources = predict(network, "pixel-1"), {term.name: term.resource for term in TERMS}
        kernels = lower(network, rules=rules_for(calibration.provenance.setup["runtime"]))
        for kernel, found in zip(kernels, latency.kernels, strict=True):
            parts = {"compute": 0.0, "memory": 0.0, "overhead": 0.0}
            for term, amount in amounts(kernel).items():
                if term in calibration.terms:
                    parts[resources[term]] += calibration.terms[term].value * amount
            assert found.name == kernel.name
            assert (found.compute_s, found.memory_s, found.overhead_s) == pytest.approx(
                tuple(parts.values()), rel=1e-12
            )
            assert found.bound_by == max(parts, key=parts.__getitem__)

    def test_is_the_same_again(self, name: str) -> None:
        network = zoo.find(name)()
        first = predict(network, "pixel-1")
        assert predict(network, "pixel-1") == first == predict(zoo.find(name)(), "pixel-1")


def test_with_symbols_is_that_of_the_bound_network() -> None:
    symbolic = predict(zoo.resnet50(batch="n"), "pixel-1")
    at_two = symbolic.latency_s.subs(dict.fromkeys(symbolic.latency_s.free_symbols, 2))
    assert float(at_two) == pytest.approx(predict(zoo.resnet50(batch=2), "pixel-1").latency_s, rel=1e-9)
    assert symbolic.interval is None
