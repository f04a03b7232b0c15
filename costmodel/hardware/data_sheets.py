"""What a device's name says of its processor: clusters of equal cores, their clocks, and what is published of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from costmodel.hardware.cores import Chip, Core, cores
from costmodel.hardware.device_names import find_chip, normalize, tokens


@dataclass(frozen=True, slots=True)
class Cluster:
    """Equal cores: which, at what clock in Hz (the highest that is named), how many; None where it is not said."""

    core: Core
    clock_hz: float | None = None
    count: int | None = None
    private_cache_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class DataSheet:
    """What is known of a device by its name alone: clusters of cores, big ones first, the GPU, and the chip."""

    clusters: tuple[Cluster, ...] = ()
    gpu: Core | None = None
    chip: Chip | None = None

    @property
    def count(self) -> int | None:
        """How many cores all clusters have; None where one does not say."""
        counts = [cluster.count for cluster in self.clusters if cluster.count is not None]
        return sum(counts) if counts and len(counts) == len(self.clusters) else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures of the cores are published, each place once."""
        named = (*(cluster.core for cluster in self.clusters), *([self.gpu] if self.gpu else []))
        return tuple(dict.fromkeys(core.source for core in named))


def sheet(device: str, *, cluster: Literal["all", "big", "little"] = "all") -> DataSheet:
    """The data sheet of a device from its name, as people write it.

    The name may name cores ("Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4"), a chip, a board or a rented machine; what
    it says of clocks and counts goes before what the chip's maker says. A range of clocks counts by its upper end. Of
    several clusters `big` are those whose clock is at least the middle of the highest and the lowest, as ncnn takes
    them, and without clocks those of the first one's core; `little` are the others, or all where there is one kind.
    Nothing is guessed: what is neither said nor published is None, and a name that names nothing known gives an
    empty sheet. The first 1,000 characters are read.

    >>> rk3399 = sheet("Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)")
    >>> [(cluster.core.name, cluster.clock_hz, cluster.count) for cluster in rk3399.clusters]
    [('Cortex-A72', 1800000000, 2), ('Cortex-A53', 1500000000, 4)]
    >>> sheet("a device").clusters
    ()
    """
    text = normalize(device)
    drafts, gpu = _read(text)
    chip = find_chip(text)
    found = _resolved(drafts, chip) if chip else tuple(draft for draft in drafts if draft.core)
    named = [Cluster(d.core, d.clock_hz, d.count, d.private_cache_bytes or d.core.private_cache_bytes)
             for d in found if d.core]  # fmt: skip
    ordered = sorted(_with_little(named), key=_strength, reverse=True)
    return DataSheet(_chosen(ordered, cluster), gpu or (cores()[chip.gpu] if chip and chip.gpu else None), chip)


@dataclass(slots=True)
class _Draft:
    """A cluster while it is read."""

    core: Core | None = None
    clock_hz: float | None = None
    count: int | None = None
    private_cache_bytes: int | None = None
    is_gpu: bool = False

    @property
    def says_something(self) -> bool:
        return not self.is_gpu and (self.core or self.clock_hz or self.count) is not None


def _read(text: str) -> tuple[list[_Draft], Core | None]:
    """The clusters in the order of the text, and the first GPU."""
    drafts, gpu = [_Draft()], None
    for token in tokens(text):
        draft = drafts[-1]
        if token.core is not None and token.core.is_gpu:
            gpu = gpu or token.core
            drafts.append(_Draft(is_gpu=True))
        elif token.core is not None:
            _name(drafts, token.core)
        elif token.clock_hz is not None:
            draft.clock_hz = max(draft.clock_hz or 0, token.clock_hz)
        elif token.cores is not None:
            draft.count = draft.count or token.cores
        elif draft.core or draft.clock_hz or draft.count or draft.is_gpu:
            drafts.append(_Draft())
    return _inherited(drafts), gpu


def _name(drafts: list[_Draft], core: Core) -> None:
    """Give the cluster its core; another core than the one it has already starts the next one."""
    known = drafts[-1].core
    if drafts[-1].is_gpu or (known and known != core and not known.is_brand and not core.is_brand):
        drafts.append(_Draft(core=core))
    elif known is None or known.is_brand:
        drafts[-1].core = core


def _inherited(drafts: list[_Draft]) -> list[_Draft]:
    """A cluster without a core has that of the one before it: `Kryo 485 2.96 GHz + 2.42 GHz x 3`."""
    kept: list[_Draft] = []
    for draft in (draft for draft in drafts if draft.says_something):
        draft.core = draft.core or (kept[-1].core if kept else None)
        kept.append(draft)
    return kept


def _resolved(drafts: list[_Draft], chip: Chip) -> Iterable[_Draft]:
    """The clusters with what the chip's maker says where the name is silent, or names a brand only."""
    known = [
        _Draft(cores()[part.core], part.clock_ghz and round(part.clock_ghz * 1e9), part.count, part.private_cache_bytes)
        for part in chip.clusters
    ]
    if not drafts:
        return known
    ranked = sorted(drafts, key=lambda draft: -(draft.clock_hz or 0))
    if len(known) == len(drafts):
        return [_filled(draft, part) for draft, part in zip(ranked, known, strict=True)]
    return [_filled(draft, min(known, key=lambda part: _distance(draft, part)), partly=True) for draft in ranked]


def _distance(draft: _Draft, part: _Draft) -> float:
    return abs((draft.clock_hz or 0) - (part.clock_hz or 0))


def _filled(draft: _Draft, part: _Draft, *, partly: bool = False) -> _Draft:
    core = part.core if draft.core is None or draft.core.is_brand else draft.core
    if core != part.core:
        return draft
    clock_hz, count = (None, None) if partly else (part.clock_hz, part.count)
    return _Draft(core, draft.clock_hz or clock_hz, draft.count or count, part.private_cache_bytes)


def _with_little(clusters: list[Cluster]) -> list[Cluster]:
    """The slowest of several clusters that go by one brand is the brand's little core."""
    slowest = min(clusters, key=lambda cluster: cluster.clock_hz or 0, default=None)
    if slowest is None or slowest.core.little is None or slowest.clock_hz is None or len(clusters) == 1:
        return clusters
    little = cores()[slowest.core.little]
    changed = replace(slowest, core=little, private_cache_bytes=little.private_cache_bytes)
    return [changed if cluster is slowest else cluster for cluster in clusters]


def _strength(cluster: Cluster) -> tuple[bool, int, float]:
    core = cluster.core
    return bool(core.out_of_order), core.float_lanes_per_cycle or 0, cluster.clock_hz or 0


def _chosen(clusters: list[Cluster], which: str) -> tuple[Cluster, ...]:
    """The clusters of the kind that is asked for, all where there is one kind only."""
    clocks = [cluster.clock_hz for cluster in clusters if cluster.clock_hz is not None]
    if which == "all" or not clusters:
        return tuple(clusters)
    if len(clocks) == len(clusters):
        middle = (max(clocks) + min(clocks)) / 2
        big = [(cluster.clock_hz or 0) >= middle for cluster in clusters]
    else:
        big = [cluster.core == clusters[0].core for cluster in clusters]
    if all(big):
        return tuple(clusters)
    return tuple(cluster for cluster, is_big in zip(clusters, big, strict=True) if is_big == (which == "big"))
