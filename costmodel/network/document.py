"""The JSON document of a network: text to fields, before anything in them is trusted."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from costmodel.errors import FileFormatError, shorten

FORMAT: Final = "costmodel-network"
VERSION: Final = 1
"""The version of the format that this library writes and reads."""

_LONGEST_INTEGER: Final = 80
"""Digits of the longest integer that is read: every number of a network is far shorter."""


def parse_document(text: str | bytes) -> dict[str, Any]:
    """The fields of a network's JSON document; raises `FileFormatError` for text that is none."""
    try:
        fields = json.loads(text, object_pairs_hook=_object, parse_int=_integer)
    except RecursionError:
        raise FileFormatError("a network must be valid JSON, and this is nested too deeply") from None
    except UnicodeDecodeError as problem:
        raise FileFormatError(f"a network must be JSON in UTF-8, and byte {problem.start} is not") from None
    except json.JSONDecodeError as problem:
        raise FileFormatError(f"a network must be valid JSON ({problem})") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise FileFormatError(f'a network in JSON must be an object with "format": "{FORMAT}"')
    version = fields.get("version")
    if type(version) is not int or version != VERSION:
        raise FileFormatError(
            f"'version' must be {VERSION}, the one that this costmodel reads (got {shorten(repr(version))})"
        )
    return fields


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, whose names must differ: Python would keep the last of two in silence."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        (repeated, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise FileFormatError(f"an object in the JSON has two fields named {shorten(repr(repeated))}")
    return fields


def _integer(digits: str) -> int:
    """A JSON integer; Python takes quadratic time for long ones, and refuses the longest."""
    if len(digits) > _LONGEST_INTEGER:
        raise FileFormatError(f"an integer has at most {_LONGEST_INTEGER} digits (got one of {len(digits)})")
    return int(digits)
