"""What a Pareto picture compares: networks, those with a published accuracy, or the configurations of a space."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra import Dim
from costmodel.errors import SizingError, UnknownNameError, shorten
from costmodel.hardware import Profile
from costmodel.network import Network
from costmodel.sizing import Accuracies, Compiled, Rated, pareto_front
from costmodel.sizing.spaces.costs import COSTS, cost_expression

ACCURACY: Final = "top1_percent"
"""The name of the accuracy among the costs."""
MOST: Final = 4_000_000
"""Configurations of a space that are compared for a picture; more are swept into their front."""


@dataclass(frozen=True)
class Candidates:
    """Points with two costs each, of which some may be to be large, and names."""

    names: tuple[str, ...]
    costs: tuple[str, str]
    points: NDArray[np.float64]
    """A row for each cost; NaN where there is none."""
    maximize: tuple[bool, bool] = (False, False)
    left_out: tuple[str, ...] = ()
    """What could have been a point, and is none: names that nobody knows, or of which nobody says the accuracy."""

    @property
    def front(self) -> tuple[int, ...]:
        """The indices of those that no other dominates, by the first cost."""
        found = pareto_front(self.points, self.maximize)
        return tuple(found[np.lexsort(self.points[::-1, found])].tolist())


def of_networks(
    networks: Sequence[Network], costs: Sequence[str], device: Profile | None = None, data_type: str = "float32"
) -> Candidates:
    """Networks by two costs, both to be small.

    >>> from costmodel import zoo
    >>> of_networks([zoo.mobilenet_v1(), zoo.mobilenet_v2()], ["macs", "params"]).front
    (1,)
    """
    x, y = _two(costs)
    points = [[_number(network, cost, device, data_type) for network in networks] for cost in (x, y)]
    return Candidates(tuple(network.name for network in networks), (x, y), np.array(points).reshape(2, -1))


def of_accuracies(
    published: Accuracies,
    cost: str,
    device: Profile | None = None,
    data_type: str = "float32",
    only: Iterable[str] = (),
) -> Candidates:
    """Networks by a cost, to be small, and their published accuracy, to be large.

    `only` names those that are compared, by the names of the file or of the zoo; all where it is empty.
    """
    wanted = tuple(only)
    known = {name for each in published.rated for name in (each.model, each.family.name)}
    for name in wanted:
        if name not in known:
            raise UnknownNameError(f"network with an accuracy in {published.name}", name, known)
    rated = [each for each in published.rated if not wanted or {each.model, each.family.name} & {*wanted}]
    networks: dict[str, Network] = {}
    amounts = []
    for each in rated:
        key = f"{each.model} {each.settings}"
        networks[key] = networks.get(key) or each.network()
        amounts.append(_number(networks[key], cost, device, data_type))
    points = np.array([amounts, [each.top1_percent for each in rated]]).reshape(2, -1)
    left_out = () if wanted else (*published.unknown, *published.unrated)
    return Candidates(_rated_names(rated), (cost, ACCURACY), points, (False, True), left_out)


def of_space(space: Compiled, costs: Sequence[str], scores: Iterable[str] = ()) -> Candidates:
    """The configurations of a space by two of its costs, of which `scores` are to be large; the front has names."""
    x, y = _two(costs)
    if space.size > MOST:
        raise SizingError(
            f"{space.name}: {space.size:,} configurations are too many for a picture (at most {MOST:,});"
            f" sweep them into their front, or make the steps larger"
        )
    found = space.evaluate(0, space.size)[[space.costs.index(x), space.costs.index(y)]]
    maximize = (x in {*scores}, y in {*scores})
    bare = Candidates(("",) * space.size, (x, y), found, maximize)
    names = [""] * space.size
    settings = space.settings(np.array(bare.front, dtype=np.int64))
    for place, index in enumerate(bare.front):
        names[index] = ", ".join(f"{name} {_value(values[place])}" for name, values in settings.items())
    return Candidates(tuple(names), (x, y), found, maximize)


def network_cost(network: Network, cost: str, device: Profile | None = None, data_type: str = "float32") -> Dim:
    """A cost of a network; raises `UnknownNameError` for what is none, `SizingError` for one that needs a device."""
    if cost not in COSTS:
        raise UnknownNameError("cost", cost, COSTS)
    if device is None and cost in {"latency_s", "energy_j", "ram_bytes", "flash_bytes"}:
        raise SizingError(f"{cost} needs a device; name one (see costmodel devices)")
    return cost_expression(network, cost, device, data_type)


def _two(costs: Sequence[str]) -> tuple[str, str]:
    if len(costs) != 2 or costs[0] == costs[1]:
        raise SizingError(f"a Pareto picture has two costs (got {shorten(', '.join(costs)) or 'none'})")
    return costs[0], costs[1]


def _number(network: Network, cost: str, device: Profile | None, data_type: str) -> float:
    amount = network_cost(network, cost, device, data_type)
    if not isinstance(amount, (int, float)):
        raise SizingError(f"{network.name} has symbols; give them numbers to compare it with others")
    return float(amount)


def _rated_names(rated: Sequence[Rated]) -> tuple[str, ...]:
    """The models' names, with their resolution and training where one is there several times."""
    names = [each.model for each in rated]
    trainings = {each.weights for each in rated}
    return tuple(
        name if names.count(name) == 1 else f"{name} {_told(each, trainings)}".strip()
        for name, each in zip(names, rated, strict=True)
    )


def _told(each: Rated, trainings: Iterable[str]) -> str:
    """What tells a training apart: what is left of its name without the parts with which all begin."""
    common = 0
    for parts in zip(*(name.split("_") for name in trainings), strict=False):
        if len({*parts}) > 1:
            break
        common += 1
    return "_".join(each.weights.split("_")[common:]) or each.weights


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
