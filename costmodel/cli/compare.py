"""`reconcile`: what other tools say, and why; `compare`: two networks side by side."""

from __future__ import annotations

from typing import Annotated, Final, get_args

import typer

from costmodel.cli.options import AsJson, Batch, Partial, Settings, Target, pairs
from costmodel.cli.show import show
from costmodel.cli.target import load
from costmodel.counting import compare as compare_costs
from costmodel.counting import convention as find_convention
from costmodel.counting import reconcile as reconcile_cost
from costmodel.counting.tools import tools
from costmodel.counting.tools.tool import Way
from costmodel.errors import shorten
from costmodel.report.reconcile import describe_reconciliation, reconciliation_tables
from costmodel.zoo.written import written as usually_written

FILE: Final[dict[str, Way]] = {"batch_norm": "operator", "gelu": "operator"}
"""How another tool's file writes layers: batch-norm that is there was not folded, GELU not taken apart."""
FILE_NOTE: Final = (
    "a tool that reads PyTorch counts the model that a file comes from, not the file's operations: batch-norm that was"
    " folded and attention that was taken apart are no longer there"
)


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
            help="How a PyTorch model writes a layer kind or a layer: module, function or operator.",
        ),
    ] = None,
    partial: Partial = False,
    as_json: AsJson = False,
) -> None:
    """What other tools report of a network, and which layers and rules make the difference."""
    chosen = [each for name in tool for each in tools(name)] if tool else None
    found = load(target, pairs(settings, "--set"), batch, partial=partial)
    usual = usually_written(found.network.family) if found.is_of_layers else FILE
    present = {name for node in found.network.nodes for name in (node.layer.kind, node.name)}
    ways = {name: way for name, way in usual.items() if name in present}
    ways.update(_ways(pairs(written, "--written")))
    made = reconcile_cost(found.network.cost(), chosen, ways)
    show(
        as_json,
        lambda: describe_reconciliation(made, ways, found.settings),
        lambda: reconciliation_tables(made, ways, () if found.is_of_layers else (FILE_NOTE,)),
    )


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A TARGET: a zoo network or a file.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another, or the same with other settings.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A parameter or symbol of both, or of one: a.width=0.5, b.resolution=192; may be repeated.",
        ),
    ] = None,
    batch: Batch = None,
    convention: Annotated[
        str, typer.Option("--convention", metavar="NAME", help="What a FLOP is: two-per-mac, one-per-mac, ...")
    ] = "two-per-mac",
    device: Annotated[
        str | None, typer.Option("--device", metavar="NAME_OR_FILE", help="Also their latencies on a device.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Two networks side by side: totals, ratios, and which stages, kinds and layers make the difference."""
    from costmodel.report.side_by_side import Side, comparison_tables, describe_comparison

    chosen = find_convention(convention)
    given = pairs(settings, "--set")
    sides = []
    for side, target in (("a", one), ("b", other)):
        found = load(target, _of_side(given, side), batch)
        latency = found.network.latency(device) if device is not None else None
        sides.append(Side(target, found.network, dict(found.settings), latency))
    costs = [side.network.cost(convention=chosen) for side in sides]
    made = compare_costs(costs[0], costs[1])
    both = (sides[0], sides[1])
    show(as_json, lambda: describe_comparison(made, both), lambda: comparison_tables(made, both))


def _of_side(given: dict[str, str], side: str) -> dict[str, str]:
    """What the user set of one side: what names it, before what names none."""
    found = {name: value for name, value in given.items() if not name.startswith(("a.", "b."))}
    found.update({name[2:]: value for name, value in given.items() if name.startswith(f"{side}.")})
    return found


def _ways(given: dict[str, str]) -> dict[str, Way]:
    """The ways that the user gave, by layer kind or by the name of a layer."""
    ways: dict[str, Way] = {}
    for name, text in given.items():
        for way in get_args(Way):
            if text == way:
                ways[name] = way
        if name not in ways:
            raise typer.BadParameter(f"--written takes KIND=module, function or operator (got {shorten(repr(text))})")
    return ways
