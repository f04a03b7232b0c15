"""Runtimes that run a network on this machine, each behind the same three questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, Protocol, cast

from costmodel.errors import MissingExtraError, UnknownNameError
from costmodel.measuring.arrays import random_weights
from costmodel.network import Network

__all__ = ["RUNTIMES", "Prepare", "Runner", "Runtime", "Subject", "WeightsOf", "runtime"]

WeightsOf = Callable[[str, tuple[int, ...]], Any]
"""Weights as an array, by their name (the node's and their role, with a point) and shape."""


class Subject(NamedTuple):
    """What is run: a network whose sizes are numbers, and the file that it was read from where there is one."""

    network: Network
    path: Path | None = None


@dataclass(frozen=True)
class Runner:
    """A network that is ready to run.

    `run` runs it once on inputs that stay the same; `outputs` runs it and gives what it computes, as arrays in the
    order of the network's outputs. `weights` says whose weights they are: the file's, random, or zero.
    """

    run: Callable[[], object]
    outputs: Callable[[], Sequence[Any]]
    weights: Literal["file", "random", "zero"]


class Prepare(Protocol):
    """Makes a runner; raises `MeasuringError` or another `CostModelError` for what the runtime cannot run."""

    def __call__(self, subject: Subject, threads: int, weights: WeightsOf = random_weights) -> Runner: ...


class Runtime(NamedTuple):
    """A runtime: the packages that it needs, its own first, and the extra that installs them."""

    name: str
    packages: tuple[str, ...]
    extra: str

    def version(self) -> str:
        """The version that is installed; raises `MissingExtraError` where a package is missing."""
        for package in self.packages:
            if find_spec(package) is None:
                raise MissingExtraError(package, self.extra)
        return version(self.packages[0])

    @property
    def prepare(self) -> Prepare:
        """What makes runners; imports the runtime."""
        self.version()
        return cast(Prepare, import_module(f"{__name__}.{self.name}").prepare)


RUNTIMES: Final = MappingProxyType(
    {
        each.name: each
        for each in (
            Runtime("onnxruntime", ("onnxruntime", "onnx"), "measure"),
            Runtime("torch", ("torch",), "torch"),
            Runtime("ncnn", ("ncnn",), "measure"),
        )
    }
)


def runtime(name: str) -> Runtime:
    """The runtime of that name."""
    if name not in RUNTIMES:
        raise UnknownNameError("runtime", name, RUNTIMES)
    return RUNTIMES[name]
