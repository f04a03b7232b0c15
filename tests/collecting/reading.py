"""Reading a text as a source, for the tests of every format."""

from __future__ import annotations

from collections.abc import Mapping

from costmodel.collecting import FORMATS, Row, Skipped, Source


def found(name: str, text: str, *folders: str) -> tuple[list[Mapping[str, str]], list[Skipped]]:
    """The cells of every row, and what was skipped, by the format of that name."""
    items = list(FORMATS[name].read(Source("file", folders, text)))
    rows = [item for item in items if isinstance(item, Row)]
    return [row.cells for row in rows], [item for item in items if isinstance(item, Skipped)]


def layers(name: str, text: str) -> tuple[list[Mapping[str, str]], list[Skipped]]:
    """The same for rows of single layers."""
    read = FORMATS[name].read_layers
    assert read is not None
    items = list(read(Source("file", (), text)))
    rows = [item for item in items if isinstance(item, Row)]
    return [row.cells for row in rows], [item for item in items if isinstance(item, Skipped)]
