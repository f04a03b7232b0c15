"""A pattern as a user writes it: operations that a runtime runs as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Final, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, model_validator

from costmodel.errors import shorten
from costmodel.hardware import KernelClass
from costmodel.latency.matching import Line, parse_lines
from costmodel.layers import Layer, kinds, parse_layer

CLASSES: Final = frozenset(get_args(KernelClass))
"""The classes of kernels, which rules name beside the kinds of layers."""

FROZEN: Final = ConfigDict(frozen=True, extra="forbid")

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]


class Form(NamedTuple):
    """A pattern as it is looked for: its lines, and the layer that they become, None for the last of them.

    `feeds` are the kinds of each operation that the last reads.
    """

    lines: tuple[Line, ...]
    layer: Layer | None
    feeds: tuple[frozenset[str], ...]


class Pattern(BaseModel):
    """Operations that run as one: as a layer of the kind `becomes`, or else as that which multiplies, or the last.

    An operation is a line such as `y = multiply(x, s)`. Names that no line defines are the inputs, `*` is any stored
    tensor, `#` one of a single element, and `kind|kind` one of several kinds.
    """

    model_config = FROZEN

    operations: Annotated[tuple[Text, ...], Field(min_length=2, max_length=32)]
    becomes: Word | None = None
    _lines: tuple[Line, ...] = PrivateAttr()
    _layer: Layer | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._lines = _lines(self.operations)
        if self.becomes is not None:
            self._layer = _layer("becomes", self.becomes)
        return self

    @property
    def form(self) -> Form:
        """The pattern as it is looked for."""
        last = self._lines[-1].arguments
        feeds = tuple(line.kinds for line in self._lines[:-1] if line.target in last)
        return Form(self._lines, self._layer, feeds)


class Split(BaseModel):
    """A kind that runs as several operations where it joins no kernel: activations, of layers without fields.

    The operations are written as those of a pattern, of the one input `x`.
    """

    model_config = FROZEN

    kind: Word
    operations: Annotated[tuple[Text, ...], Field(min_length=2, max_length=32)]
    _parts: tuple[tuple[Line, Layer], ...] = PrivateAttr()

    @model_validator(mode="after")
    def _readable(self) -> Self:
        check_kinds("kind", (self.kind,))
        lines = _lines(self.operations)
        free = {name for line in lines for name in line.arguments} - {line.target for line in lines}
        if free != {"x"} or any(len(line.kinds) > 1 for line in lines):
            raise ValueError("'operations' of a split must each be of one kind, and read x and what they compute")
        self._parts = tuple((line, _layer("operations", *line.kinds)) for line in lines)
        return self

    @property
    def parts(self) -> tuple[tuple[Line, Layer], ...]:
        """The operations, parsed, with their layers."""
        return self._parts


def check_kinds(field: str, names: Iterable[str], others: Collection[str] = ()) -> None:
    """Raise ValueError for what is no layer kind and not among the others."""
    unknown = set(names) - kinds().keys() - set(others)
    if unknown:
        what = "layer kinds or classes of kernels" if "conv" in others else "layer kinds"
        raise ValueError(f"'{field}' must be {what}, which `costmodel kinds` lists (got {shorten(min(unknown))!r})")


def _lines(operations: tuple[str, ...]) -> tuple[Line, ...]:
    """The operations, parsed, which are of known kinds."""
    try:
        lines = parse_lines(operations)
    except ValueError as problem:
        raise ValueError(f"'operations' {problem}") from None
    for line in lines:
        check_kinds("operations", line.kinds)
    return lines


def _layer(field: str, kind: str) -> Layer:
    """A layer of that kind with its defaults."""
    check_kinds(field, (kind,))
    try:
        return parse_layer({"kind": kind})
    except ValueError:
        raise ValueError(f"'{field}' must be a kind that needs no field (got {kind!r})") from None
