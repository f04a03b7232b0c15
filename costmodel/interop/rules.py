"""Rules: what each operation of a format becomes; users add their own.

>>> from costmodel.layers import ReLU
>>> rules = Rules("toy", "register {op}")
>>> @rules.register("com.example::Rectify")
... def rectify(call):
...     return ReLU()
>>> rules.names()
('com.example::Rectify',)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from costmodel.interop.value import Value
from costmodel.layers import Layer

if TYPE_CHECKING:
    from costmodel.interop.call import Call

Rule = Callable[["Call"], Layer | Value | Sequence[Value]]
"""What one call becomes: a layer applied to all of its inputs, or the values of its outputs."""
RuleOf = TypeVar("RuleOf", bound=Rule)


@dataclass(frozen=True)
class Rules:
    """The rules of one format, by the names of its operations."""

    format: str
    how: str
    """How a user adds one, for the error message."""
    _rules: dict[str, Rule] = field(default_factory=dict)

    def register(self, *ops: str) -> Callable[[RuleOf], RuleOf]:
        """A decorator that makes a function the rule of these operations, in place of the one they had."""

        def remember(rule: RuleOf) -> RuleOf:
            self._rules.update(dict.fromkeys(ops, rule))
            return rule

        return remember

    def find(self, op: str) -> Rule | None:
        """The rule of an operation, None where there is none."""
        return self._rules.get(op)

    def forget(self, op: str) -> None:
        """Remove the rule of an operation."""
        self._rules.pop(op, None)

    def names(self) -> tuple[str, ...]:
        """The operations that have a rule."""
        return tuple(sorted(self._rules))
