"""A cost over two parameters as contours, with the line on which each budget is met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import SizingError, UnknownNameError, shorten
from costmodel.report.pictures.style import (
    BLACK,
    ORANGE,
    PURPLE,
    SKY,
    amount_text,
    canvas,
    conventions,
    drawn,
    note,
    plain,
    quantity,
    root,
    scale,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

MOST: Final = 4_000_000
"""Configurations that are evaluated for one picture, which has half a million pixels."""
LEVELS: Final = 11
"""About how many steps of the cost are drawn."""
FEW: Final = 9
"""Values of a parameter that are each marked on its axis."""
BUDGET_COLOURS: Final = (ORANGE, BLACK, PURPLE, SKY)
DASHES: Final[tuple[Literal["-", "--", "-.", ":"], ...]] = ("-", "--", "-.", ":")
Array = NDArray[np.float64]


class Rows(Protocol):
    """What a picture needs of a space: see `costmodel.sizing.Compiled`."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def costs(self) -> tuple[str, ...]: ...
    def evaluate(self, start: int, stop: int) -> Array: ...
    def settings(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]: ...


class Grid(NamedTuple):
    """The values of two parameters, and of every cost over them: y by x, NaN where nothing can be built."""

    x: Array
    y: Array
    costs: dict[str, Array]


@drawn
def contours(
    space: Rows, cost: str, budgets: Mapping[str, float] | None = None, *, title: str = "", source: str = ""
) -> Figure:
    """A cost over the first two parameters of a space that take several numbers, with a line for each budget.

    `budgets` gives costs of the space their limits: on the line a cost equals its budget, and what exceeds a budget is
    hatched. Where no network can be built the picture is white.

    Raises `SizingError` for a space without two such parameters, or too many configurations, and for a cost that is
    the same everywhere; `UnknownNameError` for a cost that the space does not have.

    >>> from costmodel.sizing import compile_space
    >>> space = compile_space("mobilenet_v1", {"width": "0.25:1:0.05", "resolution": "128:256:32"}, ("macs",))
    >>> figure = contours(space, "macs", {"macs": 300e6})
    >>> figure.axes[0].get_legend().get_texts()[0].get_text()
    'budget: 300 M MACs'
    """
    limits = dict(budgets or {})
    for name in (cost, *limits):
        if name not in space.costs:
            raise UnknownNameError(f"cost of {space.name}", name, space.costs)
    for name, limit in limits.items():
        if not 0 < limit < float("inf"):
            raise SizingError(f"the budget of {name} must be a positive number (got {limit})")
    grid, names = _grid(space)
    figure, axes = canvas(title or f"{space.name}: {short(cost)} over {names[0]} and {names[1]}")
    scale(axes, "x", names[0], grid.x[0], grid.x[-1], is_logarithmic=False)
    scale(axes, "y", names[1], grid.y[0], grid.y[-1], is_logarithmic=False)
    _mark(axes.xaxis, grid.x)
    _mark(axes.yaxis, grid.y)
    _fill(axes, grid, cost)
    _draw_budgets(axes, grid, limits)
    axes.grid(visible=False)
    note(
        figure,
        source,
        *conventions(cost, *limits),
        f"{grid.x.size:,} x {grid.y.size:,} networks as they would be built, lines drawn between",
    )
    return figure


def _grid(space: Rows) -> tuple[Grid, tuple[str, str]]:
    """Every cost over the two parameters."""
    if space.size > MOST:
        raise SizingError(f"{space.name}: a picture of {space.size:,} networks shows no more than one of {MOST:,}")
    settings = space.settings(np.arange(space.size))
    varied = [name for name in space.parameters if (settings[name] != settings[name][0]).any()]
    if len(varied) != 2 or any(settings[name].dtype == object for name in varied):
        raise SizingError(
            f"{space.name}: contours need two parameters that take several numbers, and no third"
            f" (got {shorten(', '.join(varied)) or 'none'}): width=0.25:1.4:0.05, resolution=96:256:16"
        )
    x, columns = np.unique(settings[varied[0]], return_inverse=True)
    y, lines = np.unique(settings[varied[1]], return_inverse=True)
    costs = {}
    for name, values in zip(space.costs, space.evaluate(0, space.size), strict=True):
        costs[name] = np.full((y.size, x.size), np.nan)
        costs[name][lines, columns] = values
    return Grid(x, y, costs), (varied[0], varied[1])


def _mark(axis: Axis, values: Array) -> None:
    """Marks at the values themselves where there are few, at multiples of 32 pixels, else at round numbers."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, MultipleLocator

    if values.size <= FEW:
        axis.set_major_locator(FixedLocator(values.tolist()))
    elif (values % 8 == 0).all() and 96 < values[-1] - values[0] <= 384:
        axis.set_major_locator(MultipleLocator(32))
    else:
        axis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))


def _fill(axes: Axes, grid: Grid, cost: str) -> None:
    """The cost in steps of colour, and what each means."""
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import EngFormatter, NullLocator

    shown, values = quantity(cost), grid.costs[cost]
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() == finite.max():
        raise SizingError(f"{cost} is the same everywhere, or nowhere a number: there are no contours of it")
    low, high = finite.min(), finite.max()
    is_wide = low > 0 and high > 4 * low
    levels = _levels(low, high, is_wide=is_wide)
    filled = axes.contourf(
        grid.x, grid.y, np.ma.masked_invalid(values), levels, cmap="Blues", alpha=0.85,
        norm=LogNorm(levels[0], levels[-1] * 1.5) if is_wide else None,
    )  # fmt: skip
    bar = root(axes).colorbar(filled, ax=axes, ticks=levels, label=plain(shown.label), pad=0.02)
    bar.ax.yaxis.set_major_formatter(EngFormatter(shown.unit))
    bar.ax.yaxis.set_minor_locator(NullLocator())


def _levels(low: float, high: float, *, is_wide: bool) -> Array:
    """Round numbers from below the lowest to above the highest, by ratios where they span a wide range."""
    from matplotlib.ticker import MaxNLocator

    if not is_wide:
        return np.asarray(MaxNLocator(LEVELS).tick_values(low, high))
    decades = np.arange(np.floor(np.log10(low)) - 1, np.ceil(np.log10(high)) + 2)
    for mantissas in ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        levels = np.outer(10.0**decades, mantissas).ravel()
        inner = levels[np.searchsorted(levels, low, "right") - 1 : np.searchsorted(levels, high) + 1]
        if inner.size <= LEVELS + 2:
            break
    return np.asarray(inner)


def _draw_budgets(axes: Axes, grid: Grid, limits: Mapping[str, float]) -> None:
    """The line of each budget, with its name, and hatches over what exceeds one."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    exceeded = np.zeros((grid.y.size, grid.x.size))
    for index, (name, limit) in enumerate(limits.items()):
        values = grid.costs[name]
        exceeded = np.fmax(exceeded, values / limit)
        colour, dashes = BUDGET_COLOURS[index % 4], DASHES[index % 4]
        finite = values[np.isfinite(values)]
        where = "" if finite.size and finite.min() < limit < finite.max() else " (met everywhere)"
        if where and finite.size and finite.min() >= limit:
            where = " (met nowhere)"
        if not where:
            masked = np.ma.masked_invalid(values)
            axes.contour(grid.x, grid.y, masked, [limit], colors=colour, linestyles=dashes, linewidths=2)
        text = f"budget: {amount_text(name, limit)}{where}"
        handles.append(Line2D([], [], color=colour, linestyle=dashes, linewidth=2, label=plain(text)))
    if exceeded.max() > 1:
        built = np.isfinite([grid.costs[name] for name in limits]).all(axis=0)
        axes.contourf(grid.x, grid.y, np.ma.masked_where(~built, exceeded), [1, np.inf], colors="none", hatches=["///"])
        handles.append(Patch(facecolor="none", edgecolor="#777777", hatch="///", label="over a budget"))
    if handles:
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
