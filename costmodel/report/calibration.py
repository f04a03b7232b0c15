"""What a calibration found, and how far it is off on networks that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.calibration import MODEL, CalibratedDevice, Errors, Evaluation, Suggestion
from costmodel.errors import shorten
from costmodel.report.numbers import with_prefix
from costmodel.report.reading import ReadingRecord, describe_reading, reading_table
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table, facts

Cell = str | int | float | None


class ErrorsRecord(Record):
    """Errors as fractions of the measured times; `interval_coverage` is None where there are no intervals."""

    n: int
    mape: float
    median_ape: float
    within_10pct: float
    median_setup_mape: float
    interval_coverage: float | None
    setups: tuple[dict[str, Cell], ...]


class EvaluationRecord(ErrorsRecord):
    """The errors of the calibration, those of the baselines, and what is doubtful in the measurements."""

    leave_out: str
    prior: str
    baselines: dict[str, ErrorsRecord]
    warnings: tuple[str, ...] = ()


class CoefficientRecord(Record):
    """A fitted coefficient and its interval."""

    value: float
    low: float
    high: float
    unit: str
    meaning: str


class ResidualRecord(Record):
    """A measurement, what the fit gives for it, and what a fit without its network gives."""

    line: int
    network: str
    measured_s: float
    fitted_s: float
    left_out_s: float


class LeftOut(Record):
    """The errors on single networks left out, and on whole families; None where too few were measured."""

    network: EvaluationRecord | None
    family: EvaluationRecord | None


class SuggestionRecord(Record):
    """A network that could be measured next, and the fraction by which that narrows intervals."""

    network: str
    narrowing: float


class CalibrationRecord(Record):
    """A calibration of one setup; `output` is the profile that was written."""

    output: str
    name: str
    model: str
    setup: dict[str, str]
    rows: int
    interval: float
    coefficients: dict[str, CoefficientRecord]
    prior: str
    reading: ReadingRecord | None
    unseen: tuple[str, ...]
    leave_out: LeftOut
    residuals: tuple[ResidualRecord, ...]
    next: tuple[SuggestionRecord, ...]
    warnings: tuple[str, ...] = ()


def describe_evaluation(evaluation: Evaluation, warnings: Sequence[str] = ()) -> EvaluationRecord:
    """The errors of a calibration as a record."""
    return EvaluationRecord(
        **_errors(evaluation).__dict__,
        leave_out=evaluation.leave_out,
        prior=evaluation.prior,
        baselines={name: _errors(each) for name, each in evaluation.baselines.items()},
        warnings=tuple(warnings),
    )


def describe_calibration(
    device: CalibratedDevice,
    name: str,
    output: str,
    following: Sequence[Suggestion] = (),
    warnings: Sequence[str] = (),
) -> CalibrationRecord:
    """A calibration as a record."""
    fit = device.fit
    times = zip(fit.table.rows, fit.fitted_s.tolist(), fit.left_out_s.tolist(), strict=True)
    return CalibrationRecord(
        output=output,
        name=name,
        model=MODEL,
        setup=dict(device.setup),
        rows=len(device.measurements.rows),
        interval=fit.interval,
        coefficients={
            each.term.name: CoefficientRecord(
                value=each.value, low=each.low, high=each.high, unit=each.term.unit, meaning=each.term.meaning
            )
            for each in fit.coefficients
        },
        prior=device.prior,
        reading=describe_reading(device.reading),
        unseen=tuple(term.name for term in fit.unseen),
        leave_out=LeftOut(
            network=describe_evaluation(device.by_network) if device.by_network else None,
            family=describe_evaluation(device.by_family) if device.by_family else None,
        ),
        residuals=tuple(
            ResidualRecord(line=row.line, network=row.label, measured_s=row.latency_s, fitted_s=fitted, left_out_s=left)
            for row, fitted, left in times
        ),
        next=tuple(SuggestionRecord(network=each.network, narrowing=each.narrowing) for each in following),
        warnings=tuple(warnings),
    )


def evaluation_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """The calibration beside its baselines, and where there are several setups each of them."""
    models = [("calibration", evaluation), *evaluation.baselines.items()]
    meanings = {"flops": "time proportional to MACs", "affine": "a constant and MACs"}
    rows = tuple(
        Row((
            name, _percent(each.mape), _percent(each.median_ape), _percent(each.median_setup_mape),
            _percent(each.within_10pct), _percent(each.interval_coverage), meanings.get(name, ""),
        ))
        for name, each in models
    )  # fmt: skip
    columns = (
        Column("model"), Column("mean error", True), Column("median", True), Column("median setup", True),
        Column("within 10 %", True), Column("in interval", True), Column(""),
    )  # fmt: skip
    left_out = " and ".join(evaluation.leave_out.split(",")).replace("fold:", "fold of ").replace("column:", "")
    title = f"{evaluation.n} measured times, each predicted with its {left_out} left out"
    setups = evaluation.setups
    return (Table(columns, rows, title), *([_setups(setups)] if len(setups) > 1 else []))


def calibration_tables(
    device: CalibratedDevice, name: str, output: str, following: Sequence[Suggestion] = ()
) -> tuple[Table, ...]:
    """The coefficients, what the name says, errors on what was left out, largest residuals, what to measure next."""
    rows = tuple(
        Row((
            each.term.name, with_prefix(each.value, each.term.unit), _between(each.low, each.high, each.term.unit),
            each.term.meaning,
        ))
        for each in device.fit.coefficients
    )  # fmt: skip
    setup = ", ".join(f"{column} {shorten(value, 200)}" for column, value in device.setup if value)
    columns = (
        Column("term"),
        Column("coefficient", True),
        Column(f"{_percent(device.fit.interval)} interval"),
        Column("what one takes"),
    )
    if not device.is_measured:
        return (
            *reading_table(device.reading),
            Table(columns, rows, f"estimated of {setup}; nothing was measured"),
            *_written(name, output, following),
        )
    unseen = ", ".join(term.name for term in device.fit.unseen)
    notes = (f"nothing that was measured has {unseen}: these are guesses",) if unseen else ()
    errors = [each for each in (device.by_network, device.by_family) if each]
    return (
        Table(columns, rows, f"{len(device.measurements.rows)} measured times of {setup}", notes=notes),
        *reading_table(device.reading),
        *(table for each in errors for table in evaluation_tables(each)),
        _residuals(device),
        *_written(name, output, following),
    )


def doubt_table(warnings: Sequence[str], heading: str = "check the measurements") -> list[Table]:
    """What is doubtful, one sentence to a line; none where nothing is."""
    return [Table((Column(heading),), tuple(Row((each,)) for each in warnings))] if warnings else []


def _written(name: str, output: str, following: Sequence[Suggestion]) -> tuple[Table, ...]:
    """What to measure next, if it was asked for, and what was written."""
    return (
        *([_suggestions(following)] if following else []),
        facts(("written", output, f"predict with --device {output}"), ("profile", name, "")),
    )


def _residuals(device: CalibratedDevice) -> Table:
    """The five measurements that the fit misses by most."""
    times = zip(device.fit.table.rows, device.fit.fitted_s.tolist(), device.fit.left_out_s.tolist(), strict=True)
    worst = sorted(times, key=lambda each: -abs(each[1] / each[0].latency_s - 1))[:5]
    rows = tuple(
        Row((
            row.label, with_prefix(row.latency_s, "s"), with_prefix(fitted, "s"),
            _signed(fitted / row.latency_s - 1), with_prefix(left, "s"),
        ))
        for row, fitted, left in worst
    )  # fmt: skip
    columns = (
        Column("largest residuals"), Column("measured", True), Column("fitted", True), Column("off by", True),
        Column("fitted without it", True),
    )  # fmt: skip
    return Table(columns, rows)


def _suggestions(following: Sequence[Suggestion]) -> Table:
    """The five networks that narrow intervals most."""
    rows = tuple(Row((each.network, _percent(each.narrowing))) for each in following[:5])
    return Table((Column("measure next"), Column("intervals of all candidates narrower by", True)), rows)


def _setups(setups: list[dict[str, Cell]]) -> Table:
    """Every setup with its error; columns that are the same everywhere are left out."""
    names = [name for name in setups[0] if name not in {"n", "mape"} and len({each.get(name) for each in setups}) > 1]
    rows = tuple(
        Row((*(str(each.get(name, "")) for name in names), str(each["n"]), _percent(each["mape"]))) for each in setups
    )
    return Table((*map(Column, names), Column("times", True), Column("mean error", True)), rows)


def _errors(errors: Errors) -> ErrorsRecord:
    return ErrorsRecord(
        n=errors.n,
        mape=errors.mape,
        median_ape=errors.median_ape,
        within_10pct=errors.within_10pct,
        median_setup_mape=errors.median_setup_mape,
        interval_coverage=errors.interval_coverage,
        setups=tuple(errors.setups),
    )


def _percent(fraction: Cell) -> str:
    return f"{100 * fraction:.1f} %" if isinstance(fraction, (int, float)) else "-"


def _signed(fraction: float) -> str:
    return f"{100 * fraction:+.1f} %"


def _between(low: float, high: float, unit: str) -> str:
    return f"{with_prefix(low, unit)} to {with_prefix(high, unit)}"
