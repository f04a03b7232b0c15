"""What becomes of a mistake: one sentence on standard error and status 1, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import typer

from costmodel.cli.text import printable
from costmodel.errors import CostModelError, shorten

P = ParamSpec("P")
REFUSED: Final = 1
LONGEST: Final = 1000
"""Characters of the longest sentence."""


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """The command with everything that it refuses turned into a sentence and status 1."""

    @wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except CostModelError as problem:
            raise refuse(str(problem)) from None
        except KeyboardInterrupt:
            raise refuse("interrupted") from None
        except BrokenPipeError:
            _forget_output()
            raise refuse("the output was closed before all of it was written") from None
        except OSError as problem:
            _forget_output()
            raise refuse(_reason(problem)) from None
        except (RecursionError, MemoryError):
            raise refuse("the input is too large or too deeply nested for this machine") from None

    return guard


def refuse(sentence: str) -> typer.Exit:
    """Write the sentence to standard error; the exit to raise."""
    sys.stderr.write(f"costmodel: {shorten(printable(shorten(sentence, LONGEST)), LONGEST)}\n")
    return typer.Exit(REFUSED)


def _reason(problem: OSError) -> str:
    name = f"{problem.filename}: " if problem.filename else ""
    return f"{name}{problem.strerror or problem}"


def _forget_output() -> None:
    """Let Python not write at its end what cannot be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
