"""Conventions: what people call FLOPs, MACs or operations, as views over one ledger.

A convention weighs the ledger's entries, and may give a layer kind a rule of its own: an expression of the
ledger's entries, of the kind's textbook symbols, and of what every node has (`GENERAL`). It is data, so a user's
own takes a few lines:

>>> mine = Convention(name="mine", unit="operations", weights={"macs": 1}, rules={"batch_norm": "2*e"})
>>> mine.count("batch_norm", Ledger(additions=8), {"e": 8})
16
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from costmodel.algebra import Dim, parse, total
from costmodel.counting.ledger import ENTRIES, Ledger
from costmodel.errors import ExpressionError, SpecError, UnknownNameError, shorten
from costmodel.sentences import one_sentence

GENERAL: Final = {
    "params": "learnable elements that the node owns",
    "weights": "elements of weights that the node reads, its own or another's",
    "batch": "the first axis of its first output",
    "input_elements": "elements of its inputs",
    "output_elements": "elements of its outputs",
}
"""What a rule may use of every node, beside the ledger's entries and the kind's symbols."""


class Rule(BaseModel):
    """What one layer of a kind counts for: an expression, and why, in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: str
    meaning: str = ""


def _rule(value: object) -> object:
    """A rule that is written as its expression alone."""
    return Rule(count=value) if isinstance(value, str) else value


Rules = dict[str, Annotated[Rule, BeforeValidator(_rule)]]
"""Rules by layer kind; an expression alone is a rule without a meaning."""


def _entries_only(weights: dict[str, int]) -> dict[str, int]:
    unknown = [name for name in weights if name not in ENTRIES]
    if unknown:
        raise ValueError(f"may only weigh {', '.join(ENTRIES)}")
    return weights


class Convention(BaseModel):
    """How to add a ledger up into one number.

    `weights` say what each entry counts for (0 where absent); `rules` replace that for single layer kinds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: str
    weights: Annotated[dict[str, int], AfterValidator(_entries_only)]
    rules: Rules = {}
    meaning: str = ""
    source: str = ""

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise SpecError(f"convention {shorten(repr(fields.get('name')))}: {one_sentence(problem)}") from None

    def weigh(self, ledger: Ledger) -> Dim:
        """The ledger's entries by their weights."""
        return total(weight * getattr(ledger, entry) for entry, weight in self.weights.items())

    def count(self, kind: str, ledger: Ledger, symbols: Mapping[str, Dim], params: Dim = 0) -> Dim:
        """The number for one layer of a kind; `symbols` are the kind's, and what a rule uses of `GENERAL`."""
        if kind not in self.rules:
            return self.weigh(ledger)
        values = {**ledger._asdict(), "params": params, **symbols}
        try:
            number = parse(self.rules[kind].count, values)
        except ExpressionError as problem:
            raise SpecError(
                f"convention {self.name!r}: the rule for {kind!r} must be an expression: {problem}"
            ) from None
        if isinstance(number, Fraction):
            raise SpecError(f"convention {self.name!r}: the rule for {kind!r} must give an integer (got {number})")
        return number


EVERY_OPERATION = Convention(
    name="every-operation",
    unit="operations",
    weights={"macs": 2, **dict.fromkeys(ENTRIES[1:], 1)},
    meaning="every scalar operation; a multiply-accumulate is a multiplication and an addition",
)

TWO_PER_MAC = Convention(
    name="two-per-mac",
    unit="FLOPs",
    weights={"macs": 2},
    meaning="two for each multiply-accumulate of convolutions, linear layers and matrix products; nothing else",
    source="document 003, VGG-16 table; document 002, problem 1",
)

ONE_PER_MAC = Convention(
    name="one-per-mac",
    unit="MACs",
    weights={"macs": 1},
    meaning="multiply-accumulates; called FLOPs or multiply-adds in many papers",
    source="document 001; document 003, table of MACs",
)

MULTIPLICATIONS = Convention(
    name="multiplications",
    unit="multiplications",
    weights={"macs": 1, "multiplications": 1},
    meaning="multiplications, those of multiply-accumulates included",
    source='document 000, "FLOPs (# of multiplications)"',
)


def _document_002(which: str, rule: str, meaning: str, source: str) -> Convention:
    return Convention(
        name=f"document-002-{which}",
        unit="FLOPs",
        weights={"macs": 2},
        rules={"max_pool2d": rule, "avg_pool2d": rule},
        meaning=f"two for each multiply-accumulate; pooling: {meaning}",
        source=f"document 002, {source}",
    )


DOCUMENT_002 = (
    _document_002("output-windows", "n*c*h_o*w_o*k_h*k_w", "output elements x window", "problem 2, layer 2"),
    _document_002("input-windows", "n*c*h_i*w_i*k_h*k_w", "input elements x window", "problem 2, second pooling layer"),
    _document_002("input-elements", "n*c*floor(h_i/s_h)*floor(w_i/s_w)", "(H / s) x D x (W / s)", "formula 6"),
)

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (TWO_PER_MAC, ONE_PER_MAC, MULTIPLICATIONS, EVERY_OPERATION, *DOCUMENT_002)
}
"""The built-in conventions by name."""


def convention(name: str) -> Convention:
    """The convention of that name: a built-in one, or a tool's.

    >>> convention("one-per-mac").unit, convention("fvcore").unit
    ('MACs', 'flops')
    """
    if name in CONVENTIONS:
        return CONVENTIONS[name]
    from costmodel.counting.tools import TOOLS

    if name not in TOOLS:
        raise UnknownNameError("convention", name, (*CONVENTIONS, *TOOLS))
    return TOOLS[name]
