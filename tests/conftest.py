"""Hypothesis profiles and what tests share.

`quick` is for working, `thorough` where CI is set, and `explore` (HYPOTHESIS_PROFILE=explore) looks for what neither
has found. Only `thorough` draws the same examples in every run: what is green on main stays green until it changes.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from costmodel.layers import registry

CI = os.environ.get("CI") == "true"
ROOT = Path(__file__).parents[1]

# Under CI, Hypothesis starts from settings of its own: ours begin from the plain ones.
PLAIN = settings.get_profile("default")
settings.register_profile("quick", PLAIN, max_examples=25, deadline=None, print_blob=True)
settings.register_profile("thorough", PLAIN, max_examples=250, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", PLAIN, max_examples=1000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "thorough" if CI else "quick"))

EVERY = settings(max_examples=1000 if CI else 25)
"""For the tests that hold each formula to an execution of its layer."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of source documents and measurements beside the repository."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        reason = f"the source documents and measurements are not beside the repository (no {folder.name}/ there)"
        if CI:
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def _kinds_of_a_test_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which tests run in one process, and in which order, decides nothing: docs and tests may define the same kind."""
    monkeypatch.setattr(registry, "_KINDS", registry.kinds())
