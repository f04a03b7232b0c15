"""Pictures as files: SVG and PNG, the same bytes whenever the same is drawn."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from costmodel.errors import FileFormatError, shorten
from costmodel.files import write_whole
from costmodel.report.pictures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METADATA: Final = MappingProxyType({".svg": {"Date": None, "Creator": None}, ".png": {"Software": None}})
"""What would tell when, and by which version, a file was written."""


def check_name(path: str | os.PathLike[str]) -> str:
    """The format that the name of a file asks for, `.svg` or `.png`; raises `FileFormatError` for another."""
    suffix = PurePath(path).suffix.lower()
    if suffix not in _METADATA:
        raise FileFormatError(f"a picture is written as .svg or .png (got {shorten(repr(os.fspath(path)))})")
    return suffix


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a picture as SVG or PNG, by the name's suffix, whole or not at all; PNG has 100 pixels an inch.

    Letters are shapes in the SVG, so that it looks the same wherever it is opened.
    """
    suffix = check_name(path)
    stream = BytesIO()
    with house_style():
        figure.savefig(stream, format=suffix[1:], metadata=_METADATA[suffix])
    write_whole(path, stream.getvalue())
