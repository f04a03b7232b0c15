"""Predicting networks that are already built, fitting one setup, and learning the prior that the library comes with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from costmodel import zoo
from costmodel.calibration import TERMS, Finder, finder, fit, learn_populations, predict, read_measurements, tabulate
from costmodel.calibration.measurements import Measurements
from costmodel.calibration.terms import terms_of
from costmodel.hardware import find_profile
from costmodel.interop import read

from .conftest import Report

PREDICTION_MS = 2.0
FIT_MS = 50.0
PRIOR_S = 60.0
FIRST_MS = {"mobilenet_v1": 2.0, "resnet50": 4.0, "efficientnet_b0": 8.0}
"""The first prediction of a network lowers it too; those that follow are what a search or a table makes."""

LARGER = ("vit_b_16", "nasnet_a_mobile", "efficientnet_b7")


def median_ms(function: Callable[[], object], *, repeats: int) -> float:
    """What a call usually takes, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return 1e3 * median(times)


@pytest.mark.parametrize("name", [*FIRST_MS, *LARGER])
@pytest.mark.parametrize("device", ["pixel-1", "raspberry-pi-4"])
def bench_prediction(name: str, device: str, report: Report) -> None:
    """On a device that is calibrated, and on one by the roofline."""
    profile = find_profile(device)
    networks = [zoo.find(name)() for _ in range(21)]
    predict(networks.pop(), profile)
    again = median_ms(partial(predict, networks[0], profile), repeats=101)
    report.at_most(f"latency of {name} on {device}, median", again, PREDICTION_MS, "ms")
    first = median_ms(lambda: predict(networks.pop(), profile), repeats=19)
    if name in FIRST_MS:
        report.at_most("  the first of a network", first, FIRST_MS[name], "ms")
    else:
        report.note("  the first of a network", first, "ms")


@pytest.fixture(scope="module")
def ncnn(shared: Path) -> Measurements:
    return read_measurements(shared / "data" / "ncnn" / "measurements.csv")


@pytest.fixture(scope="module")
def find(shared: Path) -> Finder:
    return finder(shared / "data" / "ncnn" / "params", {".param": read})


def bench_fit(ncnn: Measurements, find: Finder, report: Report) -> None:
    """One setup with all of its networks, and the fits that leave each of them out."""
    setup = max(ncnn.setups(), key=lambda setup: sum(row.setup == setup for row in ncnn.rows))
    table = tabulate([row for row in ncnn.rows if row.setup == setup], find)
    terms = terms_of(TERMS, "cpu")
    milliseconds = median_ms(partial(fit, table, terms), repeats=21)
    report.at_most(f"fit of {len(terms)} terms to {len(table)} networks, each left out", milliseconds, FIT_MS, "ms")


def bench_prior(ncnn: Measurements, find: Finder, report: Report) -> None:
    start = perf_counter()
    learn_populations(ncnn, find)
    report.at_most(f"populations of {len(ncnn.rows)} measured times", perf_counter() - start, PRIOR_S, "s")
