"""How wide each column of a table is, and where a cell that is too long is broken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 36
"""A word of at most so many characters is kept whole while others can be broken."""
_NARROW: Final = 8
"""A column of text is not made narrower than this while one of numbers can be."""
_LONG_NUMBER: Final = 20
"""A longer cell in a column of numbers is no number."""


def column_widths(columns: Sequence[Sequence[str]], available: int, numbers: Sequence[bool] = ()) -> list[int]:
    """The widths of columns of cells that together fit the available characters, the gaps between them left out.

    Each column gets what its longest word needs (a column of numbers, if none is an expression, what its longest cell
    needs), and the columns that would like more share what is left.

    >>> column_widths([["conv1", "fc"], ["three short words"]], 16)
    [5, 11]
    """
    kept = [
        is_number and not any("*" in cell or len(cell) > _LONG_NUMBER for cell in cells)
        for cells, is_number in zip(columns, numbers or [False] * len(columns), strict=True)
    ]
    wanted = [max(map(len, cells), default=0) for cells in columns]
    widths = [
        want if keep else min(LONGEST, max(map(_longest_word, cells), default=0))
        for cells, want, keep in zip(columns, wanted, kept, strict=True)
    ]
    while sum(widths) > available and max(widths) > 1:
        texts = [index for index, keep in enumerate(kept) if not keep and widths[index] > _NARROW]
        widths[max(texts or range(len(widths)), key=widths.__getitem__)] -= 1
    return _grown(widths, wanted, available)


def _grown(widths: list[int], wanted: Sequence[int], available: int) -> list[int]:
    """The widths with what is left shared among the columns that would like more, the most modest first."""
    left = available - sum(widths)
    growing = sorted((want - width, index) for index, (want, width) in enumerate(zip(wanted, widths, strict=True)))
    for position, (lacking, index) in enumerate(growing):
        grown = max(0, min(lacking, left // (len(growing) - position)))
        widths[index] += grown
        left -= grown
    return widths


def wrapped(cell: str, width: int) -> str:
    r"""The cell in lines of at most so many characters, broken at spaces, else after a point or a sign, else anywhere.

    >>> wrapped("stage2.0.depthwise", 12)
    'stage2.0.\ndepthwise'
    """
    lines = [""]
    for word in cell.split():
        space = " " if lines[-1] else ""
        if len(lines[-1]) + len(space) + len(word) <= width:
            lines[-1] += space + word
            continue
        pieces = [word] if len(word) <= width else _pieces(word, width)
        if lines[-1]:
            lines.append("")
        for piece in pieces:
            if len(lines[-1]) + len(piece) > width and lines[-1]:
                lines.append("")
            lines[-1] += piece
    return "\n".join(lines)


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces that each fit the width."""
    pieces = [piece for piece in re.split(r"(?<=[._/,*+-])", word) if piece]
    return [piece[start : start + width] for piece in pieces for start in range(0, len(piece), width)]


def _longest_word(cell: str) -> int:
    return max(map(len, cell.split()), default=0)
