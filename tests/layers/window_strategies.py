"""Hypothesis strategies for layers that slide a window: convolutions and pooling."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Fields = dict[str, object]
Shape = tuple[int, ...]
Case = tuple[Fields, list[Shape]]
Pads = list[tuple[int, int]]

BATCH = st.integers(1, 3)
FEW = st.integers(1, 3)
PADS = st.tuples(st.integers(0, 3), st.integers(0, 3))
BIAS: dict[str, SearchStrategy[object]] = {"bias": st.booleans()}


def maybe(draw: DrawFn, **optional: SearchStrategy[object]) -> Fields:
    """Draw some of the optional fields."""
    return draw(st.fixed_dictionaries({}, optional=optional))


def spelled(draw: DrawFn, values: Sequence[int]) -> object:
    """Spell values per axis as one integer where they agree, or as a sequence."""
    if len(set(values)) == 1 and draw(st.booleans()):
        return values[0]
    return tuple(values)


def spelled_pads(draw: DrawFn, pads: Pads) -> object:
    """Spell paddings as one integer or one per axis where both sides agree, or as pairs."""
    if all(before == after for before, after in pads) and draw(st.booleans()):
        return spelled(draw, [before for before, _ in pads])
    return tuple(pads)


def window(
    draw: DrawFn, axes: int, *, pool: bool = False, dilated: bool = True, ceil_mode: bool = False
) -> tuple[Fields, Shape]:
    """Draw a window's fields and the sizes of an input that it fits, but for less than a stride in ceil mode."""
    longest = 4 if axes < 3 else 3
    kernel = [draw(st.integers(1, longest)) for _ in range(axes)]
    stride = [draw(FEW) for _ in range(axes)]
    dilation = [draw(FEW) if dilated else 1 for _ in range(axes)]
    rule = draw(st.sampled_from(["none", "pads", "pads", "valid", "same_tensorflow", "same_pytorch"]))
    pads = [(0, 0)] * axes
    fields: Fields = {"kernel": spelled(draw, kernel)}
    if rule == "pads":
        pads = [draw(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)) if pool else PADS) for k in kernel]
        fields["padding"] = spelled_pads(draw, pads)
    elif rule != "none":
        fields["padding"] = rule
    if rule == "same_pytorch":
        stride = [1] * axes
    if pool and rule != "same_pytorch" and draw(st.booleans()):
        stride = kernel
        fields.update(draw(st.sampled_from([{}, {"stride": None}])))
    elif pool or stride != [1] * axes or draw(st.booleans()):
        fields["stride"] = spelled(draw, stride)
    if dilation != [1] * axes:
        fields["dilation"] = spelled(draw, dilation)
    sizes = []
    for k, s, d, sides in zip(kernel, stride, dilation, pads, strict=True):
        beyond = s - 1 if ceil_mode else 0
        least = 1 if rule.startswith("same") else max(1, d * (k - 1) + 1 - sum(sides) - beyond)
        sizes.append(draw(st.integers(least, least + (5 if axes < 3 else 3))))
    return fields, tuple(sizes)


@st.composite
def convolution(draw: DrawFn, axes: int) -> Case:
    fields, sizes = window(draw, axes)
    groups = draw(FEW)
    if groups > 1 or draw(st.booleans()):
        fields["groups"] = groups
    fields["out_channels"] = groups * draw(FEW)
    return fields | maybe(draw, **BIAS), [(draw(BATCH), groups * draw(FEW), *sizes)]


@st.composite
def depthwise(draw: DrawFn) -> Case:
    fields, sizes = window(draw, 2)
    return fields | maybe(draw, multiplier=FEW, **BIAS), [(draw(BATCH), draw(st.integers(1, 4)), *sizes)]


@st.composite
def pointwise(draw: DrawFn) -> Case:
    groups = draw(FEW)
    fields: Fields = {"out_channels": groups * draw(FEW), "groups": groups, **maybe(draw, **BIAS)}
    if draw(st.booleans()):
        fields["stride"] = spelled(draw, [draw(FEW), draw(FEW)])
    return fields, [(draw(BATCH), groups * draw(FEW), draw(st.integers(1, 6)), draw(st.integers(1, 6)))]


@st.composite
def transposed(draw: DrawFn, axes: int) -> Case:
    groups = draw(FEW)
    kernel, stride, dilation, longer = ([draw(FEW) for _ in range(axes)] for _ in range(4))
    longer = [min(more, max(s, d)) - 1 for more, s, d in zip(longer, stride, dilation, strict=True)]
    sizes = [draw(st.integers(1, 4)) for _ in range(axes)]
    pads: Pads = []
    for size, k, s, d, more in zip(sizes, kernel, stride, dilation, longer, strict=True):
        croppable = (size - 1) * s + d * (k - 1) + more
        before = draw(st.integers(0, min(3, croppable)))
        pads.append((before, draw(st.integers(0, min(3, croppable - before)))))
    spellings: Fields = {
        "stride": spelled(draw, stride),
        "padding": "valid" if pads == [(0, 0)] * axes and draw(st.booleans()) else spelled_pads(draw, pads),
        "output_padding": spelled(draw, longer),
        "dilation": spelled(draw, dilation),
        "groups": groups,
    }
    fields: Fields = {"out_channels": groups * draw(FEW), "kernel": spelled(draw, kernel)}
    return fields | spellings | maybe(draw, **BIAS), [(draw(BATCH), groups * draw(FEW), *sizes)]


@st.composite
def separable(draw: DrawFn, /, *, dilated: bool = False, **optional: SearchStrategy[object]) -> Case:
    fields, sizes = window(draw, 2, dilated=dilated)
    fields["out_channels"] = draw(st.integers(1, 4))
    return fields | maybe(draw, **BIAS, **optional), [(draw(BATCH), draw(FEW), *sizes)]


@st.composite
def pool(draw: DrawFn, axes: int, /, *, dilated: bool, **optional: SearchStrategy[object]) -> Case:
    ceil_mode: Fields = maybe(draw, ceil_mode=st.booleans())
    fields, sizes = window(draw, axes, pool=True, dilated=dilated, ceil_mode=bool(ceil_mode.get("ceil_mode")))
    return fields | ceil_mode | maybe(draw, **optional), [(draw(BATCH), draw(FEW), *sizes)]
