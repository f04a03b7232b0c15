"""What a setup's columns say of its device before anything is measured on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from costmodel.calibration.measurements import Setup
from costmodel.calibration.terms import data_type

COVARIATES: Final = ("one", "log2_threads", "log2_threads_beyond_4")
"""What the mean of a population's log coefficients is linear in."""

_GPU: Final = frozenset({"vulkan", "cuda", "gpu", "opencl", "metal"})
_SHORT: Final = frozenset({"int8", "uint8", "int4"})


def group(setup: Setup) -> str:
    """The population that a setup belongs to: a kind of processor, and whether arithmetic is on short integers.

    >>> group((("device", "mine"), ("backend", "vulkan"), ("precision", "int8")))
    'gpu-integer'
    """
    is_short = data_type(dict(setup).get("precision", "")) in _SHORT
    return f"{processor(setup)}-{'integer' if is_short else 'float'}"


def processor(setup: Setup) -> str:
    """The kind of processor that a setup names, cpu where it names none.

    >>> processor((("device", "mine"), ("processor", "GPU")))
    'gpu'
    """
    cells = dict(setup)
    return "gpu" if {cells.get("backend", "").lower(), cells.get("processor", "").lower()} & _GPU else "cpu"


def covariates(setup: Setup) -> tuple[float, ...]:
    """The values of `COVARIATES`; without a number of threads, those of one.

    >>> covariates((("device", "mine"), ("threads", "8")))
    (1.0, 3.0, 1.0)
    """
    doublings = math.log2(max(1.0, _number(dict(setup), "threads")))
    return 1.0, doublings, max(0.0, doublings - 2.0)


def _number(cells: Mapping[str, str], column: str) -> float:
    """The cell's number; 1 where there is none."""
    cell = cells.get(column, "")
    return float(cell) if cell.isascii() and cell.isdecimal() else 1.0
