"""What every rewrite is: a frozen spec that says what comes in the place of a layer.

To add a rewrite, write one class in one file (see `costmodel.transform.grouped` for a short one)::

    class WithoutBias(Replacement):
        '''A linear layer without its bias.'''

        name: ClassVar[str] = "without_bias"
        of: ClassVar[tuple[type[Layer], ...]] = (Linear,)

        def edit(self, step: Step, graph: Graph) -> Edit:
            layer = step.node.layer.model_copy(update={"bias": False})
            return in_a_row(graph, [step], [Piece(step.node.name, layer)])

Subclassing registers it under its `name`: `cm.rewrite(network, "fc=without_bias")` and the command line know it from
there.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from costmodel.algebra.dimension import Dim
from costmodel.algebra.text import to_text
from costmodel.errors import RewriteError, UnknownNameError, shorten
from costmodel.layers import Layer
from costmodel.network import Network, Step
from costmodel.sentences import one_sentence
from costmodel.transform.changes import Kept
from costmodel.transform.edits import Edit
from costmodel.transform.graph import Graph
from costmodel.transform.selection import CONVOLUTIONS, Predicate, select


def _sizes(value: object) -> object:
    if isinstance(value, str):
        return tuple(value.split("x")) if re.fullmatch(r"\d+(x\d+)+", value) else (value,)
    return value if isinstance(value, (tuple, list)) else (value,)


Sizes = Annotated[tuple[Dim, ...], BeforeValidator(_sizes)]
"""One size for all axes, or in a text with an x between one for each: 160, 192x160."""


class Plan(NamedTuple):
    """What a rewrite does to a network."""

    edits: tuple[Edit, ...] = ()
    kept: tuple[Kept, ...] = ()
    network: Network | None = None
    """The network that comes of it, where it is not made by edits."""


class Rewrite(BaseModel):
    """A change of a whole network; its fields beside `what` and `only` are its options."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    what: str | Predicate = ""
    """Which layers: a name with wildcards, a kind, a word such as conv, a kernel such as 5x5, or a function."""
    only: str | Predicate = ""
    """Which of these: the same."""

    name: ClassVar[str] = ""
    """What it is called in texts."""
    keeps_shapes: ClassVar[bool] = True
    """Whether every tensor that stays keeps its shape; otherwise the network's outputs keep theirs."""
    keeps_outputs: ClassVar[bool] = True
    """Whether the network's outputs keep their shapes; of an output with spatial axes the first two."""

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise RewriteError(f"{type(self).name}: {one_sentence(problem)}") from None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "name" not in vars(cls) or not cls.name:
            return
        known = _REWRITES.get(cls.name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise RewriteError(f"the rewrite {cls.name!r} is {known.__module__}.{known.__qualname__} already")
        _REWRITES[cls.name] = cls

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """The names of its options, in order."""
        return tuple(name for name in cls.model_fields if name not in Rewrite.model_fields)

    def restricted(self, only: str | Predicate) -> Self:
        """The same for some layers only; raises where it is restricted to others already."""
        if self.only and self.only != only:
            raise RewriteError(f"{self} is restricted already; leave 'only' out")
        return self.model_copy(update={"only": only})

    def plan(self, graph: Graph) -> Plan:
        """What it does to a network; raises `RewriteError` where that is nothing."""
        raise NotImplementedError

    def __str__(self) -> str:
        """The text that `parse_rewrite` reads back, where no function is among its fields."""
        fields = {name: getattr(self, name) for name in self.options()}
        given = [f"{name}={_text(value)}" for name, value in fields.items() if name in self.model_fields_set]
        what = self.what if isinstance(self.what, str) else getattr(self.what, "__name__", "function")
        return f"{what}={self.name}{':' if given else ''}{','.join(given)}"


class Scaling(Rewrite):
    """A rewrite of the whole network by one value, its first option: width=1.5."""

    def __str__(self) -> str:
        first, *others = self.options()
        given = [f"{name}={_text(getattr(self, name))}" for name in others if name in self.model_fields_set]
        return f"{self.name}={_text(getattr(self, first))}{':' if given else ''}{','.join(given)}"


class Replacement(Rewrite):
    """A rewrite that puts layers in the place of others, one by one."""

    of: ClassVar[tuple[type[Layer], ...]] = CONVOLUTIONS
    """The kinds of layers that it is about."""

    def edit(self, step: Step, graph: Graph) -> Edit:
        """What comes in the place of a layer; raises `RewriteError` with why it stays."""
        raise NotImplementedError

    def plan(self, graph: Graph) -> Plan:
        """An edit for every layer that is selected; those that overlap with an earlier one are not made."""
        edits: dict[str, Edit] = {}
        kept = {}
        for step in select(graph, self.what, self.only, self.of):
            name = step.node.name
            if name in edits:
                continue
            try:
                edit = self.edit(step, graph)
            except RewriteError as problem:
                kept[name] = Kept(name, str(problem), str(self))
                continue
            taken = next((each for each in edit.removed if each in edits), None)
            if taken is None:
                edits.update(dict.fromkeys(edit.removed, edit))
            elif name not in edits:
                kept[name] = Kept(name, f"{taken} is rewritten with {edits[taken].name} already", str(self))
        made = {id(edit): edit for edit in edits.values()}
        return Plan(tuple(made.values()), tuple(each for name, each in kept.items() if name not in edits))


_REWRITES: dict[str, type[Rewrite]] = {}


def rewrites() -> dict[str, type[Rewrite]]:
    """Every rewrite by name."""
    return dict(_REWRITES)


def find_rewrite(name: str) -> type[Rewrite]:
    """The rewrite of that name; raises with the nearest names where there is none."""
    if name not in _REWRITES:
        raise UnknownNameError("rewrite", name, _REWRITES)
    return _REWRITES[name]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "x".join(map(_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    return shorten(value if isinstance(value, str) else to_text(value))
