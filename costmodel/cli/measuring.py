"""`measure`: times of networks on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.cli.options import AsJson, Batch, Settings, names, pairs
from costmodel.cli.show import show
from costmodel.cli.stopping import stoppable
from costmodel.cli.target import build, is_file, load
from costmodel.errors import MeasuringError, shorten

if TYPE_CHECKING:
    from costmodel.measuring import Runtime, StoppingRule, Work


def measure(
    runtime: Annotated[
        str, typer.Option("--runtime", metavar="NAMES", help="onnxruntime, torch, ncnn, or several with commas.")
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE.csv", help="The file of rows; one that is there is gone on with."),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET...", help="Zoo networks, or files: .onnx, .param (ncnn), or .json (ours)."),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", metavar="N", help="Threads within an operator.")] = 1,
    settings: Settings = None,
    batch: Batch = None,
    kernels: Annotated[bool, typer.Option("--kernels", help="Each kernel of the networks by itself.")] = False,
    suite: Annotated[
        str | None,
        typer.Option("--suite", metavar="NAME", help="operators: a few hundred small networks of one layer."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="NAME", help="What the rows call this machine; its processor's name."),
    ] = None,
    spread: Annotated[
        float, typer.Option("--spread", metavar="PART", help="Repeat until the median is known to this part of it.")
    ] = 0.02,
    max_seconds: Annotated[
        float | None,
        typer.Option(
            "--max-seconds", metavar="S", help="Repeat no longer, however wide the spread: 10, of a suite 0.5."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Time networks on this machine, under runtimes that are installed.

    Each row is on the disk as soon as it is known: what is interrupted goes on with the same command.
    """
    from costmodel.measuring import COLUMNS, Journal, StoppingRule, key, processor_name
    from costmodel.measuring import measure as measure_all
    from costmodel.measuring import runtime as find_runtime
    from costmodel.report.measuring import describe_session, session_tables

    chosen = [find_runtime(name) for name in dict.fromkeys(names(runtime))]
    if not chosen:
        raise typer.BadParameter("--runtime must name one of onnxruntime, torch, ncnn")
    works = list(_works(targets or [], suite, pairs(settings, "--set"), batch, by_kernel=kernels))
    rule = _rule(StoppingRule, spread, max_seconds, is_suite=suite is not None)
    for each in chosen:
        each.version()  # what is not installed is said before the file is made
    machine = (device or "").strip() or processor_name()
    with (
        Journal(output, COLUMNS, key) as journal,
        stoppable(lambda: _stopped(output, journal)),
        _progress(len(works) * len(chosen)) as begin,
    ):
        session = measure_all(works, chosen, journal, device=machine, threads=threads, rule=rule, on_begin=begin)
    show(
        as_json,
        lambda: describe_session(session, output, machine, threads),
        lambda: session_tables(session, output, machine, threads),
    )


def _rule(make: type[StoppingRule], spread: float, max_seconds: float | None, *, is_suite: bool) -> StoppingRule:
    """When enough runs were timed: of a suite's small networks sooner, so that all of them take minutes."""
    longest = max_seconds if max_seconds is not None else 0.5 if is_suite else 10.0
    least, warm_up = (0.1, 0.05) if is_suite else (0.2, 0.2)
    return make(spread=spread, min_s=least, max_s=longest, warm_up_s=warm_up).checked()


def _works(
    targets: list[str], suite: str | None, settings: Mapping[str, str], batch: str | None, *, by_kernel: bool
) -> Iterator[Work]:
    """What is measured, in the order in which it was named."""
    from costmodel.measuring import kernel_works, network_work, suite_works

    if suite not in (None, "operators"):
        raise typer.BadParameter(f"--suite must be 'operators' (got {shorten(repr(suite))})")
    if not targets and suite is None:
        raise typer.BadParameter("name a TARGET, or --suite operators")
    for target in targets:
        found = load(target, settings, batch)
        if by_kernel:
            yield from kernel_works(found.network)
        elif is_file(target):
            # A file whose batch is another than it says cannot run as it is.
            path = Path(target) if batch is None else None
            yield network_work(Path(target).name, found.network, _numbers(found.settings), path)
        else:
            network = build(target, found.settings)
            yield network_work(target, network, _numbers(found.settings))
    if suite is not None:
        yield from suite_works()


def _numbers(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings as they were written."""
    return {name: str(value) for name, value in settings.items()}


def _stopped(output: str, journal: Any) -> MeasuringError:
    """What is kept of an interrupted run."""
    return MeasuringError(
        f"interrupted; {shorten(output)} keeps its {len(journal)} rows, and the same command goes on with them"
    )


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Work, Runtime], None]]:
    """A bar on standard error, where that is a terminal; drawn between measurements, which it must not disturb."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if not sys.stderr.isatty():
        yield lambda _work, _runtime: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        task = progress.add_task("", total=total)
        begun = 0

        def begin(work: Work, runtime: Runtime) -> None:
            nonlocal begun
            progress.update(
                task, completed=begun, description=f"{runtime.name} {shorten(work.label, 60)}", refresh=True
            )
            begun += 1

        yield begin
