"""The built-in profiles, by name."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from costmodel.errors import UnknownNameError
from costmodel.hardware.files import parse_profile, read_profile
from costmodel.hardware.profile import Profile


def profile_names() -> tuple[str, ...]:
    """The names of the built-in profiles, sorted.

    >>> "raspberry-pi-4" in profile_names()
    True
    """
    return tuple(sorted(_files()))


def profiles() -> tuple[Profile, ...]:
    """Every built-in profile, by name."""
    return tuple(_built_in(name) for name in profile_names())


def find_profile(device: str | os.PathLike[str] | Profile) -> Profile:
    """The profile of a device: a built-in name, the path of a TOML file, or a profile itself.

    A text is a path where it ends in `.toml` or leads through a folder, or is no built-in name and that of a file.
    Raises `UnknownNameError` with the nearest names.

    >>> find_profile("a100").title
    'NVIDIA A100 SXM4 40 GB'
    """
    if isinstance(device, Profile):
        return device
    if not isinstance(device, str) or device.endswith(".toml") or Path(device).name != device:
        return read_profile(device)
    if device not in _files():
        if device and _is_file(device):
            return read_profile(device)
        raise UnknownNameError("device", device, profile_names())
    return _built_in(device)


def _is_file(name: str) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


@cache
def _files() -> dict[str, Traversable]:
    folder = files("costmodel.hardware").joinpath("profiles")
    return {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}


@cache
def _built_in(name: str) -> Profile:
    return parse_profile(_files()[name].read_text(encoding="utf-8"), f"the built-in profile {name}")
