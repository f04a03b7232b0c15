"""The population that comes with the library, as a file of fitted numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from costmodel.calibration.covariates import COVARIATES
from costmodel.calibration.measurements import Measurements
from costmodel.calibration.population import Population
from costmodel.calibration.prior import Tail
from costmodel.calibration.terms import MODEL, TERMS
from costmodel.errors import CalibrationError, FileFormatError
from costmodel.files import write_whole
from costmodel.hardware.quantity import Text
from costmodel.sentences import one_sentence

NAME: Final = "population.json"
_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
_DIGITS: Final = 5


class _Tail(BaseModel):
    """How far predictions were off on devices and networks that were left out (`Tail`)."""

    model_config = _FROZEN

    scale: Annotated[float, Field(gt=0)]
    networks: Annotated[float, Field(gt=0)]
    interval: Annotated[float, Field(gt=0, lt=1)]
    quantiles: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]


class Group(BaseModel):
    """The population of one kind of processor and arithmetic; matrices in the order of the terms."""

    model_config = _FROZEN

    terms: tuple[str, ...]
    effects: tuple[tuple[float, ...], ...]
    covariance: tuple[tuple[float, ...], ...]
    centre: tuple[float, ...]
    variances: tuple[float, ...]
    noise: Annotated[float, Field(gt=0)]
    devices: tuple[str, ...]
    networks: tuple[str, ...]
    known: _Tail | None = None
    unknown: _Tail | None = None


class PopulationFile(BaseModel):
    """Fitted numbers of many devices, no measurement among them, and the checksum of the file they are fitted to."""

    model_config = _FROZEN

    version: Literal[2] = 2
    model: str
    covariates: dict[str, tuple[str, ...]]
    source: Text
    file: str
    sha256: str
    groups: dict[str, Group]


def write_populations(
    populations: Mapping[str, Population], measurements: Measurements, source: str, path: str
) -> None:
    """Write the populations, by their groups, as numbers of five digits."""
    try:
        found = PopulationFile(
            model=MODEL,
            covariates=dict(COVARIATES),
            source=source,
            file=measurements.name,
            sha256=measurements.sha256,
            groups={name: _group(each) for name, each in populations.items()},
        )
    except ValidationError as problem:
        raise CalibrationError(f"no population can be written: {one_sentence(problem)}") from None
    write_whole(path, json.dumps(found.model_dump(mode="json"), indent=1) + "\n")


def _group(population: Population) -> Group:
    return Group(
        terms=tuple(term.name for term in population.terms),
        effects=_rounded(population.effects),
        covariance=_rounded(population.covariance),
        centre=tuple(map(_short, population.centre.tolist())),
        variances=tuple(map(_short, population.variances.tolist())),
        noise=population.noise,
        devices=tuple(sorted(population.devices)),
        networks=tuple(sorted(population.networks)),
        known=_rounded_tail(population.known),
        unknown=_rounded_tail(population.unknown),
    )


def _rounded_tail(tail: Tail | None) -> _Tail | None:
    if tail is None:
        return None
    quantiles = tuple((measured, _short(score)) for measured, score in tail.quantiles)
    return _Tail(scale=_short(tail.scale), networks=tail.networks, interval=tail.interval, quantiles=quantiles)


@cache
def shipped(family: str) -> Population:
    """The population of a group that comes with the library."""
    found = _file()
    if family not in found.groups:
        raise CalibrationError(
            f"no population of {family} devices comes with the library (it has: {', '.join(found.groups)})"
        )
    each = found.groups[family]
    known = {term.name: term for term in TERMS}
    strange = [name for name in each.terms if name not in known]
    if strange:
        raise FileFormatError(f"{NAME} has a term {strange[0]!r}, which this costmodel does not know")
    return Population(
        terms=tuple(known[name] for name in each.terms),
        effects=np.array(each.effects),
        covariance=np.array(each.covariance),
        centre=np.array(each.centre),
        variances=np.array(each.variances),
        noise=each.noise,
        devices=frozenset(each.devices),
        networks=frozenset(each.networks),
        known=Tail(**each.known.model_dump()) if each.known else None,
        unknown=Tail(**each.unknown.model_dump()) if each.unknown else None,
    )


def shipped_groups() -> tuple[str, ...]:
    """The groups that come with the library."""
    return tuple(_file().groups)


class Origin(NamedTuple):
    """The population's file by its name and checksum, and in words what it was learned from."""

    file: str
    sha256: str
    source: str


@cache
def origin() -> Origin:
    """Where the numbers of the population that comes with the library come from."""
    found = _file()
    return Origin(NAME, hashlib.sha256(_raw()).hexdigest(), f"learned from {found.file} of {found.source}")


def _raw() -> bytes:
    return files("costmodel.calibration").joinpath(NAME).read_bytes()


@cache
def _file() -> PopulationFile:
    try:
        found = PopulationFile.model_validate_json(_raw())
    except ValidationError as problem:
        raise FileFormatError(f"{NAME}: {one_sentence(problem)}") from None
    if found.model != MODEL:
        raise FileFormatError(f"{NAME} was learned with the model {found.model!r}, and this costmodel knows {MODEL!r}")
    if found.covariates != dict(COVARIATES):
        raise FileFormatError(f"{NAME} was learned with other covariates than this costmodel knows; learn it again")
    return found


def _rounded(matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(_short, row)) for row in matrix.tolist())


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
