"""What the name of a setup's device was read as: shown, so that a person sees a name that was misread."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from costmodel.calibration.covariates import COVARIATES, USUAL_PEAK, covariates, processor
from costmodel.calibration.measurements import Setup
from costmodel.calibration.populations import library_knows
from costmodel.errors import shorten
from costmodel.hardware import Cluster, DataSheet, sheet
from costmodel.latency import rules_for

MEASURED_UNDER: Final = "ncnn"
"""The runtime of the measurements behind the population that comes with the library."""

_WORDS: Final = MappingProxyType({
    "log2_threads_beyond_cores": "how many cores",
    "log2_peak": "multiply-accumulates a second of a core",
    "narrow_arithmetic": "arithmetic of half the width",
    "out_of_order": "whether it works out of order",
    "discrete": "the kind of GPU",
})  # fmt: skip
"""What a covariate that is not known leaves open."""


class Reading(NamedTuple):
    """The data sheet that a setup's name leads to: the cores, or the GPU, whichever the setup uses.

    `peak_macs_per_s` is the peak of one core of the first cluster that the setup uses, in float32; None where the name
    does not say it, or on a GPU. `not_known` is taken to be what other devices usually have, and to be as doubtful as
    they differ in it.
    """

    sheet: DataSheet
    peak_macs_per_s: float | None
    not_known: tuple[str, ...]

    @property
    def is_vague(self) -> bool:
        """Whether the name leaves open how fast the device is; of a GPU it tells no more than the kind."""
        return self.peak_macs_per_s is None


def reading(setup: Setup) -> Reading:
    """What the name of a setup's device was read as; of a GPU also what the column `gpu_name` says.

    >>> found = reading((("device", "Cortex-A72 1.8GHz x 4"), ("threads", "2")))
    >>> found.peak_macs_per_s, found.not_known
    (7200000000.0, ())
    >>> reading((("device", "a board"),)).not_known[0]
    'how many cores'
    """
    cells, kind = dict(setup), processor(setup)
    known = dict(zip(COVARIATES[kind], covariates(setup), strict=True))
    told = sheet(cells["device"])
    gpu = sheet(cells.get("gpu_name", "")).gpu or told.gpu
    log2_peak = known.get("log2_peak", math.nan)
    return Reading(
        sheet=DataSheet(gpu=gpu) if kind == "gpu" else replace(told, gpu=None),
        peak_macs_per_s=None if math.isnan(log2_peak) else float(f"{USUAL_PEAK * 2**log2_peak:.12g}"),
        not_known=tuple(_WORDS[name] for name, value in known.items() if math.isnan(value)),
    )


def sentence(found: Reading) -> str:
    """The reading in one line.

    >>> sentence(reading((("device", "Cortex-A72 1.8GHz x 4"),)))
    'read as 4 Cortex-A72 at 1.8 GHz'
    """
    named = [_cluster(cluster) for cluster in found.sheet.clusters]
    named += [f"the GPU {found.sheet.gpu.name}"] if found.sheet.gpu else []
    missing = f"; not known: {', '.join(found.not_known)}" if found.not_known else ""
    return f"read as {', '.join(named) or 'nothing known'}{missing}"


def prior_doubts(setup: Setup) -> tuple[str, ...]:
    """What makes the library's population a worse prior of a measured setup than its intervals say: another runtime.

    >>> prior_doubts((("device", "a board"), ("runtime", "torch")))[0].partition(":")[0]
    "the population that stands behind this fit was measured under ncnn, not under 'torch'"
    """
    runtime = dict(setup).get("runtime", "")
    if not runtime or rules_for(runtime).name == MEASURED_UNDER:
        return ()
    return (
        (
            f"the population that stands behind this fit was measured under {MEASURED_UNDER}, not under "
            f"{shorten(repr(runtime), 60)}: with few measurements its intervals may hold less often than they say"
        ),
    )


def estimate_doubts(setup: Setup) -> tuple[str, ...]:
    """What makes a first estimate of a setup worse than the population it comes from, in sentences.

    A name that leaves open how fast the device is, a runtime that the population was not measured under, and a device
    that the population knows.

    >>> estimate_doubts((("device", "a board"), ("runtime", "ncnn")))[0].partition(":")[0]
    "the name 'a board' leaves open how fast the device is"
    """
    found, runtime = [], dict(setup).get("runtime", "")
    if reading(setup).is_vague:
        kind, advice = "phone, board or computer", "name its cores and their clock, as in 'Cortex-A72 1.8GHz x 4'"
        if processor(setup) == "gpu":
            kind, advice = "GPU", "measure one network"
        found.append(
            f"the name {shorten(repr(dict(setup)['device']), 60)} leaves open how fast the device is: the estimate is "
            f"of a usual {kind}, and its intervals hold slow and fast ones; {advice}"
        )
    if not runtime:
        found.append(
            f"no runtime is named: it is taken to be as fast as {MEASURED_UNDER}, and to fuse operations as a typical "
            "one does"
        )
    elif rules_for(runtime).name != MEASURED_UNDER:
        found.append(
            f"the population was measured under {MEASURED_UNDER}: how fast {shorten(repr(runtime), 60)} is beside "
            "it is not known, and in no interval"
        )
    if library_knows(setup):
        found.append("the population was learned from this device too: the estimate leans on published times of it")
    return tuple(found)


def _cluster(cluster: Cluster) -> str:
    count = f"{cluster.count} " if cluster.count else ""
    clock = f" at {cluster.clock_hz / 1e9:.4g} GHz" if cluster.clock_hz else ""
    return f"{count}{cluster.core.name}{clock}"
