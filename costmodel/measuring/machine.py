"""The machine that measures: its processor's name, its load, and threads that stay on their cores."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from costmodel.errors import MeasuringError

_CPUINFO: Final = Path("/proc/cpuinfo")
_MODEL: Final = Path("/proc/device-tree/model")


def processor_name() -> str:
    """What the processor calls itself, with spaces tidied; its architecture where nothing says more."""
    return " ".join((_from_cpuinfo() or _from_device_tree() or platform.processor() or platform.machine()).split())


def _from_cpuinfo() -> str:
    """The model name that Linux on x86, LoongArch and some others gives."""
    found = re.search(r"^(?:model name|Model Name|cpu model)\s*:\s*(.+)$", _text(_CPUINFO), re.MULTILINE)
    return found[1] if found else ""


def _from_device_tree() -> str:
    """The name of the board, which Linux on ARM and RISC-V gives."""
    return _text(_MODEL).rstrip("\0")


def _text(path: Path) -> str:
    """The first kilobytes of a file of the system; nothing where there is none."""
    try:
        with path.open("rb") as stream:
            return stream.read(1 << 14).decode("utf-8", errors="replace")
    except OSError:
        return ""


def load() -> float | None:
    """How many processes wanted to run in the last minute, on average; None where the system does not say."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def physical_memory_bytes() -> int | None:
    """How much memory the machine has; None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def available_cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Keep this process on as many of its cores as it has threads, the last ones; where the system cannot, do nothing.

    The first cores serve most interrupts. Raises `MeasuringError` for more threads than cores.
    """
    cores = available_cores()
    if not 1 <= threads <= cores:
        raise MeasuringError(f"'threads' must lie between 1 and {cores}, the cores of this process (got {threads})")
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[-threads:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
