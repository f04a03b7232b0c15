"""Two networks side by side: their totals, and what makes the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from costmodel.algebra import Dim, equal
from costmodel.algebra.text import to_text
from costmodel.counting import Comparison, Pair, Share
from costmodel.errors import shorten
from costmodel.network import Network
from costmodel.report.numbers import count_text, with_prefix
from costmodel.report.record import Amount, Count, Record, amount, count
from costmodel.report.summary import Totals, totals_record
from costmodel.report.table import Column, Row, Table, facts

if TYPE_CHECKING:
    from costmodel.latency import Latency

_COMPARED: Final = ("macs", "flops", "params", "activations", "weight_bytes", "peak_memory_bytes")
_MOST: Final = 12


class Side(NamedTuple):
    """One of the two networks: what it was asked for, and what it takes on a device."""

    target: str
    network: Network
    parameters: dict[str, str]
    latency: Latency | None = None

    @property
    def title(self) -> str:
        """The target with what was set of it."""
        return ", ".join([shorten(self.target), *(f"{name}={value}" for name, value in self.parameters.items())])


class SideRecord(Record):
    """One of the two networks."""

    target: str
    network: str
    source: str
    parameters: dict[str, str]
    totals: Totals
    latency_s: Amount | None
    low_s: Amount | None
    high_s: Amount | None


class PairRecord(Record):
    """What some layers add to the totals of the one network and of the other."""

    name: str
    layers: tuple[int, int]
    macs: tuple[Count, Count]
    params: tuple[Count, Count]
    activations: tuple[Count, Count]


class ComparisonRecord(Record):
    """Two networks side by side."""

    convention: str
    device: str | None
    networks: tuple[SideRecord, SideRecord]
    ratios: dict[str, Amount | None]
    stages: tuple[PairRecord, ...]
    kinds: tuple[PairRecord, ...]
    layers: tuple[PairRecord, ...]


def describe_comparison(found: Comparison, sides: tuple[Side, Side]) -> ComparisonRecord:
    """A comparison as a record; a ratio is the second network's number over the first's.

    >>> from costmodel import compare, zoo
    >>> one, other = zoo.vgg16(), zoo.resnet50()
    >>> sides = Side("vgg16", one, {}), Side("resnet50", other, {})
    >>> round(describe_comparison(compare(one.cost(), other.cost()), sides).ratios["macs"], 3)
    0.264
    """
    one, other = (_side(side, cost) for side, cost in zip(sides, (found.one, found.other), strict=True))
    return ComparisonRecord(
        convention=found.one.convention.name,
        device=sides[0].latency.device if sides[0].latency else None,
        networks=(one, other),
        ratios={name: _number(ratio) for name, ratio in _ratios(found, sides).items()},
        stages=tuple(map(_pair, found.stages)),
        kinds=tuple(map(_pair, found.kinds)),
        layers=tuple(map(_pair, found.layers)),
    )


def comparison_tables(found: Comparison, sides: tuple[Side, Side]) -> Iterator[Table]:
    """The totals, and by stage, by kind and by layer what makes the difference."""
    yield facts(("a", sides[0].title), ("b", sides[1].title))
    yield _totals(found, sides)
    columns = (
        Column("a", True),
        Column("b", True),
        Column("b - a", True),
        Column("parameters a", True),
        Column("b", True),
    )
    shown = [pair for pair in found.stages if not all(map(_is_nothing, (pair.one, pair.other)))]
    if shown:
        yield Table((Column("MACs by size of maps"), *columns), tuple(_rows(shown)))
    for name, pairs in (("kind", found.kinds), ("layer", found.layers)):
        differing = _differing(pairs)
        if differing:
            more = f"{len(differing) - _MOST} more {name}s differ by less; --json lists all"
            notes = (more,) if len(differing) > _MOST else ()
            yield Table((Column(f"MACs by {name}"), *columns), tuple(_rows(differing[:_MOST])), notes=notes)


def _side(side: Side, cost: Any) -> SideRecord:
    latency = side.latency
    return SideRecord(
        target=side.target,
        network=side.network.name,
        source=side.network.source,
        parameters=side.parameters,
        totals=totals_record(cost),
        latency_s=amount(latency.latency_s) if latency else None,
        low_s=_known(latency.low_s) if latency else None,
        high_s=_known(latency.high_s) if latency else None,
    )


def _pair(pair: Pair) -> PairRecord:
    one, other = pair.one, pair.other
    return PairRecord(
        name=pair.name,
        layers=(one.layers, other.layers),
        macs=(count(one.macs), count(other.macs)),
        params=(count(one.params), count(other.params)),
        activations=(count(one.activations), count(other.activations)),
    )


def _ratios(found: Comparison, sides: tuple[Side, Side]) -> dict[str, Dim]:
    """Each number of the second network over that of the first; None where that is 0 or not known."""
    pairs = {name: (getattr(found.one, name), getattr(found.other, name)) for name in _COMPARED}
    if sides[0].latency and sides[1].latency:
        pairs["latency_s"] = sides[0].latency.latency_s, sides[1].latency.latency_s
    return {name: None if equal(one, 0) else other / one for name, (one, other) in pairs.items()}


def _totals(found: Comparison, sides: tuple[Side, Side]) -> Table:
    names = {
        "macs": "MACs",
        "flops": f"FLOPs ({found.one.convention.name})",
        "params": "parameters",
        "activations": "activations",
        "weight_bytes": "weight bytes",
        "peak_memory_bytes": "peak memory bytes",
        "latency_s": "latency",
    }
    rows = []
    for name, ratio in _ratios(found, sides).items():
        if name == "latency_s":
            cells = [_latency(side.latency) for side in sides]
        else:
            cells = [count_text(getattr(cost, name), 60) for cost in (found.one, found.other)]
        rows.append(Row((names[name], *cells, _ratio_text(ratio))))
    rows += _intervals(sides)
    columns = (Column("", is_number=False), Column("a", True), Column("b", True), Column("b / a", True))
    return Table(columns, tuple(rows))


def _intervals(sides: Sequence[Side]) -> Iterator[Row]:
    """Between what measurements lie, where the device is calibrated."""
    found = [side.latency for side in sides if side.latency and side.latency.interval is not None]
    if len(found) == len(sides):
        cells = [f"{with_prefix(each.low_s, 's')} to {with_prefix(each.high_s, 's')}" for each in found]
        yield Row((f"{100 * (found[0].interval or 0):.0f} % between", *cells, ""))


def _rows(pairs: Sequence[Pair]) -> Iterator[Row]:
    for name, one, other in pairs:
        macs, params = (one.macs, other.macs), (one.params, other.params)
        cells = (*macs, other.macs - one.macs, *params)
        yield Row((name, *(count_text(each, 60) for each in cells)))


def _differing(pairs: Sequence[Pair]) -> list[Pair]:
    """Those that differ, the largest differences of multiply-accumulates first where these are numbers."""

    def size(pair: Pair) -> tuple[int, int]:
        parts = (pair.other.macs - pair.one.macs, pair.other.params - pair.one.params)
        macs, params = (-abs(part) if isinstance(part, int) else 0 for part in parts)
        return macs, params

    differing = [pair for pair in pairs if size(pair) != (0, 0) or not _is_same(pair)]
    return sorted(differing, key=size)


def _is_same(pair: Pair) -> bool:
    return equal(pair.one.macs, pair.other.macs) and equal(pair.one.params, pair.other.params)


def _is_nothing(share: Share) -> bool:
    return equal(share.macs, 0) and equal(share.params, 0)


def _latency(latency: Latency | None) -> str:
    if latency is None:
        return ""
    value = latency.latency_s
    return with_prefix(value, "s") if isinstance(value, (int, float)) else shorten(to_text(value), 60)


def _ratio_text(ratio: Dim) -> str:
    if ratio is None:
        return ""
    number = _number(ratio)
    return f"{number:.3f}" if isinstance(number, float) else shorten(str(number), 60)


def _number(ratio: Dim) -> Amount | None:
    """A ratio as a float, or the text of an expression."""
    if ratio is None:
        return None
    if getattr(ratio, "free_symbols", None):
        return to_text(ratio.simplify())
    return float(ratio)


def _known(value: Dim) -> Amount | None:
    return None if value is None else amount(value)
