"""Running an example as its docstring says."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def run(script: str, *arguments: Path) -> str:
    """What the example prints, run on files."""
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / script, *arguments],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    return done.stdout


def cells(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
