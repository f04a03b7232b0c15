"""What a TARGET names: a network of the zoo, or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import typer

from costmodel.errors import FileFormatError, UnknownNameError, shorten
from costmodel.network import Network
from costmodel.network.bind import bind, with_batch
from costmodel.network.files import read_network
from costmodel.zoo import Family, families, find

PLANNED: Final = {".onnx": "ONNX", ".param": "ncnn"}
"""Formats that a network may come in and that are not read yet, by the end of a file's name."""


@dataclass(frozen=True)
class Found:
    """A network, what the user set of it, and its family where it is of the zoo."""

    network: Network
    settings: Mapping[str, str]
    family: Family[Any] | None = None


def load(target: str, settings: Mapping[str, str], batch: str | None = None) -> Found:
    """The network that a target names, with these parameters or symbols, and this batch."""
    if batch is not None and "batch" in settings:
        raise typer.BadParameter("--batch and --set batch=... say the same; give one of them")
    if not is_file(target):
        given = {**settings, **({} if batch is None else {"batch": batch})}
        return Found(build(target, given), given, find(target))
    network = read_network(target)
    given = dict(settings)
    if batch is not None:
        network = with_batch(network, batch)
        given["batch"] = batch
    return Found(bind(network, settings) if settings else network, given)


def build(name: str, settings: Mapping[str, Any]) -> Network:
    """The zoo network of that name with these parameters, which are checked here: `self` is none."""
    family = find(name)
    for parameter in settings:
        if parameter not in family.parameters:
            raise UnknownNameError(f"parameter of {name}", parameter, family.parameters)
    return family(**settings)


def is_file(target: str) -> bool:
    """Whether a target names a file that can be read; raises for one of another format.

    What is neither a zoo network nor looks like a file is left to the zoo, which names the nearest networks.
    """
    suffix = PurePath(target).suffix.lower()
    if suffix == ".json":
        return True
    if target in families():
        return False
    if suffix in PLANNED:
        raise FileFormatError(f"{shorten(target)}: {PLANNED[suffix]} files cannot be read yet; give a .json spec")
    if suffix or os.sep in target:
        raise FileFormatError(f"{shorten(target)} must be a .json spec of a network, or the name of a zoo network")
    return False
