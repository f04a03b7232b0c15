"""Rewrites as text: conv=depthwise_separable, layer3.*=grouped:4, 5x5=3x3, width=1.5."""

from __future__ import annotations

import re
from typing import Any, Final

from costmodel.errors import RewriteError, UnknownNameError, shorten
from costmodel.transform.base import Rewrite, Scaling, find_rewrite, rewrites

_STACK: Final = re.compile(r"(\d+)(x\1)+")
_LONGEST: Final = 1000
_FLAGS: Final = {"true": True, "false": False}


def parse_rewrite(text: str) -> Rewrite:
    """The rewrite that a text describes.

    WHAT=WITH puts a rewrite's layers in the place of what is selected, WHAT=WITH:VALUE or WHAT=WITH:NAME=VALUE,... with
    options; KxK=kxk stacks kernels; NAME=VALUE scales the whole network. Raises `RewriteError` for anything else, and
    `UnknownNameError` for a rewrite that there is not.

    >>> str(parse_rewrite("conv=grouped:4"))
    'conv=grouped:groups=4'
    >>> str(parse_rewrite("5x5=3x3")), str(parse_rewrite("width=1.5"))
    ('5x5=stacked:size=3', 'width=3/2')
    """
    what, equals, by = (part.strip() for part in text.partition("="))
    if not what or not equals or not by or len(text) > _LONGEST:
        raise RewriteError(
            "a rewrite is written WHAT=WITH, such as conv=depthwise_separable, 5x5=3x3 or width=1.5"
            f" (got {shorten(repr(text))})"
        )
    known = rewrites()
    scaling = known.get(what)
    if scaling is not None and issubclass(scaling, Scaling):
        value, _, options = (part.strip() for part in by.partition(":"))
        return scaling(**{scaling.options()[0]: value, **_options(scaling, options, text)})
    name, _, options = (part.strip() for part in by.partition(":"))
    stack = _STACK.fullmatch(name)
    if stack:
        name, options = "stacked", ",".join(filter(None, [f"size={stack[1]}", options]))
    made = find_rewrite(name)
    if issubclass(made, Scaling):
        raise RewriteError(f"{name} is written {name}=VALUE, and scales the whole network (got {shorten(repr(text))})")
    return made(what=what, **_options(made, options, text))


def _options(rewrite: type[Rewrite], text: str, whole: str) -> dict[str, Any]:
    """Options with their names, the first of which may be a value alone."""
    found: dict[str, Any] = {}
    names = rewrite.options()
    for index, part in enumerate(filter(None, (each.strip() for each in text.split(",")))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals and index == 0 and names:
            name, value = names[0], part
        if name not in names:
            raise UnknownNameError(f"option of {rewrite.name}", name, names)
        if not value or name in found:
            raise RewriteError(f"each option of {rewrite.name} is given one value (got {shorten(repr(whole))})")
        found[name] = _FLAGS.get(value, value)
    return found
