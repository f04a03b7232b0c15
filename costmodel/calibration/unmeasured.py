"""A first estimate of a device of which nothing is measured: what a population says of one with such a name."""

from __future__ import annotations

from collections.abc import Mapping

from costmodel.calibration.covariates import group, processor
from costmodel.calibration.device import CalibratedDevice
from costmodel.calibration.fit import fit
from costmodel.calibration.measurements import Measurements, named_setup
from costmodel.calibration.population_file import origin, shipped
from costmodel.calibration.table import tabulate
from costmodel.calibration.targets import finder
from costmodel.calibration.terms import TERMS, terms_of


def first_estimate(device: str, setup: Mapping[str, str] | None = None) -> CalibratedDevice:
    """A device of which nothing is measured, as the population that comes with the library has it by its name.

    The log coefficients are those that such devices have in the mean, E[theta | z] = z' effects, where z is what the
    name says of its cores (`costmodel.hardware.sheet`) and the setup of its threads. The intervals are as wide as
    devices of equal z differ, and wider by what the name does not say. `setup` holds the values of other setup columns:
    threads, runtime, precision, backend ... What makes the estimate worse is said (`estimate_doubts`).

    >>> estimate = first_estimate("Raspberry Pi 4 (Cortex-A72 1.8GHz x 4)", {"threads": "4", "runtime": "ncnn"})
    >>> from costmodel import zoo
    >>> latency = zoo.mobilenet_v1().latency(estimate.profile())
    >>> 0 < latency.low_s < latency.latency_s < latency.high_s
    True

    Raises `CalibrationError` for a kind of device of which the library has no population, and for a setup that no
    measurement file could have.
    """
    named = named_setup({"device": device, **(setup or {})})
    source = origin()
    return CalibratedDevice(
        measurements=Measurements(source.file, source.sha256, ()),
        setup=named,
        fit=fit(tabulate((), finder()), terms_of(TERMS, processor(named)), prior=shipped(group(named)).prior(named)),
        prior="population",
        by_network=None,
        by_family=None,
    )
