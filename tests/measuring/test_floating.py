"""What runtimes set is set back."""

import ctypes
import subprocess
import sys

import pytest

from costmodel.measuring.floating import floating_point_kept

SCRIPT = """
import numpy as np
from costmodel import zoo
from costmodel.measuring.floating import floating_point_kept
from costmodel.measuring.runners import Subject, runtime

def is_kept():
    return bool(np.float64(5e-324) * np.float64(1.0) != 0)

found = [is_kept()]
with floating_point_kept():
    runtime("onnxruntime").prepare(Subject(zoo.lenet_5()), 1).run()
    found.append(is_kept())
print(*found, is_kept())
"""


def test_numbers_too_small_for_an_exponent_are_numbers_again() -> None:
    """In a process of its own: a runtime may set it once and for all."""
    pytest.importorskip("onnxruntime")
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False", "True"]


def test_a_library_without_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    with floating_point_kept():
        assert sys.version_info
