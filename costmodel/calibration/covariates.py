"""What a setup's columns say of its device before anything is measured on it: threads, and its name's data sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from costmodel.calibration.measurements import Setup
from costmodel.calibration.terms import data_type
from costmodel.hardware import Core, DataSheet, sheet

COVARIATES: Final = MappingProxyType({
    "cpu": ("one", "log2_threads", "log2_threads_beyond_4", "log2_threads_beyond_cores", "log2_peak",
            "narrow_arithmetic", "out_of_order"),
    "gpu": ("one", "discrete"),
})  # fmt: skip
"""What the mean of a population's log coefficients is linear in, by kind of processor."""

USUAL_PEAK: Final = 16e9
"""float32 multiply-accumulates a second of one core, from which `log2_peak` counts: 8 lanes at 2 GHz."""

_GPU: Final = frozenset({"vulkan", "cuda", "gpu", "opencl", "metal"})
_SHORT: Final = frozenset({"int8", "uint8", "int4"})
_WIDE: Final = frozenset({"fp32", "float32", "float", "tf32"})
_CLUSTERS: Final[Mapping[str, Literal["all", "little", "big"]]] = MappingProxyType({"1": "little", "2": "big"})
_REMEMBERED: Final = 4096


def group(setup: Setup) -> str:
    """The population that a setup belongs to: a kind of processor, and whether arithmetic is on short integers.

    >>> group((("device", "mine"), ("backend", "vulkan"), ("precision", "int8")))
    'gpu-integer'
    """
    return f"{processor(setup)}-{'integer' if _is_short(setup) else 'float'}"


def processor(setup: Setup) -> Literal["cpu", "gpu"]:
    """The kind of processor that a setup names, cpu where it names none.

    >>> processor((("device", "mine"), ("processor", "GPU")))
    'gpu'
    """
    cells = dict(setup)
    return "gpu" if {cells.get("backend", "").lower(), cells.get("processor", "").lower()} & _GPU else "cpu"


def covariates(setup: Setup) -> tuple[float, ...]:
    """The values of `COVARIATES`; nan for what the device's name does not say. Without threads, those of one.

    >>> covariates((("device", "Cortex-A72 1.8GHz x 4"), ("threads", "8")))
    (1.0, 3.0, 1.0, 1.0, -1.152..., 0.0, 1.0)
    >>> covariates((("device", "mine"), ("threads", "8")))
    (1.0, 3.0, 1.0, nan, nan, nan, nan)
    """
    return _of_gpu(setup) if processor(setup) == "gpu" else _of_cpu(setup)


def _of_cpu(setup: Setup) -> tuple[float, ...]:
    cells = dict(setup)
    known = _sheet(cells["device"], _CLUSTERS.get(cells.get("powersave", ""), "all"))
    first = known.clusters[0] if known.clusters else None
    core = first.core if first else None
    threads = max(1.0, _number(cells, "threads"))
    peak = (core.float_lanes_per_cycle or 0) * (first.clock_hz or 0.0) if core and first else 0.0
    return (
        1.0,
        math.log2(threads),
        max(0.0, math.log2(threads) - 2.0),
        max(0.0, math.log2(threads / known.count)) if known.count else math.nan,
        math.log2(peak / USUAL_PEAK) if peak else math.nan,
        _narrow(setup, core),
        math.nan if core is None or core.out_of_order is None else float(core.out_of_order),
    )


def _of_gpu(setup: Setup) -> tuple[float, ...]:
    cells = dict(setup)
    gpu = _sheet(cells.get("gpu_name", ""), "all").gpu or _sheet(cells["device"], "all").gpu
    return (1.0, float(gpu.family == "discrete") if gpu else math.nan)


def _narrow(setup: Setup, core: Core | None) -> float:
    """Whether the core has arithmetic of half the width, and the setup's precision lets a runtime use it."""
    if dict(setup).get("precision", "").lower() in _WIDE:
        return 0.0
    has = None if core is None else core.has_dot_product if _is_short(setup) else core.has_float16
    return math.nan if has is None else float(has)


def _is_short(setup: Setup) -> bool:
    return data_type(dict(setup).get("precision", "")) in _SHORT


@lru_cache(_REMEMBERED)
def _sheet(device: str, cluster: Literal["all", "little", "big"]) -> DataSheet:
    return sheet(device, cluster=cluster)


def _number(cells: Mapping[str, str], column: str) -> float:
    """The cell's number; 1 where there is none."""
    cell = cells.get(column, "")
    return float(cell) if cell.isascii() and cell.isdecimal() else 1.0
