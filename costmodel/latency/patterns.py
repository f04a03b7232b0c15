"""A pattern as a user writes it: operations that a runtime runs as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, model_validator

from costmodel.errors import shorten
from costmodel.latency.matching import Line, parse_lines
from costmodel.layers import Layer, kinds, parse_layer

FROZEN: Final = ConfigDict(frozen=True, extra="forbid")

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]


class Form(NamedTuple):
    """A pattern as it is looked for: its lines, and the layer that they become, None for the last of them."""

    lines: tuple[Line, ...]
    layer: Layer | None


class Pattern(BaseModel):
    """Operations that run as one: as a layer of the kind `becomes`, or else as the last of them.

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
        try:
            self._lines = parse_lines(self.operations)
        except ValueError as problem:
            raise ValueError(f"'operations' {problem}") from None
        for line in self._lines:
            check_kinds("operations", sorted(line.kinds))
        if self.becomes is not None:
            self._layer = _layer(self.becomes)
        return self

    @property
    def lines(self) -> tuple[Line, ...]:
        """The operations, parsed."""
        return self._lines

    @property
    def layer(self) -> Layer | None:
        """What the operations become; None where they become the last of them."""
        return self._layer


def check_kinds(field: str, names: Iterable[str], others: Collection[str] = ()) -> None:
    """Raise ValueError for what is no layer kind and not among the others."""
    unknown = set(names) - kinds().keys() - set(others)
    if unknown:
        what = "layer kinds or classes of kernels" if "conv" in others else "layer kinds"
        raise ValueError(f"'{field}' must be {what}, which `costmodel kinds` lists (got {shorten(min(unknown))!r})")


def _layer(kind: str) -> Layer:
    """A layer of that kind with its defaults."""
    check_kinds("becomes", (kind,))
    try:
        return parse_layer({"kind": kind})
    except ValueError:
        raise ValueError(f"'becomes' must be a kind that needs no field (got {kind!r})") from None
