"""What pydantic found wrong, as one sentence: the field, the rule and the value."""

from __future__ import annotations

import re
from fractions import Fraction

from pydantic import ValidationError

from costmodel.errors import CostModelError, shorten

_RULES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be text in Unicode",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "frozen_instance": "cannot be changed",
}


def one_sentence(problem: ValidationError) -> str:
    """The first mistake: "'kernel' must be a positive integer (got 0)"."""
    first = problem.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, CostModelError):
        return str(cause)
    field = ".".join(_name(part) for part in first["loc"] if not _is_branch(part))
    rule = _RULES.get(first["type"]) or _SHOULD.sub("must", first["msg"].removeprefix("Value error, "))
    got = shorten(_shown(first["input"]))
    told = "" if first["type"] == "missing" or got in rule else f" (got {got})"
    return f"'{field}' {rule}{told}" if field else rule


_SHOULD = re.compile(r"^[A-Z]\w+ should")


def _name(part: int | str) -> str:
    """A part of a location, on one line."""
    text = shorten(part)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _shown(value: object) -> str:
    """The value as a person would write it."""
    try:
        return str(value) if isinstance(value, Fraction) else repr(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        return "a number of very many digits"


def _is_branch(part: object) -> bool:
    """Whether a location names a branch of a union and not a field."""
    return isinstance(part, str) and ("[" in part or "-" in part)
