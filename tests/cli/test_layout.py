"""Widths of columns, and where cells are broken."""

from hypothesis import given
from hypothesis import strategies as st

from costmodel.cli.layout import column_widths, wrapped
from costmodel.cli.text import printable

CELLS = st.lists(st.text(st.sampled_from("ab .,_*0"), max_size=30), min_size=1, max_size=4)


@given(st.lists(CELLS, min_size=1, max_size=6), st.integers(6, 120), st.data())
def test_columns_fit_what_is_there(columns: list[list[str]], available: int, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)))
    widths = column_widths(columns, available, numbers)
    assert sum(widths) <= available
    assert all(width <= max(map(len, cells)) for width, cells in zip(widths, columns, strict=True))


@given(st.lists(CELLS, min_size=1, max_size=6), st.integers(6, 120))
def test_nothing_is_narrower_than_it_needs_to_be(columns: list[list[str]], available: int) -> None:
    wanted = [max(map(len, cells)) for cells in columns]
    if sum(wanted) <= available:
        assert column_widths(columns, available) == wanted


def test_numbers_are_kept_whole_while_names_can_be_broken() -> None:
    assert column_widths([["a_rather_long_name"], ["15,470,264,320"]], 24, [False, True]) == [10, 14]


def test_expressions_are_broken_like_text() -> None:
    assert column_widths([["name"], ["1000*alpha*r**2 + 1000*alpha"]], 20, [False, True]) == [4, 16]


@given(st.text(st.sampled_from("ab .,_*0"), max_size=60), st.integers(1, 30))
def test_a_cell_keeps_its_text_in_lines_of_the_width(cell: str, width: int) -> None:
    lines = wrapped(cell, width).split("\n")
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(cell.split())


def test_words_are_broken_after_points_and_signs() -> None:
    assert wrapped("block12.depthwise", 10).split("\n") == ["block12.", "depthwise"]
    assert wrapped("depthwise_separable_conv2d", 12).split("\n") == ["depthwise_", "separable_", "conv2d"]
    assert wrapped("one two three", 7).split("\n") == ["one two", "three"]


@given(st.text())
def test_everything_becomes_printable(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)
