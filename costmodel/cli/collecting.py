"""`collect`: others' benchmarks as a measurement file."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, pairs
from costmodel.cli.show import show
from costmodel.files import check_output


def collect(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="What benchmark programs printed or wrote.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE.csv", help="The measurement file to write.")],
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="ncnn, tflite, onnxruntime, torch, mlperf-tiny; recognized without it."
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="NAME", help="What was measured, where a file does not say it.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="A cell of every row (threads=4); may be repeated."),
    ] = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="A row for each layer of a trace, in place of one for the network.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Others' benchmarks as a measurement file for `calibrate` and `evaluate`.

    Reads ncnn's benchmark page, TensorFlow Lite's benchmark_model, profiles of ONNX Runtime and PyTorch, and MLPerf
    Tiny's results.
    """
    from costmodel.collecting import collect as collect_rows
    from costmodel.collecting import read_source
    from costmodel.report.collecting import collection_tables, describe_collection

    given = pairs(settings, "--set") | ({} if device is None else {"device": device})
    check_output(output, *files)
    found = collect_rows(map(read_source, files), format_name=format_name, given=given, layers=layers)
    found.write(output)
    show(as_json, lambda: describe_collection(found, output), lambda: collection_tables(found, output))
