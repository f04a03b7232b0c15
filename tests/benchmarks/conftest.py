"""A report of figures beside their limits, printed when the benchmarks end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import pytest


@dataclass
class Report:
    """Lines of the form: what was measured, the figure, the limit, whether it is met."""

    lines: list[str] = field(default_factory=list)

    def at_most(self, what: str, figure: float, limit: float, unit: str) -> None:
        self._add(what, figure, f"at most {limit:g} {unit}", met=figure <= limit, unit=unit)

    def at_least(self, what: str, figure: float, limit: float, unit: str) -> None:
        self._add(what, figure, f"at least {limit:g} {unit}", met=figure >= limit, unit=unit)

    def note(self, what: str, figure: float, unit: str) -> None:
        self.lines.append(f"{what:<66} {figure:>10.4g} {unit}")

    def _add(self, what: str, figure: float, limit: str, *, met: bool, unit: str) -> None:
        self.lines.append(f"{what:<66} {figure:>10.4g} {unit:<6} ({limit}: {'met' if met else 'NOT MET'})")


_REPORT = Report()


@pytest.fixture(scope="session")
def report() -> Report:
    return _REPORT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _REPORT.lines:
        return
    terminalreporter.section("figures beside their limits")
    for line in _REPORT.lines:
        terminalreporter.write_line(line)


def best_s(function: Callable[[], object], *, repeats: int, calls: int = 1) -> float:
    """The shortest time of one call, in seconds: other load on the machine only ever adds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        for _ in range(calls):
            function()
        times.append((perf_counter() - start) / calls)
    return min(times)
