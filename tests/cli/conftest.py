"""Running commands as a user does, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from costmodel.cli.app import run


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        assert self.status == 0, self.errors
        assert self.errors == ""
        found = json.loads(self.output)
        assert isinstance(found, dict)
        return found


Run = Callable[..., Done]


@pytest.fixture
def costmodel(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; output is as wide as on a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")

    def runner(*arguments: str) -> Done:
        capsys.readouterr()
        status = run(arguments)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return runner
