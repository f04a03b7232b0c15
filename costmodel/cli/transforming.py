"""`transform`: a network with other layers in the place of some."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Batch, Settings, Target, pairs
from costmodel.cli.show import show
from costmodel.cli.target import is_file, load
from costmodel.files import check_output, write_whole


def transform(
    target: Target,
    replace: Annotated[
        list[str],
        typer.Option(
            "--replace",
            metavar="WHAT=WITH",
            help="conv=depthwise_separable, conv=grouped:4, layer3.*=spatially_separable, 5x5=3x3, pool=stride,"
            " fc=global_average_pool, width=1.5, depth=2, resolution=160, ...; may be repeated, and is done in order.",
        ),
    ],
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="LAYERS", help="Only these layers: a name with *, a kind, or a kernel size."),
    ] = None,
    settings: Settings = None,
    batch: Batch = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="SPEC.json", help="Write the network, to be a TARGET.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A network with other layers in the place of some, and what that saves, layer by layer and in total."""
    from costmodel.report.rewriting import describe_rewriting
    from costmodel.report.rewriting_table import rewriting_tables
    from costmodel.transform import rewrite

    if output is not None and not output.lower().endswith(".json"):
        raise typer.BadParameter(f"--output is a file of ours, which ends in .json (got {output!r})")
    found = load(target, pairs(settings, "--set"), batch)
    if output is not None and is_file(target):
        check_output(output, target)
    made = rewrite(found.network, *replace, only=only or "")
    if output is not None:
        write_whole(output, made.after.to_json(indent=1) + "\n")
    asked = tuple(replace)
    show(
        as_json,
        lambda: describe_rewriting(made, asked, found.settings, only=only, file=output),
        lambda: rewriting_tables(made, asked, found.settings, output),
    )
