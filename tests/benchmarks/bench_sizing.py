"""How long sizes take, and configurations a second of compiled spaces, beside the same expression written by hand."""

from __future__ import annotations

from contextlib import suppress
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.blocks import BLOCK
from costmodel.errors import InfeasibleError
from costmodel.sizing import Compiled, compile_space, size

from .conftest import Report, best_s

Array = NDArray[np.float64]
WIDTHS, RESOLUTIONS = 1000, 4096
OVER = {"width": f"0.001:{WIDTHS / 1000}:0.001", "resolution": f"32:{32 * RESOLUTIONS}:32"}
ROWS = 2**21
"""Rows at a time, as in a sweep."""
FAMILIES = ("mobilenet_v1", "mobilenet_v2", "resnet", "squeezenet", "efficientnet", "shufflenet_v2", "vgg", "densenet")
BUDGETS = {"macs": (7, 10), "params": (5, 8), "weight_bytes": (6, 9), "peak_memory_bytes": (5, 8)}
"""Powers of ten between which a budget is drawn."""


def by_hand(width: Array, resolution: Array, out: Array) -> None:
    """MobileNet v1's MACs with its rounding, in blocks that fit the cache: what depends on one of both is done once."""
    rows = max(1, BLOCK // resolution.size)
    area = {stride: np.ceil(resolution / stride) ** 2 for stride in (2, 4, 8, 16, 32)}
    for start in range(0, width.size, rows):
        w = width[start : start + rows]
        c = {channels: np.maximum(8, np.floor(channels * w + 1e-9)) for channels in (32, 64, 128, 256, 512, 1024)}
        block = out[start : start + rows]
        np.multiply(c[32] * (27 + 9 + c[64]), area[2], out=block)
        block += (c[64] * (9 + c[128]) + c[128] * (9 + c[128])) * area[4]
        block += (9 * c[128] + c[128] * c[256] + 9 * c[256] + c[256] ** 2) * area[8]
        block += (9 * c[256] + c[256] * c[512] + 5 * c[512] * (9 + c[512])) * area[16]
        block += (9 * c[512] + c[512] * c[1024] + 9 * c[1024] + c[1024] ** 2) * area[32]
        block += 1000 * c[1024]


def sweep_s(table: Compiled) -> float:
    """Seconds of all rows, evaluated as a sweep does."""

    def run() -> None:
        for start in range(0, table.size, ROWS):
            table.evaluate(start, min(start + ROWS, table.size))

    return best_s(run, repeats=7)


def bench_mobilenet_v1_sweep(report: Report) -> None:
    table = compile_space("mobilenet_v1", OVER, ("macs",))
    width = (np.arange(1, WIDTHS + 1, dtype=np.float64) / 1000).reshape(-1, 1)
    resolution = 32 * np.arange(1, RESOLUTIONS + 1, dtype=np.float64).reshape(1, -1)
    out = np.empty((WIDTHS, RESOLUTIONS))
    by_hand(width, resolution, out)
    np.testing.assert_array_equal(table.evaluate(0, table.size).reshape(out.shape), out)
    ours, theirs = sweep_s(table), best_s(lambda: by_hand(width, resolution, out), repeats=7)
    report.at_least("sweep of MobileNet v1 MACs with its rounding, M/s", table.size / ours / 1e6, 100, "M/s")
    report.note("  the expression by hand, in blocks of the same size", table.size / theirs / 1e6, "M/s")
    report.at_least("  ours beside it", theirs / ours, 0.8, "x")


def bench_rounded_and_calibrated_sweeps(report: Report) -> None:
    macs = compile_space("mobilenet_v2", OVER, ("macs",))
    report.at_least("sweep of MobileNetV2 MACs with its rounding", macs.size / sweep_s(macs) / 1e6, 8, "M/s")
    latency = compile_space("mobilenet_v2", OVER, ("latency_s",), device="pixel-1")
    report.at_least("sweep of MobileNetV2's calibrated latency", latency.size / sweep_s(latency) / 1e6, 1, "M/s")


def bench_sizes(report: Report) -> None:
    draw = np.random.default_rng(0)
    times = []
    for _ in range(200):
        family = str(draw.choice(FAMILIES))
        costs = draw.choice(list(BUDGETS), draw.integers(1, 4), replace=False).tolist()
        limits = {cost: int(10 ** draw.uniform(*BUDGETS[cost])) for cost in costs}
        begun = perf_counter()
        with suppress(InfeasibleError):
            size(family, limits=limits)
        times.append(perf_counter() - begun)
    report.at_most("size within random budgets, median of 200", 1e3 * median(times), 50, "ms")
    report.note("  the longest of them", 1e3 * max(times), "ms")
