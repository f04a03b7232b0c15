"""Files from outside, read within bounds; files of ours, written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from costmodel.errors import FileFormatError, shorten


def read_text(path: Path, where: str, what: str, most: int) -> str:
    """The text of a file that is to be a `what` of at most `most` bytes; `where` names it in errors."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except (OSError, ValueError) as problem:
        raise FileFormatError(f"{where} cannot be read: {reason(problem)}") from None
    if len(raw) > most:
        raise FileFormatError(f"{where} is larger than {most} bytes, which no {what} is")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileFormatError(f"{where} is not UTF-8 text") from None


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file of text or bytes, whole or not at all; what a link leads to, and not the link.

    Raises `FileFormatError` for what is there and is no regular file: replacing a device or a pipe would destroy it.
    """
    target = Path(path)
    if not target.name:
        raise FileFormatError(f"{shorten(repr(os.fspath(path)))} must be the name of a file to write")
    target = _regular(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        raw = content.encode("utf-8") if isinstance(content, str) else content
        with temporary.open("xb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except (OSError, ValueError) as problem:
        raise FileFormatError(f"{shorten(target)} cannot be written: {reason(problem)}") from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink(missing_ok=True)


def check_output(output: str | os.PathLike[str], *inputs: str | os.PathLike[str]) -> None:
    """Refuse to write over what is read: raises `FileFormatError` where the output is the file of an input."""
    for each in inputs:
        try:
            is_same = Path(output).samefile(each)
        except (OSError, ValueError):
            continue
        if is_same:
            raise FileFormatError(f"{shorten(output)} is what is read, and would be overwritten; write to another file")


def locked(descriptor: int) -> bool:
    """Whether this process may write the open file alone until it closes it: always, where the system has no locks."""
    if find_spec("fcntl") is None:
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _regular(target: Path) -> Path:
    """Where a file is to be written, links followed."""
    try:
        resolved = target.resolve() if target.is_symlink() else target
        mode = resolved.stat().st_mode if resolved.exists() else None
    except (OSError, ValueError, RuntimeError) as problem:
        raise FileFormatError(f"{shorten(target)} cannot be written: {problem}") from None
    if mode is not None and not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise FileFormatError(f"{shorten(target)} cannot be written: it is {what}")
    return resolved


def reason(problem: OSError | ValueError) -> str:
    """Why a file cannot be used, without its path, which the sentence has already."""
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
