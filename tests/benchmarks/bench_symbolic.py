"""Whole-network costs in symbols, and compiling them."""

from __future__ import annotations

import sympy as sp

import costmodel as cm
from costmodel.algebra.vectorize import vectorize
from costmodel.network import Network

from .conftest import Report, best_s


def ledger_and_weights(network: Network) -> tuple[object, ...]:
    cost = network.cost()
    return cost.ledger, cost.params, cost.buffers, cost.activations, cost.input_bytes, cost.output_bytes


def without_caches(function: object) -> float:
    """Seconds of one call after SymPy has forgotten what it computed before; the best of several."""
    from time import perf_counter

    times = []
    for _ in range(7):
        sp.core.cache.clear_cache()
        start = perf_counter()
        function()  # type: ignore[operator]
        times.append(perf_counter() - start)
    return min(times)


def bench_resnet50_in_symbols(report: Report) -> None:
    batch, r, width = cm.symbols("batch r width")
    network = cm.zoo.find("resnet50")(batch=batch, resolution=32 * r, width=width)
    seconds = without_caches(lambda: ledger_and_weights(network))
    report.at_most("symbolic ledger of ResNet-50 in (batch, 32 r, width)", seconds * 1e3, 150, "ms")
    built = without_caches(lambda: cm.zoo.find("resnet50")(batch=batch, resolution=32 * r, width=width).cost().ledger)
    report.note("  building it included", built * 1e3, "ms")
    macs = network.cost().macs
    compiled = best_s(lambda: vectorize(macs, "batch r width"), repeats=5)
    report.at_most("  compiling its MACs", compiled * 1e3, 100, "ms")


def bench_mobilenet_v1_in_symbols(report: Report) -> None:
    alpha, r = cm.symbols("alpha r")
    network = cm.zoo.find("mobilenet_v1")(width=alpha, resolution=32 * r)
    seconds = without_caches(lambda: ledger_and_weights(network))
    report.at_most("symbolic ledger of MobileNet v1 in (alpha, 32 r)", seconds * 1e3, 50, "ms")
    macs = network.cost().macs
    compiled = best_s(lambda: vectorize(macs, "alpha r"), repeats=5)
    report.at_most("  compiling its MACs", compiled * 1e3, 100, "ms")
