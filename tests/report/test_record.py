"""Records: JSON that any reader takes."""

import json

import pytest
from pydantic import ValidationError

from costmodel.report.record import Record, amount, count, distinct


class Example(Record):
    """A record of one number."""

    number: float | int | str | None


def test_json_is_ascii_and_exact() -> None:
    assert Example(number="µ").to_json() == '{"number": "\\u00b5"}'
    assert json.loads(Example(number=2**70).to_json()) == {"number": 2**70}
    assert json.loads(Example(number=None).to_json()) == {"number": None}


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_json_cannot_say_is_refused(value: float) -> None:
    with pytest.raises(ValidationError):
        Example(number=value)


def test_counts_and_amounts_are_numbers_or_text() -> None:
    from costmodel import symbols

    assert (count(3), count(symbols("r"))) == (3, "r")
    assert (amount(2), amount(0.5), amount(symbols("r"))) == (2.0, 0.5, "r")


def test_sentences_are_told_once() -> None:
    assert distinct(["b", "", "a", "b"]) == ("b", "a")
