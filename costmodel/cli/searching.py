"""`search`: the best configuration that is found within budgets, in a space too large to enumerate."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Settings, pairs
from costmodel.cli.progress import progress_bar
from costmodel.cli.show import show
from costmodel.cli.sizing import (
    DataType,
    MaxActivations,
    MaxEnergyMj,
    MaxFlashBytes,
    MaxFlops,
    MaxLatencyMs,
    MaxMacs,
    MaxMemoryBytes,
    MaxParams,
    MaxRamBytes,
    MaxWeightBytes,
    Space,
    SpaceDevice,
    read_limits,
    target_of,
)
from costmodel.cli.stopping import stoppable
from costmodel.errors import CostModelError, SizingError, shorten


def search(
    family: Space,
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="NAME=VALUES", help="w1=8:64:8, t1=inverted,fused; may be repeated."),
    ],
    maximize: Annotated[
        str, typer.Option("--maximize", metavar="EXPRESSION", help="Of parameters and costs: macs, params*resolution.")
    ],
    settings: Settings = None,
    device: SpaceDevice = None,
    data_type: DataType = "float32",
    evaluations: Annotated[
        int, typer.Option("--evaluations", metavar="N", help="How many configurations are evaluated.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed finds the same answer.")] = 0,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="An Optuna journal, which the same command goes on with."),
    ] = None,
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
    """Find the best configuration that keeps every budget, where there are too many to try each."""
    from costmodel.report.searching import describe_search, search_tables
    from costmodel.sizing import search as find

    limits = read_limits({
        "macs": max_macs, "flops": max_flops, "params": max_params, "activations": max_activations,
        "weight_bytes": max_weight_bytes, "peak_memory_bytes": max_memory_bytes, "ram_bytes": max_ram_bytes,
        "flash_bytes": max_flash_bytes, "latency_s": max_latency_ms, "energy_j": max_energy_mj,
    })  # fmt: skip
    done = 0

    def stopped() -> CostModelError:
        kept = "" if output is None else f"; the same command goes on with {shorten(output)}"
        return SizingError(f"interrupted after {done:,} of {evaluations:,} evaluations{kept}")

    with stoppable(stopped), progress_bar() as tell:

        def progress(reached: int, total: int) -> None:
            nonlocal done
            done = reached
            tell(reached, total)

        found = find(
            target_of(family),
            pairs(over, "--over"),
            maximize=maximize,
            evaluations=evaluations,
            seed=seed,
            settings=pairs(settings, "--set"),
            device=device,
            data_type=data_type,
            storage=output,
            progress=progress,
            limits=limits,
        )
    show(as_json, lambda: describe_search(found, output), lambda: search_tables(found, output))
