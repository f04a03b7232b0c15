"""The cost of a network grows linearly with its depth."""

from __future__ import annotations

from costmodel import Builder
from costmodel.layers import BatchNorm, Conv2d, ReLU
from costmodel.network import Network, peak_memory

from .conftest import Report, best_s


def tower(layers: int) -> Network:
    """Convolution, batch-norm and ReLU, over and over."""
    b = Builder("tower")
    x = b.input("image", (1, 8, 16, 16))
    kinds = (Conv2d(out_channels=8, kernel=3, padding=1), BatchNorm(), ReLU())
    for index in range(layers):
        x = x.then(kinds[index % 3])
    return b.build(x)


def bench_linear_growth(report: Report) -> None:
    seconds = {}
    for layers in (1_000, 10_000):
        network = tower(layers)
        seconds[layers] = best_s(lambda: network.cost().ledger, repeats=5)  # noqa: B023
        memory_s = best_s(lambda: peak_memory(network), repeats=3)  # noqa: B023
        build_s = best_s(lambda: tower(layers), repeats=2)  # noqa: B023
        report.note(f"cost of {layers} layers, per layer", seconds[layers] / layers * 1e6, "us")
        report.note("  peak memory, per layer", memory_s / layers * 1e6, "us")
        report.note("  building, per layer", build_s / layers * 1e6, "us")
    growth = seconds[10_000] / seconds[1_000]
    report.at_most("ten times the layers take so many times as long", growth, 13, "x")
