"""Text from files and arguments, made safe for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text on one line, with control and other unprintable characters written as escapes.

    >>> printable("conv\x1b[31m1\n")
    'conv\\x1b[31m1\\n'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
