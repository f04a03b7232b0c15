"""Any file that holds a network, read by the end of its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import Final, cast

from costmodel.errors import FileFormatError, shorten
from costmodel.network import Network
from costmodel.network.bind import bind

READERS: Final = {
    ".json": ("costmodel.network.files", "read_network"),
    ".onnx": ("costmodel.interop.onnx", "read_onnx"),
    ".param": ("costmodel.interop.ncnn", "read_ncnn"),
}
"""The module and the function that read a format, by the end of a file's name; imported when a file is read."""
FOREIGN: Final = frozenset({".onnx", ".param"})
"""Formats of others: sizes are bound while they are read, and operations without a rule may be left uncounted."""

BATCHLESS: Final = frozenset({".param"})
"""Formats whose tensors have no batch: it is a size that is put in front while a file is read."""


def read(path: str | os.PathLike[str], *, sizes: Mapping[str, object] | None = None, partial: bool = False) -> Network:
    """The network in a file of ours (.json), of ONNX (.onnx) or of ncnn (.param).

    `sizes` are values for the symbols that the file leaves open. With `partial`, operations without a rule are left
    uncounted, and listed by the network's cost.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix not in READERS:
        raise FileFormatError(f"{shorten(path)} must end in one of {', '.join(READERS)}")
    module, name = READERS[suffix]
    function = cast(Callable[..., Network], getattr(import_module(module), name))
    if suffix in FOREIGN:
        return function(path, sizes=sizes, partial=partial)
    network = function(path)
    return bind(network, sizes) if sizes else network
