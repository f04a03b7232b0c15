"""Mutated files, 20,000 under CI: each is read, or refused with an error of ours, in one sentence and in time."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from costmodel import zoo
from costmodel.errors import CostModelError
from costmodel.interop import read
from costmodel.interop.onnx import to_onnx
from tests.conftest import CI
from tests.interop.onnx.models import model, node, numbers, stored
from tests.patience import patience

FILES = 400 if CI else 8
"""How many mutants each of the 50 tests makes."""


NCNN = b"""7767517
7 8
Input            data  0 1 data 0=16 1=16 2=3
Convolution      conv  1 1 data a 0=8 1=3 3=2 4=1 5=1 6=216 9=1
Split            split 1 2 a b c
Pooling          pool  1 1 b d 0=0 1=3 2=1 3=1
Concat           cat   2 1 c d e 0=0
InnerProduct     fc    1 1 e f 0=10 1=1 2=10240
Softmax          soft  1 1 f g 0=0
"""


def graph() -> bytes:
    """Operations on data and on shapes."""
    nodes = [
        node("Conv", ["x", "w"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Shape", ["a"], ["s"]),
        node("Gather", ["s", "zero"], ["n"], axis=0),
        node("Concat", ["n", "rest"], ["t"], name="target", axis=0),
        node("Reshape", ["a", "t"], ["b"]),
        node("Slice", ["b", "zero", "one", "one"], ["c"]),
        node("Gemm", ["c", "v"], ["y"]),
    ]
    weights = [stored("w", 4, 3, 3, 3), stored("v", 64, 8), numbers("zero", 0), numbers("one", 1), numbers("rest", -1)]
    return bytes(model(nodes, {"x": ["batch", 3, 8, 8]}, ["y"], weights).SerializeToString())


SEEDS: dict[str, Callable[[], bytes]] = {
    "graph.onnx": graph,
    "lenet_5.onnx": lambda: to_onnx(zoo.lenet_5(), weights="absent").SerializeToString(),
    "blocks.onnx": lambda: to_onnx(zoo.mobilenet_v2(resolution=32), weights="absent").SerializeToString(),
    "small.param": lambda: NCNN,
    "lenet_5.json": lambda: zoo.lenet_5().to_json().encode(),
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them changed, moved, repeated or cut."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place, other = chance.randrange(len(found)), chance.randrange(len(found))
        part = slice(min(place, other), min(max(place, other), min(place, other) + 40))
        change = chance.randrange(6)
        if change == 0:
            found[place] = chance.randrange(256)
        elif change == 1:
            found[place] ^= 1 << chance.randrange(8)
        elif change == 2:
            found[place:place] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        elif change == 3:
            found[place:place] = found[part]
        elif change == 4:
            del found[part]
        else:
            del found[place:]
        if not found:
            return b"\0"
    return bytes(found)


@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutated_file_is_read_or_refused(seed: str, part: int, tmp_path: Path) -> None:
    whole, chance = SEEDS[seed](), random.Random(part)  # noqa: S311 - no secret
    path = tmp_path / seed
    for _ in range(FILES):
        path.write_bytes(mutated(whole, chance))
        with patience():
            try:
                read(path).cost().ledger  # noqa: B018 - counting is what may fail
            except CostModelError as problem:
                refused = str(problem)
            else:
                continue
        assert "\n" not in refused
        assert len(refused) < 2000
