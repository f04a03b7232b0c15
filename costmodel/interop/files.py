"""Any file that holds a network, read by the end of its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Final, cast

from costmodel.errors import FileFormatError, shorten
from costmodel.network import Network

READERS: Final = {
    ".json": ("costmodel.network.files", "read_network"),
    ".onnx": ("costmodel.interop.onnx", "read_onnx"),
    ".param": ("costmodel.interop.ncnn", "read_ncnn"),
}
"""The module and the function that read a format, by the end of a file's name; imported when a file is read."""
PARTIAL: Final = frozenset({".onnx", ".param"})
"""Formats of which operations without a rule may be left uncounted."""


def read(path: str | os.PathLike[str], *, partial: bool = False) -> Network:
    """The network in a file of ours (.json), of ONNX (.onnx) or of ncnn (.param).

    With `partial`, operations without a rule are left uncounted, and listed by the network's cost.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix not in READERS:
        raise FileFormatError(f"{shorten(path)} must end in one of {', '.join(READERS)}")
    module, name = READERS[suffix]
    function = cast(Callable[..., Network], getattr(import_module(module), name))
    return function(path, partial=True) if partial and suffix in PARTIAL else function(path)
