"""The command as a process: standard streams, signals, terminals, and without the extra."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMAND = [sys.executable, "-m", "costmodel"]
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


INTERRUPTIBLE = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("costmodel", run_name="__main__", alter_sys=True)
"""
"""The command with interrupts switched on: a job in the background inherits them switched off."""


def start(
    *arguments: str, stdout: int = subprocess.PIPE, command: Sequence[str] = COMMAND, **environment: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*command, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT | environment,
        cwd=ROOT,
        encoding="utf-8",
    )


def test_a_closed_pipe_is_no_traceback() -> None:
    process = start("kinds", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert errors == "costmodel: the output was closed before all of it was written\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk needs /dev/full")
def test_a_full_disk_is_no_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        process = start("zoo", stdout=full.fileno())
        _, errors = process.communicate()
    assert (process.returncode, errors) == (1, "costmodel: No space left on device\n")


def test_closed_streams_are_no_traceback() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m costmodel zoo >&- 2>&-"], env=ENVIRONMENT, cwd=ROOT, check=False
    )
    assert done.returncode == 0


def test_an_interrupt_is_no_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "times.csv")
    process = start("evaluate", str(tmp_path / "times.csv"), command=(sys.executable, "-c", INTERRUPTIBLE))
    with (tmp_path / "times.csv").open("wb"):  # opens when the command reads it, which then waits
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "costmodel: interrupted\n")


def test_output_that_the_encoding_lacks_is_escaped() -> None:
    process = start("predict", "alexnet", "--device", "v100", PYTHONIOENCODING="ascii")
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert output.isascii()


@pytest.mark.parametrize(
    ("environment", "is_styled"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_only_terminals_get_colours(environment: dict[str, str], is_styled: bool) -> None:
    assert ("\x1b[" in on_a_terminal({"TERM": "xterm-256color"} | environment)) is is_styled
    piped, _ = start("summary", "lenet_5", TERM="xterm-256color").communicate()
    assert "\x1b" not in piped


def on_a_terminal(environment: dict[str, str]) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    process = start("summary", "lenet_5", stdout=theirs, **environment)
    os.close(theirs)
    written = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # the terminal's other end was closed
            break
        written += read
        if not read:
            break
    os.close(ours)
    process.communicate()
    assert process.returncode == 0
    return written.decode()


def test_without_a_terminal_a_line_has_100_columns() -> None:
    output, _ = start("zoo").communicate()
    assert max(map(len, output.splitlines())) == 100


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_the_extra_one_sentence_names_it(package: str) -> None:
    program = (
        "import sys; from importlib.abc import MetaPathFinder\n"
        "from costmodel import cli\n"
        f"cli.find_spec = lambda name: None if name == {package!r} else True\n"
        "cli.main(['zoo'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"costmodel: {package} is not installed; install it with: pip install 'costmodel[cli]'\n"


def test_the_module_and_the_command_are_the_same() -> None:
    from importlib.metadata import EntryPoint

    import costmodel.cli

    assert EntryPoint("costmodel", "costmodel.cli:main", "console_scripts").load() is costmodel.cli.main
    output, _ = start("--version").communicate()
    assert output.startswith("costmodel ")
