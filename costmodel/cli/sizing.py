"""`size`: the largest configuration of a family that keeps its budgets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final

import typer

from costmodel.cli.options import AsJson, Settings, pairs
from costmodel.cli.show import show
from costmodel.cli.target import is_file
from costmodel.errors import SizingError, shorten
from costmodel.interop.files import read
from costmodel.network import Network

Space = Annotated[
    str,
    typer.Argument(metavar="FAMILY", help="A zoo network (see `costmodel zoo`), or a file of a network with symbols."),
]
Over = Annotated[
    list[str] | None,
    typer.Option(
        "--over", metavar="NAME=VALUES", help="Values to try: width=0.25:1.4:0.05, depth=18,34; may be repeated."
    ),
]
DataType = Annotated[
    str, typer.Option("--data-type", metavar="NAME", help="What bytes are counted in: float32, float16, int8, ...")
]
SpaceDevice = Annotated[
    str | None,
    typer.Option(
        "--device", metavar="NAME_OR_FILE", help="For latency, energy, RAM and flash: a device or .toml file."
    ),
]
_PLAIN: Final = re.compile(r"\d{1,18}(\.\d{0,18})?([eE][+-]?\d{1,2})?|\.\d{1,18}")


def _limit(flag: str, what: str) -> Any:
    return typer.Option(flag, metavar="N", help=f"At most so many {what}.")


MaxMacs = Annotated[str | None, _limit("--max-macs", "multiply-accumulates: 300e6, 300M")]
MaxFlops = Annotated[str | None, _limit("--max-flops", "FLOPs, two in a multiply-accumulate")]
MaxParams = Annotated[str | None, _limit("--max-params", "parameters")]
MaxActivations = Annotated[str | None, _limit("--max-activations", "elements written")]
MaxWeightBytes = Annotated[str | None, _limit("--max-weight-bytes", "bytes of weights: 4e6, 4MB, 1MiB")]
MaxMemoryBytes = Annotated[str | None, _limit("--max-memory-bytes", "bytes of activations at the worst moment")]
MaxRamBytes = Annotated[str | None, _limit("--max-ram-bytes", "bytes of the device's RAM")]
MaxFlashBytes = Annotated[str | None, _limit("--max-flash-bytes", "bytes of the device's flash")]
MaxLatencyMs = Annotated[str | None, _limit("--max-latency-ms", "milliseconds on the device")]
MaxEnergyMj = Annotated[str | None, _limit("--max-energy-mj", "millijoules on the device")]
Maximize = Annotated[
    str | None,
    typer.Option("--maximize", metavar="EXPRESSION", help="Of parameters and costs: width, width*resolution, macs."),
]


def size(
    family: Space,
    over: Over = None,
    settings: Settings = None,
    maximize: Maximize = None,
    device: SpaceDevice = None,
    data_type: DataType = "float32",
    max_macs: MaxMacs = None,
    max_flops: MaxFlops = None,
    max_params: MaxParams = None,
    max_activations: MaxActivations = None,
    max_weight_bytes: MaxWeightBytes = None,
    max_memory_bytes: MaxMemoryBytes = None,
    max_ram_bytes: MaxRamBytes = None,
    max_flash_bytes: MaxFlashBytes = None,
    max_latency_ms: MaxLatencyMs = None,
    max_energy_mj: MaxEnergyMj = None,
    as_json: AsJson = False,
) -> None:
    """The largest configuration of a family that keeps every budget, and what stands in the way of a larger one."""
    from costmodel.report.sizing import describe_size, size_tables
    from costmodel.sizing import size as find_size

    limits = read_limits({
        "macs": max_macs, "flops": max_flops, "params": max_params, "activations": max_activations,
        "weight_bytes": max_weight_bytes, "peak_memory_bytes": max_memory_bytes, "ram_bytes": max_ram_bytes,
        "flash_bytes": max_flash_bytes, "latency_s": max_latency_ms, "energy_j": max_energy_mj,
    })  # fmt: skip
    found = find_size(
        target_of(family),
        maximize=maximize,
        over=pairs(over, "--over"),
        settings=pairs(settings, "--set"),
        device=device,
        data_type=data_type,
        limits=limits,
    )
    show(as_json, lambda: describe_size(found), lambda: size_tables(found))


def target_of(family: str) -> str | Network:
    """A zoo network's name, or the network of a file, whose symbols are its parameters."""
    return read(family) if is_file(family) else family


def read_limits(given: Mapping[str, str | None]) -> dict[str, Fraction | str]:
    """The limits that were given, in SI units: a number is in the unit of its option, a text says its own."""
    limits: dict[str, Fraction | str] = {}
    for cost, text in given.items():
        if text is None:
            continue
        is_milli = cost in {"latency_s", "energy_j"}
        if _PLAIN.fullmatch(text.strip()):
            limits[cost] = Fraction(Decimal(text.strip())) / (1000 if is_milli else 1)
        elif is_milli:
            unit = "milliseconds" if cost == "latency_s" else "millijoules"
            raise SizingError(
                f"the budget of {cost} must be a number of {unit}, such as 20 (got {shorten(repr(text))})"
            )
        else:
            limits[cost] = text
    return limits
