"""`calibrate`, `evaluate` and `population`: measured times, and what is learned from them."""

from __future__ import annotations

from typing import Annotated

import typer

from costmodel.cli.options import AsJson, Measurements, Models, names, pairs
from costmodel.cli.show import show
from costmodel.files import check_output

Prior = Annotated[
    str, typer.Option("--prior", metavar="NAME", help="none, or population: what other devices have shown.")
]


def calibrate(
    measurements: Measurements,
    output: Annotated[str, typer.Option("--output", "-o", metavar="DEVICE.toml", help="The profile to write.")],
    models: Models = None,
    setup: Annotated[
        list[str] | None,
        typer.Option("--setup", metavar="KEY=VALUE", help="Which rows: a column and its value; may be repeated."),
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

    The errors are those on networks, and on families of networks, that were left out of the fit.
    """
    from costmodel.calibration import calibrate as calibrate_device
    from costmodel.calibration import doubts, finder, read_measurements, suggestions
    from costmodel.cli.target import load
    from costmodel.hardware import write_profile
    from costmodel.interop.files import READERS, read
    from costmodel.report.calibration import calibration_tables, describe_calibration, doubt_table

    chosen = pairs(setup, "--setup")
    check_output(output, measurements)
    find = finder(models, dict.fromkeys(READERS, read))
    candidates = {name: load(name, {}).network for name in names(suggest)}
    fitted = calibrate_device(read_measurements(measurements), find, setup=chosen, prior=prior)
    following = suggestions(fitted, candidates)
    profile = fitted.profile()
    write_profile(profile, output)
    warnings = doubts(fitted.measurements, find)
    show(
        as_json,
        lambda: describe_calibration(fitted, profile.name, output, following, warnings),
        lambda: [*calibration_tables(fitted, profile.name, output, following), *doubt_table(warnings)],
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
