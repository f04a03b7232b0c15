"""Configurations a second, beside the same expression written by hand in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import costmodel as cm
from costmodel.algebra.blocks import BLOCK
from costmodel.algebra.vectorize import vectorize

from .conftest import Report, best_s

Array = NDArray[np.float64]
COUNT = 4_000_000


def by_hand(alpha: Array, r: Array) -> Array:
    return 11010048 * alpha**2 * r**2 + 576000 * alpha * r**2 + 1024000 * alpha


def in_blocks(function: Callable[[Array, Array], Array], alpha: Array, r: Array, out: Array) -> Array:
    for start in range(0, alpha.size, BLOCK):
        stop = start + BLOCK
        out[start:stop] = function(alpha[start:stop], r[start:stop])
    return out


def bench_mobilenet_v1_configurations(report: Report) -> None:
    alpha, r = cm.symbols("alpha r")
    compiled = vectorize(cm.zoo.find("mobilenet_v1")(width=alpha, resolution=32 * r).cost().macs, "alpha r")
    generator = np.random.default_rng(0)
    widths = generator.uniform(0.25, 1.4, COUNT)
    resolutions = generator.integers(3, 8, COUNT).astype(np.float64)
    out = np.empty(COUNT)
    np.testing.assert_allclose(compiled(widths, resolutions, out=out), by_hand(widths, resolutions), rtol=1e-14)
    ours = theirs = float("inf")
    for _ in range(5):
        ours = min(ours, best_s(lambda: compiled(widths, resolutions, out=out), repeats=3))
        theirs = min(theirs, best_s(lambda: in_blocks(by_hand, widths, resolutions, out), repeats=3))
    report.at_least("MobileNet v1 MACs, million configurations a second", COUNT / ours / 1e6, 100, "M/s")
    report.note("  the expression by hand, in the same blocks", COUNT / theirs / 1e6, "M/s")
    report.at_least("  ours beside it", theirs / ours, 0.8, "x")
