"""Lowering networks that were never lowered before to kernels, under the rules of every runtime."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from costmodel import zoo
from costmodel.latency import lower, rule_names
from costmodel.network import Network

from .conftest import Report, best_s

LIMIT_MS = {"resnet50": 4.0, "efficientnet_b0": 6.0, "vit_b_16": 6.0}
"""A first prediction lowers once; what is remembered of a network plays no part here."""


def lower_next(networks: Iterator[Network], rules: str) -> None:
    lower(next(networks), rules=rules)


@pytest.mark.parametrize("name", LIMIT_MS)
def bench_lowering(name: str, report: Report) -> None:
    for rules in rule_names():
        networks = iter([zoo.find(name)() for _ in range(20)])
        seconds = best_s(partial(lower_next, networks, rules), repeats=20)
        report.at_most(f"kernels of {name} under {rules}", 1e3 * seconds, LIMIT_MS[name], "ms")
