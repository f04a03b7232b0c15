"""What pydantic found wrong, as one sentence: the field, the rule and the value."""

from __future__ import annotations

from pydantic import ValidationError

from costmodel.errors import shorten

_RULES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "frozen_instance": "cannot be changed",
}


def one_sentence(problem: ValidationError) -> str:
    """The first mistake: "'kernel' must be a positive integer (got 0)"."""
    first = problem.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"] if not _is_branch(part))
    rule = _RULES.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    rule = rule[0].lower() + rule[1:] if rule.startswith("Input") else rule
    rule = rule.replace("input should", "must")
    got = "" if first["type"] == "missing" else f" (got {shorten(repr(first['input']))})"
    return f"'{field}' {rule}{got}" if field else f"{rule}"


def _is_branch(part: object) -> bool:
    """Whether a location names a branch of a union and not a field."""
    return isinstance(part, str) and ("[" in part or "-" in part)
