"""Budgets with units are the numbers that the units' definitions say."""

import pytest

from costmodel.sizing.budgets import Limit, budgets


@pytest.mark.parametrize(
    ("cost", "given", "limit"),
    [
        ("weight_bytes", "3 B", 3),
        ("weight_bytes", "3 kB", 3_000),
        ("weight_bytes", "3KB", 3_000),
        ("weight_bytes", "3 KiB", 3_072),
        ("weight_bytes", "3 MB", 3_000_000),
        ("weight_bytes", "3 MiB", 3_145_728),
        ("weight_bytes", "3 GB", 3_000_000_000),
        ("weight_bytes", "3 GiB", 3_221_225_472),
        ("weight_bytes", "3 TB", 3_000_000_000_000),
        ("macs", "1.5k", 1_500),
        ("macs", "300M", 300_000_000),
        ("macs", "2G", 2_000_000_000),
        ("macs", "2T", 2_000_000_000_000),
        ("macs", 300e6, 300_000_000),
        ("latency_s", "2 s", 2),
        ("latency_s", "20 ms", 0.02),
        ("latency_s", "20 us", 2e-5),
        ("latency_s", "20 \N{MICRO SIGN}s", 2e-5),
        ("latency_s", "20 ns", 2e-8),
        ("energy_j", "5 mJ", 0.005),
    ],
)
def test_a_text_in_si_units(cost: str, given: Limit, limit: float) -> None:
    (found,) = budgets({cost: given})
    assert (found.cost, found.limit) == (cost, limit)
