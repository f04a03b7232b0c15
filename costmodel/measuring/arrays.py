"""Numbers for networks to run on: inputs, and weights that no file has."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np

from costmodel.algebra.text import to_text
from costmodel.errors import MeasuringError, shorten
from costmodel.layers.base import Shape
from costmodel.network import Network

SEED: Final = 0
_SCALE: Final = np.float32(0.02)


def random_weights(name: str, shape: tuple[int, ...]) -> Any:
    """Normal float32 numbers of standard deviation 0.02, the same for the same name in every run."""
    random = np.random.default_rng((SEED, crc32(name.encode())))
    return random.standard_normal(shape, dtype=np.float32) * _SCALE


def random_input(name: str, shape: tuple[int, ...], *, is_index: bool = False) -> Any:
    """Normal float32 numbers, the same for the same name in every run, or zeros where they are indices."""
    if is_index:
        return np.zeros(shape, dtype=np.int64)
    return np.random.default_rng((SEED, crc32(name.encode()))).standard_normal(shape, dtype=np.float32)


def sizes(network: Network, shape: Shape) -> tuple[int, ...]:
    """The shape in numbers; raises `MeasuringError` where a size is still a symbol."""
    unknown = [size for size in shape if not isinstance(size, int)]
    if unknown:
        raise MeasuringError(
            f"{network.name} has sizes that are symbols ({shorten(to_text(unknown[0]))}); give them numbers, "
            "such as --set batch=1"
        )
    return tuple(int(size) for size in shape)
