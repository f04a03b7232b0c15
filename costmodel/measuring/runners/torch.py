"""PyTorch on processors: eager, without gradients, a call for each layer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch

from costmodel.errors import MeasuringError, shorten
from costmodel.interop.torch.writing import to_torch
from costmodel.measuring.arrays import random_input, random_weights, sizes
from costmodel.measuring.runners import Runner, Subject, WeightsOf

_REFUSALS = (RuntimeError, TypeError, ValueError, IndexError)


def prepare(subject: Subject, threads: int, weights: WeightsOf = random_weights) -> Runner:
    """The network's calls with random weights: `threads` within an operator, one at a time, denormals as zero."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    with suppress(RuntimeError):  # it may be said once in a process; eager code runs one operator at a time anyway
        torch.set_num_interop_threads(1)
    program = to_torch(subject.network, weights)
    indices = {step.inputs[0] for step in subject.network.steps if step.node.layer.kind == "embedding"}
    inputs = [
        torch.from_numpy(random_input(name, sizes(subject.network, shape), is_index=name in indices))
        for name, shape in subject.network.inputs.items()
    ]

    def run() -> tuple[torch.Tensor, ...]:
        return program(*inputs)

    def outputs() -> list[Any]:
        return [tensor.numpy() for tensor in run()]

    try:
        run()
    except _REFUSALS as problem:
        reason = shorten(" ".join(str(problem).split()), 300)
        raise MeasuringError(f"PyTorch cannot run {shorten(subject.network.name)}: {reason}") from None
    return Runner(run, outputs, "random")
