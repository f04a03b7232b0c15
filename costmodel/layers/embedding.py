"""Embeddings: rows of a learned table, looked up by index."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas


def embedding_params(v: Value, c_o: Value) -> Value:
    """A row of c_o elements for each entry of the vocabulary."""
    return v * c_o


class Embedding(Layer):
    """The rows of a learned table that the input's indices name.

    Shapes: (...) of indices -> (..., c_o). The table has v = `num_embeddings` rows of c_o = `embedding_dim`.

    >>> Embedding(num_embeddings=30522, embedding_dim=768).cost((1, 128)).params
    23440896
    """

    kind: Literal["embedding"] = "embedding"
    num_embeddings: Dim
    embedding_dim: Dim
    looked_up: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(params=embedding_params, free="rows of the table are copied, not computed")
    source: ClassVar[str] = "Bengio et al., A neural probabilistic language model, JMLR 3, 2003, section 2"

    def output_shape(self, inputs: Shapes) -> Shape:
        return (*inputs[0], self.embedding_dim)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"v": self.num_embeddings, "c_o": self.embedding_dim}
