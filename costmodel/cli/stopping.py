"""Interruptions, turned into a sentence that says what is kept."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from costmodel.errors import CostModelError


@contextmanager
def stoppable(refusal: Callable[[], CostModelError]) -> Iterator[None]:
    """Raise the refusal where what is inside is interrupted, by the keyboard or by SIGTERM."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise refusal() from None
    finally:
        signal.signal(signal.SIGTERM, before)
