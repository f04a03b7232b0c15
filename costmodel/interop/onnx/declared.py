"""The shapes that an ONNX file declares for tensors inside a graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from costmodel.algebra import Dim
from costmodel.interop.limits import MAX_AXES
from costmodel.interop.onnx.tensors import symbol_of

DeclaredShape = tuple[Dim | None, ...]
MAX_TEXTS: Final = 1000
"""Different expressions beyond this number say nothing."""


class Declared:
    """Shapes by the tensor's name, read where a node computes the tensor.

    Only expressions of these symbols, which are those of the inputs, say something about a size.
    """

    def __init__(self, infos: Iterable[Any], symbols: Collection[str]) -> None:
        self._infos = {info.name: info for info in infos}
        self._symbols = frozenset(symbols)
        self._texts: dict[str, Dim | None] = {}

    def get(self, name: str) -> DeclaredShape | None:
        """The shape of a tensor, None for a size that the file leaves open."""
        info = self._infos.get(name)
        if info is None or not info.type.HasField("tensor_type") or not info.type.tensor_type.HasField("shape"):
            return None
        sizes = info.type.tensor_type.shape.dim
        return tuple(map(self._size, sizes)) if len(sizes) <= MAX_AXES else None

    def _size(self, dim: Any) -> Dim | None:
        if dim.HasField("dim_value"):
            return int(dim.dim_value)
        text = dim.dim_param
        if not text or not isinstance(text, str):
            return None
        if text not in self._texts:
            self._texts[text] = self._expression(text) if len(self._texts) < MAX_TEXTS else None
        return self._texts[text]

    def _expression(self, text: str) -> Dim | None:
        found = symbol_of(text, "unknown")
        return found if {symbol.name for symbol in found.free_symbols} <= self._symbols else None
