"""Which measurement tells most: how much each narrows the intervals of predictions."""

from __future__ import annotations

import numpy as np

from costmodel.calibration.prior import Prior
from costmodel.calibration.solver import Matrix, Vector


def narrowings(spread: Matrix, candidates: Matrix, targets: Matrix) -> Vector:
    """By which fraction measuring each candidate narrows the intervals of the targets: `next_to_measure`'s equation.

    `spread` (K x K) is the covariance of the log coefficients in units of the squared noise; `candidates` (C x K) and
    `targets` (T x K) are shares of the terms in predicted times. One fraction for each candidate.
    """
    pulls = candidates @ spread
    leverages = np.maximum(np.einsum("tk,kl,tl->t", targets, spread, targets), 0.0)
    told = (targets @ pulls.T) ** 2 / (1 + np.einsum("ck,ck->c", pulls, candidates))
    widths = np.sqrt(1 + np.maximum(leverages[:, None] - told, 0.0)).sum(axis=0)
    found: Vector = 1 - widths / np.sqrt(1 + leverages).sum()
    return found


def first_to_measure(prior: Prior, amounts: Matrix, count: int) -> list[int]:
    """Which of the networks (N x K amounts) to measure first, one after another, before anything is measured.

    Each is the one that narrows the intervals of all of them most, beside those before it, at the prior's mean.
    """
    shares = amounts * np.exp(prior.mean - prior.mean.max())
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    spread: Matrix = prior.covariance / prior.noise**2
    found: list[int] = []
    for _ in range(min(count, len(amounts))):
        gains = narrowings(spread, shares, shares)
        gains[found] = -np.inf
        found.append(int(gains.argmax()))
        pull = spread @ shares[found[-1]]
        spread = spread - np.outer(pull, pull) / (1 + shares[found[-1]] @ pull)
    return found
