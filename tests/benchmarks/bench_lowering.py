"""Lowering networks that are already built to kernels, under the rules of every runtime."""

from __future__ import annotations

from functools import partial

import pytest

from costmodel import zoo
from costmodel.latency import lower, rule_names

from .conftest import Report, best_s

LIMIT_MS = {"resnet50": 4.0, "efficientnet_b0": 6.0, "vit_b_16": 6.0}
"""A prediction lowers once: of a network already built, it is to take few milliseconds."""


@pytest.mark.parametrize("name", LIMIT_MS)
def bench_lowering(name: str, report: Report) -> None:
    network = zoo.find(name)()
    for rules in rule_names():
        seconds = best_s(partial(lower, network, rules=rules), repeats=20)
        report.at_most(f"kernels of {name} under {rules}", 1e3 * seconds, LIMIT_MS[name], "ms")
