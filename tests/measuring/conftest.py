"""Runtimes change what the processor does with the smallest numbers: no test leaves it so."""

from collections.abc import Iterator

import pytest

from costmodel.measuring.floating import floating_point_kept


@pytest.fixture(autouse=True)
def _floating_point_kept() -> Iterator[None]:
    with floating_point_kept():
        yield
