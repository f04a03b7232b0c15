"""A small compiled space of its own arithmetic: what a sweep is held to, worked out beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from time import sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ACTIVATIONS = ("relu", "h-swish, fused")


@dataclass(frozen=True)
class Grid:
    """Widths by activations by resolutions; a configuration below some macs cannot be built."""

    widths: tuple[float, ...] = tuple(n / 100 for n in range(25, 60))
    resolutions: tuple[float, ...] = tuple(map(float, range(96, 160)))
    least_macs: float = 0.0
    wait_s: float = 0.0
    """Of each block."""

    parameters = ("width", "activation", "resolution")
    costs = ("macs", "latency_s")

    @property
    def size(self) -> int:
        return len(self.widths) * len(ACTIVATIONS) * len(self.resolutions)

    @property
    def fingerprint(self) -> str:
        return sha256(repr((self.widths, self.resolutions, self.least_macs)).encode()).hexdigest()

    def evaluate(self, start: int, stop: int) -> Array:
        sleep(self.wait_s)
        return self.at(np.arange(start, stop))

    def at(self, rows: NDArray[np.int64]) -> Array:
        width, activation, resolution = self._settings(rows)
        macs = np.floor(1000 * width) * resolution**2
        latency_s = macs / 3e9 * (1 + activation)
        costs = np.stack([macs, latency_s])
        costs[:, macs < self.least_macs] = np.nan
        return costs

    def settings(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        width, activation, resolution = self._settings(rows)
        names = np.array(ACTIVATIONS, dtype=object)[activation.astype(int)]
        return {"width": width, "activation": names, "resolution": resolution}

    def _settings(self, rows: NDArray[np.int64]) -> tuple[Array, Array, Array]:
        index, resolution = np.divmod(rows, len(self.resolutions))
        width, activation = np.divmod(index, len(ACTIVATIONS))
        return np.array(self.widths)[width], activation.astype(float), np.array(self.resolutions)[resolution]

    def rows(self) -> list[tuple[float, str, int, int, float]]:
        """All rows, worked out one by one with Python's own numbers."""
        found = []
        for width, (activation, name), resolution in product(self.widths, enumerate(ACTIVATIONS), self.resolutions):
            macs = int(1000 * width) * int(resolution) ** 2
            if macs >= self.least_macs:
                found.append((width, name, int(resolution), macs, macs / 3e9 * (1 + activation)))
        return found


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as Python's own csv module writes them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["width", "activation", "resolution", "macs", "latency_s"])
    writer.writerows(rows)
    return text.getvalue()
