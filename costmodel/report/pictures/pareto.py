"""A Pareto front among the points that it dominates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import SizingError
from costmodel.report.pictures.labels import Label, place
from costmodel.report.pictures.style import BLUE, GRAY, canvas, conventions, drawn, note, scale, short
from costmodel.sizing.fronts.pareto import Indices, Points, pareto_front

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMED: Final = 24
"""Of a front with more points, `NAMED` are named, the ends and some between, and others where there is room."""
NAMED: Final = 10
MOST_DRAWN: Final = 20_000
"""Of more dominated points, a part is drawn."""


@drawn
def pareto(
    costs: ArrayLike,
    names: Sequence[str] = (),
    *,
    x: str = "macs",
    y: str = "top1_percent",
    maximize: tuple[bool, bool] = (False, True),
    title: str = "",
    source: str = "",
) -> Figure:
    """Points of two costs, a row for each cost, with the front marked and its members named.

    `x` and `y` are the names of the costs, `maximize` says for each whether it is to be large. Points without a number
    in both are left out. Names of dominated points are written where there is room.

    >>> figure = pareto([[300e6, 41e6, 569e6], [71.9, 60.6, 70.6]], ["v2", "shuffle", "v1"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['shuffle', 'v2', 'v1']
    """
    points = np.asarray(costs, dtype=np.float64)
    if points.ndim != 2 or len(points) != 2 or (names and len(names) != points.shape[1]):
        raise SizingError(f"a picture of a front needs two costs of points with a name each (got {points.shape})")
    is_finite = np.isfinite(points).all(axis=0)
    if not is_finite.any():
        raise SizingError(f"there is no point to draw: none has a number for both {x} and {y}")
    front = pareto_front(np.where(is_finite, points, np.nan), maximize)
    front = front[np.lexsort((points[1, front], points[0, front]))]
    rest = np.setdiff1d(np.flatnonzero(is_finite), front)
    some = rest[:: -(-rest.size // MOST_DRAWN) or 1]
    figure, axes = canvas(
        title or f"{short(y)} against {short(x)}: {front.size:,} of {is_finite.sum():,} on the Pareto front"
    )
    _draw(axes, points, front, some, maximize)
    (left, bottom), (right, top) = points[:, is_finite].min(axis=1), points[:, is_finite].max(axis=1)
    scale(axes, "x", x, left, right)
    scale(axes, "y", y, bottom, top)
    axes.margins(0.08, 0.14)
    drawn_part = f"{some.size:,} of {rest.size:,} dominated points are drawn" if some.size < rest.size else ""
    note(figure, source, *conventions(x, y), drawn_part)
    if names:
        some_of = np.linspace(0, front.size - 1, NAMED).round().astype(np.int64)
        named = front if front.size <= MOST_NAMED else front[some_of]
        labels = [Label(points[0, each], points[1, each], names[each]) for each in named]
        labels += [Label(points[0, each], points[1, each], names[each], is_needed=False) for each in some[:200]]
        labels = [label for label in labels if label.text]
        place(axes, labels, points[:, [*front, *some[:1000]]].T, [_staircase(points[:, front], maximize)])
    return figure


def _draw(axes: Axes, points: Points, front: Indices, rest: Indices, maximize: tuple[bool, bool]) -> None:
    """The points, the edge of what the front dominates, and the legend."""
    from matplotlib.lines import Line2D

    many = rest.size > 500
    size, alpha = (2.0, 0.3) if many else (4.5, 0.8)
    axes.plot(
        *points[:, rest], "o", color=GRAY, markersize=size, alpha=alpha, markeredgewidth=0, rasterized=many,
        label="dominated",
    )  # fmt: skip
    size = 3.0 if front.size > 200 else 6.0
    axes.plot(*_staircase(points[:, front], maximize).T, "-", color=BLUE, linewidth=1, alpha=0.7)
    axes.plot(*points[:, front], "o", color=BLUE, markersize=size, markeredgewidth=0, label="on the Pareto front")
    shown = [("on the Pareto front", BLUE), *([("dominated", GRAY)] if rest.size else [])]
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=5, linestyle="", label=text) for text, colour in shown
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


def _staircase(front: Points, maximize: tuple[bool, bool]) -> NDArray[np.float64]:
    """The corners of the edge of what the front dominates, a row of x and y for each; x rises along the front."""
    x, y = np.repeat(front, 2, axis=1)
    return np.stack([x[:-1], y[1:]] if maximize[0] else [x[1:], y[:-1]], axis=1)
