"""A part of a family's networks: what a few of the parameters decide by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from costmodel.network import Network


@dataclass(frozen=True)
class Part:
    """A piece of every network of a family, as a network of few parameters.

    The costs of a network are the sums of its parts' costs, each as often as it is there, and its peaks their largest;
    the activations that a part is given are the output of the part before. So a space of seven stages with a thousand
    choices each needs seven thousand parts, and not 10^21 networks.
    """

    name: str
    parameters: tuple[str, ...]
    """The names of the family's parameters that `build` takes."""
    build: Callable[..., Network]
    times: str = "1"
    """How often it is there: an expression of the family's parameters."""
