"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.errors import shorten

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="A zoo network (see `costmodel zoo`), or a file: .onnx, .param (ncnn), or .json (ours)."
    ),
]
Partial = Annotated[
    bool, typer.Option("--partial", help="Leave operations of a file that have no rule uncounted, and list them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Batch = Annotated[str | None, typer.Option("--batch", metavar="N", help="The batch: a number, or an expression.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of a zoo network (width=0.75, resolution=32*r), or a symbol of a file; may be repeated.",
    ),
]
Device = Annotated[str, typer.Option("--device", metavar="NAME_OR_FILE", help="A built-in device, or a .toml file.")]
Runtime = Annotated[
    str | None,
    typer.Option(
        "--runtime",
        metavar="NAME_OR_FILE",
        help="Whose kernels: ncnn, onnxruntime, pytorch, tensorrt, tflite, or a .toml file of rules.",
    ),
]
Measurements = Annotated[str, typer.Argument(help="A CSV file of measured times.", metavar="MEASUREMENTS.csv")]
NamedDevice = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="NAME",
        help="Without measurements: the device's name with its cores and clock, 'Cortex-A72 1.8GHz x 4'.",
    ),
]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="DIR", help="A folder with a file for each network; others come from the zoo."),
]


def pairs(settings: list[str] | None, option: str) -> dict[str, str]:
    """The names and values of a repeated NAME=VALUE option."""
    found: dict[str, str] = {}
    for setting in settings or []:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not name or not equals or not value:
            raise typer.BadParameter(f"{option} takes NAME=VALUE (got {shorten(repr(setting))})")
        if name in found:
            raise typer.BadParameter(f"{option} sets {shorten(name)!r} twice")
        found[name] = value
    return found


def names(text: str | None) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
