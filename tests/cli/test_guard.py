"""What becomes of a mistake inside a command."""

import errno
import io
import sys
from pathlib import Path

import pytest
import typer

from costmodel import cli
from costmodel.cli.guard import guarded
from costmodel.errors import SpecError


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (SpecError("a rule is broken"), "a rule is broken"),
        (SpecError("two\nlines\x07"), "two\\nlines\\x07"),
        (KeyboardInterrupt(), "interrupted"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "the output was closed before all of it was written"),
        (PermissionError(errno.EACCES, "Permission denied", "a.csv"), "a.csv: Permission denied"),
        (OSError("odd"), "odd"),
        (RecursionError(), "the input is too large or too deeply nested for this machine"),
        (MemoryError(), "the input is too large or too deeply nested for this machine"),
    ],
)
def test_it_is_a_sentence_and_status_1(
    capsys: pytest.CaptureFixture[str], problem: BaseException, sentence: str
) -> None:
    @guarded
    def command() -> None:
        raise problem

    with pytest.raises(typer.Exit) as leaving:
        command()
    assert leaving.value.exit_code == 1
    assert capsys.readouterr() == ("", f"costmodel: {sentence}\n")


def test_a_bug_is_not_hidden() -> None:
    @guarded
    def command() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command()


def test_what_cannot_be_written_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would try again when it ends, and complain."""
    target = (tmp_path / "out").open("w+")

    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def fileno(self) -> int:
            return target.fileno()

    monkeypatch.setattr(sys, "stdout", Full())

    @guarded
    def command() -> None:
        sys.stdout.write("x")

    with pytest.raises(typer.Exit):
        command()
    target.write("lost")
    target.close()
    assert (tmp_path / "out").read_text() == ""


def test_main_leaves_with_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, status in ((["--version"], 0), (["summary", "resnet5"], 1), (["sumary"], 2)):
        with pytest.raises(SystemExit) as leaving:
            cli.main(arguments)
        assert leaving.value.code == status
    assert "costmodel 0" in capsys.readouterr().out


def test_main_needs_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["zoo"])
    assert leaving.value.code == 1
    assert "pip install 'costmodel[cli]'" in capsys.readouterr().err


def test_an_interrupt_before_the_command_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("costmodel.cli.app.run", interrupted)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["zoo"])
    assert leaving.value.code == 1
    assert capsys.readouterr().err == "costmodel: interrupted\n"


def test_closed_streams_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    from costmodel.cli.app import run

    monkeypatch.setattr(sys, "stdout", None)
    assert run(["zoo"]) == 0
