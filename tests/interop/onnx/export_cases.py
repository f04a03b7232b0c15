"""Exports with sizes left open: the module, its inputs, and the sizes at which it is exported again."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

Shape = tuple[int | str, ...]
IMAGE: Final[Shape] = ("batch", 3, "height", "width")
TOKENS: Final[Shape] = ("batch", "sequence")
IMAGES: Final = (
    {"batch": 2, "height": 32, "width": 48},
    {"batch": 1, "height": 37, "width": 29},
    {"batch": 3, "height": 64, "width": 33},
)
SEQUENCES: Final = ({"batch": 2, "sequence": 9}, {"batch": 1, "sequence": 16}, {"batch": 5, "sequence": 33})


def nothing(**_: int) -> int:
    """PyTorch's counter knows every product of most modules."""
    return 0


class Case(NamedTuple):
    """A module, the shapes of its inputs with names for open sizes, and values for these; the first is traced."""

    module: str
    inputs: tuple[Shape, ...] = (IMAGE,)
    sizes: tuple[dict[str, int], ...] = IMAGES
    dtype: str = "float32"
    uncounted: Callable[..., int] = nothing
    """Multiply-accumulates that PyTorch's counter leaves out."""
    opset: int = 17


def renamed(**names: str) -> tuple[dict[str, int], ...]:
    """The sizes of sequences under other names."""
    return tuple({names[name]: size for name, size in sizes.items()} for sizes in SEQUENCES)


def scaled(height: Fraction, width: Fraction) -> tuple[dict[str, int], ...]:
    """The sizes of images in other proportions."""
    return tuple(
        {**sizes, "height": int(sizes["height"] * height), "width": int(sizes["width"] * width)} for sizes in IMAGES
    )


def lstm_macs(batch: int, sequence: int) -> int:
    """Four gates of 5 in two directions, from 6 inputs, then from 10, and from the state."""
    return batch * sequence * 2 * 4 * 5 * ((6 + 5) + (10 + 5))


CASES: Final = {
    "strides": Case("PlainCNN", opset=11),
    "residual": Case("ResNet", opset=9),
    "channel shuffle": Case("ChannelShuffle", opset=13),
    "u-net": Case("UNet"),
    "gates": Case("SqueezeExcite"),
    "vision transformer": Case("VisionTransformer"),
    "shifted windows": Case("ShiftedWindows"),
    "causal encoder": Case("CausalEncoder", (("N", "seq_len", 12),), renamed(batch="N", sequence="seq_len"), opset=14),
    "bert": Case("Bert", (TOKENS, TOKENS), SEQUENCES, "int64"),
    "gpt": Case("GPT", (TOKENS,), SEQUENCES, "int64"),
    "masked gpt": Case(
        "MaskedGPT", (("unk__6", "unk__7"),), renamed(batch="unk__6", sequence="unk__7"), "int64", opset=16
    ),
    "recurrent": Case("Recurrent", (("sequence", "batch", 6),), SEQUENCES, uncounted=lstm_macs),
    "temporal": Case("TemporalConvolution", (("batch", 4, "sequence"),), SEQUENCES),
    "sub-pixel": Case("SubPixel", (("batch", 1, "height", "width"),), scaled(Fraction(2), Fraction(2))),
    "transposed": Case("Transposed", sizes=scaled(Fraction(1, 4), Fraction(1))),
    "einsum": Case(
        "EinsumAttention",
        (("batch", "sequence", 12), ("batch", "context", 12)),
        tuple({**sizes, "context": 7 + sizes["batch"]} for sizes in SEQUENCES),
    ),
    "normalized": Case("Normalized"),
    "encoder layer": Case("MultiHead", (("batch", 9, 16),), tuple({"batch": size} for size in (2, 1, 5))),
    "heads": Case("Heads"),
    "unfolded": Case("Unfolded"),
    "pyramid": Case("Pyramid"),
}
"""One for each way in which models compute sizes."""
