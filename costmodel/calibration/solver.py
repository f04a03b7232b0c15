"""The estimator: positive coefficients that make relative errors small, near what was known before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

LOSS_SCALE: Final = 1.5
"""From so many times the noise on, a residual begins to count as an outlier."""

_ITERATIONS: Final = 200
_TOLERANCE: Final = 1e-9
"""The fall of what is minimized that a step promises, below which it is the last."""
_ROUGH_STEPS: Final = 10
_LEAST_DAMPING: Final = 1e-9
_MOST_DAMPING: Final = 1e8
_LONGEST_STEP: Final = 2.0
_LARGEST_BATCH: Final = 40_000
"""Shares that are worked on at a time: what a processor keeps near."""


class Estimates(NamedTuple):
    """Of B problems: log coefficients (B x K), and the information on them (B x K x K) that the times gave."""

    log_values: Matrix
    information: Array


def fit_logs(
    amounts: Matrix, log_times: Matrix, weights: Matrix, mean: Matrix, precision: Array, noise: float,
    start: Matrix | None = None, iterations: int = _ITERATIONS,
) -> Estimates:  # fmt: skip
    """The most probable coefficients exp(theta) of B problems at once, which share the amounts.

    argmin over theta (K) of sum_i w_i rho(r_i) / (2 noise^2) + (theta - mean)' precision (theta - mean) / 2,
    r_i = log(x_i exp(theta)) - log t_i, rho(r) = 2 f^2 (sqrt(1 + (r / f)^2) - 1), f = 1.5 noise.

    x (N x K, amounts), log t and the weights w (B x N), mean (B x K), precision (B x K x K). A weight of 0 leaves a
    measurement out. Residuals are relative errors; rho is the soft-L1 loss, quadratic for small residuals and linear
    for large ones, so that outliers decide nothing. Newton's steps with Levenberg's damping, from the mean or from a
    `start` (B x K), until none promises to lower it by 1e-9: Gauss-Newton steps alone, which leave out how rho bends,
    take hundreds where residuals are far larger than the noise. Deterministic.

    Source: Nocedal and Wright, Numerical Optimization, 2nd edition, chapters 3 and 10.
    """
    problems = _Problems(amounts, log_times, weights, mean, precision, noise)
    size = max(1, _LARGEST_BATCH // max(1, amounts.size))
    parts = [slice(at, at + size) for at in range(0, len(log_times), size)]
    found = [_fit(problems.take(part), None if start is None else start[part], iterations) for part in parts]
    return Estimates(*map(np.concatenate, zip(*found, strict=True)))


class _Problems(NamedTuple):
    """B problems: all of what `fit_logs` is given."""

    amounts: Matrix
    log_times: Matrix
    weights: Matrix
    mean: Matrix
    precision: Array
    noise: float

    def take(self, chosen: slice | Indices) -> _Problems:
        """Some of the problems."""
        each = self.log_times[chosen], self.weights[chosen], self.mean[chosen], self.precision[chosen]
        return _Problems(self.amounts, *each, self.noise)


def _fit(problems: _Problems, start: Matrix | None, iterations: int) -> Estimates:
    """The estimates; the first steps from the mean are Gauss-Newton's, which stay nearer to what was known."""
    theta = (problems.mean if start is None else start).copy()
    loss, damping, left = _loss(problems, theta), np.full(len(theta), 1e-3), np.arange(len(theta))
    for iteration in range(iterations):
        each = problems.take(left)
        is_rough = start is None and iteration < _ROUGH_STEPS
        step, promised = _step(each, theta[left], damping[left], is_rough=is_rough)
        tried = _loss(each, theta[left] + step)
        better = tried <= loss[left]
        theta[left] += np.where(better[:, None], step, 0.0)
        loss[left] = np.where(better, tried, loss[left])
        is_last = (promised < _TOLERANCE) & (damping[left] <= 1.0)
        damping[left] = np.maximum(damping[left] * np.where(better, 1 / 5, 10.0), _LEAST_DAMPING)
        left = left[~is_last & (damping[left] <= _MOST_DAMPING)]
        if not left.size:
            break
    shares, residuals = _linearized(problems, theta)
    return Estimates(theta, _products(shares, _weights(problems, residuals)[0]))


def _step(problems: _Problems, theta: Matrix, damping: Vector, *, is_rough: bool) -> tuple[Matrix, Vector]:
    """Newton's damped step of each problem, and by how much it promises to make the loss fall.

    With the shares u = d log(x exp(theta)) / d theta, psi = rho' / 2 and H_u = diag(u) - u u', the slope is
    sum psi u + precision (theta - mean), the curvature sum psi' u u' + psi H_u + precision. Gauss and Newton's rough
    one has psi / r for psi', and no H_u.
    """
    shares, residuals = _linearized(problems, theta)
    flat, bent = _weights(problems, residuals)
    pull = flat * residuals
    pulls = np.matmul(shares, pull[:, :, None])[:, :, 0]
    slope = pulls + np.matmul(problems.precision, (theta - problems.mean)[:, :, None])[:, :, 0]
    curvature = _products(shares, flat if is_rough else bent - pull) + problems.precision
    scale = np.matmul(shares**2, flat[:, :, None])[:, :, 0] + np.diagonal(problems.precision, axis1=1, axis2=2)
    diagonal = np.arange(theta.shape[1])
    curvature[:, diagonal, diagonal] += damping[:, None] * scale + (0.0 if is_rough else pulls)
    try:
        step = -np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:  # where a curvature is exactly flat
        step = -slope / scale
    step = np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
    return step, np.abs((slope * step).sum(axis=1))


def inverse(matrices: Array) -> Array:
    """The inverse of one matrix (K x K), or of each of several (B x K x K)."""
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def log_predicted(amounts: Matrix, log_values: Matrix) -> Matrix:
    """log(x_i exp(theta_b)) of every problem b and row i."""
    highest = log_values.max(axis=1, keepdims=True)
    sums = np.exp(log_values - highest) @ amounts.T
    logs: Matrix = np.log(np.maximum(sums, 1e-300)) + highest
    return logs


def _linearized(problems: _Problems, theta: Matrix) -> tuple[Array, Matrix]:
    """The shares of the terms in each time (B x K x N), which are its derivatives, and the residuals (B x N)."""
    highest = theta.max(axis=1, keepdims=True)
    values = np.exp(theta - highest)
    sums = np.maximum(values @ problems.amounts.T, 1e-300)
    shares = problems.amounts.T * values[:, :, None]
    shares /= sums[:, None, :]
    return shares, np.log(sums) + highest - problems.log_times


def _products(shares: Array, weights: Matrix) -> Array:
    """sum_i w_i u_i u_i' of each problem."""
    products: Array = np.matmul(shares * weights[:, None, :], shares.transpose(0, 2, 1))
    return products


def _weights(problems: _Problems, residuals: Matrix) -> tuple[Matrix, Matrix]:
    """w psi / (r noise^2), by which outliers count less, and w psi' / noise^2, by which what pulls at them does."""
    root = _root(residuals, problems.noise)
    flat = problems.weights / root / problems.noise**2
    return flat, flat / root**2


def _root(residuals: Matrix, noise: float) -> Matrix:
    """sqrt(1 + (r / f)^2): 1 for a residual that the noise explains, large for an outlier."""
    root: Matrix = np.sqrt(1 + (residuals / (LOSS_SCALE * noise)) ** 2)
    return root


def _loss(problems: _Problems, theta: Matrix) -> Vector:
    """What is minimized, of each problem."""
    residuals = log_predicted(problems.amounts, theta) - problems.log_times
    misses = LOSS_SCALE**2 * (problems.weights * (_root(residuals, problems.noise) - 1)).sum(axis=1)
    away = theta - problems.mean
    loss: Vector = misses + np.einsum("bk,bkl,bl->b", away, problems.precision, away) / 2
    return loss
