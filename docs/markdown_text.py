"""Markdown: docstrings, tables, documents."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc


def as_markdown(docstring: str) -> str:
    r"""The docstring with its examples fenced, and without the colons that announce a literal block.

    >>> as_markdown("Twice x.\n\n>>> 2 * 3\n6").split("\n")
    ['Twice x.', '', '```pycon', '>>> 2 * 3', '6', '```']
    """
    return "\n\n".join(filter(None, map(_paragraph, docstring.split("\n\n"))))


def _paragraph(text: str) -> str:
    if text.lstrip().startswith(">>>"):
        return f"```pycon\n{text.strip()}\n```"
    if text.strip() == "::":
        return ""
    return text.rstrip().removesuffix(":") if text.rstrip().endswith("::") else text


def first_sentence(docstring: str | None) -> str:
    r"""The first paragraph of a docstring, on one line.

    >>> first_sentence("A sum\nof terms.\n\nMore.")
    'A sum of terms.'
    """
    return cleandoc(docstring or "").partition("\n\n")[0].replace("\n", " ")


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table, "" without rows.

    >>> print(table(("a", "b"), [("1", "2")]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    body = [_row(row) for row in rows]
    return "\n".join([_row(header), _row("---" for _ in header), *body]) if body else ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def document(*blocks: str) -> str:
    """Blocks with an empty line between them, without the empty ones."""
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"
