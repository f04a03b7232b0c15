"""The processor's floating-point settings, which runtimes change for the whole thread and leave so."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SIZE: Final = 512
"""More bytes than C's fenv_t has anywhere: 32 on x86-64, 8 on ARM."""


@contextmanager
def floating_point_kept() -> Iterator[None]:
    """Whatever is done within, afterwards numbers too small for an exponent are numbers again, not 0.

    Runtimes take such numbers for 0, because they slow a processor down a hundred times. C's fegetenv and fesetenv;
    nothing where the system's library lacks them.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "fegetenv"):
        yield
        return
    kept = ctypes.create_string_buffer(_SIZE)
    library.fegetenv(kept)
    try:
        yield
    finally:
        library.fesetenv(kept)
