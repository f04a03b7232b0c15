"""PyTorch models that other tools count beside us."""

from __future__ import annotations

from typing import Any

from torch import nn


class First(nn.Module):
    """The first output of a module, or of a function."""

    def __init__(self, called: Any) -> None:
        super().__init__()
        self.called = called

    def forward(self, x: Any) -> Any:
        found = self.called(x)
        return found[0] if isinstance(found, tuple) else found


class SelfAttention(nn.Module):
    """Attention of a sequence to itself, of which the weights are not asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.attention(x, x, x, need_weights=False)[0]


class Named(nn.Module):
    """A model whose input has a name, as ptflops wants where the batch is larger than 1."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Any) -> Any:
        return self.model(x)
