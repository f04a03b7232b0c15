"""`kernels`: what a runtime runs of a network."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Batch, Runtime, Settings, Target, pairs
from costmodel.cli.show import show
from costmodel.cli.target import load


def kernels(
    target: Target,
    runtime: Runtime = None,
    settings: Settings = None,
    batch: Batch = None,
    data_type: Annotated[
        str, typer.Option("--data-type", metavar="NAME", help="float32, float16, int8, ...")
    ] = "float32",
    as_json: AsJson = False,
) -> None:
    """The kernels that a runtime runs of a network: what it fuses, what it copies, what is free."""
    from costmodel.latency import find_rules, lower
    from costmodel.latency.rule_files import DEFAULT
    from costmodel.report.kernels import describe_kernels, kernels_tables

    found = load(target, pairs(settings, "--set"), batch)
    rules = find_rules(DEFAULT if runtime is None else runtime)
    lowered = lower(found.network, data_type=data_type, rules=rules)
    name = found.network.name
    show(
        as_json,
        lambda: describe_kernels(name, lowered, rules, found.settings),
        lambda: kernels_tables(name, lowered, rules, found.settings),
    )
