"""`plot`: a picture of networks, as an SVG or PNG file."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from costmodel.cli.options import AsJson, Batch, Runtime, Settings, names, pairs
from costmodel.cli.pictures import DRAWERS, Asked
from costmodel.cli.show import show
from costmodel.cli.sizing import (
    DataType,
    MaxEnergyMj,
    MaxLatencyMs,
    MaxMacs,
    MaxMemoryBytes,
    MaxParams,
    MaxWeightBytes,
    Over,
    SpaceDevice,
    read_limits,
)
from costmodel.errors import shorten

KINDS: Final = {
    "roofline": "--device --data-type --runtime --set --batch",
    "pareto": "--costs --device --data-type --accuracy --weights --over --score --set --batch",
    "contour": "--over --costs --device --data-type --set --max",
    "stages": "--costs --device --data-type --runtime --set --batch",
    "sensitivity": "--at --costs --device --data-type --set",
}
"""The pictures, and the options that each has; --max stands for all budgets."""


def plot(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where to write: .svg or .png.")],
    targets: Annotated[list[str] | None, typer.Argument(metavar="TARGET...", help="Zoo networks or files.")] = None,
    costs: Annotated[
        str | None,
        typer.Option("--costs", metavar="NAMES", help="macs,params,latency_s,...; pareto: two, or one and --accuracy."),
    ] = None,
    device: SpaceDevice = None,
    data_type: DataType = "float32",
    runtime: Runtime = None,
    settings: Settings = None,
    batch: Batch = None,
    over: Over = None,
    score: Annotated[
        list[str] | None,
        typer.Option("--score", metavar="NAME=EXPRESSION", help="A cost of your own, which is to be large."),
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", metavar="NAME=VALUE", help="The point of a sensitivity: width=1.")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option("--accuracy", metavar="FILE.csv", help="Columns model, crop, top1_percent, weights.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="NAME", help="Only accuracies of this training.")
    ] = None,
    max_macs: MaxMacs = None,
    max_params: MaxParams = None,
    max_weight_bytes: MaxWeightBytes = None,
    max_memory_bytes: MaxMemoryBytes = None,
    max_latency_ms: MaxLatencyMs = None,
    max_energy_mj: MaxEnergyMj = None,
    as_json: AsJson = False,
) -> None:
    """A picture: a roofline, a Pareto front, contours of a cost, what stages cost, or sensitivities."""
    from costmodel.hardware import find_profile
    from costmodel.report.picture_record import describe_picture, picture_tables
    from costmodel.report.pictures import save
    from costmodel.report.pictures.save import check_name
    from costmodel.sizing.budgets import budgets

    limits = read_limits({
        "macs": max_macs, "params": max_params, "weight_bytes": max_weight_bytes,
        "peak_memory_bytes": max_memory_bytes, "latency_s": max_latency_ms, "energy_j": max_energy_mj,
    })  # fmt: skip
    given = {
        "--costs": costs, "--device": device, "--runtime": runtime, "--set": settings, "--batch": batch, "--over": over,
        "--score": score, "--at": at, "--accuracy": accuracy, "--weights": weights, "--max": limits,
    }  # fmt: skip
    _check(kind, [name for name, value in given.items() if value])
    check_name(output)
    asked = Asked(
        targets=targets or [],
        costs=[*names(costs)],
        device=None if device is None else find_profile(device),
        data_type=data_type,
        runtime=runtime,
        settings=pairs(settings, "--set"),
        batch=batch,
        over=pairs(over, "--over"),
        scores=pairs(score, "--score"),
        at=pairs(at, "--at"),
        accuracy=accuracy,
        weights=weights,
        limits={each.cost: float(each.limit) for each in budgets(limits)},
    )
    made = DRAWERS[kind](asked)
    save(made.figure, output)
    record = describe_picture(output, kind, made.networks, made.costs, made.points, made.candidates, asked.limits)
    show(as_json, lambda: record, lambda: picture_tables(record))


def _check(kind: str, given: list[str]) -> None:
    """Refuse a kind that there is not, and options that it does not have: they would say nothing."""
    if kind not in KINDS:
        raise typer.BadParameter(f"KIND must be one of {', '.join(KINDS)} (got {shorten(repr(kind))})")
    for name in given:
        if name not in KINDS[kind].split():
            shown = "a budget" if name == "--max" else name
            raise typer.BadParameter(f"{kind} takes {KINDS[kind].replace('--max', '--max-...')}, and not {shown}")
