"""What all pictures share: fonts, colours that colour-blind people tell apart, axes with units, a line of sources.

Matplotlib is the extra `plot`. A picture is a `matplotlib.figure.Figure` with a canvas of its own: pyplot is not used,
nothing is shown, and what the user set in Matplotlib neither matters nor changes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, ParamSpec

from costmodel.errors import MissingExtraError, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

P = ParamSpec("P")

BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER, BLACK, GRAY = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#222222", "#8c8c8c",
)  # fmt: skip
COLOURS: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER, BLACK, GRAY)
"""Okabe and Ito's colours without yellow, which is too light for white paper."""
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
SIZE: Final = (8.0, 5.0)
"""Inches, of 100 pixels."""
LOGARITHMIC: Final = 30.0
"""From this ratio of largest and smallest on, an axis is logarithmic."""

FONT: Final = "DejaVu Sans"
"""Comes with Matplotlib: letters take the same room everywhere."""

_STYLE: Final[Mapping[str, Any]] = MappingProxyType({
    "font.family": FONT, "font.size": 9.5, "axes.labelsize": 9.5, "legend.fontsize": 8.5,
    "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "#dddddd", "grid.linewidth": 0.6,
    "legend.frameon": False, "hatch.color": "#777777", "hatch.linewidth": 0.6, "figure.dpi": 100, "savefig.dpi": 100,
    "svg.hashsalt": "costmodel", "svg.fonttype": "path",
})  # fmt: skip


class Quantity(NamedTuple):
    """What an axis shows: its label, and the unit that follows an SI prefix at the ticks."""

    label: str
    unit: str = ""
    has_prefixes: bool = True


QUANTITIES: Final = MappingProxyType({
    "macs": Quantity("MACs (multiply-accumulates)", ""),
    "flops": Quantity("FLOPs (two for each multiply-accumulate)", ""),
    "params": Quantity("parameters (learnable elements)", ""),
    "activations": Quantity("activations (elements written)", ""),
    "weight_bytes": Quantity("weights (bytes)", "B"),
    "peak_memory_bytes": Quantity("peak memory of activations (bytes)", "B"),
    "ram_bytes": Quantity("RAM at the worst moment (bytes)", "B"),
    "flash_bytes": Quantity("weights as stored (bytes)", "B"),
    "latency_s": Quantity("latency (seconds)", "s"),
    "energy_j": Quantity("energy (joules)", "J"),
    "top1_percent": Quantity("top-1 accuracy on ImageNet (%)", "", has_prefixes=False),
    "width": Quantity("width multiplier", "", has_prefixes=False),
    "resolution": Quantity("resolution (pixels)", "", has_prefixes=False),
    "batch": Quantity("batch (inputs)", "", has_prefixes=False),
    "intensity": Quantity("arithmetic intensity (operations / byte)", "", has_prefixes=False),
    "speed": Quantity("speed (operations / second)", "op/s"),
})  # fmt: skip
"""What axes show, by the names that costs and parameters have."""


_COUNTED: Final = MappingProxyType({
    "macs": "MACs are the multiply-accumulates of convolutions, linear layers and matrix products",
    "flops": "FLOPs are two for each multiply-accumulate of convolutions, linear layers and matrix products",
    "activations": "activations are the input and every output but those of views and layers in place",
})  # fmt: skip
"""What is counted, where people count differently."""


def conventions(*names: str) -> tuple[str, ...]:
    """What is counted in these costs, in a sentence each."""
    return tuple(text for name, text in _COUNTED.items() if name in names)


def quantity(name: str) -> Quantity:
    """The quantity of that name; a name of the user's own is its own label."""
    return QUANTITIES.get(name, Quantity(shorten(name, 60), has_prefixes=False))


def short(name: str) -> str:
    """The label of a quantity without its unit: MACs, latency."""
    return quantity(name).label.partition(" (")[0]


def amount_text(name: str, value: float) -> str:
    """An amount of a quantity with its unit and its name: 300 M MACs, 20 ms latency."""
    from matplotlib.ticker import EngFormatter

    shown = quantity(name)
    text = EngFormatter(shown.unit)(float(f"{value:.3g}")) if shown.has_prefixes else f"{value:g}"
    return f"{text.strip()} {short(name)}"


def drawn(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """A function that draws, in the house style, whatever the user's settings are; they are as before afterwards."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            return draw(*args, **kwargs)

    return styled


@contextmanager
def house_style() -> Iterator[None]:
    """The house style, for what is drawn or written within."""
    try:
        from matplotlib import style
    except ImportError:
        raise MissingExtraError("matplotlib", "plot") from None
    with style.context(dict(_STYLE), after_reset=True):
        yield


def canvas(title: str, size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """An empty picture under its title."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        plain("\n".join(textwrap.wrap(shorten(title, 150), 85))), x=0.01, ha="left", fontsize=11, fontweight="bold"
    )
    return figure, figure.subplots()


def note(figure: Figure, *sentences: str) -> None:
    """What the picture rests on: device, convention, assumptions, source; small, below it."""
    text = ". ".join(sentence[0].upper() + sentence[1:].rstrip(".") for sentence in sentences if sentence)
    wrapped = textwrap.wrap(shorten(text, 480), int(15.5 * figure.get_figwidth()))
    figure.supxlabel(plain("\n".join(wrapped)), x=0.01, ha="left", fontsize=7.5, color="#555555")


def plain(text: str) -> str:
    """The text as it stands: a dollar sign begins no formula, and what the font does not have is escaped."""
    font = _font()
    known = (each if each == "\n" or font.get_char_index(ord(each)) else ascii(each)[1:-1] for each in text)
    return "".join(known).replace("$", r"\$")


def _font() -> FT2Font:
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont(FONT))


def root(axes: Axes) -> Figure:
    """The figure that the axes are on."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes that were taken off their figure")
    return figure


def settle(figure: Figure) -> None:
    """Lay the picture out, finally: where things are, in pixels, is known afterwards."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def scale(
    axes: Axes, which: Literal["x", "y"], name: str, low: float, high: float, *, is_logarithmic: bool | None = None
) -> None:
    """Label an axis, mark it with SI prefixes, and make it logarithmic where its positive values span decades."""
    from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

    shown = quantity(name)
    axis, set_scale = (axes.xaxis, axes.set_xscale) if which == "x" else (axes.yaxis, axes.set_yscale)
    axis.set_label_text(plain(shown.label))
    if is_logarithmic is None:
        is_logarithmic = 0 < low * LOGARITHMIC <= high
    if is_logarithmic:
        set_scale("log")
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 500 * low else (1.0,), numticks=20))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    if shown.has_prefixes:
        axis.set_major_formatter(EngFormatter(shown.unit))
    elif is_logarithmic:
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
