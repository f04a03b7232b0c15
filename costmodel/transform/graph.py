"""Who reads what in a network, and which nodes stand in a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from costmodel.layers import Layer
from costmodel.layers.base import Shape
from costmodel.network import Network, Step


class Graph:
    """A network by its tensors: which step writes each, and which steps read it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.steps = {step.node.name: step for step in network.steps}
        self.names = {*network.inputs, *self.steps}

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every tensor."""
        return self.network.shapes

    @cached_property
    def producers(self) -> dict[str, Step]:
        """The step that writes each tensor; a network's input has none."""
        return {tensor: step for step in self.network.steps for tensor in step.outputs}

    @cached_property
    def readers(self) -> dict[str, tuple[Step, ...]]:
        """The steps that read each tensor, one that reads it twice once."""
        found: dict[str, dict[str, Step]] = {}
        for step in self.network.steps:
            for tensor in step.inputs:
                found.setdefault(tensor, {})[step.node.name] = step
        return {tensor: tuple(steps.values()) for tensor, steps in found.items()}

    def following(self, step: Step) -> Step | None:
        """The step that alone reads what this one writes, and reads nothing else; None where there is no such."""
        if len(step.outputs) != 1 or step.outputs[0] in self.network.outputs:
            return None
        readers = self.readers.get(step.outputs[0], ())
        return readers[0] if len(readers) == 1 and len(readers[0].inputs) == 1 else None

    def preceding(self, step: Step) -> Step | None:
        """The step whose only reader this one is, and the only one that it reads; None where there is no such."""
        if len(step.inputs) != 1 or step.inputs[0] not in self.producers:
            return None
        before = self.producers[step.inputs[0]]
        following = self.following(before)
        return before if following is not None and following.node.name == step.node.name else None

    def after(self, step: Step, *kinds: type[Layer]) -> tuple[Step, ...]:
        """The steps in a row behind this one, as long as they are of these kinds."""
        return tuple(self._row(step, kinds))

    def fresh(self, name: str) -> str:
        """The name, with a number where the network has it already."""
        number = 2
        found = name
        while found in self.names:
            found, number = f"{name}_{number}", number + 1
        return found

    def _row(self, step: Step, kinds: tuple[type[Layer], ...]) -> Iterator[Step]:
        following = self.following(step)
        while following is not None and isinstance(following.node.layer, kinds):
            yield following
            following = self.following(following)
