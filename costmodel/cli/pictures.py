"""The pictures that the command line draws: from what the user asked for to a figure, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from costmodel.cli.sizing import target_of
from costmodel.cli.target import build, is_file, load
from costmodel.errors import SizingError
from costmodel.zoo import find

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from costmodel.hardware import Profile
    from costmodel.latency import Latency
    from costmodel.network import Network
    from costmodel.report.candidates import Candidates
    from costmodel.sizing import Compiled

ON_DEVICE: Final = ("latency_s", "energy_j", "ram_bytes", "flash_bytes")
"""The costs that depend on a device."""
SENSITIVE: Final = ("macs", "params", "activations")
"""The costs of a sensitivity where none is named; with a device, its latency too."""


class Asked(NamedTuple):
    """What the user asked for."""

    targets: list[str]
    costs: list[str]
    device: Profile | None
    data_type: str
    runtime: str | None
    settings: dict[str, str]
    batch: str | None
    over: dict[str, str]
    scores: dict[str, str]
    at: dict[str, str]
    accuracy: str | None
    weights: str | None
    limits: dict[str, float]


class Made(NamedTuple):
    """A picture, and what is in it."""

    figure: Figure
    networks: list[str]
    costs: list[str]
    points: int
    candidates: Candidates | None = None


def _networks(asked: Asked, most: int | None = None) -> list[Network]:
    """The networks that the targets name."""
    if not asked.targets or (most is not None and len(asked.targets) > most):
        raise typer.BadParameter(
            f"this picture takes one TARGET{'' if most else ' or more'} (got {len(asked.targets)})"
        )
    return [load(target, asked.settings, asked.batch).network for target in asked.targets]


def _one_target(asked: Asked) -> str:
    if len(asked.targets) != 1:
        raise typer.BadParameter(f"this picture takes one TARGET (got {len(asked.targets)})")
    return asked.targets[0]


def _latency(network: Network, asked: Asked) -> Latency:
    """What the device is calibrated for, or the roofline's bound."""
    from costmodel.latency import estimate
    from costmodel.latency.rule_files import DEFAULT

    if asked.device is None:
        raise SizingError("the time of a network needs a device; name one with --device (see costmodel devices)")
    if asked.device.calibration and asked.runtime is None and asked.data_type == "float32":
        return network.latency(asked.device)
    return estimate(network, asked.device, data_type=asked.data_type, rules=asked.runtime or DEFAULT)


def _one_cost(asked: Asked) -> str:
    """The cost that a picture of one shows."""
    if len(asked.costs) > 1:
        raise typer.BadParameter(f"this picture takes one cost in --costs (got {len(asked.costs)})")
    return asked.costs[0] if asked.costs else "macs"


def _on(asked: Asked, costs: Sequence[str]) -> str:
    """The device, where a cost depends on one, for the line below a picture."""
    if asked.device is None or not {*costs} & {*ON_DEVICE}:
        return ""
    known = "calibrated" if asked.device.calibration else "by the roofline of its data sheet"
    return f"{asked.device.title}, {asked.data_type}, {known}"


def _roofline(asked: Asked) -> Made:
    from costmodel.report.pictures import roofline

    (network,) = _networks(asked, most=1)
    latency = _latency(network, asked)
    return Made(roofline(latency), [network.name], ["latency_s"], len(latency.kernels))


def _stages(asked: Asked) -> Made:
    from costmodel.report.pictures import stages

    cost = _one_cost(asked)
    networks = _networks(asked)
    costed = [_latency(each, asked) for each in networks] if cost == "latency_s" else networks
    figure = stages(costed, cost, source=_on(asked, [cost]))
    names = [each.name for each in networks]
    return Made(figure, names, [cost], len(figure.axes[0].get_xticks()) * len(networks))


def _contour(asked: Asked) -> Made:
    from costmodel.report.pictures import contours

    cost = _one_cost(asked)
    space = _space(asked, [cost, *(name for name in asked.limits if name != cost)])
    return Made(
        contours(space, cost, asked.limits, source=_on(asked, space.costs)), [space.name], list(space.costs), space.size
    )


def _pareto(asked: Asked) -> Made:
    from costmodel.report.candidates import of_accuracies, of_networks, of_space
    from costmodel.report.pictures import pareto
    from costmodel.sizing import join_accuracy

    source = title = ""
    if asked.accuracy is not None:
        published = join_accuracy(asked.accuracy)
        published = published if asked.weights is None else published.of(asked.weights)
        cost = _one_cost(asked)
        found = of_accuracies(published, cost, asked.device, asked.data_type, asked.targets)
        source = f"Accuracies: {published.name} {asked.weights or ''}".rstrip()
    elif asked.over:
        space = _space(asked, asked.costs or ["macs"])
        found = of_space(space, space.costs, asked.scores)
        title = f"{space.name}: {len(found.front):,} of {space.size:,} configurations on the Pareto front"
    else:
        found = of_networks(_networks(asked), asked.costs, asked.device, asked.data_type)
    x, y = found.costs
    source = ". ".join(filter(None, (source, _on(asked, found.costs))))
    figure = pareto(found.points, found.names, x=x, y=y, maximize=found.maximize, title=title, source=source)
    names = [asked.targets[0]] if asked.over else list(found.names)
    return Made(figure, names, list(found.costs), found.points.shape[1], found)


def _sensitivity(asked: Asked) -> Made:
    from costmodel.reasoning import elasticities
    from costmodel.report.candidates import network_cost
    from costmodel.report.pictures import sensitivity

    target = _one_target(asked)
    at = dict(asked.at)
    if is_file(target):
        network = load(target, asked.settings).network
    else:
        known = find(target).parameters
        at = at or {name: str(known[name][1]) for name in ("width", "resolution") if name in known}
        network = build(target, {**asked.settings, **{name: name for name in at}})
    costs = asked.costs or [*SENSITIVE, *(["latency_s"] if asked.device else [])]
    found = {cost: elasticities(network_cost(network, cost, asked.device, asked.data_type), at) for cost in costs}
    figure = sensitivity(found, at, title=f"{network.name}: what one percent more costs", source=_on(asked, costs))
    return Made(figure, [network.name], costs, len(costs) * len(at))


def _space(asked: Asked, costs: list[str]) -> Compiled:
    """The space of the one target, over the values that were given."""
    from costmodel.sizing import compile_space

    return compile_space(
        target_of(_one_target(asked)),
        asked.over,
        costs,
        scores=asked.scores,
        device=asked.device,
        data_type=asked.data_type,
        settings=asked.settings,
    )


DRAWERS: Final[Mapping[str, Callable[[Asked], Made]]] = MappingProxyType({
    "roofline": _roofline, "pareto": _pareto, "contour": _contour, "stages": _stages, "sensitivity": _sensitivity,
})  # fmt: skip
