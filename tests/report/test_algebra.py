"""An algebra as tables: what a person reads, and LaTeX to copy."""

import pytest

from costmodel import symbols, zoo
from costmodel.reasoning import break_even, compared, overview, ratio, savings
from costmodel.report.algebra import algebra_tables, aligned, describe_algebra, share_text
from costmodel.report.comparison import comparison_tables, describe_comparison
from costmodel.report.savings import describe_savings, savings_tables
from costmodel.report.table import Table
from tests.reasoning.latex import problem

WIDTH, RESOLUTION = symbols("width resolution")
SEPARABLE = "depthwise_separable_conv2d"
POINT = {"width": 1, "resolution": 224}


def cells(tables: tuple[Table, ...]) -> list[str]:
    return [cell for table in tables for row in table.rows for cell in row.cells]


class TestOneCost:
    FOUND = overview(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION), at=POINT)

    def test_every_stage_has_its_share_and_what_that_tends_to(self) -> None:
        (table,) = [each for each in algebra_tables(self.FOUND) if each.title == "stages"]
        assert [column.heading for column in table.columns[2:]] == ["share", "as resolution grows", "as width grows"]
        assert table.rows[0].cells == ("conv1", "216*resolution**2*width", "1.9 %", "1.9 %", "0.0 %")
        assert table.rows[-1].is_faint  # the classifier, which dominates with neither

    def test_a_line_that_nobody_reads_is_left_out_and_that_is_said(self) -> None:
        first = algebra_tables(self.FOUND)[0]
        assert first.notes == (
            "exact where resolution % 32 == 0", "1 line of more than 300 characters left out; --json has all"
        )  # fmt: skip
        assert len(describe_algebra(self.FOUND).steps) == len(first.rows) + 1

    def test_as_latex_it_has_no_text_of_formulas(self) -> None:
        found = algebra_tables(self.FOUND, ("latex",))
        assert "**" not in "".join(cells(found))
        assert all(problem(cell) is None for cell in cells(found) if cell.startswith(("$", r"\frac")))

    def test_the_record_has_the_numbers_in_full(self) -> None:
        record = describe_algebra(self.FOUND)
        assert (record.order, record.at) == ("Theta(resolution**2*width**2)", {"width": 1, "resolution": 224})
        assert record.stages[0].share == 10838016 / 568740352
        by_name = {each.parameter: each for each in record.growth}
        assert by_name["resolution"].stages[-1].limit == 0
        assert {(each.stage, each.other) for each in by_name["resolution"].overtakings if each.above} == {
            ("conv1", "fc")
        }

    def test_a_parameter_that_saves_is_said_to(self) -> None:
        point = dict.fromkeys(("n", "c_o", "h_o", "w_o", "c_i", "g", "k_h", "k_w"), 4)
        tables = algebra_tables(overview("conv2d:g=g", at=point))
        assert cells(tables).count("1 % more of it saves 1.00 %") == 1

    def test_without_a_point_no_column_is_empty(self) -> None:
        (table,) = [each for each in algebra_tables(overview(SEPARABLE)) if "elasticities" in each.title]
        assert len(table.columns) == 2


class TestTwoCosts:
    def test_a_line_is_shown_once(self) -> None:
        found = compared(SEPARABLE, "conv2d", at={"k": "k"})
        shown = [cell for cell in cells(comparison_tables("macs", *found)) if cell.startswith("n*")]
        assert len(shown) == len(set(shown)) == 2

    def test_regions_are_told_in_whole_numbers(self) -> None:
        found = compared("conv2d:g=g", "conv2d")
        verdicts = comparison_tables("macs", *found)[-2]
        assert [row.cells for row in verdicts.rows] == [("A = B", "g = 1", "g = 1"), ("A < B", "g > 1", "g >= 2")]

    def test_of_real_numbers_there_are_no_whole_ones(self) -> None:
        found = compared(zoo.mobilenet_v2(width=WIDTH), zoo.mobilenet_v1(width=WIDTH), ["width"], quantity="params")
        verdicts = comparison_tables("params", *found)[-2]
        assert [row.cells for row in verdicts.rows] == [
            ("A > B", "width < 0.765455", ""), ("A < B", "width > 0.765455", ""),
        ]  # fmt: skip

    def test_in_multiples_where_only_these_are_exact(self) -> None:
        networks = zoo.mobilenet_v2(resolution=RESOLUTION), zoo.mobilenet_v1(resolution=RESOLUTION)
        verdicts = comparison_tables("macs", *compared(*networks, ["resolution"]))[-2]
        assert verdicts.columns[2].heading == "multiples of 32"
        assert [row.cells[2] for row in verdicts.rows] == ["all"]

    def test_a_peak_of_memory_has_a_break_even_but_no_ratio(self) -> None:
        networks = zoo.mobilenet_v2(width=WIDTH), zoo.mobilenet_v1(width=WIDTH)
        found = compared(*networks, ["width"], quantity="peak_memory_bytes")
        record = describe_comparison("v2", "v1", "peak_memory_bytes", *found)
        assert (record.ratio, record.steps) == (None, ())
        assert [(each.less, each.low_exact) for each in record.break_even[0].regions] == [
            ("neither", "0"),
            ("B", "3/40"),
        ]

    def test_cases_that_never_hold_are_told_as_such(self) -> None:
        record = describe_comparison("a", "b", "macs", *compared(SEPARABLE, "conv2d"))
        found = record.break_even[0]
        assert [(case.a_is_less, case.conditions) for case in found.cases] == [
            ("c_o > k_h*k_w/(k_h*k_w - 1)", ("k_h*k_w > 1",)), ("never", ("k_h*k_w = 1",)),
        ]  # fmt: skip

    def test_latex_has_the_solution_as_its_last_line(self) -> None:
        found = break_even(SEPARABLE, "conv2d", "c_o", at={"k": "k"})
        assert aligned((*found.steps, *found.solution))[-2:] == (
            r"c_{o} &> \frac{k^{2}}{k^{2} - 1}", r"\end{align*}",
        )  # fmt: skip
        tables = comparison_tables("macs", ratio(SEPARABLE, "conv2d"), [found], ("latex",))
        assert r"c_{o} &> \frac{k^{2}}{k^{2} - 1}" in cells(tables)


class TestAChange:
    FOUND = savings(zoo.mobilenet_v1, after={"width": 0.75})

    def test_every_stage_has_a_line_and_the_total_is_below(self) -> None:
        table, law = savings_tables(self.FOUND)
        assert table.title == "macs of mobilenet_v1: width = 0.75 instead of width = 1"
        assert table.rows[0].cells == ("conv1", "10,838,016", "8,128,512", "2,709,504", "75.0 %", "10838016*width")
        assert table.total[1:5] == ("568,740,352", "325,400,448", "243,339,904", "57.2 %")
        assert law.rows[-1].cells[0] == "C(width=3/4)/C(width=1)"

    def test_without_a_law_there_is_no_column_for_it(self) -> None:
        (table,) = savings_tables(savings(zoo.vgg, after={"depth": 11}))
        assert [column.heading for column in table.columns] == ["stage", "before", "after", "saved", "kept"]

    def test_the_record_has_integers(self) -> None:
        record = describe_savings(self.FOUND)
        assert (record.total.saved, record.before, record.after) == (243339904, {"width": "1"}, {"width": "0.75"})
        assert record.stages[0].law_latex == r"10838016 \mathrm{width}"


@pytest.mark.parametrize(
    ("share", "text"), [(None, ""), (0.0, "0.0 %"), (0.0001, "<0.1 %"), (0.0951, "9.5 %"), (1.0, "100.0 %")]
)
def test_a_share_is_never_shown_as_none_where_there_is_some(share: float | None, text: str) -> None:
    assert share_text(share) == text
