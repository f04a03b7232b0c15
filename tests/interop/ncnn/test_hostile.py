"""Texts made to take time or memory: each is refused in one short sentence, and soon."""

from pathlib import Path

import pytest

from costmodel.errors import CostModelError
from costmodel.interop.ncnn import read_ncnn
from tests.patience import patience

INPUT = "Input in 0 1 x 0=8 1=8 2=3"
SQUARES = "square(" * 15 + "+(0w,1)" + ")" * 15


def text_of(*lines: str) -> str:
    """A file of these layers, each of which writes its last blobs."""
    blobs = sum(int(line.split()[3]) for line in lines)
    return f"7767517\n{len(lines)} {blobs}\n" + "\n".join(lines) + "\n"


HOSTILE: dict[str, str] = {
    "counts of 100,000 digits": "7767517\n" + "9" * 100_000 + " 1\n",
    "a type of megabytes": text_of(INPUT, "R" * 10_000_000 + " r 1 1 x y"),
    "parameters without end": text_of("Input in 0 1 x " + "0=1 " * 1_000_000),
    "a billion inputs": "7767517\n2 2\n" + f"{INPUT}\nConcat c 999999999 1 x y\n",
    "an array that claims a billion": text_of(INPUT, "ReLU r 1 1 x y -23300=999999999,1"),
    "kernels of 2**31": text_of(INPUT, "Convolution c 1 1 x y 0=2147483647 1=2147483647 6=2147483647"),
    "powers of a symbol": text_of("Input in 0 1 x", f'Reshape r 1 1 x y 6="{SQUARES},1,-1"'),
    "powers of a number": text_of(INPUT, f'Reshape r 1 1 x y 6="{SQUARES},1,-1"'),
    "parentheses": text_of(INPUT, 'Reshape r 1 1 x y 6="' + "(" * 200_000),
    "thousands of open sizes": text_of(
        *(f"Input i{index} 0 1 x{index}" for index in range(2000)),
        *(f"ReLU r{index} 1 1 x{index} y{index}" for index in range(2000)),
    ),
    "more layers than fit": text_of(
        "Input in 0 1 y0", *(f"ReLU r{index} 1 1 y{index} y{index + 1}" for index in range(40_000))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_refused_soon_in_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file.param"
    path.write_text(HOSTILE[name], encoding="utf-8")
    with patience(), pytest.raises(CostModelError) as caught:
        read_ncnn(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000
