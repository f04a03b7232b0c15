"""Records: what a command prints as JSON, with a documented key for each field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from costmodel.algebra import Dim
from costmodel.algebra.text import to_json

Count: TypeAlias = int | str
"""An exact integer, or the text of an expression."""

Amount: TypeAlias = float | str
"""Seconds or joules, or the text of an expression."""


class Record(BaseModel):
    """What a command answers; its fields are the keys of the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    def to_json(self) -> str:
        """The record as one JSON object, in ASCII."""
        return json.dumps(self.model_dump(mode="json"), allow_nan=False)


def count(value: Dim) -> Count:
    """A dimension or a count for a record."""
    return to_json(value)


def amount(value: Dim) -> Amount:
    """A time or an energy for a record."""
    return float(value) if isinstance(value, (int, float)) else str(to_json(value))


def distinct(sentences: Iterable[str]) -> tuple[str, ...]:
    """The sentences in order, each once, without empty ones."""
    return tuple(dict.fromkeys(sentence for sentence in sentences if sentence))
