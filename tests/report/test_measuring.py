"""What a session of measuring says of its times."""

from __future__ import annotations

import pytest

from costmodel.measuring import Measured, Session, Timing
from costmodel.report.measuring import describe_session, session_tables


def timed(processor_s: float, min_s: float = 0.019) -> Measured:
    return Measured("resnet18", "ncnn", Timing(20, min_s, 0.0195, 0.02, 0.021, 0.01, processor_s))


@pytest.mark.parametrize(
    ("measured", "threads", "is_disturbed"),
    [(timed(0.02), 1, False), (timed(0.012), 1, True), (timed(0.012), 4, False), (timed(0.08, 0.011), 4, True)],
)
def test_times_on_a_busy_machine_are_said_to_be(measured: Measured, threads: int, is_disturbed: bool) -> None:
    session = Session(measured=[measured])
    assert describe_session(session, "rows.csv", "mine", threads).measured[0].is_disturbed is is_disturbed
    (table,) = session_tables(session, "rows.csv", "mine", threads)
    assert any("1 of 1 were measured while other processes" in note for note in table.notes) is is_disturbed
