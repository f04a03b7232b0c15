"""`sweep`: every configuration of a family, as rows in a file, or the Pareto front of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from costmodel.cli.options import AsJson, Settings, names, pairs
from costmodel.cli.progress import progress_bar
from costmodel.cli.show import show
from costmodel.cli.stopping import stoppable
from costmodel.cli.target import is_file
from costmodel.errors import SizingError, SweepError, shorten

MOST_SHOWN: Final = 100_000
"""Rows that a sweep without a file prints."""


def sweep(
    family: Annotated[
        str, typer.Argument(metavar="FAMILY", help="A zoo network, or a file with symbols: .onnx, .param or .json.")
    ],
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="NAME=VALUES", help="width=0.25:1.4:0.05, resolution=96,128; may be repeated."),
    ],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help=".csv, or .parquet for a folder of Parquet files."),
    ] = None,
    costs: Annotated[
        str | None, typer.Option("--costs", metavar="NAMES", help="macs,params; and latency_s with a device.")
    ] = None,
    scores: Annotated[
        list[str] | None,
        typer.Option("--score", metavar="NAME=EXPRESSION", help="Of parameters and costs; may be repeated."),
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option("--pareto", metavar="NAMES", help="Only the front of these: macs,-score; a minus is for large."),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="NAME_OR_FILE", help="A built-in device, or a .toml file.")
    ] = None,
    data_type: Annotated[
        str, typer.Option("--data-type", metavar="NAME", help="float32, float16, int8, ...: of the roofline.")
    ] = "float32",
    settings: Settings = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that does the work.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew where the file is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Evaluate every configuration of a family, into a file that the same command goes on with when it was stopped."""
    from costmodel.report.sweeping import describe_sweep, sweep_tables
    from costmodel.sizing.spaces.space import space
    from costmodel.sizing.sweeps.sweep import sweep as sweep_all

    axes, fixed = pairs(over, "--over"), pairs(settings, "--set")
    target = _target(family)
    size = space(target, axes, fixed).size
    if output is None and pareto is None and size > MOST_SHOWN:
        raise SizingError(
            f"a sweep of {size:,} configurations needs a file: give -o FILE.csv or -o FILE.parquet, or --pareto"
        )
    asked = names(costs) or ("macs", "params", *(("latency_s",) if device else ()))
    done = 0
    with (
        stoppable(lambda: _stopped(done, size, output)),
        _connected(scheduler) as client,
        progress_bar() as tell,
    ):

        def progress(reached: int, total: int) -> None:
            nonlocal done
            done = reached
            tell(reached, total)

        found = sweep_all(
            target,
            axes,
            asked,
            scores=pairs(scores, "--score"),
            device=device,
            data_type=data_type,
            settings=fixed,
            output=output,
            pareto=names(pareto) or None,
            workers=workers,
            client=client,
            progress=progress,
            overwrite=overwrite,
        )
    show(as_json, lambda: describe_sweep(found), lambda: sweep_tables(found))


def _target(family: str) -> Any:
    """A zoo family's name, or the network of a file."""
    if not is_file(family):
        return family
    from costmodel.interop.files import read

    return read(family)


def _stopped(done: int, size: int, output: str | None) -> SweepError:
    """What is kept of an interrupted sweep."""
    kept = "" if output is None else f"; the same command goes on with {shorten(output)}"
    return SweepError(f"interrupted after {done:,} of {size:,} configurations{kept}")


@contextmanager
def _connected(scheduler: str | None) -> Iterator[Any]:
    """A client of the scheduler, if there is one."""
    if scheduler is None:
        yield None
        return
    from costmodel.sizing.sweeps.cluster import connected

    with connected(scheduler) as client:
        yield client
