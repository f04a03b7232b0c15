"""Reading and writing profile files (TOML), without trusting what is in them."""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from costmodel.errors import FileFormatError, MissingExtraError, shorten
from costmodel.hardware.profile import FORMAT_VERSION, Profile
from costmodel.sentences import one_sentence

MAX_BYTES: Final = 256 * 1024
"""The largest profile file that is read; the built-in ones have 2 to 6 KiB."""

_MAX_DEPTH: Final = 8


def read_profile(path: str | os.PathLike[str]) -> Profile:
    """The profile in a TOML file; raises `FileFormatError` with one sentence where it holds none."""
    where = shorten(os.fspath(path))
    return parse_profile(_read_bounded(Path(path), where), where)


def parse_profile(text: str, where: str = "the profile") -> Profile:
    """The profile that a TOML text describes; `where` names it in errors.

    >>> lines = ["version = 1", "name = 'my-board'", "title = 'My board'"]
    >>> parse_profile(chr(10).join(lines)).name
    'my-board'
    """
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise FileFormatError(f"{where} is nested too deeply to be a profile") from None
    except ValueError as problem:
        raise FileFormatError(f"{where} is not valid TOML: {shorten(problem, 160)}") from None
    _check_version(data.get("version"), where)
    if _depth(data) > _MAX_DEPTH:
        raise FileFormatError(f"{where} is nested too deeply to be a profile (at most {_MAX_DEPTH} levels)")
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
    return tomli_w.dumps(profile.model_dump(mode="python", exclude_none=True))


def write_profile(profile: Profile, path: str | os.PathLike[str]) -> None:
    """Write the profile to a file, whole or not at all."""
    target = Path(path)
    text = to_toml(profile)
    if not target.name:
        raise FileFormatError(f"{shorten(repr(os.fspath(path)))} must be the name of a file to write")
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except (OSError, ValueError) as problem:
        raise FileFormatError(f"{shorten(target)} cannot be written: {_reason(problem)}") from None
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    """Remove a temporary file, if there is one that can be removed."""
    with suppress(OSError, ValueError):
        path.unlink(missing_ok=True)


def _reason(problem: OSError | ValueError) -> str:
    """Why a file cannot be used, without its path, which the sentence has already."""
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


def _read_bounded(path: Path, where: str) -> str:
    """The file's text, of at most `MAX_BYTES` bytes."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise FileFormatError(f"{where} cannot be read: {_reason(problem)}") from None
    if len(raw) > MAX_BYTES:
        raise FileFormatError(f"{where} is larger than {MAX_BYTES} bytes, which no profile is")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FileFormatError(f"{where} is not UTF-8 text") from None


def _check_version(version: object, where: str) -> None:
    """Refuse a file without a format version, or of a version that this library does not know."""
    if type(version) is not int or version < 1:
        raise FileFormatError(f"{where}: 'version' must be a positive integer (got {shorten(repr(version))})")
    if version > FORMAT_VERSION:
        raise FileFormatError(
            f"{where} has format version {shorten(version)}, and this costmodel reads up to {FORMAT_VERSION};"
            " upgrade costmodel"
        )


def _depth(data: object) -> int:
    """How many tables and arrays lie inside one another, counted without recursion."""
    level, depth = [data], 0
    while level := [child for parent in level for child in _children(parent)]:
        depth += 1
        if depth > _MAX_DEPTH:
            break
    return depth


def _children(value: object) -> list[object]:
    """What a table or an array holds."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
