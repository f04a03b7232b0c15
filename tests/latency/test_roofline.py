"""The formulas of time and energy: hand-computed values, the source documents, and laws."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.latency import (
    arithmetic_intensity,
    attainable,
    batch_latency,
    bound_by,
    compute_time,
    kernel_time,
    memory_time,
    ridge_point,
    sequence_time,
    throughput,
    time_at_speed,
)

COUNTS = st.integers(min_value=0, max_value=10**18)
RATES = st.floats(min_value=1e3, max_value=1e18)
TIMES = st.floats(min_value=0, max_value=1e3)
FRACTIONS = st.floats(min_value=0.01, max_value=1)


class TestDocument002:
    """The rules that document 002 states, on its own numbers."""

    def test_inference_time_is_operations_over_speed(self) -> None:
        """Problem 1, corrected: 4 TFLOP/s is 4e12 operations a second."""
        assert time_at_speed(20_377_728, 4_000_000_000_000) == 0.000005094432

    def test_the_printed_speed_would_give_another_time(self) -> None:
        """As printed, 4x10^9, it would be ten times the printed 0.5094432e-3 s."""
        assert time_at_speed(20_377_728, 4_000_000_000) == pytest.approx(5.094432e-3, rel=1e-12)

    def test_one_image_at_a_time(self) -> None:
        assert throughput(1.0) == 1.0

    def test_five_images_a_second(self) -> None:
        assert throughput(0.2) == 5.0

    @given(batch=st.integers(1, 10**6), latency_s=st.floats(1e-6, 1e3))
    def test_batch_latency_inverts_throughput(self, batch: int, latency_s: float) -> None:
        assert batch_latency(batch, throughput(latency_s, batch)) == pytest.approx(latency_s, rel=1e-12)


class TestRoofline:
    """max(compute, memory) + overhead, and what follows from it."""

    @given(operations=COUNTS, traffic=COUNTS, peak=RATES, bandwidth=RATES, overhead=TIMES, efficiency=FRACTIONS)
    def test_never_faster_than_either_bound(
        self, operations: int, traffic: int, peak: float, bandwidth: float, overhead: float, efficiency: float
    ) -> None:
        compute, memory = compute_time(operations, peak, efficiency), memory_time(traffic, bandwidth)
        time = kernel_time(compute, memory, overhead)
        assert time >= time_at_speed(operations, peak) * (1 - 1e-12)
        assert time >= memory
        assert time >= overhead
        assert time <= (compute + memory + overhead) * (1 + 1e-12)

    @given(operations=COUNTS, traffic=COUNTS, peak=RATES, bandwidth=RATES, factor=st.floats(1, 100))
    def test_more_bandwidth_or_peak_is_never_slower(
        self, operations: int, traffic: int, peak: float, bandwidth: float, factor: float
    ) -> None:
        time = kernel_time(compute_time(operations, peak), memory_time(traffic, bandwidth))
        assert kernel_time(compute_time(operations, peak), memory_time(traffic, factor * bandwidth)) <= time
        assert kernel_time(compute_time(operations, factor * peak), memory_time(traffic, bandwidth)) <= time

    @pytest.mark.parametrize(
        ("compute", "memory", "overhead", "bound"),
        [
            (3.0, 2.0, 1.0, "compute"),
            (2.0, 3.0, 1.0, "memory"),
            (1.0, 2.0, 3.0, "overhead"),
            (2.0, 2.0, 2.0, "compute"),
            (1.0, 2.0, 2.0, "memory"),
            (0.0, 0.0, 0.0, "compute"),
        ],
    )
    def test_bound(self, compute: float, memory: float, overhead: float, bound: str) -> None:
        assert bound_by(compute, memory, overhead) == bound

    @given(operations=st.integers(1, 10**15), traffic=st.integers(1, 10**15), peak=RATES, bandwidth=RATES)
    def test_time_is_operations_over_the_roof(
        self, operations: int, traffic: int, peak: float, bandwidth: float
    ) -> None:
        """Williams et al.: without overhead, performance is min(peak, intensity x bandwidth)."""
        roof = attainable(arithmetic_intensity(operations, traffic), peak, bandwidth)
        time = kernel_time(compute_time(operations, peak), memory_time(traffic, bandwidth))
        assert operations / roof == pytest.approx(time, rel=1e-9)

    def test_ridge_point_of_a_v100(self) -> None:
        """15.7 Top/s over 900 GB/s: 17.4 operations a byte; 138.9 on the tensor cores, as NVIDIA's guide has it."""
        assert ridge_point(15.7e12, 900e9) == pytest.approx(17.44, abs=0.01)
        assert ridge_point(125e12, 900e9) == pytest.approx(138.9, abs=0.05)

    @given(times=st.lists(TIMES))
    def test_sequence_is_a_sum(self, times: list[float]) -> None:
        assert sequence_time(times) == pytest.approx(sum(times))


class TestSymbols:
    """The same formulas on expressions; substituting then evaluating equals evaluating then substituting."""

    @given(channels=st.integers(1, 4096))
    def test_kernel_time(self, channels: int) -> None:
        c = sp.Symbol("c", integer=True, positive=True)
        expression = kernel_time(compute_time(2 * c**2, 1e9), memory_time(4 * (2 * c + c**2), 1e9), 1e-6)
        number = kernel_time(
            compute_time(2 * channels**2, 1e9), memory_time(4 * (2 * channels + channels**2), 1e9), 1e-6
        )
        assert float(expression.subs(c, channels)) == pytest.approx(number, rel=1e-12)

    def test_bound_of_an_expression_is_unknown(self) -> None:
        assert bound_by(sp.Symbol("t"), 1.0, 0.0) is None

    def test_attainable(self) -> None:
        i = sp.Symbol("i", positive=True)
        assert attainable(i, 100.0, 10.0).subs(i, 3) == 30.0
        assert attainable(i, 100.0, 10.0).subs(i, 30) == 100.0

    def test_sequence(self) -> None:
        t = sp.Symbol("t", positive=True)
        assert sequence_time([t, t, 1]) == 2 * t + 1
