"""A guard against hangs: a test of time would fail on a loaded machine, and under coverage."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE_S = 60
"""Far beyond the five seconds that a file may take, so that only a hang is one on a loaded machine."""


@contextmanager
def patience() -> Iterator[None]:
    """Raises where what is inside hangs."""

    def give_up(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"nothing after {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
