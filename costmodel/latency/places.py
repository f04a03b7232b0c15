"""Where data lies while a kernel runs: what of its traffic stays on the chip."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import Dim
from costmodel.latency.kernels import Kernel


def on_chip_traffic(kernels: Sequence[Kernel], capacity_bytes: float | None) -> tuple[Dim, ...]:
    """For each kernel, the bytes of its traffic that do not leave a chip with a memory of some bytes.

    A kernel's inputs and outputs stay where they fit together. Weights are read from outside once in a forward pass,
    but where all of them fit beside the largest inputs and outputs. Nothing is said to stay where sizes are
    expressions, or nothing is known of the chip's memory.
    """
    moved = [kernel.input_bytes + kernel.output_bytes for kernel in kernels]
    weights = [kernel.weight_bytes for kernel in kernels]
    if capacity_bytes is None or not are_numbers(kernels):
        return (0,) * len(kernels)
    resident = sum(weights) + max(moved, default=0) <= capacity_bytes
    return tuple(
        (size if size <= capacity_bytes else 0) + (weight if resident else 0)
        for size, weight in zip(moved, weights, strict=True)
    )


def are_numbers(kernels: Sequence[Kernel]) -> bool:
    """Whether the sizes of all traffic are numbers, which can be compared with a memory's."""
    return all(isinstance(kernel.traffic_bytes, int) for kernel in kernels)
