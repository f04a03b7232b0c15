"""Networks of ours as PyTorch functions."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from costmodel.errors import MissingExtraError
from costmodel.network import Network

__all__ = ["to_torch"]


def to_torch(network: Network, weights: Callable[[str, tuple[int, ...]], Any]) -> Callable[..., tuple[Any, ...]]:
    """The network as a function of PyTorch tensors, one for each input; its outputs as a tuple.

    Each layer is a call of `torch.nn.functional`, made as eager code makes it. `weights` gives the weights of a name
    (the node's and their role, with a point) and a shape, as arrays. Activations work in place where nothing else reads
    their input, as the common implementations have it.

    Raises `UnsupportedError` for a layer that no call stands for, `SpecError` for a size that is a symbol, and
    `MissingExtraError` where PyTorch is not installed.
    """
    if find_spec("torch") is None:
        raise MissingExtraError("torch", "torch")
    from costmodel.interop.torch.writing.program import program

    return program(network, weights)
