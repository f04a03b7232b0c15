"""PyTorch is an extra: it is imported when a module is read, and missed in one sentence."""

import subprocess
import sys

from tests.conftest import ROOT


def run(code: str) -> str:
    """What the code prints in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, encoding="utf-8", timeout=120
    )
    return done.stdout.strip()


def test_rules_are_there_without_pytorch() -> None:
    code = """
import sys
sys.modules["torch"] = None
from costmodel.interop.torch import RULES
print("aten.conv2d" in RULES.names())
"""
    assert run(code) == "True"


def test_importing_the_readers_does_not_load_pytorch() -> None:
    assert run("import sys, costmodel.interop.torch\nprint('torch' in sys.modules)") == "False"


def test_without_pytorch_the_extra_is_named() -> None:
    code = """
import sys
sys.modules["torch"] = None
from costmodel.errors import MissingExtraError
from costmodel.interop import from_torch
try:
    from_torch(None)
except MissingExtraError as problem:
    print(problem)
"""
    assert run(code) == "torch is not installed; install it with: pip install 'costmodel[torch]'"
