"""How costs answer to parameters: elasticities as bars."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from costmodel.errors import SizingError
from costmodel.report.pictures.style import BLACK, COLOURS, canvas, conventions, drawn, note, plain, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST: Final = 40
"""Bars of a picture."""


@drawn
def sensitivity(
    elasticities: Mapping[str, Mapping[str, float]], at: Mapping[str, object], *, title: str = "", source: str = ""
) -> Figure:
    """Elasticities as bars: by how many percent each cost grows with one percent more of each parameter.

    `elasticities` has for each cost what `costmodel.elasticities` gives at the point `at`.

    Raises `SizingError` where there is no elasticity, or one is no number.

    >>> import costmodel as cm
    >>> width, resolution = cm.symbols("width resolution")
    >>> at = {"width": 1, "resolution": 224}
    >>> macs = cm.zoo.mobilenet_v1(width=width, resolution=resolution).cost().macs
    >>> figure = sensitivity({"macs": cm.elasticities(macs, at)}, at)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1.95', '2.00']
    """
    parameters = list(dict.fromkeys(name for found in elasticities.values() for name in found))
    count = len(elasticities) * len(parameters)
    if not 1 <= count <= MOST or len(parameters) > len(COLOURS):
        raise SizingError(
            f"a picture of sensitivities takes 1 to {MOST} bars of at most {len(COLOURS)} parameters"
            f" (got {len(elasticities)} costs and {len(parameters)} parameters)"
        )
    for cost, found in elasticities.items():
        for name, value in found.items():
            if not isfinite(value):
                raise SizingError(f"the elasticity of {cost} for {name} must be a number (got {value})")
    figure, axes = canvas(title or "What one percent more of a parameter costs", (8.0, 1.9 + 0.28 * count))
    height = 0.8 / len(parameters)
    values = [value for found in elasticities.values() for value in found.values()]
    for index, name in enumerate(parameters):
        places = np.arange(len(elasticities)) + height * (index - (len(parameters) - 1) / 2)
        lengths = [found.get(name, 0.0) for found in elasticities.values()]
        axes.barh(places, lengths, height * 0.92, color=COLOURS[index], label=plain(f"{name} (at {at.get(name, '?')})"))
        for place, length in zip(places, lengths, strict=True):
            axes.annotate(
                f"{length:.2f}", (length, place), (3 if length >= 0 else -3, 0), textcoords="offset points", fontsize=8,
                ha="left" if length >= 0 else "right", va="center",
            )  # fmt: skip
    axes.set_yticks(range(len(elasticities)), [plain(short(name)) for name in elasticities])
    axes.invert_yaxis()
    axes.axvline(0, color=BLACK, linewidth=0.8)
    axes.set_xlim(min(0.0, *values) * 1.15 - 0.02, max(0.0, *values) * 1.15 + 0.02)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("elasticity (% more cost for 1 % more of the parameter)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    note(
        figure,
        source,
        *conventions(*elasticities),
        "elasticities of the smooth form, without the rounding of channels and shapes",
    )
    return figure
