"""TOML files from outside, read without trusting what is in them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from costmodel.errors import FileFormatError, shorten
from costmodel.files import read_text

MAX_BYTES: Final = 256 * 1024
"""The largest file that is read; the built-in ones have 1 to 8 KiB."""

_MAX_DEPTH: Final = 8


def parse_toml(text: str, where: str, what: str) -> dict[str, Any]:
    """The table of a TOML text that is to be a `what`; `where` names it in errors."""
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise FileFormatError(f"{where} is nested too deeply to be a {what}") from None
    except ValueError as problem:
        raise FileFormatError(f"{where} is not valid TOML: {shorten(problem, 160)}") from None
    if _depth(data) > _MAX_DEPTH:
        raise FileFormatError(f"{where} is nested too deeply to be a {what} (at most {_MAX_DEPTH} levels)")
    return data


def read_bounded(path: Path, where: str, what: str) -> str:
    """The file's text, of at most `MAX_BYTES` bytes."""
    return read_text(path, where, what, MAX_BYTES)


def check_version(version: object, newest: int, where: str) -> None:
    """Refuse a file without a format version, or of a version that this library does not know."""
    if type(version) is not int or version < 1:
        got = "none" if version is None else shorten(repr(version))
        raise FileFormatError(
            f"{where}: 'version' must be a positive integer, and this costmodel reads up to {newest} (got {got})"
        )
    if version > newest:
        raise FileFormatError(
            f"{where} has format version {shorten(version)}, and this costmodel reads up to {newest}; upgrade costmodel"
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
