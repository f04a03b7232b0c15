"""A blocked layout, as rules describe it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from costmodel.latency.patterns import CLASSES, FROZEN, Words, check_kinds


class Layout(BaseModel):
    """A layout in which channels lie in blocks of `block`, as vectors of a processor hold them.

    Kernels of the classes and kinds in `starts` work in it, where their channels fit, and read a copy of an input that
    does not lie so. Kinds in `keeps` work in it where all that they read lies so, in one shape. Everything else reads
    a copy of what lies so. Channels fit where `block` divides them, in a grouped convolution those of a group. In any
    other convolution they fit where `alignment` divides those of the input, or where these, unless each has its own
    filter, are fewer than `block`: then they are read as they are.
    """

    model_config = FROZEN

    block: Annotated[int, Field(strict=True, ge=2, le=1024)]
    alignment: Annotated[int, Field(strict=True, ge=1, le=1024)] = 1
    starts: Annotated[Words, Field(min_length=1)]
    keeps: Words = ()

    @model_validator(mode="after")
    def _of_known_names(self) -> Self:
        check_kinds("starts", self.starts, CLASSES)
        check_kinds("keeps", self.keeps)
        return self
