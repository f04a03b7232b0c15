"""ViT: a transformer encoder on patches of an image, and a class token."""

from __future__ import annotations

from typing import Annotated

from costmodel.algebra import assuming, divides
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import (
    GELU,
    Add,
    Concat,
    Conv2d,
    Dropout,
    Expand,
    LayerNorm,
    Linear,
    MultiHeadAttention,
    Parameter,
    Permute,
    Reshape,
    Slice,
    Squeeze,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, floor_in_groups, scaled
from costmodel.zoo.family import Batch, Classes, Number, Resolution, Rounding, Width, family

Patch = Annotated[Dim, Number("height and width of a patch")]
Depth = Annotated[int, Number("blocks of the encoder", symbolic=False, most=1000)]
Heads = Annotated[Dim, Number("heads of the attention")]
Hidden = Annotated[Dim, Number("size of a token")]
MLP = Annotated[Dim, Number("size between the two linear layers of a block")]


def embedded(image: Tensor, patch: Dim, hidden: Dim) -> Tensor:
    """A token for each patch, a class token before them, and the embedding of their positions added to all."""
    n, b = image.shape[0], image.builder
    x = image.then(Conv2d(out_channels=hidden, kernel=patch, stride=patch), name="patches")
    x = x.then(Reshape(shape=(n, hidden, -1)), Permute(axes=(0, 2, 1)), name="tokens")
    token = b.add(Parameter(shape=(1, 1, hidden)), name="class_token")
    x = b.add(Concat(axis=1), token.then(Expand(shape=(n, -1, -1)), name="class_tokens"), x, name="concat")
    position = b.add(Parameter(shape=(1, *x.shape[1:])), name="position_embedding")
    return b.add(Add(), x, position, name="embedded").then(Dropout(rate=0), name="dropout")


def block(x: Tensor, heads: Dim, mlp: Dim) -> Tensor:
    """Attention and two linear layers, each behind layer-norm and beside a shortcut."""
    y = x.then(LayerNorm(), name="norm1")
    y = y.then(MultiHeadAttention(heads=heads), Dropout(rate=0), name="attention")
    x = x.builder.add(Add(), y, x, name="add1")
    y = x.then(LayerNorm(), name="norm2").then(Linear(out_features=mlp), GELU(), Dropout(rate=0), name="mlp1")
    y = y.then(Linear(out_features=x.shape[2]), Dropout(rate=0), name="mlp2")
    return x.builder.add(Add(), x, y, name="add2")


@family(
    source="Dosovitskiy et al., An image is worth 16x16 words, arXiv 2010.11929, table 1, as in torchvision",
    width_rule="the sizes of a token and of the MLP times the width, rounded down, the token's to a multiple of heads",
)
def vit(
    *,
    patch: Patch = 16,
    depth: Depth = 12,
    heads: Heads = 12,
    hidden: Hidden = 768,
    mlp: MLP = 3072,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """Vision transformer; what is left of the image beside whole patches is not read.

    >>> vit().cost().macs, vit().cost().params
    (17563828224, 86567656)
    """
    with assuming() as assumed:
        if not divides(heads, hidden):
            raise SpecError(f"'heads' (={heads}) must divide 'hidden' (={hidden})")
    b = Builder("vit", holds_where=tuple(map(str, assumed.needs)))
    image = b.input("image", (batch, 3, resolution, resolution))
    x = embedded(image, patch, scaled(hidden, width, floor_in_groups(heads, rounding), rounding))
    for index in range(depth):
        with b.scope(f"block{index}"):
            x = block(x, heads, scaled(mlp, width, floor_at_least_1, rounding))
    x = x.then(LayerNorm(), name="norm")
    x = x.then(Slice(axes=(1,), starts=(0,), lengths=(1,)), Squeeze(axes=(1,)), name="class")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


vit_b_16 = vit.variant("vit_b_16", patch=16, depth=12, heads=12, hidden=768, mlp=3072)
vit_b_32 = vit.variant("vit_b_32", patch=32, depth=12, heads=12, hidden=768, mlp=3072)
vit_l_16 = vit.variant("vit_l_16", patch=16, depth=24, heads=16, hidden=1024, mlp=4096)
vit_l_32 = vit.variant("vit_l_32", patch=32, depth=24, heads=16, hidden=1024, mlp=4096)
vit_h_14 = vit.variant("vit_h_14", patch=14, depth=32, heads=16, hidden=1280, mlp=5120)
