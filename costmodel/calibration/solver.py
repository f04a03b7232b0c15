"""The estimator: positive coefficients that make relative errors small, near what was known before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Array = npt.NDArray[np.float64]

LOSS_SCALE: Final = 1.5
"""From so many times the noise on, a residual begins to count as an outlier."""

_ITERATIONS: Final = 40
_TOLERANCE: Final = 1e-4
_LONGEST_STEP: Final = 2.0
_LARGEST_BATCH: Final = 100_000


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
    for large ones, so that outliers decide nothing. Gauss-Newton steps with Levenberg's damping. Deterministic.
    """
    size = max(1, _LARGEST_BATCH // max(1, amounts.size))
    if len(log_times) <= size:
        return _fit(amounts, log_times, weights, mean, precision, noise, start, iterations)
    parts = [
        _fit(
            amounts, log_times[at : at + size], weights[at : at + size], mean[at : at + size],
            precision[at : at + size], noise, None if start is None else start[at : at + size], iterations,
        )
        for at in range(0, len(log_times), size)
    ]  # fmt: skip
    return Estimates(np.concatenate([each[0] for each in parts]), np.concatenate([each[1] for each in parts]))


def _fit(
    amounts: Matrix, log_times: Matrix, weights: Matrix, mean: Matrix, precision: Array, noise: float,
    start: Matrix | None, iterations: int,
) -> Estimates:  # fmt: skip
    theta = (mean if start is None else start).copy()
    damping = np.full(len(theta), 1e-3)
    loss = _loss(amounts, log_times, weights, mean, precision, noise, theta)
    diagonal = np.arange(theta.shape[1])
    for _ in range(iterations):
        shares, residuals, pull = _linearized(amounts, log_times, weights, noise, theta)
        information = np.matmul(pull.transpose(0, 2, 1), shares)
        curvature = information + precision
        slope = np.einsum("bnk,bn->bk", pull, residuals) + np.einsum("bkl,bl->bk", precision, theta - mean)
        curvature[:, diagonal, diagonal] *= 1 + damping[:, None]
        step = -np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
        step = np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        tried = _loss(amounts, log_times, weights, mean, precision, noise, theta + step)
        better = tried <= loss
        theta = np.where(better[:, None], theta + step, theta)
        loss = np.where(better, tried, loss)
        damping = np.where(better, np.maximum(damping / 5, 1e-7), damping * 10).astype(np.float64)
        if bool(((np.abs(step).max(axis=1) < _TOLERANCE) | (damping > 1e6)).all()):
            break
    shares, _, pull = _linearized(amounts, log_times, weights, noise, theta)
    return Estimates(theta, np.matmul(pull.transpose(0, 2, 1), shares))


def inverse(matrices: Array) -> Array:
    """The inverse of one matrix (K x K), or of each of several (B x K x K)."""
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def log_predicted(amounts: Matrix, log_values: Matrix) -> Matrix:
    """log(x_i exp(theta_b)) of every problem b and row i."""
    highest = log_values.max(axis=1, keepdims=True)
    sums = np.exp(log_values - highest) @ amounts.T
    logs: Matrix = np.log(np.maximum(sums, 1e-300)) + highest
    return logs


def _linearized(
    amounts: Matrix, log_times: Matrix, weights: Matrix, noise: float, theta: Matrix
) -> tuple[Array, Matrix, Array]:
    """The shares of the terms in each time, which are its derivatives, the residuals, and the weighted shares."""
    highest = theta.max(axis=1, keepdims=True)
    values = np.exp(theta - highest)
    sums = np.maximum(values @ amounts.T, 1e-300)
    logs = np.log(sums) + highest
    shares = amounts[None] * values[:, None, :] / sums[:, :, None]
    residuals = logs - log_times
    pull = weights / np.sqrt(1 + (residuals / (LOSS_SCALE * noise)) ** 2) / noise**2
    return shares, residuals, shares * pull[:, :, None]


def _loss(
    amounts: Matrix, log_times: Matrix, weights: Matrix, mean: Matrix, precision: Array, noise: float, theta: Matrix
) -> Vector:
    """What is minimized, of each problem."""
    residuals = log_predicted(amounts, theta) - log_times
    scale = LOSS_SCALE * noise
    misses = (weights * 2 * scale**2 * (np.sqrt(1 + (residuals / scale) ** 2) - 1)).sum(axis=1) / (2 * noise**2)
    away = theta - mean
    loss: Vector = misses + np.einsum("bk,bkl,bl->b", away, precision, away) / 2
    return loss
