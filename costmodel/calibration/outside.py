"""Where a network leaves the range of what was measured: terms never seen, shares and times beyond any measured one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from costmodel.calibration.fit import Fit
from costmodel.hardware import Calibration, MeasuredRange

FARTHER: Final = 1.25
"""A predicted time outside of the measured ones by more than this factor is said to be."""

LARGER_SHARE: Final = 2.0
SMALLEST_SHARE: Final = 0.1
"""A term is said to take an unusual share where it is a tenth of the time, and twice as large as any measured one."""


def measured_range(fit: Fit) -> MeasuredRange | None:
    """The shortest and the longest measured time, and the largest share of each term in one; five digits.

    None where intervals come from the networks of other devices: the device's own few are then not what they know. None
    where nothing was measured.
    """
    if fit.prior.tail is not None or not len(fit.table):
        return None
    timed = fit.fitted_s > 0
    seconds = {
        each.term.name: each.value * fit.table.amounts[each.term.name][timed] / fit.fitted_s[timed]
        for each in fit.coefficients
    }
    return MeasuredRange(
        shortest_s=_short(fit.table.latencies_s.min()),
        longest_s=_short(fit.table.latencies_s.max()),
        shares={name: _short(share.max()) for name, share in seconds.items() if share.any()},
    )


def outside(latency_s: float, shares: Mapping[str, float], calibration: Calibration) -> tuple[str, ...]:
    """Sentences on how a network of these shares of the terms lies outside of what was measured, if it does.

    For 60 small stacks under ONNX Runtime, calibrated on ten networks of the zoo, the mean error where something is
    said is nearly four times that where nothing is (46 and 12 %).
    """
    known = calibration.range
    if known is None:
        return ()
    found = [*_time(latency_s, known), *_shares(shares, known)]
    told = " (the interval does not know it)" if calibration.interval is not None else ""
    return tuple(f"outside of what was measured{told}: {sentence}" for sentence in found)


def _time(latency_s: float, known: MeasuredRange) -> Iterator[str]:
    if not known.shortest_s / FARTHER <= latency_s <= known.longest_s * FARTHER:
        times = f"{_ms(known.shortest_s)} to {_ms(known.longest_s)} ms"
        yield f"it is to take {_ms(latency_s)} ms, and what was measured took {times}"


def _shares(shares: Mapping[str, float], known: MeasuredRange) -> Iterator[str]:
    for name, most in known.shares.items():
        share = shares.get(name, 0.0)
        if share > SMALLEST_SHARE and share > LARGER_SHARE * most:
            yield f"{name} is {100 * share:.0f} % of its time, and at most {100 * most:.2g} % of any that was measured"


def unseen_sentence(name: str, kernels: Sequence[str], calibration: Calibration) -> str:
    """What is said of a term that these kernels have and nothing that was measured had."""
    more = f" and {len(kernels) - 1} more have" if len(kernels) > 1 else " has"
    told = ", and the interval is wider for it" if calibration.interval is not None else ""
    return f"nothing that was measured had {name} ({kernels[0]}{more}): what it takes is a guess{told}"


def _ms(seconds: float) -> str:
    """Milliseconds to three digits."""
    return f"{1e3 * seconds:,.0f}" if seconds >= 1 else f"{1e3 * seconds:.3g}"


def _short(value: float) -> float:
    return float(f"{value:.5g}")
