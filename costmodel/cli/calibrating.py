"""`calibrate`, `evaluate` and `population`: measured times, and what is learned from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.cli.options import AsJson, Measurements, Models, NamedDevice, names, pairs
from costmodel.cli.show import show
from costmodel.errors import shorten
from costmodel.files import check_output

if TYPE_CHECKING:
    from costmodel.calibration import CalibratedDevice

Prior = Annotated[
    str, typer.Option("--prior", metavar="NAME", help="none, or population: what other devices have shown.")
]


def calibrate(
    output: Annotated[str, typer.Option("--output", "-o", metavar="DEVICE.toml", help="The profile to write.")],
    measurements: Annotated[
        str | None,
        typer.Argument(metavar="MEASUREMENTS.csv", show_default=False, help="A CSV file of measured times."),
    ] = None,
    device: NamedDevice = None,
    models: Models = None,
    setup: Annotated[
        list[str] | None,
        typer.Option(
            "--setup",
            metavar="KEY=VALUE",
            help="Which rows, or with --device which setup: a column and its value; may be repeated.",
        ),
    ] = None,
    prior: Prior = "none",
    suggest: Annotated[
        str | None,
        typer.Option(
            "--suggest",
            metavar="TARGETS",
            help="Networks that could be measured next, with commas between; say how much each narrows intervals.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit a device to measured times; write its profile.

    The errors are those on networks, and on families of networks, that were left out of the fit. With --device and
    --prior population, and no measurements, the profile is a first estimate by the device's name.
    """
    from costmodel.calibration import suggestions
    from costmodel.cli.target import load
    from costmodel.hardware import write_profile
    from costmodel.report.calibration import calibration_tables, describe_calibration, doubt_table

    chosen = pairs(setup, "--setup")
    candidates = {name: load(name, {}).network for name in names(suggest)}
    if device is None:
        fitted, warnings = _fitted(measurements, output, models, chosen, prior)
    else:
        _refuse_beside_device(measurements, models, chosen, prior)
        fitted, warnings = _estimated(device, chosen)
    following = suggestions(fitted, candidates)
    profile = fitted.profile()
    write_profile(profile, output)
    heading = "check the measurements" if fitted.is_measured else "check the estimate"
    show(
        as_json,
        lambda: describe_calibration(fitted, profile.name, output, following, warnings),
        lambda: [*calibration_tables(fitted, profile.name, output, following), *doubt_table(warnings, heading)],
    )


def _fitted(
    measurements: str | None, output: str, models: str | None, setup: Mapping[str, str], prior: str
) -> tuple[CalibratedDevice, tuple[str, ...]]:
    """A device that was measured, and what is doubtful in its measurements."""
    from costmodel.calibration import calibrate as calibrate_device
    from costmodel.calibration import doubts, finder, prior_doubts, read_measurements
    from costmodel.interop.files import READERS, read

    if measurements is None:
        raise typer.BadParameter(
            "give MEASUREMENTS.csv; or, where nothing was measured, the device's name with --device and "
            "--prior population"
        )
    check_output(output, measurements)
    find = finder(models, dict.fromkeys(READERS, read))
    fitted = calibrate_device(read_measurements(measurements), find, setup=setup, prior=prior)
    said = doubts(fitted.measurements, find)
    return fitted, (*said, *prior_doubts(fitted.setup)) if prior == "population" else said


def _estimated(device: str, setup: Mapping[str, str]) -> tuple[CalibratedDevice, tuple[str, ...]]:
    """A device of which nothing was measured, and what is doubtful in its name."""
    from costmodel.calibration import estimate_doubts, first_estimate
    from costmodel.calibration.unknown import unknown_values

    estimate = first_estimate(device, setup)
    return estimate, (*unknown_values(dict(estimate.setup)), *estimate_doubts(estimate.setup))


def _refuse_beside_device(measurements: str | None, models: str | None, setup: Mapping[str, str], prior: str) -> None:
    """Refuse what contradicts a device of which nothing was measured."""
    if measurements is not None:
        raise typer.BadParameter(
            "--device names a device of which nothing was measured; the column 'device' names that of measurements, "
            "and --setup device=NAME chooses one"
        )
    if "device" in setup:
        raise typer.BadParameter("--device and --setup device=NAME both name the device; give one of them")
    if models is not None:
        raise typer.BadParameter("--models finds the networks of measurements, and --device has none; leave it out")
    if prior != "population":
        raise typer.BadParameter(
            f"without measurements only --prior population says something of a device (got --prior {shorten(prior)})"
        )


def evaluate(
    measurements: Measurements,
    leave_out: Annotated[
        str,
        typer.Option(
            "--leave-out",
            metavar="WHAT",
            help="What is predicted unseen: network, family, fold:5, column:NAME; device, or both as network,device.",
        ),
    ] = "network",
    models: Models = None,
    prior: Prior = "none",
    few_shot: Annotated[
        int | None, typer.Option("--few-shot", metavar="M", min=0, help="Fit to M measured networks at a time.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", metavar="K", min=1, max=1000, help="How often the M are drawn.")] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="What the draws begin with.")] = 0,
    choose: Annotated[
        str,
        typer.Option(
            "--choose", metavar="HOW", help="The M networks: random, or suggested: what would narrow intervals most."
        ),
    ] = "random",
    as_json: AsJson = False,
) -> None:
    """The errors of a calibration on what it has not seen.

    Beside it stand two simpler models: a time for each MAC, and a constant with a time for each MAC.
    """
    from costmodel.calibration import FewShot, doubts, finder, read_measurements, unpredicted
    from costmodel.calibration import evaluate as evaluate_measurements
    from costmodel.interop.files import READERS, read
    from costmodel.report.calibration import describe_evaluation, doubt_table, evaluation_tables

    if not names(leave_out):
        raise typer.BadParameter("--leave-out must say what is predicted unseen, such as network")
    measured, find = read_measurements(measurements), finder(models, dict.fromkeys(READERS, read))
    found = evaluate_measurements(
        measured,
        find,
        leave_out=leave_out,
        prior=prior,
        few_shot=None if few_shot is None else FewShot(few_shot, draws, seed, choose),
    )
    warnings = (*doubts(measured, find), *unpredicted(measured, found))
    show(
        as_json,
        lambda: describe_evaluation(found, warnings),
        lambda: [*evaluation_tables(found), *doubt_table(warnings)],
    )


def population(
    measurements: Measurements,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE.json", help="The file to write.")],
    models: Models = None,
    source: Annotated[str, typer.Option("--source", help="Where the measurements come from.")] = "measured",
    as_json: AsJson = False,
) -> None:
    """Learn how coefficients vary between devices; write it as fitted numbers, without the measurements.

    The library comes with one, made by this command.
    """
    from costmodel.calibration import finder, learn_populations, read_measurements, write_populations
    from costmodel.interop.files import READERS, read
    from costmodel.report.population import describe_populations, population_tables

    check_output(output, measurements)
    measured = read_measurements(measurements)
    learned = learn_populations(measured, finder(models, dict.fromkeys(READERS, read)))
    write_populations(learned, measured, source, output)
    show(as_json, lambda: describe_populations(learned, output), lambda: population_tables(learned, output))
