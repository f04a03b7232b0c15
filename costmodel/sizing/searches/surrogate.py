"""What evaluated configurations say about others: Gaussian processes with a polynomial and a local part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from costmodel.algebra.arrays import Array

JITTER: Final = 1e-6
"""What is added to a covariance, as a part of its mean variance, so that rounding does not make it singular."""


class Kernel(NamedTuple):
    """k(x, z) = 1 + s + quadratic s^2 + local exp(-d^2 / l) + noise [x = z], with s = x.z / p and d^2 = |x - z|^2 / p.

    l is the median of d^2. Costs of a network are sums of products of few parameters, which the polynomial is made for;
    what is no polynomial is left to the local part. Source: Rasmussen and Williams, Gaussian Processes for Machine
    Learning, 2006, section 4.2.
    """

    quadratic: float
    local: float
    noise: float

    def __call__(self, products: Array, near: Array) -> Array:
        """The kernel of s and exp(-d^2 / l), without noise."""
        result: Array = 1 + products + self.quadratic * products * products + self.local * near
        return result


KERNELS: Final = (
    Kernel(0.3, 0.03, 1e-4),
    Kernel(3.0, 0.03, 1e-4),
    Kernel(0.3, 0.3, 1e-4),
    Kernel(3.0, 1.0, 1e-4),
    Kernel(0.3, 0.3, 1e-2),
)
"""Among these the most likely one is taken, for each quantity by itself."""


class Fitted(NamedTuple):
    """One quantity: its kernel and what of the data its posterior needs."""

    kernel: Kernel
    precision: Array
    """The inverse of the covariance of the data."""
    weights: Array
    variance: float
    mean: float
    spread: float


class Surrogate:
    """Posteriors of several quantities, one a column of `targets`, over features of configurations."""

    def __init__(self, features: Array, targets: Array, kernels: Sequence[Kernel] | None = None) -> None:
        self._features = features
        products = features @ features.T / features.shape[1]
        distances = _distances(np.diag(products), np.diag(products), products)
        self._length = float(np.median(distances)) + 1e-9
        near = np.exp(-distances / self._length)
        choices = [KERNELS if kernels is None else (kernels[place],) for place in range(targets.shape[1])]
        self._fitted = [_most_likely(choice, products, near, targets[:, place]) for place, choice in enumerate(choices)]

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernel of each quantity."""
        return tuple(each.kernel for each in self._fitted)

    @property
    def spreads(self) -> Array:
        """How much each quantity varies in the data: its standard deviation."""
        return np.array([each.spread for each in self._fitted])

    def mean(self, features: Array) -> Array:
        """The most probable values: a row for each configuration, a column for each quantity."""
        cross = self._cross(features, self._features)
        columns = [each.kernel(*cross) @ each.weights * each.spread + each.mean for each in self._fitted]
        return np.stack(columns, axis=1)

    def samples(self, features: Array, draws: int, generator: np.random.Generator) -> Array:
        """Values drawn from the posterior, jointly for all configurations: (quantities, configurations, draws)."""
        cross, own = self._cross(features, self._features), self._cross(features, features)
        return np.stack([_draw(each, cross, own, draws, generator) for each in self._fitted])

    def _cross(self, left: Array, right: Array) -> tuple[Array, Array]:
        """s and exp(-d^2 / l) of each pair."""
        count = left.shape[1]
        products = left @ right.T / count
        squares = [(side * side).sum(axis=1) / count for side in (left, right)]
        return products, np.exp(-_distances(squares[0], squares[1], products) / self._length)


def _distances(left: Array, right: Array, products: Array) -> Array:
    """d^2 = x.x - 2 x.z + z.z."""
    return np.maximum(0.0, left[:, None] + right[None, :] - 2 * products)


def _most_likely(kernels: Sequence[Kernel], products: Array, near: Array, target: Array) -> Fitted:
    """The posterior under the kernel with the largest marginal likelihood, its variance profiled out."""
    mean, spread = float(target.mean()), float(target.std()) + 1e-12
    scaled = (target - mean) / spread
    found = [_fitted(kernel, products, near, scaled) for kernel in kernels]
    _, kernel, precision, variance = max(found, key=lambda each: each[0])
    return Fitted(kernel, precision, precision @ scaled, variance, mean, spread)


def _fitted(kernel: Kernel, products: Array, near: Array, target: Array) -> tuple[float, Kernel, Array, float]:
    """log p = -n/2 log(z' K^-1 z / n) - log det(K) / 2, up to a constant."""
    count = len(target)
    covariance = kernel(products, near)
    covariance[np.diag_indices(count)] += kernel.noise
    factor = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    inverse = _inverse(factor)
    precision = inverse.T @ inverse
    variance = float(np.sum((inverse @ target) ** 2)) / count + 1e-12
    likelihood = -count / 2 * np.log(variance) - float(np.log(np.diag(factor)).sum())
    return likelihood, kernel, precision, variance


def _inverse(triangle: Array) -> Array:
    """The inverse of a lower triangle, half by half: [A 0; B C]^-1 = [A^-1 0; -C^-1 B A^-1  C^-1]."""
    count = len(triangle)
    if count <= 8:
        return np.asarray(np.linalg.inv(triangle), dtype=np.float64)
    half = count // 2
    result = np.zeros_like(triangle)
    result[:half, :half] = _inverse(triangle[:half, :half])
    result[half:, half:] = _inverse(triangle[half:, half:])
    result[half:, :half] = -result[half:, half:] @ triangle[half:, :half] @ result[:half, :half]
    return result


def _draw(
    each: Fitted, cross: tuple[Array, Array], own: tuple[Array, Array], draws: int, generator: np.random.Generator
) -> Array:
    """One quantity's samples: mean + L z, L L' the posterior covariance."""
    reach = each.kernel(*cross)
    covariance = each.kernel(*own) - reach @ each.precision @ reach.T
    count = len(covariance)
    noise = generator.standard_normal((count, draws))
    variances = np.maximum(np.diag(covariance), 0.0)
    covariance[np.diag_indices(count)] = variances + JITTER * (1 + variances.mean())
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        root = np.diag(np.sqrt(np.diag(covariance)))
    values: Array = (reach @ each.weights)[:, None] + np.sqrt(each.variance) * (root @ noise)
    return values * each.spread + each.mean
