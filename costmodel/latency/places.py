"""Where data lies while a kernel runs: what of its traffic stays on the chip."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import Dim, maximum, reaches, total
from costmodel.latency.kernels import Kernel


def on_chip_traffic(kernels: Sequence[Kernel], capacity_bytes: float | None) -> tuple[Dim, ...]:
    """For each kernel, the bytes of its traffic that do not leave a chip with a memory of some bytes.

    A kernel's inputs and outputs stay where they fit together. Weights are read from outside once in a forward pass,
    but where all of them fit beside the largest inputs and outputs. Nothing is said to stay where nothing is known of
    the chip's memory.
    """
    if capacity_bytes is None or not kernels:
        return (0,) * len(kernels)
    moved = [kernel.input_bytes + kernel.output_bytes for kernel in kernels]
    weights = [kernel.weight_bytes for kernel in kernels]
    capacity = int(capacity_bytes)
    resident = reaches(capacity, total(weights) + maximum(*moved))
    return tuple(
        reaches(capacity, size) * size + resident * weight for size, weight in zip(moved, weights, strict=True)
    )
