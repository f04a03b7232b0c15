"""Cores and chips by the names that people write: what is published of them, as data."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from costmodel.hardware.quantity import Text
from costmodel.toml_files import check_version, parse_toml

FORMAT_VERSION: Final = 1
"""The format of the tables."""

Family = Literal[
    "arm-in-order", "arm-out-of-order", "apple", "x86", "risc-v", "other", "mobile", "integrated", "discrete"
]  # fmt: skip
"""Whose core it is, and for Arm how it issues; of a GPU, where it sits (the last three)."""

GPU_FAMILIES: Final = frozenset({"mobile", "integrated", "discrete"})

_FROZEN = ConfigDict(frozen=True, extra="forbid")


def _bounded(pattern: str) -> str:
    """A regular expression that takes linear time: every repetition in it ends."""
    if re.search(r"(?<!\\)[*+]|\{\d+,\}", re.sub(r"\[[^\]]*\]", "", pattern)):
        raise ValueError("must have no repetition without an end")
    try:
        re.compile(pattern)
    except re.error as problem:
        raise ValueError(f"must be a regular expression ({problem})") from None
    return pattern


Pattern = Annotated[Text, AfterValidator(_bounded)]
"""What a text in lower case, with spaces for hyphens, calls it."""


class Core(BaseModel):
    """A processor core, or a GPU; what nobody has published is None.

    `float_lanes_per_cycle` counts float32 multiply-accumulates a cycle: of a core with all its vector units, and where
    multiplication and addition are separate instructions, as many pairs of them. `private_cache_bytes` is the last
    cache that no other core shares. `little` names the core that a brand calls by the same name in the slowest
    cluster. `is_brand` is a name that several cores share. `checked` tells whether the source was seen when the row
    was written, or written from memory of it.
    """

    model_config = _FROZEN

    name: Text
    family: Family
    pattern: Pattern
    float_lanes_per_cycle: Annotated[int, Field(strict=True, gt=0, le=1 << 20)] | None = None
    has_float16: bool | None = None
    has_dot_product: bool | None = None
    out_of_order: bool | None = None
    private_cache_bytes: Annotated[int, Field(strict=True, gt=0)] | None = None
    little: Text | None = None
    is_brand: bool = False
    source: Text
    checked: bool = True

    @property
    def is_gpu(self) -> bool:
        """Whether it is a GPU."""
        return self.family in GPU_FAMILIES


class ChipCluster(BaseModel):
    """So many equal cores of a chip, at a clock."""

    model_config = _FROZEN

    core: Text
    clock_ghz: Annotated[float, Field(gt=0, le=10)] | None = None
    count: Annotated[int, Field(strict=True, gt=0, le=1024)] | None = None
    private_cache_bytes: Annotated[int, Field(strict=True, gt=0)] | None = None


class Chip(BaseModel):
    """What a chip, a board or a rented machine is made of, where its maker says so; big cores first."""

    model_config = _FROZEN

    name: Text
    pattern: Pattern
    clusters: tuple[ChipCluster, ...] = Field(min_length=1, max_length=8)
    gpu: Text | None = None
    source: Text
    checked: bool = True


@cache
def cores() -> dict[str, Core]:
    """Every core and GPU by its name, in the order in which a text is searched for them.

    >>> cores()["Cortex-A72"].float_lanes_per_cycle
    4
    """
    found = [Core.model_validate(row) for name in ("cores", "gpus") for row in _rows(name, "cores")]
    return {core.name: core for core in found}


@cache
def chips() -> dict[str, Chip]:
    """Every chip by its name, in the order in which a text is searched for them.

    >>> [(cluster.core, cluster.count) for cluster in chips()["Apple M1"].clusters]
    [('Firestorm', 4), ('Icestorm', 4)]
    """
    return {chip.name: chip for chip in map(Chip.model_validate, _rows("chips", "chips"))}


def _rows(name: str, table: str) -> list[object]:
    """The rows of one of our own files."""
    text = files("costmodel.hardware").joinpath("sheets", f"{name}.toml").read_text(encoding="utf-8")
    data = parse_toml(text, name, "table of cores")
    check_version(data.get("version"), FORMAT_VERSION, name)
    rows: list[object] = data[table]
    return rows
