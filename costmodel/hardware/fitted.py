"""What a calibration leaves in a profile: the fitted coefficients, their doubt and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from costmodel.hardware.quantity import Date, Text

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

TermName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
"""The name of a feature whose coefficient was fitted: overhead, macs_depthwise, bytes ..."""


class Coefficient(BaseModel):
    """One fitted coefficient: what one unit of a feature costs.

    `low` and `high` bound it at the calibration's `interval`; both are absent where the data do not tell.
    """

    model_config = _FROZEN

    value: Annotated[float, Field(ge=0)]
    unit: Text
    low: Annotated[float, Field(ge=0)] | None = None
    high: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _bounds_hold_the_value(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high must both be given, or neither")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"the value must lie between low and high (got {self.low}, {self.value}, {self.high})")
        return self


class ResidualQuantile(BaseModel):
    """A quantile of log(measured / predicted) / sqrt(1 + leverage) over measurements that the fit had not seen."""

    model_config = _FROZEN

    probability: Annotated[float, Field(gt=0, lt=1)]
    log_ratio: float


class Provenance(BaseModel):
    """Which measurements a calibration was fitted to; `file` is a name, never a path.

    With no `rows`, nothing was measured: `file` is then the population that it was estimated from.
    """

    model_config = _FROZEN

    file: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]+$", max_length=255)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    rows: Annotated[int, Field(ge=0)]
    date: Date
    source: Text | None = None
    setup: dict[str, str] = Field(default_factory=dict)
    notes: tuple[Text, ...] = ()


class MeasuredRange(BaseModel):
    """What a calibration has seen: the shortest and the longest time, and each term's largest share of one."""

    model_config = _FROZEN

    shortest_s: Annotated[float, Field(gt=0)]
    longest_s: Annotated[float, Field(gt=0)]
    shares: dict[TermName, Annotated[float, Field(ge=0, le=1.001)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.longest_s < self.shortest_s:
            raise ValueError(f"longest_s must be at least shortest_s (got {self.longest_s} and {self.shortest_s})")
        return self


class Calibration(BaseModel):
    """A latency model fitted to measured times on this device.

    latency = sum over terms of coefficient x feature of the network. `model` names the set of features that the
    coefficients multiply. `errors` are fractions (0.04 is 4 %), named for how they were measured, such as
    `leave_one_network_out_mape`. `interval` is the coverage that low and high are meant to have. `spread` is the
    matrix C, in the order of the terms, of the leverage u' C u of a network: u holds the terms' shares of its time.
    `unseen` are features of the model that nothing measured had, and `range` says what the rest of them was, where the
    intervals come from the device's own networks.
    """

    model_config = _FROZEN

    model: Text
    terms: Annotated[dict[TermName, Coefficient], Field(min_length=1)]
    provenance: Provenance
    errors: dict[TermName, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    interval: Annotated[float, Field(gt=0, lt=1)] | None = None
    residual_quantiles: tuple[ResidualQuantile, ...] = ()
    spread: tuple[tuple[float, ...], ...] = ()
    unseen: tuple[TermName, ...] = ()
    range: MeasuredRange | None = None

    @model_validator(mode="after")
    def _quantiles_rise(self) -> Self:
        for before, after in pairwise(self.residual_quantiles):
            if after.probability <= before.probability or after.log_ratio < before.log_ratio:
                raise ValueError("residual_quantiles must rise in probability and not fall in log_ratio")
        if self.interval is not None and len(self.residual_quantiles) < 2:
            raise ValueError("an interval needs at least two residual_quantiles")
        return self

    @model_validator(mode="after")
    def _spread_has_a_row_and_column_for_each_term(self) -> Self:
        count = len(self.terms)
        if self.spread and [len(row) for row in self.spread] != [count] * count:
            raise ValueError(f"spread must have {count} rows of {count} numbers, one for each term")
        return self

    def leverage(self, shares: Sequence[float]) -> float:
        """u' C u: how far a mix of the terms lies from those that were measured; 0 without a spread."""
        rows = zip(shares, self.spread, strict=False)
        return max(0.0, sum(u * c * v for u, row in rows for c, v in zip(row, shares, strict=True)))

    def log_ratio(self, probability: float) -> float | None:
        """The residual's quantile, linear between those given; None outside them."""
        for before, after in pairwise(self.residual_quantiles):
            if before.probability <= probability <= after.probability:
                share = (probability - before.probability) / (after.probability - before.probability)
                return before.log_ratio + share * (after.log_ratio - before.log_ratio)
        return None
