"""Layers that move elements, and sources of elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from costmodel.errors import UnsupportedError
from costmodel.interop.onnx.writing.node import Output, Writing, writes


@writes("flatten", "reshape")
def reshape(w: Writing) -> str:
    """The same elements under another shape."""
    if w.layer.kind == "flatten" and w.field["start_axis"] == 1 and len(w.shape) > 1:
        return w.op("Flatten", w.inputs[0])
    return w.reshape(w.inputs[0], w.shape, w.result)


@writes("permute")
def permute(w: Writing) -> str:
    """The axes in another order."""
    return w.op("Transpose", w.inputs[0], perm=list(w.field["axes"]))


@writes("channel_shuffle")
def channel_shuffle(w: Writing) -> str:
    """The channels of all groups interleaved."""
    n, c, *sizes = w.shape
    groups = w.number(w.field["groups"], "its groups")
    split = (n, groups, w.number(c, "its channels") // groups, *sizes)
    symbolic = [axis for axis, size in enumerate(w.shape) if not isinstance(size, int)]
    if len(symbolic) > 1 or (symbolic and symbolic[0] != 0):
        raise UnsupportedError("a shuffle of images of symbolic size is not written to ONNX; bind their sizes")
    x = w.reshape(w.inputs[0], w.shape, split, role="groups")
    x = w.op("Transpose", x, perm=[0, 2, 1, *range(3, len(split))], role="transpose")
    return w.reshape(x, w.shape, w.shape)


@writes("squeeze", "unsqueeze")
def squeeze(w: Writing) -> str:
    """Axes of size 1 left out, or put in."""
    kind = "Squeeze" if w.layer.kind == "squeeze" else "Unsqueeze"
    if w.field["axes"] == ():
        return w.op("Identity", w.inputs[0])
    axes = [] if w.field["axes"] is None else [w.integers("axes", w.field["axes"])]
    return w.op(kind, w.inputs[0], *axes)


@writes("concat")
def concat(w: Writing) -> str:
    """The inputs one after another."""
    return w.op("Concat", *w.inputs, axis=w.field["axis"])


@writes("split")
def split(w: Writing) -> Output:
    """The input in parts."""
    axis = w.field["axis"]
    sizes = [shape[axis] for shape in w.step.output_shapes]
    if all(isinstance(size, int) for size in sizes):
        return w.ops("Split", w.inputs[0], w.integers("sizes", sizes), axis=axis, outputs=len(sizes))
    return w.ops("Split", w.inputs[0], axis=axis, num_outputs=len(sizes), outputs=len(sizes))


@writes("slice")
def slice_(w: Writing) -> str:
    """A part of the input along some axes."""
    starts = [w.number(start, "its start") for start in w.field["starts"]]
    lengths = [w.number(length, "its length") for length in w.field["lengths"]]
    steps = [w.number(step, "its step") for step in w.field["steps"] or (1,) * len(starts)]
    ends = []
    for start, length, step in zip(starts, lengths, steps, strict=True):
        last = start + (length - 1) * step
        ends.append(last + 1 if step > 0 else (last - 1 if last > 0 else -(2**31)))
    lists = [("starts", starts), ("ends", ends), ("axes", w.field["axes"]), ("steps", steps)]
    return w.op("Slice", w.inputs[0], *(w.integers(name, values) for name, values in lists))


@writes("expand")
def expand(w: Writing) -> str:
    """Repeated along axes of size 1."""
    return w.op("Expand", w.inputs[0], w.integers("shape", w.result))


@writes("tile")
def tile(w: Writing) -> str:
    """Repeated along every axis."""
    repeats, x = w.field["repeats"], w.inputs[0]
    missing = len(repeats) - len(w.shape)
    if missing > 0:
        x = w.op("Unsqueeze", x, w.integers("axes", range(missing)), role="axes")
    return w.op("Tile", x, w.integers("repeats", (*(1,) * (len(w.shape) - len(repeats)), *repeats)))


@writes("pad")
def pad(w: Writing) -> str:
    """Elements put around."""
    before, after = zip(*w.field["pads"], strict=True)
    modes = {"constant": "constant", "reflect": "reflect", "edge": "edge", "wrap": "wrap"}
    if w.field["mode"] not in modes:
        raise UnsupportedError(f"ONNX does not pad by {w.field['mode']!r}")
    return w.op("Pad", w.inputs[0], w.integers("pads", (*before, *after)), mode=modes[w.field["mode"]])


@writes("flip")
def flip(w: Writing) -> str:
    """Axes read backwards."""
    axes = w.field["axes"]
    values = {"starts": [-1] * len(axes), "ends": [-(2**31)] * len(axes), "axes": axes, "steps": [-1] * len(axes)}
    return w.op("Slice", w.inputs[0], *(w.integers(name, each) for name, each in values.items()))


@writes("trilu")
def trilu(w: Writing) -> str:
    """One half of a matrix."""
    return w.op("Trilu", w.inputs[0], upper=int(w.field["upper"]))


@writes("depth_to_space", "space_to_depth")
def depth_to_space(w: Writing) -> str:
    """Channels moved into blocks of positions, or the reverse."""
    block = w.number(w.field["block"], "its block")
    if w.layer.kind == "space_to_depth":
        return w.op("SpaceToDepth", w.inputs[0], blocksize=block)
    return w.op("DepthToSpace", w.inputs[0], blocksize=block, mode=w.field["mode"])


@writes("upsample2d", "resize")
def resize(w: Writing) -> str:
    """The input with other sizes."""
    modes = {"nearest": "nearest", "bilinear": "linear", "linear": "linear", "cubic": "cubic"}
    mode = modes[w.field["mode"]]
    sizes = w.integers("sizes", w.result)
    return w.op("Resize", w.inputs[0], "", "", sizes, mode=mode)


@writes("gather")
def gather(w: Writing) -> str:
    """Elements along an axis, for indices that are computed or known."""
    if w.field["indices"] is None:
        return w.op("Gather", *w.inputs, axis=w.field["axis"])
    shape = [w.number(size, "its indices") for size in w.field["indices"]]
    indices = w.parts.store(f"{w.step.node.name}.indices", np.zeros(shape, dtype=np.int64))
    return w.op("Gather", w.inputs[0], indices, axis=w.field["axis"])


@writes("gather_elements", "gather_nd", "scatter_elements", "scatter_nd")
def gather_elements(w: Writing) -> str:
    """An element, or a slice, for each index."""
    names = {
        "gather_elements": "GatherElements", "gather_nd": "GatherND", "scatter_elements": "ScatterElements",
        "scatter_nd": "ScatterND",
    }  # fmt: skip
    return w.op(names[w.layer.kind], *w.inputs, **w.field_of("axis", "batch_dims", "reduction"))


@writes("one_hot")
def one_hot(w: Writing) -> str:
    """A one for each index, and zeros."""
    depth = w.integers("depth", [w.field["depth"]])
    values = w.parts.store(f"{w.step.node.name}.values", np.array([0, 1], dtype=np.float32))
    return w.op("OneHot", w.inputs[0], depth, values, axis=w.field["axis"])


@writes("grid_sample")
def grid_sample(w: Writing) -> str:
    """The input at places that another tensor names."""
    return w.op("GridSample", *w.inputs, mode=w.field["mode"])


@writes("fold")
def fold(w: Writing) -> str:
    """Blocks of positions added up into an image."""
    fields: dict[str, Any] = w.field
    if isinstance(fields["padding"], str):
        raise UnsupportedError("a fold is written to ONNX with a padding in numbers")
    before, after = zip(*fields["padding"], strict=True)
    return w.op(
        "Col2Im",
        w.inputs[0],
        w.integers("image", fields["output_size"]),
        w.integers("block", fields["kernel"]),
        strides=list(fields["stride"]),
        dilations=list(fields["dilation"]),
        pads=[*before, *after],
    )


@writes("buffer", "constant")
def stored(w: Writing) -> str:
    """A tensor that is stored, or that is part of the program."""
    from onnx import helper

    shape = [w.number(size, "its shape") for size in w.field["shape"]]
    elements = int(np.prod(shape, dtype=np.int64)) if shape else 1
    if w.layer.kind == "buffer":
        if elements == 1:
            raise UnsupportedError("a stored number that is not learned is a constant in ONNX; use the kind 'constant'")
        numbers = helper.make_tensor("value", 1, shape, np.ones(elements, dtype=np.float32).tobytes(), raw=True)
        return w.op("Constant", value=numbers)
    return w.op("ConstantOfShape", w.integers("shape", shape), value=helper.make_tensor("value", 1, [1], [1.0]))
