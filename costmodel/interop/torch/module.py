"""A copy of a module without weights and hooks, in the mode that inference runs in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from costmodel.errors import ReadingError, shorten

HOOKS: Final = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)
"""Where a module keeps what others asked it to call."""
_OF_TORCH: Final = "torch.nn.utils."
"""Hooks from here compute weights (weight_norm, spectral_norm): they are part of what the module does."""


def skeleton(module: Any, mode: Any) -> Any:
    """A copy in evaluation mode, of which no tensor takes memory; parameters that are shared stay shared.

    `mode` is the FakeTensorMode that the copy's tensors belong to. Hooks of the user are left out.
    """
    memo: dict[int, Any] = {}
    kept: list[Any] = []
    for part in module.modules():
        for name, value in vars(part).items():
            if name in HOOKS and isinstance(value, dict):
                memo[id(value)] = _hooks_of_torch(value)
            for tensor in _tensors(value):
                if id(tensor) not in memo:
                    memo[id(tensor)] = _without_memory(tensor, mode, module)
                    kept.append(tensor)
    try:
        copy = deepcopy(module, memo)
    except Exception as problem:  # noqa: BLE001 - a module may hold anything, and fail to copy in any way
        raise ReadingError(
            f"a module must be one that copy.deepcopy can copy, and {type(module).__name__} is not"
            f" ({type(problem).__name__}: {shorten(problem, 200)})"
        ) from None
    for part in copy.modules():
        _read_weights_anew(part)
    copy.eval()
    return copy


def _read_weights_anew(part: Any) -> None:
    """A recurrent layer keeps its weights in a list too, which torch.export would see change; here it is made anew."""
    import torch

    if isinstance(part, torch.nn.RNNBase) and vars(part).pop("_flat_weights", None) is not None:
        kind = type(part)
        members = {"_flat_weights": property(_weights_of, _keep_none), "__module__": kind.__module__}
        part.__class__ = type(kind.__name__, (kind,), members)


def _weights_of(part: Any) -> list[Any]:
    return [getattr(part, name) for name in vars(part)["_flat_weights_names"]]


def _keep_none(_: Any, __: Any) -> None:
    """The list is never kept."""


def _hooks_of_torch(hooks: dict[int, Any]) -> dict[int, Any]:
    return OrderedDict((key, hook) for key, hook in hooks.items() if type(hook).__module__.startswith(_OF_TORCH))


def _tensors(value: Any) -> Iterator[Any]:
    """The tensors in a module's attribute."""
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            if isinstance(each, torch.Tensor):
                yield each
    elif isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, torch.Tensor):
                yield each


def _without_memory(tensor: Any, mode: Any, module: Any) -> Any:
    """A tensor of the same shape and type that holds no elements."""
    import torch
    from torch.nn.parameter import UninitializedTensorMixin

    if isinstance(tensor, UninitializedTensorMixin):
        raise ReadingError(
            f"{type(module).__name__} has parameters whose shapes are not known yet (a lazy module);"
            " run the module once before it is read"
        )
    with mode:
        empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
    if not isinstance(tensor, torch.nn.Parameter):
        return empty
    return torch.nn.Parameter(empty, requires_grad=tensor.is_floating_point())
