"""Reading networks from files, without trusting what is in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from costmodel.errors import CostModelError, FileFormatError, shorten
from costmodel.network.graph import Network

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest network in JSON that is read; 10,000 layers have 3 MiB."""


def read_network(path: str | os.PathLike[str]) -> Network:
    """The network in a JSON file; errors begin with the name of the file."""
    target = Path(path)
    where = shorten(target)
    try:
        if target.exists() and not target.is_file():
            raise FileFormatError(f"{where} is not a file of its own")
        with target.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise FileFormatError(f"{where} cannot be read: {problem.strerror or problem}") from None
    if len(raw) > MAX_BYTES:
        raise FileFormatError(f"{where} is larger than {MAX_BYTES} bytes, the most that a network in JSON may have")
    try:
        return Network.from_json(raw)
    except CostModelError as problem:
        raise FileFormatError(f"{where}: {problem}") from None
