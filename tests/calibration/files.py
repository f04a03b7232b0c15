"""Measurement files of zoo networks whose times are made up."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.calibration import Measurements, features, finder, parse_measurements
from costmodel.calibration.terms import TERMS, terms_of

NETWORKS = (
    "mobilenet_v1", "mobilenet_v2", "resnet18", "resnet34", "resnet50", "squeezenet1_0", "squeezenet1_1", "vgg11",
    "alexnet_torchvision", "resnext50_32x4d", "shufflenet_v1_g3", "vgg16",
)  # fmt: skip
"""Networks of seven families."""

TRUTH = {
    term.name: 1e-10 * term.worth * (0.7, 1.0, 1.4)[index % 3] for index, term in enumerate(terms_of(TERMS, "cpu"))
}
"""Seconds for one unit of each term of a processor."""

HEAD = "device,precision,threads,network,width,resolution,latency_ms"


def measurements(
    networks: Iterable[str] = NETWORKS,
    *,
    device: str = "made-up phone",
    noise: float = 0.0,
    widths: tuple[str, ...] = ("1",),
) -> Measurements:
    """Times that follow from `TRUTH`, with normal errors of their logarithms."""
    rng = np.random.default_rng(7)
    lines = [HEAD]
    find = finder()
    for network in networks:
        for width in widths:
            line = f"{device},fp32,1,{network},{width},224"
            (row,) = parse_measurements(f"{HEAD}\n{line},1".encode()).rows
            amounts = features(find(row))
            seconds = sum(TRUTH[name] * amounts[name] for name in TRUTH) * np.exp(noise * rng.normal())
            lines.append(f"{line},{1000 * seconds:.9g}")
    return parse_measurements("\n".join(lines).encode(), "made_up.csv")
