"""The application: every command under its name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO, TextIOWrapper
from typing import Annotated

import typer
from typer.main import get_command

from costmodel import __version__
from costmodel.cli import (
    calibrating,
    collecting,
    compare,
    describe,
    estimate,
    explaining,
    lists,
    lowering,
    measuring,
    plotting,
    searching,
    sizing,
    sweeping,
    transforming,
)
from costmodel.cli.guard import guarded

app = typer.Typer(
    name="costmodel",
    help="Analytical cost models of neural networks: exact counts, closed forms, latency with its error.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS = (
    describe.summary, describe.formula, lowering.kernels, estimate.predict, explaining.explain,
    calibrating.calibrate, calibrating.evaluate, calibrating.population,
    collecting.collect, measuring.measure, sizing.size, searching.search, sweeping.sweep,
    compare.reconcile, compare.compare, transforming.transform, plotting.plot,
    lists.zoo, lists.devices, lists.kinds, lists.textbook,
)  # fmt: skip

for command in COMMANDS:
    app.command(name=command.__name__)(guarded(command))


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"costmodel {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Analytical cost models of neural networks: exact counts, closed forms, latency with its error."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before Python began
            setattr(sys, name, StringIO())
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        get_command(app).main(args=arguments, prog_name="costmodel")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    return 0
