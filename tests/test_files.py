"""Files of ours: written whole, and nothing that is there is destroyed for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from costmodel.errors import FileFormatError
from costmodel.files import check_output, write_whole


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileFormatError, match=r"pipe cannot be written: it is no regular file"):
        write_whole(pipe, "text")
    assert pipe.is_fifo()


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"cannot be written: it is a folder"):
        write_whole(tmp_path, "text")


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    write_whole(link, "after")
    assert link.is_symlink()
    assert target.read_text() == "after"


def test_a_link_to_nothing_makes_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    write_whole(link, "text")
    assert (tmp_path / "target").read_text() == "text"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(FileFormatError, match="link cannot be written"):
        write_whole(link, "text")


def test_what_is_read_is_not_the_output(tmp_path: Path) -> None:
    read, link = tmp_path / "times.csv", tmp_path / "link.csv"
    read.write_text("text")
    link.symlink_to(read)
    check_output(tmp_path / "other.csv", read)
    check_output(read, tmp_path / "missing.csv")
    for output in (read, link, tmp_path / "." / "times.csv"):
        with pytest.raises(FileFormatError, match="is what is read, and would be overwritten"):
            check_output(output, tmp_path / "missing.csv", read)
