"""Changes: which layers stand in the place of which, and what that saves."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import NamedTuple

from costmodel.network import Network, Step
from costmodel.transform.amounts import Amounts, Placed
from costmodel.transform.edits import Edit


class Kept(NamedTuple):
    """A layer that a rewrite was asked to change and did not, and why."""

    name: str
    reason: str
    rewrite: str


@dataclass(frozen=True)
class Change:
    """Layers of the network before, and those that stand in their place; what is there after may keep its name."""

    name: str
    before: tuple[Placed, ...]
    after: tuple[Placed, ...]
    rewrites: tuple[str, ...]
    """The rewrites that made it, in order."""

    @property
    def cost_before(self) -> Amounts:
        """What its layers cost before."""
        return Amounts.sum(placed.amounts for placed in self.before)

    @property
    def cost_after(self) -> Amounts:
        """What the layers in their place cost."""
        return Amounts.sum(placed.amounts for placed in self.after)

    @property
    def saved(self) -> Amounts:
        """What the change saves: below zero where it costs more."""
        return self.cost_before - self.cost_after


def changes_of(before: Network, after: Network, edits: Iterable[Edit], rewrite: str) -> tuple[Change, ...]:
    """A change for each edit, each input of another shape, and each other layer that is not what it was.

    A layer is what it was where its fields are, and the shapes that it reads and writes.
    """
    old = {step.node.name: step for step in before.steps}
    new = {step.node.name: step for step in after.steps}
    edits = tuple(edits)
    made = {
        edit.name: Change(
            edit.label or edit.name,
            tuple(Placed.of(old[name]) for name in edit.removed),
            tuple(Placed.of(new[node.name]) for node in edit.added),
            (rewrite,),
        )
        for edit in edits
    }
    touched = {name for edit in edits for name in edit.removed} | {node.name for edit in edits for node in edit.added}
    for name, step in old.items():
        if name not in touched and _differ(step, new[name]):
            made[name] = Change(name, (Placed.of(step),), (Placed.of(new[name]),), (rewrite,))
    return (*_inputs(before, after, rewrite), *(made[name] for name in old if name in made))


def joined(first: tuple[Change, ...], second: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of two rewrites made one after the other, as changes from the first network to the last.

    What the first put in a place, and the second changed again, is one change.
    """
    found = dict(enumerate(first))
    new = count(len(first))
    makers = {placed.name: index for index, change in found.items() for placed in change.after}
    for change in second:
        names = [placed.name for placed in change.before]
        indices = list(dict.fromkeys(makers[name] for name in names if name in makers))
        merged = _merged([found[index] for index in indices], change, set(names))
        own = indices[0] if indices else next(new)
        for index in indices[1:]:
            del found[index]
        found[own] = merged
        for name in names:
            makers.pop(name, None)
        makers.update((placed.name, own) for placed in merged.after)
    return tuple(found.values())


def in_order(changes: Iterable[Change], network: Network) -> tuple[Change, ...]:
    """The changes in the order of what was there; what was only added stands behind what it is named after."""
    order = {name: index for index, name in enumerate((*network.inputs, *(step.node.name for step in network.steps)))}

    def place(change: Change) -> int:
        if change.before:
            return order[change.before[0].name]
        return max((index for name, index in order.items() if name.startswith(change.name)), default=len(order))

    return tuple(sorted(changes, key=place))


def _merged(earlier: Sequence[Change], change: Change, read: Container[str]) -> Change:
    """A change of what earlier ones have put there, as one from what was there before them."""
    made = {placed.name for each in earlier for placed in each.after}
    before = [placed for each in earlier for placed in each.before]
    before += [placed for placed in change.before if placed.name not in made]
    after = [placed for each in earlier for placed in each.after if placed.name not in read]
    rewrites = tuple(dict.fromkeys(text for each in (*earlier, change) for text in each.rewrites))
    name = earlier[0].name if earlier else change.name
    return Change(name, tuple(before), (*after, *change.after), rewrites)


def _inputs(before: Network, after: Network, rewrite: str) -> list[Change]:
    """Inputs of another shape: their elements are activations too."""
    changes = []
    for name, shape in before.inputs.items():
        if after.inputs[name] != shape:
            pair = [Placed(name, None, Amounts(activations=prod(each))) for each in (shape, after.inputs[name])]
            changes.append(Change(name, (pair[0],), (pair[1],), (rewrite,)))
    return changes


def _differ(one: Step, other: Step) -> bool:
    """Whether a layer is no longer the same, or reads other shapes; who writes these makes no difference."""
    same = one.node.model_copy(update={"inputs": other.node.inputs}) == other.node
    return not same or one.input_shapes != other.input_shapes or one.output_shapes != other.output_shapes
