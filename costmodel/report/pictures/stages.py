"""What each stage of a network costs: by the class of its layers, or beside other networks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from costmodel.errors import SizingError, shorten
from costmodel.latency import Latency
from costmodel.network import Network
from costmodel.report.pictures.style import (
    COLOURS,
    GRAY,
    amount_text,
    canvas,
    conventions,
    drawn,
    note,
    plain,
    scale,
    short,
)
from costmodel.report.staging import GROUPS, OTHER, Share, has_maps, network_of, stage_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST: Final = 24
"""Stages of a picture; where there are more, the cheapest make one bar."""
MOST_NETWORKS: Final = len(COLOURS)
_COLOURS: Final = dict(zip((*GROUPS.values(), OTHER), (*COLOURS[:7], GRAY), strict=True))
_LABELS: Final = {
    "size": "stage, by the size of its feature maps (pixels)",
    "factor": "stage, by the size of its feature maps (part of the input's height)",
    "name": "stage, by the name of its layers",
}


@drawn
def stages(costed: Sequence[Network | Latency], cost: str = "macs", *, title: str = "", source: str = "") -> Figure:
    """A cost by stage: the layers that work on feature maps of one size; the head is what comes after the last.

    One network has bars that its classes of layers make up; several have a bar each. Where the networks' maps differ in
    size, stages are told apart by the part of the input's height that they have; where there are no maps of several
    sizes, by their layers' names. `cost` is a count that layers have each by themselves; for `latency_s`, predicted
    latencies are given in place of networks.

    Raises `UnknownNameError` for another cost, `SizingError` for a network with symbols.

    >>> from costmodel import zoo
    >>> figure = stages([zoo.mobilenet_v1()])
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['112x112', '56x56', '28x28', '14x14', '7x7', 'head']
    """
    if not 1 <= len(costed) <= MOST_NETWORKS:
        raise SizingError(f"a picture of stages takes 1 to {MOST_NETWORKS} networks (got {len(costed)})")
    networks = [network_of(each) for each in costed]
    by = _told_apart(networks)
    shares = [stage_shares(each, cost, by) for each in costed]
    bars = _bars(shares)
    if not any(bars):
        raise SizingError(f"no layer of {networks[0].name} has any {cost}: there is nothing to draw")
    called = _distinct([network.name for network in networks])
    figure, axes = canvas(title or f"{short(cost)} of each stage: {', '.join(called)}")
    highest = max(value for totals in bars for value in totals.values())
    scale(axes, "y", cost, 0, highest, is_logarithmic=False)
    axes.set(xlabel=_LABELS[by], ylim=(0, highest * 1.08))
    axes.grid(visible=False, axis="x")
    names = list(dict.fromkeys(stage for totals in bars for stage in totals))
    if len(bars) > 1:
        names.sort(key=_area)
    if len(costed) == 1:
        _stack(axes, shares[0], bars[0])
    else:
        _beside(axes, bars, names, called)
    _name_stages(axes, names)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    sums = (amount_text(cost, sum(totals.values())) for totals in bars)
    note(
        figure,
        f"in all: {', '.join(f'{name} {text}' for name, text in zip(called, sums, strict=True))}",
        *conventions(cost),
        source,
    )
    return figure


def _told_apart(networks: Sequence[Network]) -> str:
    """How the stages of all networks are told apart."""
    if not all(map(has_maps, networks)):
        return "name"
    sizes = [{share.stage for share in stage_shares(network)} for network in networks]
    return "size" if all(each == sizes[0] for each in sizes) else "factor"


def _bars(shares: Sequence[Sequence[Share]]) -> list[dict[str, float]]:
    """The cost of each stage of each network, without those that cost nothing; beyond `MOST`, the cheapest together."""
    together: dict[str, float] = {}
    for share in (share for found in shares for share in found):
        together[share.stage] = together.get(share.stage, 0.0) + share.amount
    costly = sorted((stage for stage in together if together[stage]), key=lambda stage: -together[stage])
    kept = costly[: MOST if len(costly) <= MOST else MOST - 1]
    others = f"{len(costly) - len(kept)} others"
    bars = []
    for found in shares:
        totals: dict[str, float] = {}
        for share in found:
            stage = share.stage if share.stage in kept else others
            if share.amount:
                totals[stage] = totals.get(stage, 0.0) + share.amount
        bars.append({**{stage: value for stage, value in totals.items() if stage != others}, **_rest(totals, others)})
    return bars


def _rest(totals: Mapping[str, float], others: str) -> dict[str, float]:
    return {others: totals[others]} if others in totals else {}


def _area(stage: str) -> float:
    """What sorts the stages of several networks: large maps first, then the head, and what is left; names stay."""
    if size := re.fullmatch(r"(\d+)x(\d+)", stage):
        return -float(size[1]) * float(size[2])
    if part := re.fullmatch(r"1/(\d+)", stage):
        return -1 / float(part[1])
    if larger := re.fullmatch(r"(\d+)x", stage):
        return -float(larger[1])
    return float(stage.endswith(" others"))


def _stack(axes: Axes, shares: Sequence[Share], totals: Mapping[str, float]) -> None:
    """A network's stages, each of its classes of layers, with the share of the whole above."""
    names = list(totals)
    bottoms = np.zeros(len(names))
    whole = sum(totals.values())
    for group in _COLOURS:
        heights = np.zeros(len(names))
        for share in shares:
            if share.group == group:
                heights[names.index(share.stage) if share.stage in names else -1] += share.amount
        if heights.any():
            axes.bar(range(len(names)), heights, 0.7, bottoms, color=_COLOURS[group], label=group)
            bottoms += heights
    for place, name in enumerate(names):
        axes.annotate(
            _percent(totals[name] / whole), (place, bottoms[place]), (0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=8 if len(names) <= 15 else 6.5,
        )  # fmt: skip


def _percent(share: float) -> str:
    """A share in whole percent; what is there is never nothing."""
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _beside(axes: Axes, bars: Sequence[Mapping[str, float]], names: Sequence[str], called: Sequence[str]) -> None:
    """A bar for each network in each stage."""
    width = 0.8 / len(bars)
    for index, (totals, name) in enumerate(zip(bars, called, strict=True)):
        places = np.arange(len(names)) + width * (index - (len(bars) - 1) / 2)
        heights = [totals.get(stage, 0.0) for stage in names]
        axes.bar(places, heights, width * 0.94, color=COLOURS[index], label=plain(name))


def _name_stages(axes: Axes, names: Sequence[str]) -> None:
    """The stages' names, slanted where they are too long to stand side by side."""
    shown = [plain(shorten(name, 18)) for name in names]
    is_slanted = max(map(len, shown)) * len(shown) > 100
    axes.set_xticks(range(len(shown)), shown, rotation=45 if is_slanted else 0, ha="right" if is_slanted else "center")
    axes.set_xlim(-0.6, len(shown) - 0.4)


def _distinct(names: Sequence[str]) -> list[str]:
    """The networks' names, numbered where one is there twice."""
    cut = [shorten(name, 40) for name in names]
    return [
        name if cut.count(name) == 1 else f"{name} ({cut[: index + 1].count(name)})" for index, name in enumerate(cut)
    ]
