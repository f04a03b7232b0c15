"""Clocks that tests move: a run takes what it is told to take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle

from costmodel.measuring.timing import Clocks


class Simulated:
    """A run that takes given times, over and over, and the clocks that see it."""

    def __init__(self, times_s: Iterable[float], *, busy: float = 1.0) -> None:
        self.now_ns = 0
        self.worked_ns = 0.0
        self.runs = 0
        self._times: Iterator[float] = cycle(times_s)
        self._busy = busy

    def __call__(self) -> None:
        elapsed = round(next(self._times) * 1e9)
        self.now_ns += elapsed
        self.worked_ns += self._busy * elapsed
        self.runs += 1

    @property
    def clocks(self) -> Clocks:
        """The wall's clock and the processor's."""
        return Clocks(lambda: self.now_ns, lambda: round(self.worked_ns))
