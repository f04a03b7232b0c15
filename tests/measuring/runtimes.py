"""Runtimes for the tests: one that is not installed is skipped, under CI, which installs them all, it fails."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pytest

from costmodel import Builder
from costmodel.layers import Roll
from costmodel.measuring import RUNTIMES, Subject, runtime
from costmodel.network import Network
from tests.conftest import CI

RANDOM = np.random.default_rng


def need(*names: str) -> None:
    """Skip the test unless these runtimes are installed."""
    for package in (package for name in names for package in RUNTIMES[name].packages):
        if find_spec(package) is None:
            if CI:
                pytest.fail(f"{package} is not installed", pytrace=False)
            pytest.skip(f"{package} is not installed")


def weights(name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Weights that keep activations in range, a matrix the same for a name whether it is asked for or its transpose."""
    random = RANDOM(crc32(name.encode()))
    if len(shape) == 2:
        square = random.standard_normal((max(shape),) * 2, dtype=np.float32)
        return np.ascontiguousarray((square + square.T)[: shape[0], : shape[1]] * np.float32(0.03))
    if name.endswith(".scale"):
        return 1 + np.float32(0.1) * random.standard_normal(shape, dtype=np.float32)
    fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 400
    return random.standard_normal(shape, dtype=np.float32) / np.float32(np.sqrt(fan_in))


def outputs(name: str, network: Network) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return list(runtime(name).prepare(Subject(network), 1, weights).outputs())


def agree(network: Network, names: tuple[str, str]) -> None:
    """The runtimes give the shapes that we infer, and the same numbers to single precision."""
    need(*names)
    expected = [network.shapes[name] for name in network.outputs]
    one, other = (outputs(name, network) for name in names)
    assert [array.shape for array in one] == expected
    assert [array.shape for array in other] == expected
    for a, b in zip(one, other, strict=True):
        assert np.isfinite(a).all()
        assert np.abs(a - b).max() <= 1e-4 * np.abs(a).max()
        assert np.abs(a).max() > 0


def rolled(folder: Path) -> str:
    """A file of a network that no runtime has an operation for."""
    b = Builder("rolled")
    path = folder / "rolled.json"
    path.write_text(b.build(b.input("x", (1, 8)).then(Roll(axes=(1,), shifts=(1,)))).to_json(), encoding="utf-8")
    return str(path)
