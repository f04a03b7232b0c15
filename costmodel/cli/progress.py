"""How far a command is, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal: how much is done, how fast, and the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    speed = TextColumn("{task.fields[speed]}", markup=False)
    columns = (BarColumn(), TaskProgressColumn(), speed, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None, speed="")

        def tell(done: int, total: int) -> None:
            speed = shown.tasks[task].speed
            text = f"{done:,} of {total:,}" + (f", {speed:,.0f} a second" if speed else "")
            shown.update(task, completed=done, total=total, speed=text)

        yield tell
