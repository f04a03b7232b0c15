"""Reading and writing profile files (TOML), without trusting what is in them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from costmodel.errors import FileFormatError, MissingExtraError, shorten
from costmodel.files import write_whole
from costmodel.hardware.profile import FORMAT_VERSION, Profile
from costmodel.sentences import one_sentence
from costmodel.toml_files import check_version, parse_toml, read_bounded

_ROW: Final = re.compile(r"\[\s*((?:[-+.e0-9]+,\s+)+)\]")


def read_profile(path: str | os.PathLike[str]) -> Profile:
    """The profile in a TOML file; raises `FileFormatError` with one sentence where it holds none."""
    where = shorten(os.fspath(path))
    return parse_profile(read_bounded(Path(path), where, "profile"), where)


def parse_profile(text: str, where: str = "the profile") -> Profile:
    """The profile that a TOML text describes; `where` names it in errors.

    >>> lines = ["version = 1", "name = 'my-board'", "title = 'My board'"]
    >>> parse_profile(chr(10).join(lines)).name
    'my-board'
    """
    data = parse_toml(text, where, "profile")
    check_version(data.get("version"), FORMAT_VERSION, where)
    try:
        return Profile.model_validate(data)
    except ValidationError as problem:
        raise FileFormatError(f"{where}: {one_sentence(problem)}") from None


def to_toml(profile: Profile) -> str:
    """The profile as TOML text; needs the extra `calibrate`."""
    try:
        import tomli_w
    except ImportError:
        raise MissingExtraError("tomli-w", "calibrate") from None
    return _ROW.sub(_on_one_line, tomli_w.dumps(profile.model_dump(mode="python", exclude_none=True)))


def _on_one_line(row: re.Match[str]) -> str:
    """A row of numbers on one line, which are otherwise on one each."""
    return f"[{', '.join(row[1].replace(',', ' ').split())}]"


def write_profile(profile: Profile, path: str | os.PathLike[str]) -> None:
    """Write the profile to a file, whole or not at all."""
    write_whole(path, to_toml(profile))
