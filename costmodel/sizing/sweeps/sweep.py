"""`sweep`: every configuration of a family, as rows in a file or in memory, or the Pareto front of all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from costmodel.errors import CostModelError, shorten
from costmodel.hardware import Profile
from costmodel.sizing.spaces.axes import Axis, Range, Value
from costmodel.sizing.spaces.compile import compiled
from costmodel.sizing.spaces.costs import question
from costmodel.sizing.spaces.space import Space, Target, space
from costmodel.sizing.sweeps.sweeping import Sweep, check_memory, run_sweep
from costmodel.sizing.sweeps.tasks import Progress


def sweep(
    target: Target,
    over: Mapping[str, object],
    costs: Iterable[str] = ("macs", "params"),
    *,
    scores: Mapping[str, str] | None = None,
    device: str | os.PathLike[str] | Profile | None = None,
    data_type: str = "float32",
    settings: Mapping[str, Any] | None = None,
    output: str | os.PathLike[str] | None = None,
    pareto: Sequence[str] | None = None,
    workers: int = 1,
    client: Any = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    block: int | None = None,
) -> Sweep:
    """Every configuration of a family, or of a network with symbols: all rows, or their Pareto front.

    Rows are the values of the parameters in `over` (as in `compile_space`, the last running fastest), then the costs,
    then the scores. They go into `output`, or else are kept as columns: NAME.csv is one file, with the exact text of
    each number; NAME.parquet is a folder of Parquet files (extra `parquet`). Configurations that cannot be built are
    left out and counted. Costs are float64: exact below 2^53.

    With `pareto`, only the rows that no other dominates are kept: the front of costs that are to be small (`"macs"`) or
    large (`"-score"`). Without, `Sweep.pareto` counts the front of up to three costs, with scores to be large.

    Memory is constant, but for the front and for rows that are kept. `workers` processes work on blocks of
    configurations, or a Dask cluster does, whose `distributed.Client` is given as `client` (extra `distributed`); rows
    and their order are the same. `progress` is told how many configurations are done, and of how many.

    A sweep into a file that was stopped, however it was, goes on where it was when it is called again: beside the rows
    a manifest says how far they are good. A file of another sweep is refused unless it is to `overwrite`.

    Raises `FileFormatError` for an output that cannot be written (a full disk, another sweep's file), `SweepError`
    where workers are lost again and again, `SizingError` for more rows than are kept in memory, and what
    `compile_space` raises.

    >>> found = sweep("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"})
    >>> found.rows, found.table["macs"].max().tolist()
    (16, 568740352.0)
    >>> best = sweep("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"}, ["macs"],
    ...              scores={"score": "width*resolution"}, pareto=["macs", "-score"])
    >>> best.rows, best.table["width"][:3].tolist(), best.table["resolution"][:3].tolist()
    (15, [0.25, 0.25, 0.25], [128.0, 160.0, 192.0])
    """
    chosen = space(target, over, settings)
    if output is None and pareto is None:
        check_memory(chosen.size)
    names = tuple(costs)
    asked = question(names, scores=scores, device=device, data_type=data_type, parameters=over)
    return run_sweep(
        compiled(chosen, asked),
        output=output,
        pareto=pareto,
        scores=tuple(scores or {}),
        workers=workers,
        client=client,
        progress=progress,
        overwrite=overwrite,
        block=block,
        description=_description(chosen, scores or {}, asked.device, data_type),
        refusal=lambda row: _refusal(chosen, row),
    )


def _refusal(chosen: Space, row: int) -> str | None:
    """What building a configuration raises."""
    try:
        chosen.network(chosen.at(row)).cost()
    except CostModelError as problem:
        return str(problem)
    return None


def _description(chosen: Space, scores: Mapping[str, str], device: Profile | None, data_type: str) -> dict[str, str]:
    """What a sweep is of, for its manifest."""
    told = {"network": chosen.name, **{each.name: _values(each) for each in chosen.axes}}
    told |= {name: str(value) for name, value in chosen.settings.items()} | dict(scores)
    told |= {} if device is None else {"device": device.name, "data type": data_type}
    return {name: shorten(text, 200) for name, text in told.items()}


def _values(axis: Axis) -> str:
    """The values of an axis, as a user would write them."""
    if isinstance(axis.values, Range):
        ends = (axis.value(0), axis.value(axis.size - 1), axis.values.step)
        return ":".join(map(_text, ends))
    return ",".join(map(_text, axis.values[:100])) + (",..." if axis.size > 100 else "")


def _text(value: Value) -> str:
    return repr(float(value)) if isinstance(value, Fraction) else str(value)
