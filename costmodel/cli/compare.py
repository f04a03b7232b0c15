"""`reconcile`: what other tools say, and why."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from costmodel.cli.options import AsJson, Batch, Settings, Target, pairs
from costmodel.cli.show import show
from costmodel.cli.target import load
from costmodel.counting import reconcile as reconcile_cost
from costmodel.counting.tools import tools
from costmodel.counting.tools.tool import Way
from costmodel.errors import shorten
from costmodel.layers import kind
from costmodel.report.reconcile import describe_reconciliation, reconciliation_tables
from costmodel.zoo.written import written as usually_written


def reconcile(
    target: Target,
    settings: Settings = None,
    batch: Batch = None,
    tool: Annotated[
        list[str] | None,
        typer.Option("--tool", metavar="NAME", help="Only this tool: fvcore, thop, ptflops, ...; may be repeated."),
    ] = None,
    written: Annotated[
        list[str] | None,
        typer.Option(
            "--written",
            metavar="KIND=WAY",
            help="How a PyTorch model writes a layer kind: module, function or operator; may be repeated.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What other tools report of a network, and which layers and rules make the difference."""
    chosen = [each for name in tool for each in tools(name)] if tool else None
    found = load(target, pairs(settings, "--set"), batch)
    ways = {**usually_written(found.network.family), **_ways(pairs(written, "--written"))}
    ways = {name: way for name, way in ways.items() if way != "module"}
    made = reconcile_cost(found.network.cost(), chosen, ways)
    show(
        as_json,
        lambda: describe_reconciliation(made, ways, found.settings),
        lambda: reconciliation_tables(made, ways),
    )


def _ways(given: dict[str, str]) -> dict[str, Way]:
    """The ways that the user gave, by layer kind."""
    ways: dict[str, Way] = {}
    for name, text in given.items():
        kind(name)
        for way in get_args(Way):
            if text == way:
                ways[name] = way
        if name not in ways:
            raise typer.BadParameter(f"--written takes KIND=module, function or operator (got {shorten(repr(text))})")
    return ways
