"""Which function executes which kind of layer, and how to run it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .fields import Fields
from .tally import Array, Draw, Machine, Tally

Executor = Callable[..., tuple[Array, ...]]
EXECUTORS: dict[str, Executor] = {}


@dataclass(frozen=True)
class Execution:
    """What came out of a layer and what it took: `weights` are the arrays behind `params`."""

    outputs: tuple[Array, ...]
    tally: Tally
    params: int
    buffers: int
    weights: tuple[Array, ...]
    statistics: tuple[Array, ...]


def executes(*kinds: str) -> Callable[[Executor], Executor]:
    """Register a function `(machine, fields, *inputs) -> outputs` for some kinds."""

    def register(function: Executor) -> Executor:
        for kind in kinds:
            if kind in EXECUTORS:
                raise ValueError(f"kind '{kind}' is executed twice")
            EXECUTORS[kind] = function
        return function

    return register


def drawn(shape: tuple[int, ...]) -> Array:
    """Make the values of a weight: arbitrary, never zero, the same for the same shape."""
    return np.random.default_rng(0).uniform(0.5, 1.5, shape)


def run(kind: str, fields: Fields, inputs: Sequence[Array], draw: Draw = drawn) -> Execution:
    """Execute a layer of `kind` on real arrays and count what it does."""
    if kind not in EXECUTORS:
        raise KeyError(f"no execution for kind '{kind}'")
    machine = Machine(draw)
    outputs = EXECUTORS[kind](machine, fields, *inputs)
    return Execution(
        outputs,
        machine.tally,
        params=sum(array.size for array in machine.parameters),
        buffers=sum(array.size for array in machine.statistics),
        weights=tuple(machine.parameters),
        statistics=tuple(machine.statistics),
    )
