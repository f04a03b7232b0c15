"""Calibrating a device: fit, errors on what was left out, and the profile that keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from costmodel.calibration.covariates import processor
from costmodel.calibration.errors import Evaluation
from costmodel.calibration.fit import INTERVAL, MOST_LEFT_OUT, Fit, fit
from costmodel.calibration.measurements import Measurements, Setup
from costmodel.calibration.outside import measured_range
from costmodel.calibration.population_file import origin
from costmodel.calibration.populations import library_prior
from costmodel.calibration.reading import Reading, estimate_doubts, reading, sentence
from costmodel.calibration.table import tabulate
from costmodel.calibration.targets import Finder, finder
from costmodel.calibration.terms import MODEL, TERMS, terms_of
from costmodel.calibration.validation import PRIORS, evaluate
from costmodel.errors import CalibrationError, UnknownNameError, shorten
from costmodel.hardware import Calibration, Coefficient, Profile, Provenance, ResidualQuantile
from costmodel.sentences import one_sentence

MOST_BY_ONE: Final = 200
"""Of more networks than this a fortieth is left out at a time, which takes seconds and not minutes."""

NARROWEST: Final = 0.001
WIDEST: Final = 0.999
"""Between what an interval's probability must lie to be kept in a profile."""


@dataclass(frozen=True, eq=False)
class CalibratedDevice:
    """The fit of one setup of a measurement file, with its errors on networks and on families left out.

    Each is None where fewer than two networks, or families, were measured: nothing of the device would remain. Of more
    than 200 networks a fortieth is left out at a time, and not one. Of a device that `first_estimate` makes nothing was
    measured: the `measurements` have no rows, and are named for the population.
    """

    measurements: Measurements
    setup: Setup
    fit: Fit
    prior: str
    by_network: Evaluation | None
    by_family: Evaluation | None

    def profile(self, name: str | None = None, *, base: Profile | None = None, date: str | None = None) -> Profile:
        """The profile of the device with this calibration.

        It is `base` with the calibration put in, or a profile of the calibration alone. `name` is by default the
        base's, or made of the device's; `date`, of the fit, is today's.
        """
        device = dict(self.setup)["device"]
        fields: dict[str, object] = base.model_dump() if base else {"title": shorten(device)}
        fields["name"] = name or (base.name if base else _slug(device))
        fields["calibration"] = self.calibration(date or datetime.now(UTC).date().isoformat())
        try:
            return Profile.model_validate(fields)
        except ValidationError as problem:
            raise CalibrationError(f"no profile can be made: {one_sentence(problem)}") from None

    def calibration(self, date: str) -> Calibration:
        """The calibration as a profile keeps it, numbers to five digits."""
        told = self.fit.quantile is not None
        tail = round((1 - self.fit.interval) / 2, 12)
        reach = _rounded(self.fit.quantile or 0.0)
        return Calibration(
            model=MODEL,
            terms={
                each.term.name: Coefficient(
                    value=_rounded(each.value),
                    unit=each.term.unit,
                    low=_rounded(each.low),
                    high=_rounded(each.high),
                )
                for each in self.fit.coefficients
            },
            provenance=self._provenance(date),
            errors=self._errors(),
            interval=self.fit.interval if told else None,
            residual_quantiles=(
                ResidualQuantile(probability=tail, log_ratio=-reach),
                ResidualQuantile(probability=round(1 - tail, 12), log_ratio=reach),
            )
            if told
            else (),
            spread=tuple(tuple(map(_rounded, row)) for row in self.fit.model.spread.tolist()),
            unseen=tuple(term.name for term in self.fit.unseen),
            range=measured_range(self.fit),
        )

    @property
    def is_measured(self) -> bool:
        """Whether anything was measured on the device."""
        return bool(self.measurements.rows)

    @property
    def reading(self) -> Reading | None:
        """What the device's name was read as; None where the prior does not ask it."""
        return reading(self.setup) if self.prior == "population" else None

    def _provenance(self, date: str) -> Provenance:
        sources = {row.cells.get("source", "") for row in self.measurements.rows} - {""}
        notes = [f"prior: {self.prior}"]
        if not self.is_measured:
            sources = {f"nothing was measured on this device: the library's population, {origin().source}"}
            notes = [*estimate_doubts(self.setup)]
        return Provenance(
            file=self.measurements.name,
            sha256=self.measurements.sha256,
            rows=len(self.measurements.rows),
            date=date,
            source="; ".join(sorted(sources))[:2000] or None,
            setup={column: value for column, value in self.setup if value},
            notes=(*notes, *([sentence(self.reading)] if self.reading else [])),
        )

    def _errors(self) -> dict[str, float]:
        errors = {}
        way = "leave_one_network_out_mape"
        if self.by_network and self.by_network.leave_out != "network":
            way = f"leave_{self.by_network.leave_out.replace(':', '_')}_out_mape"
        if self.by_network:
            errors[way] = self.by_network.mape
        if self.by_family:
            errors["leave_one_family_out_mape"] = self.by_family.mape
        if self.by_network:
            errors |= {f"{name}_{way}": each.mape for name, each in self.by_network.baselines.items()}
        return {name: _rounded(error) for name, error in errors.items()}


def calibrate(
    measurements: Measurements,
    find: Finder | None = None,
    *,
    setup: Mapping[str, str] | None = None,
    prior: str = "none",
    interval: float = INTERVAL,
) -> CalibratedDevice:
    """Fit the one setup of a measurement file, or the one that `setup` chooses by values of its columns.

    With the prior `population`, what the devices show that the library was built with is known beforehand, and one
    measured network is enough. Raises `CalibrationError` where several setups remain, where nothing measured takes
    time, or where without a prior fewer than 3 different networks were measured: two to fit, one to test.
    """
    chosen = measurements.only(setup or {})
    only, rows = chosen.one_setup()
    find = find or finder()
    count = len({row.key for row in rows})
    if prior not in PRIORS:
        raise UnknownNameError("prior", prior, PRIORS)
    if prior == "none" and count < 3:
        raise CalibrationError(
            f"{measurements.name} has {len(rows)} row(s) of {count} network(s) in this setup; a calibration needs at "
            "least 3 different networks, two to fit and one to test"
        )
    if not NARROWEST <= interval <= WIDEST:
        raise CalibrationError(f"'interval' must lie between {NARROWEST} and {WIDEST} (got {interval})")
    table = tabulate(rows, find)
    if not table.matrix(TERMS).any():
        raise CalibrationError(
            f"nothing in {measurements.name} takes time in the model ({rows[0].label} and others are views or empty)"
        )
    return CalibratedDevice(
        measurements=chosen,
        setup=only,
        fit=fit(
            table,
            terms_of(TERMS, processor(only)),
            prior=library_prior(only) if prior == "population" else None,
            interval=interval,
        ),
        prior=prior,
        by_network=_left_out(chosen, find, _way(count), prior, interval) if count > 1 else None,
        by_family=_left_out(chosen, find, "family", prior, interval) if len(set(table.families)) > 1 else None,
    )


def _way(count: int) -> str:
    """How so many networks are left out: one at a time, or of very many a fold of them, as the fit itself does."""
    return "network" if count <= MOST_BY_ONE else f"fold:{MOST_LEFT_OUT}"


def _left_out(
    measurements: Measurements, find: Finder, leave_out: str, prior: str, interval: float
) -> Evaluation | None:
    """The errors on networks or families left out; None where one is all, or too little remains without one."""
    try:
        return evaluate(measurements, find, leave_out=leave_out, prior=prior, interval=interval)
    except CalibrationError:
        return None


def _rounded(value: float) -> float:
    """To five digits, more than measurements tell, so that a fit prints the same on every machine."""
    return float(f"{value:.5g}")


def _slug(device: str) -> str:
    """A profile's name from a device's: lower case, words joined by hyphens; `device` where it has no such letters."""
    return "-".join(re.findall(r"[a-z0-9]+", device.lower()))[:64].strip("-") or "device"
