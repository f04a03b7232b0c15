"""An arithmetic unit on arrays that writes down every scalar operation it performs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Draw = Callable[[tuple[int, ...]], Array]


@dataclass
class Tally:
    """How many scalar operations of each sort were executed."""

    macs: int = 0
    additions: int = 0
    multiplications: int = 0
    comparisons: int = 0
    divisions: int = 0
    transcendentals: int = 0


@dataclass
class Machine:
    """Executes arithmetic, one tallied operation per element, and owns the weights it allocates.

    `draw` makes the values of a weight from its shape. Both branches of a conditional are
    executed for every element, so a branch costs what its costlier side costs.
    """

    draw: Draw
    tally: Tally = field(default_factory=Tally)
    parameters: list[Array] = field(default_factory=list)
    statistics: list[Array] = field(default_factory=list)

    def parameter(self, *shape: int) -> Array:
        """Allocate a learnable array."""
        self.parameters.append(self.draw(shape))
        return self.parameters[-1]

    def statistic(self, *shape: int) -> Array:
        """Allocate a running statistic, which is never negative here so that it may be a variance."""
        self.statistics.append(np.abs(self.draw(shape)))
        return self.statistics[-1]

    def multiply_accumulate(self, into: Array, a: Array, b: Array, axis: int) -> Array:
        """Add to `into` the products of `a` and `b` along `axis`: one MAC per product."""
        products = a * b
        self.tally.macs += products.size
        result: Array = into + products.sum(axis=axis)
        return result

    def add(self, a: Array, b: Array | float) -> Array:
        """Add (or subtract, with `-b`) elementwise."""
        result: Array = a + b
        self.tally.additions += result.size
        return result

    def multiply(self, a: Array, b: Array | float) -> Array:
        """Multiply elementwise."""
        result: Array = a * b
        self.tally.multiplications += result.size
        return result

    def divide(self, a: Array | float, b: Array | float) -> Array:
        """Divide elementwise."""
        result: Array = np.asarray(np.divide(a, b))
        self.tally.divisions += result.size
        return result

    def maximum(self, a: Array, b: Array | float) -> Array:
        """Keep the larger element: one comparison each."""
        result: Array = np.maximum(a, b)
        self.tally.comparisons += result.size
        return result

    def minimum(self, a: Array, b: Array | float) -> Array:
        """Keep the smaller element: one comparison each."""
        result: Array = np.minimum(a, b)
        self.tally.comparisons += result.size
        return result

    def compare(self, result: npt.NDArray[Any]) -> Array:
        """Tally one comparison for each element of a result that took one: a test, a rounding."""
        self.tally.comparisons += result.size
        return result.astype(np.float64)

    def where_positive(self, x: Array, positive: Array, otherwise: Array) -> Array:
        """Compare every element with zero and choose between two executed branches."""
        self.tally.comparisons += x.size
        return np.where(x > 0, positive, otherwise)

    def transcendental(self, function: Callable[[Array], Array], x: Array) -> Array:
        """Evaluate exp, sqrt, tanh, erf or a power: one transcendental per element."""
        self.tally.transcendentals += x.size
        return function(x)

    def fold(self, operation: Callable[[Array, Array], Array], x: Array) -> Array:
        """Fold the last axis of d elements with d - 1 executions of `operation`."""
        result: Array = x[..., 0]
        for i in range(1, x.shape[-1]):
            result = operation(result, x[..., i])
        return result


def erf(x: Array) -> Array:
    """The error function, elementwise."""
    return np.array([math.erf(value) for value in x.ravel().tolist()]).reshape(x.shape)
