"""The patterns that rules may name: what exporters spell out of layers that have a name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from costmodel.latency.patterns import Pattern


def pattern_names() -> tuple[str, ...]:
    """The names that stand for patterns in rules.

    >>> pattern_names()[:3]
    ('silu', 'hard_sigmoid', 'hard_swish')
    """
    return tuple(_named())


def with_named(patterns: object) -> object:
    """A list of patterns and of names of patterns, with those in place of their names."""
    if not isinstance(patterns, (list, tuple)):
        return patterns
    found: list[object] = []
    for each in patterns:
        if isinstance(each, str) and each not in _named():
            raise ValueError(f"must be operations, or of the names {', '.join(_named())}")
        found.extend(_named()[each] if isinstance(each, str) else [each])
    return tuple(found)


@cache
def _named() -> dict[str, tuple[Pattern, ...]]:
    text = files("costmodel.latency").joinpath("patterns.toml").read_text(encoding="utf-8")
    return {name: tuple(map(Pattern.model_validate, each)) for name, each in tomllib.loads(text).items()}
