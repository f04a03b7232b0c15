"""Layers that move elements, and stored tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Final

import numpy as np

from costmodel.errors import UnsupportedError
from costmodel.interop.ncnn.writing.piece import Piece, blob_shape, sizes, writes

INTERPOLATIONS: Final = {"nearest": 1, "bilinear": 2, "linear": 2, "cubic": 3}


@writes("flatten", "reshape", "squeeze", "unsqueeze")
def reshape(piece: Piece) -> str:
    """The same elements under another shape."""
    if len(piece.result) == 1:
        return piece.add("Noop") if piece.blobs[0] in piece.flat else piece.add("Flatten")
    return piece.add("Reshape", sizes(piece.result))


@writes("expand")
def expand(piece: Piece) -> str:
    """Repeated along axes of size 1."""
    repeats = [after // before for before, after in zip(piece.shape, piece.result, strict=True)]
    if set(repeats) == {1}:
        return piece.add("Noop", inputs=[piece.image()])
    return piece.add("Tile", {2: repeats}, inputs=[piece.image()])


@writes("permute")
def permute(piece: Piece) -> str:
    """The axes in another order, by its number among all orders."""
    axes = tuple(piece.field["axes"])
    if axes[0] != 0:
        raise UnsupportedError("ncnn has no axis for the batch, which must stay in front")
    order = list(permutations(range(1, len(axes)))).index(axes[1:])
    return piece.add("Permute", {0: order}, inputs=[piece.image()])


@writes("channel_shuffle")
def channel_shuffle(piece: Piece) -> str:
    """The channels of all groups interleaved."""
    return piece.add("ShuffleChannel", {0: piece.field["groups"]}, inputs=[piece.image()])


@writes("concat")
def concat(piece: Piece) -> str:
    """The inputs one after another."""
    axis = piece.axis(piece.field["axis"])
    piece.makes_flat = axis == 0 and all(blob in piece.flat for blob in piece.blobs)
    blobs = piece.blobs if piece.makes_flat else [piece.image(place) for place in range(len(piece.blobs))]
    return piece.add("Concat", {0: axis}, inputs=blobs)


@writes("split")
def split(piece: Piece) -> Sequence[str]:
    """The input in parts."""
    axis = piece.axis(piece.field["axis"])
    lengths = [blob_shape(shape)[axis] for shape in piece.part.output_shapes]
    return piece.lines.add("Slice", piece.part.name, [piece.image()], {0: lengths, 1: axis}, outputs=len(lengths))


@writes("slice")
def slice_(piece: Piece) -> str:
    """A part of the input along some axes."""
    fields = piece.field
    if fields["steps"] is not None and set(fields["steps"]) != {1}:
        raise UnsupportedError("ncnn crops without steps")
    axes = [piece.axis(axis) for axis in fields["axes"]]
    ends = [start + length for start, length in zip(fields["starts"], fields["lengths"], strict=True)]
    return piece.add("Crop", {9: list(fields["starts"]), 10: ends, 11: axes}, inputs=[piece.image()])


@writes("pad")
def pad(piece: Piece) -> str:
    """Elements put around."""
    (batch, *pairs), modes = piece.field["pads"], {"constant": 0, "edge": 1, "reflect": 2}
    if tuple(batch) != (0, 0) or piece.field["mode"] not in modes or len(pairs) > 3:
        raise UnsupportedError("ncnn pads up to three axes with a constant, the edge or its reflection")
    keys = ((7, 8), (0, 1), (2, 3))[-len(pairs) :]
    given = {key: side for names, pair in zip(keys, pairs, strict=True) for key, side in zip(names, pair, strict=True)}
    return piece.add("Padding", {**given, 4: modes[piece.field["mode"]], 5: 0.0}, inputs=[piece.image()])


@writes("upsample2d", "resize")
def resize(piece: Piece) -> str:
    """The maps with other sizes."""
    if len(piece.result) != 3 or piece.result[0] != piece.shape[0]:
        raise UnsupportedError("ncnn resizes maps of channels")
    mode = INTERPOLATIONS[piece.field["mode"]]
    return piece.add("Interp", {0: mode, 3: piece.result[1], 4: piece.result[2]}, inputs=[piece.image()])


@writes("depth_to_space")
def depth_to_space(piece: Piece) -> str:
    """Channels moved into blocks of positions."""
    parameters = {0: piece.field["block"], 1: int(piece.field["mode"] == "DCR")}
    return piece.add("PixelShuffle", parameters, inputs=[piece.image()])


def stored(piece: Piece) -> str:
    """A tensor that is stored: learned, or ones."""
    shape = blob_shape(piece.part.output_shapes[0])
    if piece.layer.kind == "parameter":
        piece.weight("value", *piece.part.output_shapes[0])
    else:
        piece.lines.store(np.ones(shape, np.float32), is_tagged=False)
    return piece.add("MemoryData", sizes(shape), inputs=[])
