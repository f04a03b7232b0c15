"""Rewrites as texts: whatever is typed is a rewrite or a sentence."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.transform import DepthwiseSeparable, Grouped, Kernel, Resolution, Stacked, Width, parse_rewrite

PARTS = st.sampled_from(
    ["conv", "5x5", "3x3", "=", ":", ",", "grouped", "width", "kernel", "size", "4", "1.5", "first", "x"]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" conv = grouped : 4 ", Grouped(what="conv", groups=4)),
        ("layer3.*=depthwise_separable:first=true", DepthwiseSeparable(what="layer3.*", first=True)),
        ("7x7=3x3:stride=last", Stacked(what="7x7", size=3, stride="last")),
        ("conv3d=2x2x2", Stacked(what="conv3d", size=2)),
        ("conv=kernel:3x5", Kernel(what="conv", size=(3, 5))),
        ("resolution=192x160", Resolution(size=(192, 160))),
        ("resolution=32*r", Resolution(size=("32*r",))),
        ("width=0.35:multiple=8", Width(factor="0.35", multiple=8)),
    ],
)
def test_what_a_text_says(text: str, expected: object) -> None:
    assert parse_rewrite(text) == expected


@given(st.one_of(st.text(max_size=40), st.lists(PARTS, max_size=9).map("".join)))
def test_whatever_is_typed_is_a_rewrite_or_one_sentence(text: str) -> None:
    with suppress(CostModelError):
        asked = parse_rewrite(text)
        assert parse_rewrite(str(asked)) == asked


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(CostModelError, match="a rewrite is written WHAT=WITH"):
        parse_rewrite("conv=" + "x" * 10_000)
