"""Recurrent operations kept whole: PyTorch would trace them step by step, and fix the number of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

GATES: Final = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}
"""The operations, and how many gates each has."""
_SETTINGS: Final = "Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional"
_LIBRARY: Final = "costmodel"


def recurrence() -> Any:
    """A mode in which torch.lstm, torch.gru and torch.rnn_* are operations of their own."""
    import torch
    from torch.overrides import TorchFunctionMode

    replaced = _operations()

    class Whole(TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
        ) -> Any:
            operation = replaced.get(func)
            is_packed = operation is not None and len(args) > 2 and isinstance(args[2], torch.Tensor)
            if operation is None or kwargs or is_packed:
                return func(*args, **(kwargs or {}))
            if not isinstance(args[1], (tuple, list)):
                return operation(args[0], [args[1]], *args[2:])
            return operation(*args)

    return Whole()


@cache
def _operations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """Our operations by PyTorch's functions; they are defined once in a process."""
    import torch
    from torch import _VF

    library = torch.library.Library(_LIBRARY, "FRAGMENT")
    found: dict[Callable[..., Any], Callable[..., Any]] = {}
    for name in GATES:
        outputs = "(Tensor, Tensor, Tensor)" if name == "lstm" else "(Tensor, Tensor)"
        library.define(f"{name}(Tensor input, Tensor[] hx, {_SETTINGS}, bool batch_first) -> {outputs}")
        torch.library.register_fake(f"{_LIBRARY}::{name}", _shapes, lib=library)
        operation = getattr(getattr(torch.ops, _LIBRARY), name).default
        found[getattr(torch, name)] = operation
        found[getattr(_VF, name)] = operation
    _KEPT.append(library)
    return found


_KEPT: list[Any] = []
"""Operations exist as long as their library does."""


def _shapes(input: Any, hx: Sequence[Any], *settings: Any) -> tuple[Any, ...]:  # noqa: A002 - the schema's name
    """Tensors of the outputs' shapes; the settings end with whether it is bidirectional and has the batch first."""
    import torch

    features = hx[0].shape[-1] * (2 if settings[-2] else 1)
    y = input.new_empty((*input.shape[:-1], features))
    return (y, *(torch.empty_like(state) for state in hx))
