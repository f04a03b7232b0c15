"""Two networks side by side: by layer kind, by stage and by layer, what makes the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log2
from typing import Final, NamedTuple

from costmodel.algebra import Dim, equal, exact_div, total
from costmodel.counting.cost import Cost, NodeCost, Shape

_IN_COMMON: Final = 0.5
"""Layers are compared one by one where the two networks have at least this part of their names in common."""


class Share(NamedTuple):
    """What some nodes of a network add to its totals."""

    layers: int
    macs: Dim
    params: Dim
    activations: Dim

    @classmethod
    def of(cls, nodes: Iterable[NodeCost]) -> Share:
        """The sums over some nodes."""
        nodes = list(nodes)
        return cls(
            len(nodes),
            total(node.macs for node in nodes),
            total(node.params for node in nodes),
            total(node.activations for node in nodes),
        )


class Pair(NamedTuple):
    """The nodes of a kind, of a stage, or of a name: what they add in the one network and in the other."""

    name: str
    one: Share
    other: Share


class Comparison(NamedTuple):
    """The costs of two networks, and where they differ."""

    one: Cost
    other: Cost
    kinds: tuple[Pair, ...]
    """By layer kind."""
    stages: tuple[Pair, ...]
    """By how many times smaller than the input's the maps are: 1/1, 1/2 ..., and "features" where there are none."""
    layers: tuple[Pair, ...]
    """By name, where the two networks have most names in common: two versions of one network."""


def compare(one: Cost, other: Cost) -> Comparison:
    """Two costs side by side; each way of grouping sums to the totals of both.

    >>> from costmodel import zoo
    >>> found = compare(zoo.vgg16().cost(), zoo.resnet50().cost())
    >>> [(pair.name, pair.one.macs, pair.other.macs) for pair in found.kinds if pair.name == "linear"]
    [('linear', 123633664, 2048000)]
    """
    sizes = [_largest(cost) for cost in (one, other)]
    has_names = _have_names_in_common(one, other)
    return Comparison(
        one,
        other,
        _pairs(one, other, lambda node, _: node.kind),
        _sorted(_pairs(one, other, lambda node, index: stage(node.output_shapes[:1], sizes[index]))),
        _pairs(one, other, lambda node, _: node.name) if has_names else (),
    )


def stage(shapes: tuple[Shape, ...], size: Dim) -> str:
    """The stage of a tensor in a network on maps of a size: the part of it, rounded to a power of two.

    >>> stage(((1, 64, 55, 55),), 224), stage(((1, 1000),), 224)
    ('1/4', 'features')
    """
    if not shapes or len(shapes[0]) < 4 or _is_one(shapes[0][2:]):
        return "features"
    height = shapes[0][2]
    if not (isinstance(size, int) and isinstance(height, int)):
        ratio = exact_div(size, height)
        return f"1/{ratio}" if ratio.is_Integer else "other maps"
    return f"1/{2 ** max(0, round(log2(size / height)))}" if height <= size else "larger maps"


def _pairs(one: Cost, other: Cost, key: Callable[[NodeCost, int], str]) -> tuple[Pair, ...]:
    groups: dict[str, tuple[list[NodeCost], list[NodeCost]]] = {}
    for index, cost in enumerate((one, other)):
        for node in cost.nodes:
            groups.setdefault(key(node, index), ([], []))[index].append(node)
    return tuple(Pair(name, Share.of(first), Share.of(second)) for name, (first, second) in groups.items())


def _sorted(stages: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """Stages of larger maps first."""

    def part(pair: Pair) -> tuple[int, int]:
        number = pair.name.removeprefix("1/")
        return (0, int(number)) if number.isdigit() else (1, len(number))

    return tuple(sorted(stages, key=part))


def _have_names_in_common(one: Cost, other: Cost) -> bool:
    """Whether most layers of either network have one of the same name and kind in the other."""
    first, second = ({(node.name, node.kind) for node in cost.nodes} for cost in (one, other))
    return bool(first) and len(first & second) >= _IN_COMMON * max(len(first), len(second))


def _largest(cost: Cost) -> Dim:
    """The height of the first map that a network reads."""
    for node in cost.nodes:
        for shape in node.input_shapes:
            if len(shape) >= 4:
                return shape[2]
    return 1


def _is_one(sizes: Shape) -> bool:
    return all(equal(size, 1) for size in sizes)
