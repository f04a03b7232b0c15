"""Real files, mutated: a network, or one sentence; never another exception, and never a hang."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.interop.ncnn import read_ncnn
from tests.interop.ncnn.files import one_layer

SEEDS = [
    one_layer(case["layer"], case["inputs"])
    for case in json.loads((Path(__file__).parent / "executed.json").read_text())["cases"][::3]
]
NUMBERS = ["0", "1", "2", "-1", "-233", "-234", "7", "1000", "65536", "2147483647", "-2147483648", "99999999999"]
ODD = ["1.5", "-0.0", "1e38", "nan", "", "x", '"0w"', '"-1"', "3,1,2", "-23300", "=", "\u0661", "\x00", " ", "\n", "#"]
PIECES = st.sampled_from(NUMBERS + ODD)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file of one layer with some of its words or bytes changed."""
    words = draw(st.sampled_from(SEEDS)).replace("\n", " \n ").split(" ")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(changed(words[place]))
    raw = " ".join(words).encode()
    if draw(st.integers(0, 9)) == 0:
        cut = draw(st.integers(0, len(raw)))
        raw = raw[:cut] + draw(st.binary(max_size=3)) + raw[cut + draw(st.integers(0, 3)) :]
    return raw


def changed(word: str) -> st.SearchStrategy[str]:
    """A word with another value or key, dropped, or said twice."""
    key, equals, value = word.partition("=")
    if not equals:
        return PIECES | st.sampled_from(["", f"{word} {word}"])
    return st.one_of(
        PIECES.map(lambda piece: f"{key}={piece}"),
        st.integers(-1, 33).map(lambda other: f"{other}={value}"),
        st.sampled_from(["", f"{word} {word}", f"{key}={value},{value}"]),
    )


def refusal(path: Path, raw: bytes, batch: int) -> str:
    """The sentence with which a file is refused, "" where it is read and counted."""
    path.write_bytes(raw)
    try:
        network = read_ncnn(path, batch=batch)
        assert network.cost().macs >= 0
    except CostModelError as problem:
        return str(problem)
    return ""


@given(mutated(), st.sampled_from([1, 2]))
def test_a_mutated_layer_is_read_or_refused_in_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, batch: int
) -> None:
    message = refusal(tmp_path_factory.getbasetemp() / "mutated.param", raw, batch)
    assert "\n" not in message
    assert len(message) < 1000


@given(st.data())
def test_a_mutated_network_is_read_or_refused_in_one_sentence(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    files = sorted((shared / "data" / "ncnn" / "params").glob("*.param"))
    lines = data.draw(st.sampled_from(files)).read_text().splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    words = lines[place].split()
    word = data.draw(st.integers(0, len(words) - 1))
    words[word] = data.draw(changed(words[word]))
    lines[place] = " ".join(words)
    message = refusal(tmp_path_factory.getbasetemp() / "network.param", "\n".join(lines).encode(), 1)
    assert "\n" not in message
