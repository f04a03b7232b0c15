"""A published table of accuracies, joined with the networks of the zoo by name and resolution."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from costmodel.errors import FileFormatError, shorten
from costmodel.files import read_text
from costmodel.network import Network
from costmodel.zoo import Family, families, find

MAX_BYTES: Final = 1 << 20
"""The largest file that is read; 120 networks have 4 KiB."""
COLUMNS: Final = ("model", "crop", "top1_percent")
"""The columns that a file must have."""

TORCHVISION: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = MappingProxyType({
    "alexnet": ("alexnet_torchvision", {}),
    "mnasnet0_5": ("mnasnet_b1", {"width": "0.5"}),
    "mnasnet0_75": ("mnasnet_b1", {"width": "0.75"}),
    "mnasnet1_0": ("mnasnet_b1", {}),
    "mnasnet1_3": ("mnasnet_b1", {"width": "1.3"}),
    "resnext101_64x4d": ("resnet", {"depth": 101, "groups": 64, "group_width": 4}),
    "wide_resnet50_2": ("resnet", {"depth": 50, "group_width": 128}),
    "wide_resnet101_2": ("resnet", {"depth": 101, "group_width": 128}),
})  # fmt: skip
"""Which network of the zoo, with which parameters, torchvision means by a name of another network, or of none."""

_NUMBER: Final = re.compile(r"\d{1,3}(\.\d{1,12})?", re.ASCII)
_SIZE: Final = re.compile(r"[1-9]\d{0,4}", re.ASCII)


@dataclass(frozen=True)
class Rated:
    """A network of the zoo with a published accuracy; `weights` tells its trainings apart."""

    model: str
    family: Family[Any]
    settings: Mapping[str, Any]
    top1_percent: float
    weights: str = ""

    def network(self) -> Network:
        """The network, at the resolution of the published accuracy."""
        return self.family(**self.settings)


@dataclass(frozen=True)
class Accuracies:
    """The rows of a file: those of networks that the zoo has, and the names of all others."""

    name: str
    rated: tuple[Rated, ...]
    unknown: tuple[str, ...] = ()
    """Names that are neither the zoo's nor torchvision's for a network of the zoo, each once."""
    unrated: tuple[str, ...] = field(default=())
    """Names of the rows that say no accuracy."""

    @property
    def trainings(self) -> tuple[str, ...]:
        """The values of the column `weights`, each once."""
        return tuple(dict.fromkeys(each.weights for each in self.rated))

    def of(self, weights: str) -> Accuracies:
        """The rows of one training, to compare networks that were trained alike; raises where there is none."""
        rated = tuple(each for each in self.rated if each.weights == weights)
        if not rated:
            raise FileFormatError(f"{self.name} has no weights {shorten(weights)!r} ({', '.join(self.trainings)})")
        return Accuracies(self.name, rated, self.unknown, self.unrated)


def join_accuracy(path: str | os.PathLike[str]) -> Accuracies:
    """The published accuracies in a CSV file, joined with the zoo.

    Columns: `model`, a name of torchvision's or else of the zoo's; `crop`, its resolution; `top1_percent`, from 0 to
    100, or nan or nothing where it is not known; and `weights`, which may be left out, for networks that were trained
    more than once. Other columns are ignored.

    Raises `FileFormatError` for a file that is not that.
    """
    target = Path(path)
    name = shorten(target.name.encode("unicode_escape").decode("ascii"))
    return parse_accuracy(read_text(target, name, "table of accuracies", MAX_BYTES), name)


def parse_accuracy(text: str, name: str = "the accuracies") -> Accuracies:
    r"""The published accuracies in the text of a CSV file; `name` names it in errors.

    >>> found = parse_accuracy("model,crop,top1_percent\nresnet18,224,69.758\nswin_t,224,81.474\n")
    >>> found.rated[0].network().cost().macs, found.rated[0].top1_percent, found.unknown
    (1814073344, 69.758, ('swin_t',))
    """
    rated: list[Rated] = []
    unknown: dict[str, None] = {}
    unrated: dict[str, None] = {}
    lines: dict[tuple[str, str, str], int] = {}
    for line, row in _rows(text, name):
        where = f"{name}, line {line}"
        model, crop, weights = row["model"], row["crop"], row.get("weights", "")
        if not model or not _SIZE.fullmatch(crop):
            field_name, rule = ("crop", "a positive integer of pixels") if model else ("model", "the name of a network")
            raise FileFormatError(f"{where}: '{field_name}' must be {rule} (got {shorten(repr(row[field_name]))})")
        if (first := lines.setdefault((model, crop, weights), line)) != line:
            raise FileFormatError(f"{where}: {shorten(repr(model))} at {crop} with these weights is in line {first}")
        accuracy = _percent(row["top1_percent"], where)
        if model not in TORCHVISION and model not in families():
            unknown[shorten(model)] = None
        elif accuracy is None:
            unrated[shorten(model)] = None
        else:
            known, settings = TORCHVISION.get(model, (model, {}))
            rated.append(Rated(model, find(known), {**settings, "resolution": int(crop)}, accuracy, weights))
    return Accuracies(name, tuple(rated), tuple(unknown), tuple(unrated))


def _rows(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    """(line number, cells by column) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as problem:
        raise FileFormatError(f"{name}, line {reader.line_num}, is not valid CSV: {problem}") from None
    header: Sequence[str] = lines[0][1] if lines else []
    for column in COLUMNS:
        if header.count(column) != 1:
            has = f"(it has: {shorten(', '.join(header))})" if header else "(it is empty)"
            raise FileFormatError(f"{name} must have one column '{column}' {has}")
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise FileFormatError(f"{name}, line {line}: a row must have {len(header)} cells (got {len(cells)})")
    return [(line, dict(zip(header, cells, strict=True))) for line, cells in lines[1:]]


def _percent(cell: str, where: str) -> float | None:
    """The accuracy in a cell; None where it says that there is none."""
    if cell.lower() in {"", "nan"}:
        return None
    value = float(cell) if _NUMBER.fullmatch(cell) else -1.0
    if not 0 <= value <= 100:
        raise FileFormatError(f"{where}: 'top1_percent' must be between 0 and 100 (got {shorten(repr(cell))})")
    return value
