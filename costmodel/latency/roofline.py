"""The formulas of time and throughput; pure functions of numbers, arrays or expressions.

An operation is a scalar one: a multiply-accumulate is two. Times are seconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum
from typing import Literal

from costmodel.algebra import Dim, maximum, minimum, total

Bound = Literal["compute", "memory", "overhead"]
"""What a kernel waits for."""


def time_at_speed(operations: Dim, operations_per_s: Dim) -> Dim:
    """time = operations / speed: the source documents' rule, without memory or overhead.

    Document 002, formula 3. Its first problem, at 4 TFLOP/s:

    >>> time_at_speed(20_377_728, 4e12)
    5.094432e-06
    """
    return operations / operations_per_s


def compute_time(operations: Dim, operations_per_s: Dim, efficiency: Dim = 1) -> Dim:
    """t = operations / (efficiency peak): seconds of arithmetic at a fraction of the peak."""
    return operations / (efficiency * operations_per_s)


def memory_time(traffic_bytes: Dim, bytes_per_s: Dim, efficiency: Dim = 1) -> Dim:
    """t = bytes / (efficiency bandwidth): seconds of memory traffic at a fraction of the bandwidth."""
    return traffic_bytes / (efficiency * bytes_per_s)


def kernel_time(compute_s: Dim, memory_s: Dim, overhead_s: Dim = 0) -> Dim:
    """t = max(compute, memory) + overhead: arithmetic and traffic overlap, the overhead does not.

    Source: Williams, Waterman and Patterson, Roofline, CACM 52(4), 2009, with an overhead for each kernel.

    >>> kernel_time(3.0, 2.0, 0.5)
    3.5
    """
    longer = max(compute_s, memory_s) if _are_numbers(compute_s, memory_s) else maximum(compute_s, memory_s)
    return longer + overhead_s


def sequence_time(times_s: Iterable[Dim]) -> Dim:
    """t = sum of t_k: kernels run one after the other.

    >>> sequence_time([0.1] * 10)
    1.0
    """
    times = list(times_s)
    return fsum(times) if _are_numbers(*times) else total(times)


def bound_by(compute_s: Dim, memory_s: Dim, overhead_s: Dim = 0) -> Bound | None:
    """The largest of the three; compute before memory before overhead where they are equal.

    None where it cannot be told, because a time is an expression or an array.

    >>> bound_by(3.0, 2.0, 0.5), bound_by(1e-6, 2e-6, 3e-6)
    ('compute', 'overhead')
    """
    if not _are_numbers(compute_s, memory_s, overhead_s):
        return None
    if overhead_s > max(compute_s, memory_s):
        return "overhead"
    return "memory" if memory_s > compute_s else "compute"


def arithmetic_intensity(operations: Dim, traffic_bytes: Dim) -> Dim:
    """i = operations / bytes, in operations per byte."""
    return operations / traffic_bytes


def ridge_point(operations_per_s: Dim, bytes_per_s: Dim) -> Dim:
    """The intensity above which arithmetic, and below which memory, is the limit: peak / bandwidth.

    >>> round(ridge_point(15.7e12, 900e9), 1)
    17.4
    """
    return operations_per_s / bytes_per_s


def attainable(intensity: Dim, operations_per_s: Dim, bytes_per_s: Dim) -> Dim:
    """The roof: min(peak, intensity x bandwidth), in operations per second.

    >>> attainable(10, 15.7e12, 900e9)
    9000000000000.0
    """
    memory_roof = intensity * bytes_per_s
    if _are_numbers(memory_roof, operations_per_s):
        return min(memory_roof, operations_per_s)
    return minimum(memory_roof, operations_per_s)


def throughput(latency_s: Dim, batch: Dim = 1) -> Dim:
    """Inputs per second: batch / latency, which is 1 / latency for one (document 002, its frames per second).

    >>> throughput(0.2), throughput(0.4, batch=8)
    (5.0, 20.0)
    """
    return batch / latency_s


def batch_latency(batch: Dim, throughput_per_s: Dim) -> Dim:
    """latency = batch / throughput (document 002).

    >>> batch_latency(8, 20)
    0.4
    """
    return batch / throughput_per_s


def _are_numbers(*values: Dim) -> bool:
    """Whether all values are plain numbers, which compare at once."""
    return all(isinstance(value, (int, float)) for value in values)
