"""The command line: `costmodel`, or `python -m costmodel`; needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from costmodel.errors import MissingExtraError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave: status 0 when it is done, 1 for refused input, 2 for wrong usage."""
    for package in ("typer", "rich"):
        if find_spec(package) is None:
            sys.stderr.write(f"costmodel: {MissingExtraError(package, 'cli')}\n")
            sys.exit(1)
    try:
        from costmodel.cli.app import run

        sys.exit(run(arguments))
    except KeyboardInterrupt:
        sys.stderr.write("costmodel: interrupted\n")
        sys.exit(1)
