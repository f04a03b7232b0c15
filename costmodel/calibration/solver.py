"""The estimator: non-negative coefficients that make relative errors small, whatever a few outliers say."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from costmodel.errors import MissingExtraError

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

SMALLEST_SCALE: Final = 0.02
"""The smallest log residual beyond which a time begins to count as an outlier: published times are rounded."""

_ITERATIONS: Final = 60
_SETTLED: Final = 20
_TOLERANCE: Final = 1e-6
_NEGLIGIBLE: Final = 1e-6


def fit_nonnegative(amounts: Matrix, times: Vector, start: Vector | None = None) -> Vector:
    """argmin over b >= 0 of sum_i rho(r_i / f), r_i = log(x_i b / t_i), rho(z) = 2 (sqrt(1 + z^2) - 1).

    x_i (m x k, amounts) are the features of measurement i, t_i > 0 (m, times) its seconds, b (k) seconds per unit.
    rho is the soft-L1 loss: quadratic for small residuals, linear for large ones in both directions. Its scale f is
    1.4826 times the median of |r_i|, at least `SMALLEST_SCALE`, and is held after a few steps.

    Gauss-Newton steps on the logarithm, each a weighted non-negative least squares (Lawson and Hanson), halved until
    the loss falls. Deterministic; a coefficient without a millionth of any time is exactly 0.
    """
    largest = amounts.max(axis=0, initial=0.0)
    unit = np.where(largest > 0, largest, 1.0)
    x = amounts / unit
    b = _start(x, times) if start is None else start * unit
    if not (x @ b > 0).all():
        b = _start(x, times)
    predicted = x @ b
    scale = 0.0
    for iteration in range(_ITERATIONS):
        residuals = np.log(predicted / times)
        settled = scale
        if iteration < _SETTLED:
            scale = max(SMALLEST_SCALE, 1.4826 * float(np.sort(np.abs(residuals))[len(times) // 2]))
        root_weights = (1 + (residuals / scale) ** 2) ** -0.25
        aim = _nnls(x * (root_weights / predicted)[:, None], root_weights * (1 - residuals))
        step = _descend(x, times, b, aim - b, scale, _loss(residuals, scale))
        b = np.maximum(b + step, 0.0)
        predicted = x @ b
        if (
            np.abs(step).max(initial=0.0) <= _TOLERANCE * b.max(initial=0.0)
            and abs(scale - settled) <= _TOLERANCE * scale
        ):
            break
    counts = (x * b > _NEGLIGIBLE * predicted[:, None]).any(axis=0)
    return np.where(counts, b, 0.0) / unit


def _start(x: Matrix, times: Vector) -> Vector:
    """Relative least squares, with a little of every term so that no prediction is 0."""
    b = _nnls(x / times[:, None], np.ones_like(times))
    present = x.max(axis=0, initial=0.0) > 0
    return b + np.where(present, 1e-3 * np.median(times) / max(int(present.sum()), 1), 0.0)


def _descend(x: Matrix, times: Vector, b: Vector, step: Vector, scale: float, before: float) -> Vector:
    """The step, halved until the loss does not rise; nothing where even a short one makes it rise."""
    for _ in range(12):
        after = x @ (b + step)
        if after.min() > 0 and _loss(np.log(after / times), scale) <= before:
            return step
        step = step / 2
    return np.zeros_like(b)


def _loss(residuals: Vector, scale: float) -> float:
    """The soft-L1 loss of log residuals."""
    return float((2 * (np.sqrt(1 + (residuals / scale) ** 2) - 1)).sum())


def _nnls(a: Matrix, target: Vector) -> Vector:
    """argmin over b >= 0 of |a b - target|^2."""
    try:
        from scipy.optimize import nnls
    except ImportError:
        raise MissingExtraError("scipy", "calibrate") from None
    solution: Vector = nnls(a, target, maxiter=max(100, 30 * a.shape[1]))[0]
    return solution


def student_t(probability: float, degrees: int) -> float:
    """The quantile of Student's t."""
    try:
        from scipy.special import stdtrit
    except ImportError:
        raise MissingExtraError("scipy", "calibrate") from None
    return float(stdtrit(degrees, probability))
