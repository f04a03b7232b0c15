"""What a space is asked for: costs by name, on a device where they depend on one, and scores of the user's."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from costmodel.algebra import Dim, parse
from costmodel.algebra.assumed import collecting
from costmodel.counting import Cost
from costmodel.counting.datatypes import bits_of
from costmodel.counting.quantities import QUANTITIES, quantity_of
from costmodel.errors import SizingError, UnknownNameError, shorten
from costmodel.hardware import Profile, find_profile
from costmodel.latency import Latency, estimate
from costmodel.network import Network
from costmodel.remembering import Remembered, Same

ON_DEVICE: Final = ("latency_s", "energy_j", "ram_bytes", "flash_bytes")
"""What only a device gives: `ram_bytes` are needed at the worst moment, `flash_bytes` by the weights as stored."""
COSTS: Final = (*QUANTITIES, *ON_DEVICE)
"""What a configuration can be asked for."""


@dataclass(frozen=True)
class Question:
    """Costs by name, in order, and then the scores: expressions of parameters and costs."""

    costs: tuple[str, ...] = ("macs", "params")
    scores: Mapping[str, str] = field(default_factory=dict)
    device: Profile | None = None
    data_type: str = "float32"

    @property
    def key(self) -> Hashable:
        """What tells it from other questions."""
        return self.costs, tuple(self.scores.items()), Same(self.device), self.data_type

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the answers."""
        return (*self.costs, *self.scores)

    def expressions(self, network: Network, parameters: Mapping[str, Dim]) -> list[Dim]:
        """Every answer for a network, as numbers or expressions; `parameters` are what scores may name."""
        known: dict[str, Dim] = dict(parameters)
        texts = " ".join(self.scores.values())
        wanted = [name for name in COSTS if name in self.costs or name in texts]
        known.update((name, cost_expression(network, name, self.device, self.data_type)) for name in wanted)
        for name, text in self.scores.items():
            known[name] = parse(text, known)
        return [known[name] for name in self.names]


def question(
    costs: Iterable[str],
    *,
    scores: Mapping[str, str] | None = None,
    device: str | os.PathLike[str] | Profile | None = None,
    data_type: str = "float32",
    parameters: Iterable[str] = (),
) -> Question:
    """The question with everything checked that does not need a network.

    Raises `UnknownNameError` for a cost that there is not, `SizingError` for a name twice or one that needs a device.
    """
    bits_of(data_type)
    names = tuple(costs)
    given = dict(scores or {})
    for name in names:
        if name not in COSTS:
            raise UnknownNameError("cost", name, COSTS)
    taken = [*names, *given]
    for name in taken:
        if taken.count(name) > 1 or name in parameters:
            raise SizingError(f"{shorten(name)!r} must be the name of one cost, score or parameter (it is of two)")
    for name in given:
        if not name.isidentifier() or name in COSTS:
            raise SizingError(f"a score must have a name of its own in letters, digits and _ (got {shorten(name)!r})")
    profile = None if device is None else find_profile(device)
    asked = Question(names, given, profile, data_type)
    for name in ON_DEVICE:
        if profile is None and (name in names or any(name in text for text in given.values())):
            raise SizingError(f"{name} needs a device; name one (see costmodel devices)")
    return asked


def cost_expression(network: Network, name: str, device: Profile | None, data_type: str = "float32") -> Dim:
    """A cost of a network: a number, or an expression of its symbols; remembered for as long as the network lives."""
    if name in ON_DEVICE and collecting() is not None:  # a runtime chooses by values, and what it chooses is collected
        return _computed(network, name, device, data_type)
    key = (name, Same(device), data_type)
    return _EXPRESSIONS.of(network, key, lambda: _computed(network, name, device, data_type))


_EXPRESSIONS: Final = Remembered[Dim](most=64)
_COSTS: Final = Remembered[Cost](most=4)
_LATENCIES: Final = Remembered[Latency](most=8)


def _computed(network: Network, name: str, device: Profile | None, data_type: str) -> Dim:
    if name in QUANTITIES or device is None:
        cost = _COSTS.of(
            network,
            (data_type, Same(collecting())),
            lambda: network.cost(activation_type=data_type, weight_type=data_type),
        )
        return quantity_of(cost, name)
    key = (Same(device), data_type, Same(collecting()))
    latency = _LATENCIES.of(network, key, lambda: latency_of(network, device, data_type))
    if name == "latency_s":
        return latency.latency_s
    if name == "energy_j":
        if latency.energy_j is None:
            raise SizingError(f"{latency.device} has no energies; leave energy_j out, or give them in a profile")
        return latency.energy_j
    if latency.memory is None:
        raise SizingError(f"{latency.device} does not say where networks lie; leave {name} out")
    return latency.memory.peak_ram_bytes if name == "ram_bytes" else latency.memory.weight_bytes


def latency_of(network: Network, device: Profile, data_type: str) -> Latency:
    """The calibrated latency where the device is calibrated, else the roofline's in this data type."""
    return network.latency(device) if device.calibration else estimate(network, device, data_type=data_type)
