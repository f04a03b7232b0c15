"""Rows that measured one network under several names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from costmodel.calibration.measurements import Key
from costmodel.calibration.names import same_device, same_network
from costmodel.calibration.table import Table
from costmodel.calibration.terms import term
from costmodel.zoo import families

NEAR: Final = 0.125
"""Networks of one name whose amounts differ by at most this part are one; what else a name means is farther off."""


def one_network(table: Table) -> tuple[Key, ...]:
    """What each row measured, with one key for all names of a network: the first that the table has.

    Two keys are one where `same_network` says so of the names, width and resolution are equal or those that the zoo
    takes by default, and the amounts of the terms differ, by their worths, by at most `NEAR`.
    """
    found: dict[Key, list[tuple[Key, Mapping[str, float]]]] = {}
    label: dict[Key, Key] = {}
    for index, key in enumerate(table.keys):
        if key in label:
            continue
        label[key] = key
        if table.rows[index].cells.get("layer"):
            continue
        works = {name: term(name).worth * float(column[index]) for name, column in table.amounts.items()}
        others = found.setdefault(_common(key), [])
        label[key] = next((other for other, its in others if _distance(works, its) <= NEAR), key)
        others.append((label[key], works))
    return tuple(label[key] for key in table.keys)


def _common(key: Key) -> Key:
    """The key by the name that all names of the network have in common, without sizes that the zoo takes by default."""
    name, width, resolution = key
    common = same_network(name)
    defaults = _defaults(common)
    return (common, "" if width == defaults[0] else width, "" if resolution == defaults[1] else resolution)


@cache
def _defaults(common: str) -> tuple[str, str]:
    """The width and the resolution that the zoo's network takes by default; empty where there is none."""
    for name, each in families().items():
        if same_device(name) == common:
            width, resolution = (each.parameters.get(size, (None, "")) for size in ("width", "resolution"))
            return str(width[1]), str(resolution[1])
    return "", ""


def _distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """sum |x_k - y_k| over the larger of sum x_k and sum y_k; 0 where there is nothing."""
    most = max(sum(one.values()), sum(other.values()))
    return sum(abs(one[name] - other[name]) for name in one) / most if most else 0.0
