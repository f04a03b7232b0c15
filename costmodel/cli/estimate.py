"""`predict`: latency, energy and memory."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Batch, Device, Runtime, Settings, Target, pairs
from costmodel.cli.show import show
from costmodel.cli.target import load
from costmodel.errors import HardwareError
from costmodel.latency import Latency
from costmodel.network import Network


def predict(
    target: Target,
    device: Device,
    settings: Settings = None,
    batch: Batch = None,
    data_type: Annotated[
        str | None, typer.Option("--data-type", metavar="NAME", help="float32, float16, int8, ...: of the roofline.")
    ] = None,
    weight_type: Annotated[
        str | None, typer.Option("--weight-type", metavar="NAME", help="That of the weights, where it is another.")
    ] = None,
    runtime: Runtime = None,
    technology: Annotated[
        str | None,
        typer.Option(
            "--technology", metavar="NAME_OR_FILE", help="Whose energies count: horowitz-45nm, jouppi-7nm, ..."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The latency and energy of a network on a device, and whether it fits the device's memory.

    Fitted to measured times, with an interval, where the device is calibrated; else the bound of its data sheet.
    """
    from costmodel.report.latency import describe_latency, latency_tables

    found = load(target, pairs(settings, "--set"), batch)
    latency = _latency(found.network, device, data_type, weight_type, runtime)
    if technology is not None:
        latency = latency.with_technology(technology)
    name = found.network.name
    show(
        as_json,
        lambda: describe_latency(name, latency, found.settings),
        lambda: latency_tables(name, latency, found.settings),
    )


def _latency(
    network: Network, device: str, data_type: str | None, weight_type: str | None, runtime: str | None
) -> Latency:
    from costmodel.calibration import predict as predict_latency
    from costmodel.hardware import find_profile
    from costmodel.latency import estimate
    from costmodel.latency.rule_files import DEFAULT

    given = {"--data-type": data_type, "--weight-type": weight_type, "--runtime": runtime}
    options = [name for name, value in given.items() if value is not None]
    if not options:
        return predict_latency(network, device)
    profile = find_profile(device)
    if profile.calibration is not None:
        what = "runtime" if options[0] == "--runtime" else "data type"
        raise HardwareError(f"{profile.name} is calibrated for the {what} that was measured; leave out {options[0]}")
    return estimate(
        network,
        profile,
        data_type="float32" if data_type is None else data_type,
        weight_type=weight_type,
        rules=DEFAULT if runtime is None else runtime,
    )
