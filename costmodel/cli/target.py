"""What a TARGET names: a network of the zoo, or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import typer

from costmodel.errors import FileFormatError, UnknownNameError, shorten
from costmodel.interop.files import BATCHLESS, FOREIGN, READERS, read
from costmodel.network import Network
from costmodel.network.bind import with_batch
from costmodel.zoo import Family, families, find


@dataclass(frozen=True)
class Found:
    """A network, what the user set of it, and its family where it is of the zoo."""

    network: Network
    settings: Mapping[str, str]
    family: Family[Any] | None = None
    is_of_layers: bool = True
    """Whether its nodes are layers as people name them, and not the small operations of another tool's file."""


def load(target: str, settings: Mapping[str, str], batch: str | None = None, *, partial: bool = False) -> Found:
    """The network that a target names, with these parameters or symbols, and this batch.

    With `partial`, operations of a file that have no rule are left uncounted.
    """
    if batch is not None and "batch" in settings:
        raise typer.BadParameter("--batch and --set batch=... say the same; give one of them")
    if not is_file(target):
        given = {**settings, **({} if batch is None else {"batch": batch})}
        return Found(build(target, given), given, find(target))
    suffix = PurePath(target).suffix.lower()
    given = {**settings, **({} if batch is None else {"batch": batch})}
    is_batchless = suffix in BATCHLESS
    network = read(target, sizes=given if is_batchless else settings, partial=partial)
    if batch is not None and not is_batchless:
        network = with_batch(network, batch)
    return Found(network, given, is_of_layers=suffix not in FOREIGN)


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
    if suffix in READERS:
        return True
    if target not in families() and (suffix or os.sep in target):
        known = ", ".join(READERS)
        raise FileFormatError(f"{shorten(target)} must be a file of a network ({known}), or the name of a zoo network")
    return False
