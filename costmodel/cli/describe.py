"""`summary` and `formula`: what a network or a layer kind costs, as numbers and as expressions."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Batch, Partial, Settings, Target, names, pairs
from costmodel.cli.show import show
from costmodel.cli.target import Found, is_file, load
from costmodel.counting import convention as find_convention
from costmodel.errors import UnknownNameError
from costmodel.layers import kinds
from costmodel.network import training_cost
from costmodel.network.bind import free_symbols
from costmodel.report.formulas import formula_tables, kind_formula, kind_tables, network_formula
from costmodel.report.summary import described, summarize
from costmodel.report.summary_table import every_node, follows, same_scope, summary_tables, without_macs
from costmodel.zoo import families

FORMATS = ("text", "latex")
OPEN = ("width", "resolution", "batch")
"""The parameters of a zoo network that are left open where the user names none."""
ALIASES = {"alpha": "width", "r": "resolution", "n": "batch"}
"""Symbols of the textbook for parameters of a zoo network."""


def summary(
    target: Target,
    settings: Settings = None,
    batch: Batch = None,
    convention: Annotated[
        str, typer.Option("--convention", metavar="NAME", help="What a FLOP is: two-per-mac, one-per-mac, ...")
    ] = "two-per-mac",
    training: Annotated[bool, typer.Option("--training", help="Also the MACs of a training step.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="A line for every node, batch-norms and activations too.")
    ] = False,
    depth: Annotated[
        int | None,
        typer.Option("--depth", min=1, metavar="N", help="A line for each scope of N parts, such as layer1.0."),
    ] = None,
    partial: Partial = False,
    as_json: AsJson = False,
) -> None:
    """What a network costs: every layer and the totals."""
    chosen = find_convention(convention)
    found = load(target, pairs(settings, "--set"), batch, partial=partial)
    cost = found.network.cost(convention=chosen)
    step = training_cost(found.network) if training else None
    usual = follows if found.is_of_layers else without_macs
    same_line = every_node if every else same_scope(depth) if depth else usual
    show(
        as_json,
        lambda: summarize(found.network, cost, step, found.settings),
        lambda: summary_tables(
            cost, step, parameters=found.settings, source=described(found.network), same_line=same_line
        ),
    )


def formula(
    kind_or_target: Annotated[
        str, typer.Argument(metavar="KIND_OR_TARGET", help="A layer kind (see `costmodel kinds`), or a network.")
    ],
    symbols: Annotated[
        str | None,
        typer.Option(
            "--symbols", metavar="NAMES", help="Parameters of the network that stay open, with commas between."
        ),
    ] = None,
    quantity: Annotated[
        str | None, typer.Option("--quantity", metavar="NAME", help="macs (the default), params, activations, ...")
    ] = None,
    settings: Settings = None,
    formats: Annotated[str, typer.Option("--format", metavar="text,latex", help="How to print the formula.")] = "text",
    as_json: AsJson = False,
) -> None:
    """The closed form of a layer kind or of a network.

    A layer kind's is in the textbook's symbols, a network's in the parameters that --symbols leaves open, or the
    symbols of its file.
    """
    chosen = formats_of(formats)
    if kind_or_target in kinds():
        if symbols is not None or settings:
            raise typer.BadParameter("--symbols and --set are for networks; a layer kind has the textbook's symbols")
        layer = kinds()[kind_or_target]
        record = kind_formula(layer, quantity)
        show(
            as_json, lambda: record, lambda: formula_tables(record, chosen) if quantity else kind_tables(layer, chosen)
        )
        return
    found = with_symbols(kind_or_target, names(symbols), pairs(settings, "--set"), is_default=symbols is None)
    record = network_formula(found.network, quantity or "macs", found.family)
    show(as_json, lambda: record, lambda: formula_tables(record, chosen))


def formats_of(text: str) -> tuple[str, ...]:
    """What --format names."""
    chosen = names(text)
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown or not chosen:
        raise typer.BadParameter(f"--format takes text, latex or both with a comma between (got {text!r})")
    return chosen


def with_symbols(target: str, symbols: tuple[str, ...], settings: dict[str, str], *, is_default: bool) -> Found:
    """The network with symbols in place of some parameters, each called as its parameter."""
    if is_file(target):
        found = load(target, settings, "batch" if "batch" in symbols and "batch" not in settings else None)
        known = free_symbols(found.network)
        for name in symbols:
            if name not in known:
                raise UnknownNameError(f"symbol in {found.network.name}", name, known)
        return found
    if target not in families():
        raise UnknownNameError("layer kind or zoo network", target, (*kinds(), *families()))
    if is_default:
        symbols = tuple(name for name in OPEN if name in families()[target].parameters and name not in settings)
    parameters = families()[target].parameters
    left_open = {name if name in parameters else ALIASES.get(name, name): name for name in symbols}
    for name in left_open:
        if name in settings:
            raise typer.BadParameter(f"--symbols leaves {name!r} open and --set gives it a value; choose one")
    return load(target, {**left_open, **settings})
