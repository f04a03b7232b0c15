"""What measures pictures sees what is wrong with one."""

from __future__ import annotations

from matplotlib.figure import Figure

from tests.report.pictures.looking import outside, overlaps


def test_texts_on_one_another_are_seen() -> None:
    figure = Figure()
    figure.text(0.5, 0.5, "one text")
    figure.text(0.52, 0.5, "another")
    figure.text(0.1, 0.1, "far away")
    assert overlaps(figure) == [("one text", "another")]


def test_a_text_over_the_edge_is_seen() -> None:
    figure = Figure()
    figure.text(0.95, 0.5, "a long text")
    assert outside(figure) == ["a long text"]
